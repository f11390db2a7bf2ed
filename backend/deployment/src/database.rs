//! Where the lectures of a deployment are kept: which database, and what opens it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use synapscribe_aws::{SdkConfig, databases};
use synapscribe_ports::{Library, StoreResult};
use synapscribe_sql::{Address, Login, Logins, PostgresLibrary, Store};

use crate::settings::SettingsError;

/// A database that was put to sleep is awake again in about fifteen seconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where lectures are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// A file, for rehearsals on one machine.
    Sqlite(PathBuf),
    /// A server that all processes share.
    Postgres {
        /// Where it is.
        address: Address,
        /// What opens it.
        key: Key,
    },
}

/// What opens a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// What stands in its address.
    Fixed(Login),
    /// The secret of this name in Secrets Manager, as RDS writes it.
    Secret(String),
    /// A token that stands for the rights of the process, for this role.
    Token(String),
}

impl Database {
    /// Reads the variables of a database.
    pub fn read(set: impl Fn(&'static str) -> Option<String>) -> Result<Self, SettingsError> {
        const WHERE: &str = "SYNAPSCRIBE_DATABASE";
        let text = set(WHERE).ok_or(SettingsError::Missing(WHERE))?;
        let (secret, authorities) = (set("SYNAPSCRIBE_DATABASE_SECRET"), set("SYNAPSCRIBE_DATABASE_CA"));
        match text.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            Some(("postgres" | "postgresql", _)) => {
                let address = Address::parse(&text).map_err(SettingsError::DatabaseAddress)?;
                let key = match (secret, address.login(), address.user()) {
                    (Some(secret), ..) => Key::Secret(secret),
                    (None, Some(login), _) => Key::Fixed(login),
                    (None, None, Some(user)) => Key::Token(user.to_owned()),
                    (None, None, None) => return Err(SettingsError::DatabaseUser),
                };
                let address = match authorities {
                    Some(file) => address.trusting(file),
                    None => address,
                };
                Ok(Self::Postgres { address, key })
            }
            _ => Err(SettingsError::Database(WHERE)),
        }
    }

    /// The library that is kept there, and the same as a server's where it is one. A file is opened and made where it is missing; a
    /// server is connected when it is first needed.
    pub async fn library(&self, config: &SdkConfig) -> anyhow::Result<(Arc<dyn Library>, Option<PostgresLibrary>)> {
        Ok(match self {
            Self::Sqlite(path) => (Arc::new(Store::open(path).await?), None),
            Self::Postgres { address, key } => {
                let shared = shared(address, key, config);
                (Arc::new(shared.clone()), Some(shared))
            }
        })
    }

    /// What can be brought up to date; a file is whenever it is opened.
    pub fn schema(&self, config: &SdkConfig) -> Option<PostgresLibrary> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres { address, key } => Some(shared(address, key, config)),
        }
    }
}

fn shared(address: &Address, key: &Key, config: &SdkConfig) -> PostgresLibrary {
    let logins: Arc<dyn Logins> = match key {
        Key::Fixed(login) => Arc::new(login.clone()),
        Key::Secret(name) => Arc::new(Kept { config: config.clone(), name: name.clone() }),
        Key::Token(user) => Arc::new(Signed { config: config.clone(), address: address.clone(), user: user.clone() }),
    };
    PostgresLibrary::at(address.clone(), logins, PATIENCE)
}

/// A role and its password in Secrets Manager, which may change them.
struct Kept {
    config: SdkConfig,
    name: String,
}

#[async_trait]
impl Logins for Kept {
    async fn login(&self) -> StoreResult<Login> {
        let entry = databases::entry(&self.config, &self.name).await?;
        Ok(Login { user: Some(entry.user), password: Some(entry.password.reveal().to_owned()) })
    }
}

/// Tokens, each good for a quarter of an hour.
struct Signed {
    config: SdkConfig,
    address: Address,
    user: String,
}

#[async_trait]
impl Logins for Signed {
    async fn login(&self) -> StoreResult<Login> {
        let token = databases::token(&self.config, self.address.host(), self.address.port(), &self.user).await?;
        Ok(Login { user: Some(self.user.clone()), password: Some(token.reveal().to_owned()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(database: &str, secret: Option<&str>) -> Result<Database, SettingsError> {
        Database::read(|name| match name {
            "SYNAPSCRIBE_DATABASE" => Some(database.to_owned()),
            "SYNAPSCRIBE_DATABASE_SECRET" => secret.map(str::to_owned),
            _ => None,
        })
    }

    fn key(database: &str, secret: Option<&str>) -> Key {
        match read(database, secret).unwrap() {
            Database::Postgres { key, .. } => key,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_address_and_its_secret_say_what_opens_a_database() {
        let password = Login { user: None, password: Some("sesame".into()) };
        assert_eq!(key("postgres://ada:sesame@db.example/lectures", None), Key::Fixed(password));
        assert_eq!(key("postgres://db.example:5432/lectures?sslmode=require", Some("s")), Key::Secret("s".into()));
        assert_eq!(key("postgres://ada@db.example/lectures", None), Key::Token("ada".into()));
        assert_eq!(read("postgres://db.example/lectures", None), Err(SettingsError::DatabaseUser));
        assert_eq!(read("sqlite:/data/lectures.db", None), Ok(Database::Sqlite("/data/lectures.db".into())));
        assert!(matches!(read("postgres://a@b/c?sslmode=disable", None), Err(SettingsError::DatabaseAddress(_))));
        for other in ["lectures.db", "sqlite:", "mysql://a@b/c"] {
            assert_eq!(read(other, None), Err(SettingsError::Database("SYNAPSCRIBE_DATABASE")), "{other}");
        }
    }
}
