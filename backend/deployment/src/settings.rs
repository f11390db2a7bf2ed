//! What an operator sets for the processes of a deployment, read once when they start.

use synapscribe_aws::{Queues, Site};
use synapscribe_domain::{AudioLimits, Millis};
use synapscribe_sql::AddressError;
use thiserror::Error;

use crate::database::Database;

/// The variables that the processes read, each with what it is for.
pub const VARIABLES: &[(&str, &str)] = &[
    ("AWS_REGION", "the region of the deployment; AWS sets it"),
    ("AWS_ENDPOINT_URL", "the address of an emulator in place of every service, for rehearsals"),
    ("SYNAPSCRIBE_TABLES", "what the tables' names begin with, such as synapscribe-prod"),
    ("SYNAPSCRIBE_BUCKET", "the bucket of recordings"),
    ("SYNAPSCRIBE_GATEWAY_URL", "the WebSocket gateway's management address"),
    ("SYNAPSCRIBE_ARRIVALS_QUEUE", "the address of the queue that rings for new objects"),
    ("SYNAPSCRIBE_ANSWERS_QUEUE", "the address of the queue that rings for questions"),
    ("SYNAPSCRIBE_INGESTS_QUEUE", "the address of the queue that rings for recordings"),
    ("SYNAPSCRIBE_EVENT_BUS", "the bus of EventBridge on which other systems are told what happened; without one nobody is"),
    ("SYNAPSCRIBE_DATABASE", "where lectures are kept: postgres://[USER@]HOST/DATABASE, or sqlite:PATH"),
    (
        "SYNAPSCRIBE_DATABASE_SECRET",
        "the name of the secret with user and password; without one, a token of IAM opens the server",
    ),
    ("SYNAPSCRIBE_DATABASE_CA", "a file of certificates that vouch for the server, besides those of the system"),
    ("SYNAPSCRIBE_AGENT_URL", "the address of AgentCore on the GPU host"),
    ("SYNAPSCRIBE_AGENT_SECRET", "the name of the secret that AgentCore asks for, where it asks for one"),
    ("SYNAPSCRIBE_IDENTITY_POOL", "the identity pool that guests draw from"),
    ("SYNAPSCRIBE_PUBLIC_URL", "the address that people type, where it is not the HTTP gateway's own"),
    ("SYNAPSCRIBE_WEBSOCKET_URL", "the address of the WebSocket, where it is not the gateway's own"),
    ("SYNAPSCRIBE_STREAMING_URL", "the address below which questions are asked whose answers stream; without one they are not"),
    ("SYNAPSCRIBE_STREAMS", "`true` where the gateway before the function passes answers on while they grow"),
    ("AWS_ENDPOINT_URL_COGNITO_IDENTITY", "the address of an emulator in place of Cognito"),
    ("SYNAPSCRIBE_BEDROCK_MODEL", "a model or inference profile on Bedrock that writes answers"),
    ("SYNAPSCRIBE_BEDROCK_WINDOW", "the tokens that it reads (100000)"),
    ("SYNAPSCRIBE_POLLY_VOICE", "a neural voice of Polly that speaks"),
    ("SYNAPSCRIBE_POLLY_MARKS", "`true` to be told when its words are spoken, which costs as much as speaking them"),
    ("SYNAPSCRIBE_TITAN_DIMENSION", "the length of vectors by Titan: 256, 512 or 1024"),
    ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "Bedrock's address, where it is not the region's own"),
    ("AWS_ENDPOINT_URL_POLLY", "Polly's address, where it is not the region's own"),
    ("SYNAPSCRIBE_ISSUER", "who makes access tokens: the address of the HTTP gateway; without one there are no accounts"),
    ("SYNAPSCRIBE_ACCOUNTS_SECRET", "the name of the secret by which codes and refresh tokens are digested"),
    ("SYNAPSCRIBE_MAIL_FROM", "the address that letters come from, which SES knows as the deployment's own"),
    ("SYNAPSCRIBE_USER_POOL", "the user pool that keeps passwords, where they are not in the database"),
    ("SYNAPSCRIBE_USER_POOL_CLIENT", "the client of the user pool that takes passwords"),
    ("SYNAPSCRIBE_INVITED_ONLY", "whether signing up takes an invitation (true or false)"),
    ("SYNAPSCRIBE_LECTURE_MB", "the largest recording, in megabytes (500)"),
    ("SYNAPSCRIBE_LECTURE_MINUTES", "the longest recording, in minutes (180)"),
];

