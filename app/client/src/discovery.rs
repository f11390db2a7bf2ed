//! Asks a server what it is. Knows the address and the discovery document, nothing else.

use std::time::Duration;

use synapscribe_protocol::Discovery;

use crate::error::{ClientError, Result, code};
use crate::net::{Address, Net};

/// The greatest major version of the wire this client understands.
pub const PROTOCOL_MAJOR: u32 = 1;

/// Fetches and checks the discovery document.
pub(crate) async fn discover(net: &Net, server: &Address) -> Result<Discovery> {
    let answer =
        net.http.get(server.join(".well-known/synapscribe.json")).timeout(Duration::from_secs(15)).send().await.map_err(
            |error| {
                tracing::debug!(%error, "discovery failed");
                server.unreachable()
            },
        )?;
    net.time.learn(answer.headers());
    let status = answer.status();
    if status.is_server_error() {
        return Err(ClientError::passing(
            code::UNREACHABLE,
            format!("{} is not well ({status}); try again later", server.as_str()),
        ));
    }
    let body = answer.bytes().await.map_err(|_| server.unreachable())?;
    believed(server, &body)
}

/// What a server says of itself, where it is one of this product and none that is too new.
pub fn believed(server: &Address, body: &[u8]) -> Result<Discovery> {
    let foreign = || {
        ClientError::new(
            code::NOT_SYNAPSCRIBE,
            format!("{} answers, but it is not a SynapScribe server; check the address", server.as_str()),
        )
    };
    // A newer server may have changed the document's other fields, so its version is looked at first.
    let value: serde_json::Value = serde_json::from_slice(body).map_err(|_| foreign())?;
    if value["product"] != "synapscribe" {
        return Err(foreign());
    }
    let protocol = value["protocol"].as_str().unwrap_or("");
    let major: u32 = protocol.split('.').next().and_then(|m| m.parse().ok()).ok_or_else(foreign)?;
    if major > PROTOCOL_MAJOR {
        return Err(ClientError::new(
            code::TOO_NEW,
            format!(
                "{} speaks version {protocol} and this program version {PROTOCOL_MAJOR}; please update this program",
                server.as_str()
            ),
        ));
    }
    serde_json::from_value(value).map_err(|_| foreign())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_servers_of_this_product_and_version_are_accepted() {
        let server = Address::parse("localhost:1").unwrap();
        let code_of = |body: &str| believed(&server, body.as_bytes()).unwrap_err().code;
        assert_eq!(code_of("<html>"), code::NOT_SYNAPSCRIBE);
        assert_eq!(code_of("[]"), code::NOT_SYNAPSCRIBE);
        assert_eq!(code_of(r#"{"product":"other","protocol":"1"}"#), code::NOT_SYNAPSCRIBE);
        assert_eq!(code_of(r#"{"product":"synapscribe","protocol":"2.0","everything":"else"}"#), code::TOO_NEW);
        assert_eq!(code_of(r#"{"product":"synapscribe","protocol":"1.4"}"#), code::NOT_SYNAPSCRIBE);
    }
}
