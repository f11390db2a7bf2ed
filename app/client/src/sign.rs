//! Signs REST requests and WebSocket addresses with Signature Version 4, as the gateway asks. Knows no message.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4;
use synapscribe_protocol::headers::TOKEN_QUERY;

use crate::error::{ClientError, Result, code};

/// The gateway's name in signatures, for REST and WebSocket alike.
const SERVICE: &str = "execute-api";

/// A presigned WebSocket address is used at once, so it need not live long.
const SOCKET_SECONDS: u64 = 300;

/// The headers that authorise a request with this body.
pub(crate) fn headers(
    credentials: &Credentials,
    region: &str,
    method: &http::Method,
    url: &str,
    body: &[u8],
    now: SystemTime,
) -> Result<http::HeaderMap> {
    let mut request = http::Request::builder().method(method.clone()).uri(url).body(()).map_err(|_| bad(url))?;
    apply(credentials, region, &mut request, SigningSettings::default(), body, now)?;
    Ok(std::mem::take(request.headers_mut()))
}

/// The WebSocket address with its authorisation in the query, and the access token of whoever has signed in.
pub(crate) fn socket_url(
    credentials: &Credentials,
    token: Option<&str>,
    region: &str,
    url: &str,
    now: SystemTime,
) -> Result<String> {
    // The signer knows the default ports of http and https only, and a WebSocket begins as such a request.
    let plain = match url.split_once("://") {
        Some(("ws", rest)) => format!("http://{rest}"),
        Some(("wss", rest)) => format!("https://{rest}"),
        _ => return Err(bad(url)),
    };
    let plain = match token {
        Some(token) => {
            let mark = if plain.contains('?') { '&' } else { '?' };
            format!("{plain}{mark}{TOKEN_QUERY}={}", crate::rest::segment(token))
        }
        None => plain,
    };
    let mut request = http::Request::builder().method("GET").uri(&plain).body(()).map_err(|_| bad(url))?;
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(Duration::from_secs(SOCKET_SECONDS));
    apply(credentials, region, &mut request, settings, &[], now)?;
    let signed = request.uri().to_string();
    Ok(signed.replacen("http", "ws", 1))
}

fn apply(
    credentials: &Credentials,
    region: &str,
    request: &mut http::Request<()>,
    settings: SigningSettings,
    body: &[u8],
    now: SystemTime,
) -> Result<()> {
    let failed =
        |error: &dyn std::fmt::Display| ClientError::new(code::CREDENTIALS, format!("the request cannot be signed: {error}"));
    let identity = credentials.clone().into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(SERVICE)
        .time(now)
        .settings(settings)
        .build()
        .map_err(|error| failed(&error))?
        .into();
    let uri = request.uri().to_string();
    let signable = SignableRequest::new(request.method().as_str(), uri, std::iter::empty(), SignableBody::Bytes(body))
        .map_err(|error| failed(&error))?;
    let (instructions, _) = sign(signable, &params).map_err(|error| failed(&error))?.into_parts();
    instructions.apply_to_request_http1x(request);
    Ok(())
}

fn bad(url: &str) -> ClientError {
    ClientError::new(code::NOT_SYNAPSCRIBE, format!("the server names an address that is none: {url}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials() -> Credentials {
        Credentials::new("AKID", "secret", Some("to/ken+==".into()), None, "test")
    }

    #[test]
    fn a_socket_address_carries_everything_in_its_query() {
        let url =
            socket_url(&credentials(), Some("a.b-c_d.e"), "eu-west-1", "wss://abc.example/prod", SystemTime::UNIX_EPOCH).unwrap();
        assert!(url.starts_with("wss://abc.example/prod?"), "{url}");
        for part in [
            "X-Amz-Signature=",
            "X-Amz-Security-Token=to%2Fken%2B%3D%3D",
            "X-Amz-Expires=300",
            "%2Feu-west-1%2Fexecute-api%2F",
            "access_token=a.b-c_d.e",
        ] {
            assert!(url.contains(part), "{part} in {url}");
        }
        assert!(socket_url(&credentials(), None, "r", "nonsense", SystemTime::UNIX_EPOCH).is_err());
    }

    #[test]
    fn a_request_carries_its_token_and_signature() {
        let headers =
            headers(&credentials(), "r", &http::Method::GET, "http://h:1/lectures?x=1", b"", SystemTime::UNIX_EPOCH).unwrap();
        assert!(headers["authorization"].to_str().unwrap().contains("SignedHeaders=host;x-amz-date;x-amz-security-token"));
        assert_eq!(headers["x-amz-security-token"], "to/ken+==");
        let signed = |body: &[u8]| {
            let headers = super::headers(&credentials(), "r", &http::Method::PATCH, "http://h:1/x", body, SystemTime::UNIX_EPOCH);
            headers.unwrap()["authorization"].clone()
        };
        assert_ne!(signed(b"one"), signed(b"two"), "the signature covers the body");
    }
}
