//! One server at the other end: its address, its key, how long to wait for it, and its failures in the product's words.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, Url, header};
use serde_json::Value;
use synapscribe_domain::{Code, Failure};
use synapscribe_ports::Reached;

/// An answer that is not streamed may not be larger than this.
const MOST_BYTES: usize = 32 << 20;
/// Of an error's body, no more than this is read.
const MOST_ERROR_BYTES: usize = 16 << 10;

/// A server that is only tried has this long.
const REACHING: Duration = Duration::from_secs(5);

/// A key that is sent to its server and shown to nobody.
#[derive(Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(from = "String")]
pub struct Secret(String);

impl From<String> for Secret {
    fn from(key: String) -> Self {
        Self::new(key)
    }
}

impl Secret {
    /// Takes the key as it was configured.
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into().trim().to_owned())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// How long a server may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// To accept a connection.
    pub connect: Duration,
    /// To send the first byte of its answer.
    pub first: Duration,
    /// To send the next bytes.
    pub between: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(3), first: Duration::from_secs(30), between: Duration::from_secs(15) }
    }
}

/// A server and the model to ask it for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The server's address, with or without `/v1`.
    pub url: String,
    /// The model's name as the server knows it.
    pub model: String,
    /// The key, if the server wants one.
    pub key: Option<Secret>,
    /// How long to wait.
    pub timeouts: Timeouts,
}

impl Endpoint {
    /// A server without a key and with the usual patience.
    pub fn new(url: impl Into<String>, model: impl Into<String>) -> Self {
        Self { url: url.into(), model: model.into(), key: None, timeouts: Timeouts::default() }
    }
}

/// A connected server; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    client: Client,
    base: Url,
    /// What the server does, for sentences: `language model server`.
    what: &'static str,
    pub(crate) model: String,
    key: Option<Secret>,
    timeouts: Timeouts,
}

impl Peer {
    pub(crate) fn new(endpoint: Endpoint, what: &'static str) -> Result<Self, Failure> {
        let base = base(&endpoint.url).ok_or_else(|| {
            Failure::new(
                Code::EngineMissing,
                format!("the address of the {what} is not a web address; write it like http://127.0.0.1:8000"),
            )
        })?;
        let client = client(&base, endpoint.timeouts.connect)?;
        Ok(Self { client, base, what, model: endpoint.model, key: endpoint.key, timeouts: endpoint.timeouts })
    }

    /// The host that receives the data, or nothing when it is this machine.
    pub(crate) fn sends_to(&self) -> Option<String> {
        (!is_loopback(&self.base)).then(|| self.host())
    }

    /// The host for sentences and logs.
    fn host(&self) -> String {
        let host = self.base.host_str().unwrap_or("the server");
        self.base.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// A request to a path below `/v1`.
    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        let mut url = self.base.clone();
        url.set_path(&format!("{}/{path}", self.base.path().trim_end_matches('/')));
        let request = self.client.request(Method::POST, url);
        match &self.key {
            Some(key) => request.bearer_auth(&key.0),
            None => request,
        }
    }

    /// Tries the server without asking it for work.
    pub(crate) async fn reach(&self) -> Reached {
        let mut url = self.base.clone();
        url.set_path(&format!("{}/models", self.base.path().trim_end_matches('/')));
        let request = self.client.get(url);
        let request = match &self.key {
            Some(key) => request.bearer_auth(&key.0),
            None => request,
        };
        let failure = match tokio::time::timeout(REACHING, request.send()).await {
            Err(_) => Some(self.late()),
            Ok(Err(error)) => Some(self.broken(&error)),
            // Not every server lists its models, and one that says so is there.
            Ok(Ok(answer)) if answer.status().is_success() || matches!(answer.status().as_u16(), 404 | 405) => None,
            Ok(Ok(answer)) => Some(self.refused(answer.status(), None, None)),
        };
        Reached { server: self.host(), failure }
    }

