//! The HTTP client and TLS settings everything else shares. Knows no messages.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use crate::error::{ClientError, Result, code};
use crate::server_time::ServerTime;

/// A server's address, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    url: reqwest::Url,
    /// Whether whoever typed it left it to this side to speak in secret.
    assumed_secure: bool,
}

impl Address {
    /// Reads an address as a person types it. Without a scheme, `http://` is added for this machine and for names and addresses of
    /// one's own network, where nobody has certificates, and `https://` for any other.
    pub fn parse(text: &str) -> Result<Self> {
        let bad = || {
            ClientError::new(
                code::BAD_ADDRESS,
                format!("“{text}” is not a server's address; it looks like https://synapscribe.example.edu"),
            )
        };
        let text = text.trim();
        let full = if text.contains("://") {
            text.to_owned()
        } else {
            format!("{}://{text}", if is_near(text) { "http" } else { "https" })
        };
        let url = reqwest::Url::parse(&full).map_err(|_| bad())?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) || text.is_empty() {
            return Err(bad());
        }
        let assumed_secure = url.scheme() == "https" && !text.contains("://");
        Ok(Self { url, assumed_secure })
    }

    /// A path below the address.
    pub fn join(&self, path: &str) -> String {
        format!("{}/{}", self.as_str(), path.trim_start_matches('/'))
    }

    /// Nothing answers there; where that may be because `https://` was assumed, it is said.
    pub(crate) fn unreachable(&self) -> ClientError {
        let mut error = ClientError::unreachable(self.as_str());
        if self.assumed_secure {
            error.message.push_str("; a server without a certificate needs http:// before its name");
        }
        error
    }

    /// Whether it is this very machine.
    pub fn is_loopback(&self) -> bool {
        let host = self.url.host_str().unwrap_or_default();
        host == "localhost" || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// The address without a slash at its end.
    pub fn as_str(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }
}

/// Whether an address without a scheme is this machine's, or one of the network it is in.
fn is_near(text: &str) -> bool {
    let host = text.split(['/', ':']).next().unwrap_or("");
    match host.parse::<Ipv4Addr>() {
        Ok(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        Err(_) => !host.contains('.') || host.ends_with(".local") || text.starts_with('['),
    }
}

/// The HTTP client, the TLS settings behind it, and the time at the server.
#[derive(Clone)]
pub(crate) struct Net {
    pub http: reqwest::Client,
    pub tls: Arc<rustls::ClientConfig>,
    pub time: ServerTime,
}

impl Net {
    /// Reads the machine's certificates only when a secure address is involved, because that takes a while.
    pub fn new(secure: bool) -> Result<Self> {
        let tls = Arc::new(tls(secure)?);
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured((*tls).clone())
            .connect_timeout(Duration::from_secs(10))
            .pool_idle_timeout(Duration::from_secs(30))
            .user_agent(concat!("synapscribe/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| ClientError::new(code::UNREACHABLE, format!("the network cannot be set up: {error}")))?;
        Ok(Self { http, tls, time: ServerTime::default() })
    }
}

fn tls(secure: bool) -> Result<rustls::ClientConfig> {
    let mut roots = rustls::RootCertStore::empty();
    if secure {
        let found = rustls_native_certs::load_native_certs();
        for problem in &found.errors {
            tracing::debug!(%problem, "a certificate of this machine cannot be read");
        }
        roots.add_parsable_certificates(found.certs);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ClientError::new(code::UNREACHABLE, format!("secure connections cannot be set up: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_type_them() {
        for (typed, read) in [
            ("localhost:4000", "http://localhost:4000"),
            ("127.0.0.1:4000/", "http://127.0.0.1:4000"),
            ("[::1]:4000", "http://[::1]:4000"),
            ("lab-7:4517", "http://lab-7:4517"),
            ("lab-7.local", "http://lab-7.local"),
            ("192.168.1.5:4517", "http://192.168.1.5:4517"),
            ("8.8.8.8:4517", "https://8.8.8.8:4517"),
            ("synapscribe.example.edu", "https://synapscribe.example.edu"),
            (" https://example.edu/scribe/ ", "https://example.edu/scribe"),
        ] {
            assert_eq!(Address::parse(typed).unwrap().as_str(), read, "{typed}");
        }
        let word = "needs http:// before its name";
        for (typed, said) in [("study.example", true), ("https://study.example", false), ("lab-7", false)] {
            assert_eq!(Address::parse(typed).unwrap().unreachable().message.contains(word), said, "{typed}");
        }
        for bad in ["", "ftp://x", "http://", "://", "a b"] {
            assert_eq!(Address::parse(bad).unwrap_err().code, code::BAD_ADDRESS, "{bad}");
        }
        for (address, near) in [
            ("127.0.0.1:9", true),
            ("[::1]:9", true),
            ("localhost", true),
            ("https://10.0.0.1", false),
            ("https://localhost.example", false),
        ] {
            assert_eq!(Address::parse(address).unwrap().is_loopback(), near, "{address}");
        }
        assert_eq!(Address::parse("localhost:1").unwrap().join("/x"), "http://localhost:1/x");
    }
}
