//! Under which address a host is reached: the one it was given, or, where it listens on all of its machine's addresses, the one that
//! each request names. Knows nothing of what is served there.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use synapscribe_local::objects::reached_at;

use crate::settings::Settings;

/// The address of this host for clients.
#[derive(Debug, Clone)]
pub(crate) struct Reach {
    url: Arc<str>,
    /// Whether clients come by names that nobody here was told.
    by_any_name: bool,
}

impl Reach {
    /// `url` is the address that is used where no request names another one.
    pub fn of(settings: &Settings, url: &str) -> Self {
        let by_any_name = settings.public_url.is_none() && settings.listen.ip().is_unspecified();
        Self { url: url.into(), by_any_name }
    }

    /// Where whoever sent these headers reaches this host.
    pub fn named(&self, headers: &HeaderMap) -> Arc<str> {
        let mut said = headers.get_all(header::HOST).iter();
        match (self.by_any_name, said.next().and_then(|host| host.to_str().ok()), said.next()) {
            (true, Some(host), None) if is_host(host) => format!("http://{host}").into(),
            _ => Arc::clone(&self.url),
        }
    }
}

/// Whether this is a name or an address with or without a port, and nothing that could mean more where it is written.
fn is_host(text: &str) -> bool {
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|_| port.bytes().all(|byte| byte.is_ascii_digit()));
    if let Some((address, rest)) = text.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        let port = rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port);
        return port && address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let (name, port) = text.split_once(':').map_or((text, None), |(name, port)| (name, Some(port)));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    !name.is_empty() && name.len() <= 253 && name.bytes().all(plain) && port.is_none_or(is_port)
}

/// Has addresses that are signed for whoever asks lead to where they reached this host.
pub(crate) async fn remember(State(reach): State<Reach>, request: Request, next: Next) -> Response {
    let url = reach.named(request.headers());
    reached_at(Some(url), next.run(request)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(listen: &str, public_url: Option<&str>, hosts: &[&str]) -> String {
        let mut settings = Settings::new("unused");
        (settings.listen, settings.public_url) = (listen.parse().unwrap(), public_url.map(str::to_owned));
        let url = public_url.unwrap_or("http://127.0.0.1:4000");
        let headers = hosts.iter().map(|host| (header::HOST, host.parse().unwrap())).collect();
        Reach::of(&settings, url).named(&headers).to_string()
    }

    #[test]
    fn a_host_on_every_address_is_where_it_was_asked() {
        for host in ["192.168.1.7:4000", "study", "study.example:80", "[fe80::1]:4000", "[::1]", "LAPTOP_2.local:4000"] {
            for listen in ["0.0.0.0:4000", "[::]:4000"] {
                assert_eq!(named(listen, None, &[host]), format!("http://{host}"));
            }
        }
    }

    #[test]
    fn what_is_no_host_is_not_repeated() {
        for host in [
            "",
            ":4000",
            "a b",
            "a/b",
            "ada@study",
            "study:",
            "study:+80",
            "study:99999",
            "a;b",
            "*",
            "[study]:1",
            "[::1]x",
            "::1",
        ] {
            assert_eq!(named("0.0.0.0:4000", None, &[host]), "http://127.0.0.1:4000", "{host:?}");
        }
        assert_eq!(named("0.0.0.0:4000", None, &[]), "http://127.0.0.1:4000");
        assert_eq!(named("0.0.0.0:4000", None, &["a", "b"]), "http://127.0.0.1:4000", "two names are none");
    }

    #[test]
    fn a_host_that_was_told_where_it_is_goes_by_that() {
        assert_eq!(named("127.0.0.1:4000", None, &["evil.example"]), "http://127.0.0.1:4000");
        assert_eq!(named("0.0.0.0:4000", Some("https://study.example"), &["10.0.0.7:4000"]), "https://study.example");
    }
}
