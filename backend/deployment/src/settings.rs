//! What an operator sets for the processes of a deployment, read once when they start.

use synapscribe_aws::{Queues, Site};
use synapscribe_domain::{AudioLimits, Millis};
use synapscribe_sql::AddressError;
use thiserror::Error;

use crate::database::Database;

/// The variables that every process reads, each with what it is for.
pub const VARIABLES: &[(&str, &str)] = &[
    ("AWS_REGION", "the region of the deployment; AWS sets it"),
    ("AWS_ENDPOINT_URL", "the address of an emulator in place of every service, for rehearsals"),
    ("SYNAPSCRIBE_TABLES", "what the tables' names begin with, such as synapscribe-prod"),
    ("SYNAPSCRIBE_BUCKET", "the bucket of recordings"),
    ("SYNAPSCRIBE_GATEWAY_URL", "the WebSocket gateway's management address"),
    ("SYNAPSCRIBE_ARRIVALS_QUEUE", "the address of the queue that rings for new objects"),
    ("SYNAPSCRIBE_ANSWERS_QUEUE", "the address of the queue that rings for questions"),
    ("SYNAPSCRIBE_INGESTS_QUEUE", "the address of the queue that rings for recordings"),
    ("SYNAPSCRIBE_DATABASE", "where lectures are kept: postgres://[USER@]HOST/DATABASE, or sqlite:PATH"),
    (
        "SYNAPSCRIBE_DATABASE_SECRET",
        "the name of the secret with user and password; without one, a token of IAM opens the server",
    ),
    ("SYNAPSCRIBE_DATABASE_CA", "a file of certificates that vouch for the server, besides those of the system"),
    ("SYNAPSCRIBE_AGENT_URL", "the address of AgentCore on the GPU host"),
    ("SYNAPSCRIBE_AGENT_SECRET", "the name of the secret that AgentCore asks for, where it asks for one"),
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
    /// Lectures.
    pub database: Database,
    /// AgentCore.
    pub agent: Agent,
    /// The limits of a lecture.
    pub lecture_limits: AudioLimits,
}

impl Settings {
    /// Reads the variables of this process.
    pub fn from_env() -> Result<Self, SettingsError> {
        Self::read(|name| std::env::var(name).ok())
    }

    fn read(look: impl Fn(&'static str) -> Option<String>) -> Result<Self, SettingsError> {
        let set = |name| look(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let needed = |name| set(name).ok_or(SettingsError::Missing(name));
        let address = |name, text: String| {
            let known = text.starts_with("http://") || text.starts_with("https://");
            if known { Ok(text.trim_end_matches('/').to_owned()) } else { Err(SettingsError::Address(name)) }
        };
        let needed_address = |name| address(name, needed(name)?);
        let number = |name| match set(name).map(|text| text.parse::<u64>()) {
            None => Ok(None),
            Some(Ok(number)) if number > 0 => Ok(Some(number)),
            Some(_) => Err(SettingsError::Number(name)),
        };
        let mut lecture_limits = AudioLimits::LECTURE;
        if let Some(megabytes) = number("SYNAPSCRIBE_LECTURE_MB")? {
            lecture_limits.bytes = megabytes.saturating_mul(1_000_000);
        }
        if let Some(minutes) = number("SYNAPSCRIBE_LECTURE_MINUTES")? {
            lecture_limits.duration = Millis(minutes.saturating_mul(60_000));
        }
        Ok(Self {
            site: Site {
                region: needed("AWS_REGION")?,
                endpoint: set("AWS_ENDPOINT_URL").map(|text| address("AWS_ENDPOINT_URL", text)).transpose()?,
            },
            tables: needed("SYNAPSCRIBE_TABLES")?,
            bucket: needed("SYNAPSCRIBE_BUCKET")?,
            gateway: needed_address("SYNAPSCRIBE_GATEWAY_URL")?,
            queues: Queues {
                arrivals: needed_address("SYNAPSCRIBE_ARRIVALS_QUEUE")?,
                answers: needed_address("SYNAPSCRIBE_ANSWERS_QUEUE")?,
                ingests: needed_address("SYNAPSCRIBE_INGESTS_QUEUE")?,
            },
            database: Database::read(set)?,
            agent: Agent { url: needed_address("SYNAPSCRIBE_AGENT_URL")?, secret: set("SYNAPSCRIBE_AGENT_SECRET") },
            lecture_limits,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(name: &'static str) -> Option<String> {
        let text = match name {
            "AWS_REGION" => "eu-central-1",
            "SYNAPSCRIBE_DATABASE" => "sqlite:/data/lectures.db",
            "SYNAPSCRIBE_TABLES" | "SYNAPSCRIBE_BUCKET" => "synapscribe-prod",
            "SYNAPSCRIBE_LECTURE_MINUTES" => "90",
            name if name.ends_with("_URL") || name.ends_with("_QUEUE") => "https://a.example/b/",
            _ => return None,
        };
        Some(text.to_owned())
    }

    fn error(name: &'static str, text: &str) -> SettingsError {
        Settings::read(|asked| if asked == name { Some(text.to_owned()) } else { whole(asked) }).unwrap_err()
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let settings = Settings::read(whole).unwrap();
        assert_eq!((settings.gateway.as_str(), settings.agent.secret), ("https://a.example/b", None));
        assert_eq!(settings.lecture_limits.duration, Millis(90 * 60_000));
        assert_eq!(error("SYNAPSCRIBE_BUCKET", " "), SettingsError::Missing("SYNAPSCRIBE_BUCKET"));
        assert_eq!(error("SYNAPSCRIBE_AGENT_URL", "gpu:5000"), SettingsError::Address("SYNAPSCRIBE_AGENT_URL"));
        assert_eq!(error("SYNAPSCRIBE_LECTURE_MB", "0"), SettingsError::Number("SYNAPSCRIBE_LECTURE_MB"));
        assert_eq!(error("SYNAPSCRIBE_DATABASE", "lectures.db"), SettingsError::Database("SYNAPSCRIBE_DATABASE"));
    }

    #[test]
    fn every_variable_that_is_read_is_documented() {
        let asked = std::cell::RefCell::new(Vec::new());
        let look = |name| {
            asked.borrow_mut().push(name);
            whole(name)
        };
        Settings::read(look).unwrap();
        for name in asked.into_inner() {
            assert!(VARIABLES.iter().any(|(known, _)| *known == name), "{name}");
        }
    }
}