    /// Sends a request and waits for an answer that is not an error.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Answer, Trouble> {
        let response = match tokio::time::timeout(self.timeouts.first, request.send()).await {
            Err(_) => return Err(self.late().into()),
            Ok(Err(error)) => return Err(self.broken(&error).into()),
            Ok(Ok(response)) => response,
        };
        let status = response.status();
        let mut answer = Answer { response, peer: self.clone(), started: false, received: 0 };
        if status.is_success() {
            return Ok(answer);
        }
        let wait = answer.header(header::RETRY_AFTER).and_then(|v| v.trim().parse::<u64>().ok());
        let reason = answer.body(MOST_ERROR_BYTES).await.ok().and_then(|body| reason_of(&body));
        Err(Trouble { status: Some(status), failure: self.refused(status, wait, reason) })
    }

    /// Sends a request and reads its JSON answer.
    pub(crate) async fn ask(&self, request: RequestBuilder) -> Result<Value, Trouble> {
        let body = self.send(request).await?.body(MOST_BYTES).await?;
        Ok(serde_json::from_slice(&body).map_err(|_| self.nonsense("what it sent is not JSON"))?)
    }

    /// The server answered, but not with what its API promises.
    pub(crate) fn nonsense(&self, how: &str) -> Failure {
        Failure::new(
            Code::EngineFailed,
            format!("the {} at {} gave an answer that cannot be used: {how}", self.what, self.host()),
        )
    }

    /// The server stopped in the middle.
    pub(crate) fn cut(&self) -> Failure {
        Failure::new(
            Code::EngineFailed,
            format!("the {} at {} broke off in the middle of its answer; try again", self.what, self.host()),
        )
    }

    fn late(&self) -> Failure {
        Failure::new(Code::EngineTimeout, format!("the {} at {} did not answer in time; try again", self.what, self.host()))
    }

    fn broken(&self, error: &reqwest::Error) -> Failure {
        if error.is_timeout() {
            self.late()
        } else if error.is_connect() {
            Failure::new(
                Code::EngineFailed,
                format!(
                    "the {} at {} cannot be reached; check that it runs and that its address is right",
                    self.what,
                    self.host()
                ),
            )
        } else {
            self.cut()
        }
    }

    /// An error in an answer that was announced as a success, as servers send in the middle of a stream.
    pub(crate) fn refused_inside(&self, error: &Value) -> Failure {
        let status = error.get("code").and_then(Value::as_u64).and_then(|c| StatusCode::from_u16(c as u16).ok());
        self.refused(status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), None, word_of(error))
    }

    fn refused(&self, status: StatusCode, wait: Option<u64>, reason: Option<String>) -> Failure {
        let who = format!("the {} at {}", self.what, self.host());
        let number = status.as_u16();
        let because = reason.map(|r| format!(", {r}")).unwrap_or_default();
        match number {
            401 | 403 => {
                Failure::new(Code::EngineFailed, format!("{who} refused the request ({number}{because}); check the API key"))
            }
            429 | 503 => {
                let when = wait.map_or("in a moment".to_owned(), |s| format!("in {s} s"));
                Failure::new(Code::Busy, format!("{who} is busy ({number}{because}); try again {when}"))
            }
            408 | 504 => self.late(),
            404 => Failure::new(
                Code::EngineFailed,
                format!("{who} does not know the path or the model ({number}{because}); check its address and the model's name"),
            ),
            413 => Failure::new(Code::EngineFailed, format!("{who} finds the request too large ({number}{because})")),
            300..=399 => {
                Failure::new(Code::EngineFailed, format!("{who} points elsewhere ({number}); set the address it really has"))
            }
            _ => Failure::new(Code::EngineFailed, format!("{who} answered with an error ({number}{because})")),
        }
    }
}

/// Why there is no answer, with the status that the server refused with, if it said anything at all.
#[derive(Debug)]
pub(crate) struct Trouble {
    status: Option<StatusCode>,
    failure: Failure,
}

impl Trouble {
    /// Whether the server did not take what was asked for, rather than who asked or when.
    pub(crate) fn is_of_form(&self) -> bool {
        matches!(self.status, Some(StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY))
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self { status: None, failure }
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        trouble.failure
    }
}

/// An answer whose body has not been read.
pub(crate) struct Answer {
    response: Response,
    peer: Peer,
    started: bool,
    received: usize,
}

impl Answer {
    pub(crate) fn header(&self, name: header::HeaderName) -> Option<&str> {
        self.response.headers().get(name).and_then(|v| v.to_str().ok())
    }

    pub(crate) fn peer(&self) -> &Peer {
        &self.peer
    }

    /// The next bytes as they come, or nothing at the end; a server that falls silent is given up.
    pub(crate) async fn chunk(&mut self, most: usize) -> Result<Option<Bytes>, Failure> {
        let patience = if self.started { self.peer.timeouts.between } else { self.peer.timeouts.first };
        let chunk = match tokio::time::timeout(patience, self.response.chunk()).await {
            Err(_) => return Err(self.peer.late()),
            Ok(Err(error)) => return Err(self.peer.broken(&error)),
            Ok(Ok(chunk)) => chunk,
        };
        self.started = true;
        self.received += chunk.as_ref().map_or(0, Bytes::len);
        if self.received > most {
            return Err(self.peer.nonsense("it is larger than any answer should be"));
        }
        Ok(chunk)
    }

