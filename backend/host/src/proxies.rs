//! Proxies in front of the host, whose word on where a request comes from is believed. Whoever else says so could be anybody.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use ipnet::IpNet;

/// Where proxies add the address of whoever called them.
const FORWARDED: &str = "x-forwarded-for";

/// The proxies that are trusted; usually none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies(Vec<IpNet>);

impl Proxies {
    /// Reads addresses and networks, such as `10.0.0.7, 10.1.0.0/16, ::1`; the text that is neither is returned.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let network = |part: &str| part.parse().or_else(|_| part.parse::<IpAddr>().map(IpNet::from));
        parts.map(|part| network(part).map_err(|_| part.to_owned())).collect::<Result<_, _>>().map(Self)
    }

    fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Where a request comes from: the last address that no trusted proxy has. What stands before it was written by whoever
    /// called, and may be anything.
    pub(crate) fn origin(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut from = peer.to_canonical();
        let said = headers.get_all(FORWARDED).iter().filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(",");
        for hop in said.rsplit(',') {
            let Some(before) = address(hop).filter(|_| self.trust(from)) else { break };
            from = before;
        }
        from
    }
}

/// An address as proxies write it, some of them with a port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let plain = text.parse().or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()));
    plain.ok().map(|address: IpAddr| address.to_canonical())
}

/// Has everything behind it see the address that a request really comes from.
pub(crate) async fn look_behind(State(proxies): State<Arc<Proxies>>, mut request: Request, next: Next) -> Response {
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>().copied() {
        let from = SocketAddr::new(proxies.origin(peer.ip(), request.headers()), peer.port());
        request.extensions_mut().insert(ConnectInfo(from));
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(proxies: &str, peer: &str, said: &[&str]) -> String {
        let headers = said.iter().map(|value| (FORWARDED.parse().unwrap(), value.parse().unwrap())).collect();
        Proxies::parse(proxies).unwrap().origin(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn nobody_is_believed_unless_that_was_asked_for() {
        assert_eq!(origin("", "203.0.113.7", &["198.51.100.1"]), "203.0.113.7");
        assert_eq!(origin("10.0.0.7", "203.0.113.7", &["198.51.100.1"]), "203.0.113.7", "whoever is no proxy");
        assert_eq!(origin("10.0.0.7", "10.0.0.7", &[]), "10.0.0.7", "a proxy that says nothing");
    }

    #[test]
    fn what_the_caller_wrote_themselves_is_not_believed() {
        assert_eq!(origin("10.0.0.7", "10.0.0.7", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(origin("10.0.0.7", "10.0.0.7", &["192.0.2.1, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(origin("10.0.0.7", "10.0.0.7", &["192.0.2.1", "198.51.100.1"]), "198.51.100.1", "in two headers");
        assert_eq!(
            origin("10.0.0.0/8, ::1", "::1", &["192.0.2.1, 198.51.100.1, 10.9.9.9"]),
            "198.51.100.1",
            "a chain of proxies"
        );
        assert_eq!(origin("10.0.0.0/8", "10.0.0.7", &["10.1.1.1, 10.2.2.2"]), "10.1.1.1", "somebody who is inside");
        assert_eq!(origin("10.0.0.7", "10.0.0.7", &["198.51.100.1, unknown"]), "10.0.0.7", "what cannot be read ends the chain");
    }

    #[test]
    fn an_address_is_read_however_it_is_written() {
        assert_eq!(origin("10.0.0.7", "::ffff:10.0.0.7", &["198.51.100.1:4711"]), "198.51.100.1");
        assert_eq!(origin("10.0.0.7", "10.0.0.7", &["[2001:db8::7]:443"]), "2001:db8::7");
        assert_eq!(Proxies::parse("10.0.0.7, proxy.example"), Err("proxy.example".into()));
    }
}
