//! Where a server is, and who opens a connection to it. It knows no table, and not where passwords come from.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use percent_encoding::percent_decode_str;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use synapscribe_ports::StoreResult;
use thiserror::Error;
use url::{Host, Url};

/// Where a database is.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    host: String,
    port: u16,
    database: String,
    user: Option<String>,
    password: Option<String>,
    /// Certificates that vouch for the server besides those that the system trusts.
    authorities: Option<PathBuf>,
    encrypted: bool,
}

/// Why a text is no address of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AddressError {
    /// It is something else.
    #[error("it is not written as postgres://[USER[:PASSWORD]@]HOST[:PORT]/DATABASE")]
    Form,
    /// It asks for something that is decided here.
    #[error("nothing may follow the name of the database but sslmode=require or stricter")]
    Options,
}

/// Who opens a connection, and with what.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The name of the role, where it is not the one in the address.
    pub user: Option<String>,
    /// What proves it, where anything has to.
    pub password: Option<String>,
}

/// Says who opens connections. It is asked again when what it said has grown old or was refused.
#[async_trait]
pub trait Logins: Send + Sync {
    /// What opens a connection at this moment.
    async fn login(&self) -> StoreResult<Login>;
}

/// A login that never changes.
#[async_trait]
impl Logins for Login {
    async fn login(&self) -> StoreResult<Login> {
        Ok(self.clone())
    }
}

impl Address {
    /// Reads `postgres://[USER[:PASSWORD]@]HOST[:PORT]/DATABASE`. A server on another machine has to prove who it is by its
    /// certificate; nothing can be written that would make it less, and `sslmode=require` makes it no less either.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let url = Url::parse(text).map_err(|_| AddressError::Form)?;
        let plain =
            |part: &str| percent_decode_str(part).decode_utf8().map(|text| text.into_owned()).map_err(|_| AddressError::Form);
        let known = matches!(url.scheme(), "postgres" | "postgresql");
        let database = plain(url.path().trim_start_matches('/'))?;
        let host = url.host_str().map(|host| host.trim_matches(['[', ']']).to_owned()).filter(|host| !host.is_empty());
        let (true, false, Some(host)) = (known, database.is_empty(), host) else { return Err(AddressError::Form) };
        let strict = |(name, value): (Cow<'_, str>, Cow<'_, str>)| {
            name == "sslmode" && matches!(&*value, "require" | "verify-ca" | "verify-full")
        };
        if url.fragment().is_some() || database.contains('/') || !url.query_pairs().all(strict) {
            return Err(AddressError::Options);
        }
        let named = !url.username().is_empty();
        Ok(Self {
            encrypted: !is_this_machine(&host) || url.query().is_some(),
            host,
            port: url.port().unwrap_or(5432),
            database,
            user: named.then(|| plain(url.username())).transpose()?,
            password: url.password().map(plain).transpose()?,
            authorities: None,
        })
    }

    /// Trusts the authorities in a file of certificates besides those of the system, and encrypts wherever the server is.
    pub fn trusting(self, authorities: impl AsRef<Path>) -> Self {
        Self { authorities: Some(authorities.as_ref().to_owned()), encrypted: true, ..self }
    }

    /// The machine.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The role that connects where its login does not name another.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The login that the address itself holds.
    pub fn login(&self) -> Option<Login> {
        self.password.clone().map(|password| Login { user: None, password: Some(password) })
    }

    pub(super) fn options(&self, login: &Login) -> PgConnectOptions {
        let options = PgConnectOptions::new_without_pgpass()
            .host(&self.host)
            .port(self.port)
            .database(&self.database)
            .username(login.user.as_deref().or(self.user.as_deref()).unwrap_or("synapscribe"))
            .application_name("synapscribe")
            .ssl_mode(if self.encrypted { PgSslMode::VerifyFull } else { PgSslMode::Disable })
            // A proxy may refuse what it does not know, and numbers are read as binary anyway.
            .extra_float_digits(None);
        let options = match &login.password {
            Some(password) => options.password(password),
            None => options,
        };
        match &self.authorities {
            Some(file) => options.ssl_root_cert(file),
            None => options,
        }
    }
}

fn is_this_machine(host: &str) -> bool {
    match Host::parse(host) {
        Ok(Host::Domain(name)) => name == "localhost",
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.is_loopback(),
        // What is left is an IPv6 address without its brackets.
        Err(_) => host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback()),
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "postgres://{}:{}/{}", self.host, self.port, self.database)
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_never_shows_its_password() {
        let address = Address::parse("postgres://ada:l%40ce%2F@db.example:6543/lectures").unwrap();
        assert_eq!((address.host(), address.port(), address.user()), ("db.example", 6543, Some("ada")));
        assert_eq!(address.login().unwrap().password.as_deref(), Some("l@ce/"));
        assert!(!format!("{address:?} {:?}", address.login()).contains("l@ce"));
        assert_eq!(Address::parse("postgresql://ada@db.example/lectures").unwrap().login(), None);
    }

    #[test]
    fn another_machine_has_to_prove_who_it_is() {
        let mode = |text: &str| {
            let address = Address::parse(text).unwrap();
            address.options(&Login { user: None, password: None }).get_ssl_mode()
        };
        for far in [
            "postgres://a@db.example/l",
            "postgres://a@10.0.0.7/l",
            "postgres://a@localhost.example/l",
            "postgres://a@[fd00::7]/l",
        ] {
            assert!(matches!(mode(far), PgSslMode::VerifyFull), "{far}");
        }
        for near in ["postgres://a@localhost/l", "postgres://a@127.0.0.1:6543/l", "postgres://a@[::1]/l"] {
            assert!(matches!(mode(near), PgSslMode::Disable), "{near}");
        }
        assert!(matches!(mode("postgres://localhost/l?sslmode=require"), PgSslMode::VerifyFull));
        let near = Address::parse("postgres://a@127.0.0.1/l").unwrap().trusting("/ca.pem");
        assert!(matches!(near.options(&Login { user: None, password: None }).get_ssl_mode(), PgSslMode::VerifyFull));
    }

    #[test]
    fn what_would_weaken_it_or_is_no_address_is_refused() {
        for text in ["", "lectures.db", "mysql://a@b/c", "postgres:c", "postgres://a@b", "postgres://a@b/", "postgres://a@/c"] {
            assert_eq!(Address::parse(text), Err(AddressError::Form), "{text}");
        }
        for text in [
            "postgres://a@b/c?sslmode=disable",
            "postgres://a@b/c?sslmode=require&options=-c",
            "postgres://a@b/c#d",
            "postgres://a@b/c/d",
        ] {
            assert_eq!(Address::parse(text), Err(AddressError::Options), "{text}");
        }
    }
}