    /// The whole body, up to a limit.
    pub(crate) async fn body(&mut self, most: usize) -> Result<Vec<u8>, Failure> {
        let mut body = Vec::new();
        while let Some(chunk) = self.chunk(most).await? {
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// The server's own word for an error, only where it is a bare identifier: a sentence may repeat what the student said.
fn reason_of(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    word_of(body.get("error").unwrap_or(&body))
}

fn word_of(error: &Value) -> Option<String> {
    ["code", "type"].iter().filter_map(|name| error.get(name)?.as_str()).find(|word| is_identifier(word)).map(str::to_owned)
}

fn is_identifier(word: &str) -> bool {
    (1..=48).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The address below which the API lives: an address without a path gets `/v1`.
fn base(url: &str) -> Option<Url> {
    let url = url.trim();
    let mut parsed = Url::parse(url).ok()?;
    if !matches!(parsed.scheme(), "http" | "https") || parsed.host_str().is_none_or(str::is_empty) {
        return None;
    }
    parsed.set_query(None);
    parsed.set_fragment(None);
    if parsed.path() == "/" {
        parsed.set_path("/v1");
    }
    Some(parsed)
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or("").trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.ends_with(".localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn client(base: &Url, connect: Duration) -> Result<Client, Failure> {
    // Redirects are not followed: they could carry a student's voice to a host that nobody chose.
    let mut builder = Client::builder()
        .connect_timeout(connect)
        .redirect(reqwest::redirect::Policy::none())
        .tcp_nodelay(true)
        .tls_backend_preconfigured(trust()?)
        .user_agent(concat!("synapscribe/", env!("CARGO_PKG_VERSION")));
    if is_loopback(base) {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|_| Failure::internal())
}

/// TLS with the machine's own certificates; a machine without any can still talk to its own servers in the clear.
pub fn trust() -> Result<rustls::ClientConfig, Failure> {
    static ROOTS: std::sync::OnceLock<Arc<rustls::RootCertStore>> = std::sync::OnceLock::new();
    let roots = ROOTS.get_or_init(|| {
        let mut roots = rustls::RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Arc::new(roots)
    });
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| Failure::internal())?
        .with_root_certificates(roots.clone())
        .with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_as_people_write_them() {
        for (written, expected) in [
            ("http://127.0.0.1:8000", Some("http://127.0.0.1:8000/v1")),
            ("http://127.0.0.1:8000/", Some("http://127.0.0.1:8000/v1")),
            (" https://gpu.example.edu/v1/ ", Some("https://gpu.example.edu/v1/")),
            ("https://example.edu/api/v1", Some("https://example.edu/api/v1")),
            ("gpu.example.edu:8000", None),
            ("file:///etc/passwd", None),
            ("", None),
        ] {
            assert_eq!(base(written).map(|u| u.to_string()).as_deref(), expected, "{written}");
        }
    }

    #[test]
    fn only_other_machines_are_named_as_receivers() {
        for (url, receiver) in [
            ("http://localhost:8000", None),
            ("http://127.0.0.2", None),
            ("http://[::1]:8000", None),
            ("http://192.168.1.5:8000", Some("192.168.1.5:8000")),
            ("https://user:secret@gpu.example.edu", Some("gpu.example.edu")),
        ] {
            let peer = Peer::new(Endpoint::new(url, "m"), "server").unwrap();
            assert_eq!(peer.sends_to().as_deref(), receiver, "{url}");
        }
    }

    #[test]
    fn a_key_is_never_shown() {
        let mut endpoint = Endpoint::new("http://localhost", "m");
        endpoint.key = Some(Secret::new("sk-very-secret"));
        assert!(!format!("{endpoint:?}").contains("very"));
        assert!(!format!("{:?}", Peer::new(endpoint, "server").unwrap()).contains("very"));
    }

    #[test]
    fn an_error_is_repeated_only_where_it_is_a_bare_word() {
        assert_eq!(
            reason_of(br#"{"error":{"message":"You said: my name is Ada","code":"context_length_exceeded"}}"#).as_deref(),
            Some("context_length_exceeded")
        );
        assert_eq!(reason_of(br#"{"error":{"message":"x","type":"my name is Ada"}}"#), None);
        assert_eq!(reason_of(b"<html>"), None);
    }
}