/// A setting that is missing or cannot be used.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SettingsError {
    /// It has to be set.
    #[error("{0} is not set")]
    Missing(&'static str),
    /// It has to be an address.
    #[error("{0} is not an address that begins with http:// or https://")]
    Address(&'static str),
    /// It has to be the address of a WebSocket.
    #[error("{0} is not an address that begins with ws:// or wss://")]
    Socket(&'static str),
    /// It has to be a number.
    #[error("{0} is not a whole number above 0")]
    Number(&'static str),
    /// It has to name a kind of database.
    #[error("{0} names no database; write postgres:// and an address, or sqlite: and a path")]
    Database(&'static str),
    /// It has to be an address of one.
    #[error("SYNAPSCRIBE_DATABASE is no address of a database: {0}")]
    DatabaseAddress(AddressError),
    /// Somebody has to open it.
    #[error("SYNAPSCRIBE_DATABASE names no user, and SYNAPSCRIBE_DATABASE_SECRET is not set")]
    DatabaseUser,
}

/// AgentCore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Its address.
    pub url: String,
    /// The name of the secret that it asks for.
    pub secret: Option<String>,
}

/// How a process of a deployment finds everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The region, and an emulator in place of AWS.
    pub site: Site,
    /// What the tables' names begin with.
    pub tables: String,
    /// The bucket.
    pub bucket: String,
    /// The gateway's management address.
    pub gateway: String,
    /// The bells of the lanes.
    pub queues: Queues,
    /// The bus on which other systems are told what happened, where there is one.
    pub bus: Option<String>,
    /// Lectures.
    pub database: Database,
    /// The limits of a lecture.
    pub lecture_limits: AudioLimits,
}

impl Settings {
    /// Reads the variables of this process.
    pub fn from_env() -> Result<Self, SettingsError> {
        Self::read(|name| std::env::var(name).ok())
    }

    fn read(look: impl Fn(&'static str) -> Option<String>) -> Result<Self, SettingsError> {
        let read = Reader(look);
        let mut lecture_limits = AudioLimits::LECTURE;
        if let Some(megabytes) = read.number("SYNAPSCRIBE_LECTURE_MB")? {
            lecture_limits.bytes = megabytes.saturating_mul(1_000_000);
        }
        if let Some(minutes) = read.number("SYNAPSCRIBE_LECTURE_MINUTES")? {
            lecture_limits.duration = Millis(minutes.saturating_mul(60_000));
        }
        Ok(Self {
            site: Site { region: read.needed("AWS_REGION")?, endpoint: read.address("AWS_ENDPOINT_URL")? },
            tables: read.needed("SYNAPSCRIBE_TABLES")?,
            bucket: read.needed("SYNAPSCRIBE_BUCKET")?,
            gateway: read.needed_address("SYNAPSCRIBE_GATEWAY_URL")?,
            queues: Queues {
                arrivals: read.needed_address("SYNAPSCRIBE_ARRIVALS_QUEUE")?,
                answers: read.needed_address("SYNAPSCRIBE_ANSWERS_QUEUE")?,
                ingests: read.needed_address("SYNAPSCRIBE_INGESTS_QUEUE")?,
            },
            bus: read.text("SYNAPSCRIBE_EVENT_BUS"),
            database: Database::read(|name| read.text(name))?,
            lecture_limits,
        })
    }
}

impl Agent {
    /// Reads the variables of this process.
    pub fn from_env() -> Result<Self, SettingsError> {
        Self::read(|name| std::env::var(name).ok())
    }

    fn read(look: impl Fn(&'static str) -> Option<String>) -> Result<Self, SettingsError> {
        let read = Reader(look);
        Ok(Self { url: read.needed_address("SYNAPSCRIBE_AGENT_URL")?, secret: read.text("SYNAPSCRIBE_AGENT_SECRET") })
    }
}

/// Where clients find everything, beside what the other settings say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Front {
    /// The identity pool.
    pub pool: String,
    /// The address that people type, where it is not the gateway's own.
    pub public_url: Option<String>,
    /// The WebSocket's address.
    pub websocket_url: String,
    /// Where the answer to a question comes while it grows.
    pub streaming_url: Option<String>,
    /// Whether that is here: the gateway passes on what is said while it is said.
    pub streams: bool,
    /// Cognito's address, where an emulator takes its place.
    pub cognito: Option<String>,
    /// Access tokens, where there are accounts.
    pub tokens: Option<Tokens>,
    /// Whether signing up takes an invitation.
    pub invited_only: bool,
}

/// Access tokens, for the functions that look at them beside a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// Who makes them.
    pub issuer: String,
    /// The name of the secret of accounts.
    pub secret: String,
}

impl Tokens {
    /// Reads the variables of this process; without an issuer there are no accounts.
    pub fn from_env() -> Result<Option<Self>, SettingsError> {
        Self::read(|name| std::env::var(name).ok())
    }

    fn read(look: impl Fn(&'static str) -> Option<String>) -> Result<Option<Self>, SettingsError> {
        let read = Reader(look);
        let Some(issuer) = read.address("SYNAPSCRIBE_ISSUER")? else { return Ok(None) };
        Ok(Some(Self { issuer, secret: read.needed("SYNAPSCRIBE_ACCOUNTS_SECRET")? }))
    }
}

/// A user pool, as its callers name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPool {
    /// The pool.
    pub id: String,
    /// The client of it that takes passwords.
    pub client: String,
}

/// Accounts, for the function that handles them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accounts {
    /// Who makes access tokens.
    pub issuer: String,
    /// The name of the secret by which codes and refresh tokens are digested.
    pub secret: String,
    /// The address that letters come from.
    pub mail_from: String,
    /// The pool that gives new accounts their identity.
    pub pool: String,
    /// The user pool that keeps passwords, where they are not in the database.
    pub user_pool: Option<UserPool>,
    /// Whether signing up takes an invitation.
    pub invited_only: bool,
}

impl Accounts {
    /// Reads the variables of this process.
    pub fn from_env() -> Result<Self, SettingsError> {
        Self::read(|name| std::env::var(name).ok())
    }

    fn read(look: impl Fn(&'static str) -> Option<String>) -> Result<Self, SettingsError> {
        let read = Reader(look);
        let user_pool = match read.text("SYNAPSCRIBE_USER_POOL") {
            Some(id) => Some(UserPool { id, client: read.needed("SYNAPSCRIBE_USER_POOL_CLIENT")? }),
            None => None,
        };
        Ok(Self {
            issuer: read.needed_address("SYNAPSCRIBE_ISSUER")?,
            secret: read.needed("SYNAPSCRIBE_ACCOUNTS_SECRET")?,
            mail_from: read.needed("SYNAPSCRIBE_MAIL_FROM")?,
            pool: read.needed("SYNAPSCRIBE_IDENTITY_POOL")?,
            user_pool,
            invited_only: read.flag("SYNAPSCRIBE_INVITED_ONLY"),
        })
    }
}

impl Front {
    /// Reads the variables of this process.
    pub fn from_env() -> Result<Self, SettingsError> {
        Self::read(|name| std::env::var(name).ok())
    }

    fn read(look: impl Fn(&'static str) -> Option<String>) -> Result<Self, SettingsError> {
        let read = Reader(look);
        let websocket_url = match read.text("SYNAPSCRIBE_WEBSOCKET_URL") {
            Some(url) if !url.starts_with("wss://") && !url.starts_with("ws://") => {
                return Err(SettingsError::Socket("SYNAPSCRIBE_WEBSOCKET_URL"));
            }
            Some(url) => url,
            // The gateway has one address for both sides.
            None => read.needed_address("SYNAPSCRIBE_GATEWAY_URL")?.replacen("http", "ws", 1),
        };
        let cognito = match read.address("AWS_ENDPOINT_URL_COGNITO_IDENTITY")? {
            None => read.address("AWS_ENDPOINT_URL")?,
            other => other,
        };
        let public_url = read.address("SYNAPSCRIBE_PUBLIC_URL")?;
        let streaming_url = read.address("SYNAPSCRIBE_STREAMING_URL")?;
        let streams = read.flag("SYNAPSCRIBE_STREAMS");
        let invited_only = read.flag("SYNAPSCRIBE_INVITED_ONLY");
        let pool = read.needed("SYNAPSCRIBE_IDENTITY_POOL")?;
        let tokens = Tokens::read(&read.0)?;
        Ok(Self { pool, public_url, websocket_url, streaming_url, streams, cognito, tokens, invited_only })
    }
}

/// Engines on AWS; whatever is not chosen here is built in or behind a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineChoice {
    /// A model or an inference profile on Bedrock.
    pub model: Option<String>,
    /// The tokens that it reads.
    pub window: u32,
    /// A voice of Polly.
    pub voice: Option<String>,
    /// Whether it is asked when its words are spoken.
    pub marks: bool,
    /// The length of vectors by Titan.
    pub dimension: Option<usize>,
    /// Bedrock's address, where it is not the region's own.
    pub bedrock: Option<String>,
    /// Polly's address, where it is not the region's own.
    pub polly: Option<String>,
}

impl EngineChoice {
    /// Reads the variables of this process.
    pub fn from_env() -> Result<Self, SettingsError> {
        Self::read(|name| std::env::var(name).ok())
    }

    fn read(look: impl Fn(&'static str) -> Option<String>) -> Result<Self, SettingsError> {
        let read = Reader(look);
        let window = read.number("SYNAPSCRIBE_BEDROCK_WINDOW")?.unwrap_or(100_000);
        Ok(Self {
            model: read.text("SYNAPSCRIBE_BEDROCK_MODEL"),
            window: window.try_into().unwrap_or(u32::MAX),
            voice: read.text("SYNAPSCRIBE_POLLY_VOICE"),
            marks: read.flag("SYNAPSCRIBE_POLLY_MARKS"),
            dimension: read.number("SYNAPSCRIBE_TITAN_DIMENSION")?.map(|length| length as usize),
            bedrock: read.address("AWS_ENDPOINT_URL_BEDROCK_RUNTIME")?,
            polly: read.address("AWS_ENDPOINT_URL_POLLY")?,
        })
    }
}

/// Reads variables; one that is empty counts as not set.
struct Reader<F>(F);

impl<F: Fn(&'static str) -> Option<String>> Reader<F> {
    fn text(&self, name: &'static str) -> Option<String> {
        (self.0)(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    fn needed(&self, name: &'static str) -> Result<String, SettingsError> {
        self.text(name).ok_or(SettingsError::Missing(name))
    }

    fn address(&self, name: &'static str) -> Result<Option<String>, SettingsError> {
        match self.text(name) {
            Some(text) if !text.starts_with("http://") && !text.starts_with("https://") => Err(SettingsError::Address(name)),
            text => Ok(text.map(|text| text.trim_end_matches('/').to_owned())),
        }
    }

    fn needed_address(&self, name: &'static str) -> Result<String, SettingsError> {
        self.address(name)?.ok_or(SettingsError::Missing(name))
    }

    fn flag(&self, name: &'static str) -> bool {
        self.text(name).is_some_and(|text| text == "true")
    }

    fn number(&self, name: &'static str) -> Result<Option<u64>, SettingsError> {
        match self.text(name).map(|text| text.parse::<u64>()) {
            None => Ok(None),
            Some(Ok(number)) if number > 0 => Ok(Some(number)),
            Some(_) => Err(SettingsError::Number(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(name: &'static str) -> Option<String> {
        let text = match name {
            "AWS_REGION" => "eu-central-1",
            "SYNAPSCRIBE_DATABASE" => "sqlite:/data/lectures.db",
            "SYNAPSCRIBE_TABLES" | "SYNAPSCRIBE_BUCKET" | "SYNAPSCRIBE_IDENTITY_POOL" => "synapscribe-prod",
            "SYNAPSCRIBE_USER_POOL" | "SYNAPSCRIBE_USER_POOL_CLIENT" => "people",
            "SYNAPSCRIBE_LECTURE_MINUTES" => "90",
            "SYNAPSCRIBE_ISSUER" => "https://a.example",
            "SYNAPSCRIBE_ACCOUNTS_SECRET" | "SYNAPSCRIBE_MAIL_FROM" => "some",
            "SYNAPSCRIBE_WEBSOCKET_URL" => return None,
            name if name.starts_with("AWS_ENDPOINT_URL") => return None,
            name if name.ends_with("_URL") || name.ends_with("_QUEUE") => "https://a.example/b/",
            _ => return None,
        };
        Some(text.to_owned())
    }

    /// Everything that any process reads.
    fn all(look: impl Fn(&'static str) -> Option<String>) -> Result<(Settings, Agent, Front, EngineChoice), SettingsError> {
        Accounts::read(&look)?;
        Ok((Settings::read(&look)?, Agent::read(&look)?, Front::read(&look)?, EngineChoice::read(&look)?))
    }

    fn error(name: &'static str, text: &str) -> SettingsError {
        all(|asked| if asked == name { Some(text.to_owned()) } else { whole(asked) }).unwrap_err()
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let (settings, agent, front, choice) = all(whole).unwrap();
        assert_eq!((settings.gateway.as_str(), agent.secret), ("https://a.example/b", None));
        assert_eq!(settings.lecture_limits.duration, Millis(90 * 60_000));
        assert_eq!(settings.bus, None, "nobody is told unless an operator named a bus");
        assert_eq!((front.websocket_url.as_str(), front.cognito), ("wss://a.example/b", None));
        assert!(!front.streams, "a gateway waits for the whole of an answer unless it was told otherwise");
        assert_eq!(
            (choice.model, choice.voice, choice.dimension),
            (None, None, None),
            "nothing is sent away unless it was chosen"
        );
        let alone = |name| if name == "SYNAPSCRIBE_ACCOUNTS_SECRET" { None } else { whole(name) };
        assert_eq!(Front::read(alone).unwrap_err(), SettingsError::Missing("SYNAPSCRIBE_ACCOUNTS_SECRET"));
        let guests = |name: &'static str| if name == "SYNAPSCRIBE_ISSUER" { None } else { alone(name) };
        assert_eq!(Front::read(guests).unwrap().tokens, None, "where all are guests there is nothing to digest");
        assert_eq!(error("SYNAPSCRIBE_USER_POOL_CLIENT", ""), SettingsError::Missing("SYNAPSCRIBE_USER_POOL_CLIENT"));
        let without = |name| if name == "SYNAPSCRIBE_USER_POOL" { None } else { whole(name) };
        assert_eq!(Accounts::read(without).unwrap().user_pool, None, "passwords are in the database unless a pool was chosen");
        assert_eq!(error("SYNAPSCRIBE_MAIL_FROM", ""), SettingsError::Missing("SYNAPSCRIBE_MAIL_FROM"));
        assert_eq!(error("SYNAPSCRIBE_BUCKET", " "), SettingsError::Missing("SYNAPSCRIBE_BUCKET"));
        assert_eq!(error("SYNAPSCRIBE_AGENT_URL", "gpu:5000"), SettingsError::Address("SYNAPSCRIBE_AGENT_URL"));
        assert_eq!(error("SYNAPSCRIBE_WEBSOCKET_URL", "https://a"), SettingsError::Socket("SYNAPSCRIBE_WEBSOCKET_URL"));
        assert_eq!(error("SYNAPSCRIBE_LECTURE_MB", "0"), SettingsError::Number("SYNAPSCRIBE_LECTURE_MB"));
        assert_eq!(error("SYNAPSCRIBE_DATABASE", "lectures.db"), SettingsError::Database("SYNAPSCRIBE_DATABASE"));
        assert_eq!(error("SYNAPSCRIBE_IDENTITY_POOL", ""), SettingsError::Missing("SYNAPSCRIBE_IDENTITY_POOL"));
    }

    #[test]
    fn every_variable_that_is_read_is_documented() {
        let asked = std::cell::RefCell::new(Vec::new());
        let look = |name| {
            asked.borrow_mut().push(name);
            whole(name)
        };
        all(look).unwrap();
        for name in asked.into_inner() {
            assert!(VARIABLES.iter().any(|(known, _)| *known == name), "{name}");
        }
    }
}
