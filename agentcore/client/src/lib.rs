//! The agent on another machine, over HTTP: the other end of AgentCore's routes. It knows nothing of what is behind them.

mod lines;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::stream::BoxStream;
use futures::{StreamExt, stream};
use synapscribe_domain::{Code, Failure, SessionId, WorkId};
use synapscribe_ports::{Agent, AgentEvent, AgentRequest, EngineCard, Role};
use synapscribe_protocol::headers::{CORRELATION, TRACEPARENT};
use synapscribe_protocol::rest::ErrorBody;
use synapscribe_protocol::{AgentLine, CancelRequest, EndSessionRequest};
use synapscribe_wire::agent as wire;

use crate::lines::{Lines, TooLong};

/// A line longer than this is nonsense.
const LINE: usize = 1024 * 1024;

/// AgentCore at an address.
#[derive(Clone)]
pub struct HttpAgent {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

impl HttpAgent {
    /// An agent at `base`, such as `http://10.0.1.5:5000`.
    pub fn new(base: &str, token: Option<String>) -> Result<Self, Failure> {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(trust(base)?)
            .connect_timeout(Duration::from_secs(3))
            .read_timeout(Duration::from_secs(120))
            .build()
            .map_err(|_| Failure::internal())?;
        Ok(Self { http, base: base.trim_end_matches('/').to_owned(), token })
    }

    /// The same agent over the same connections, told another token.
    pub fn with_token(self, token: Option<String>) -> Self {
        Self { token, ..self }
    }

    /// The engines that the agent uses, as it names them.
    pub async fn engines(&self) -> Result<Vec<(Role, EngineCard)>, Failure> {
        let away = |_| Failure::new(Code::EngineFailed, "the answering service does not say what it works with");
        let told = self.http.get(format!("{}/ready", self.base)).send().await.map_err(away)?.bytes().await.map_err(away)?;
        let told: serde_json::Value = serde_json::from_slice(&told).unwrap_or_default();
        let roles = [
            (Role::Recognition, "recognition"),
            (Role::Answers, "answers"),
            (Role::Speech, "speech"),
            (Role::Meaning, "meaning"),
        ];
        Ok(roles.into_iter().filter_map(|(role, name)| Some((role, card(&told["engines"][name])?))).collect())
    }

    async fn post<T: serde::Serialize + Sync>(&self, path: &str, about: &str, body: &T) -> Result<reqwest::Response, Failure> {
        self.send(self.http.post(format!("{}{path}", self.base)).header(CORRELATION, about), body).await
    }

    async fn send<T: serde::Serialize + Sync>(
        &self,
        request: reqwest::RequestBuilder,
        body: &T,
    ) -> Result<reqwest::Response, Failure> {
        let json = serde_json::to_vec(body).map_err(|_| Failure::internal())?;
        let mut request = request.header("content-type", "application/json").body(json);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.map_err(|error| {
            tracing::warn!(error = %error.without_url(), "the answering service cannot be reached");
            Failure::new(Code::EngineFailed, "the answering service cannot be reached; try again in a moment")
        })?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        Err(match response.bytes().await.ok().and_then(|b| serde_json::from_slice::<ErrorBody>(&b).ok()) {
            // It is this host that is not admitted, not the person who asked.
            Some(body) if body.error.code == Code::Unauthorised.as_str() => Failure::new(
                Code::EngineMissing,
                "the answering service does not admit this host; its operator has to set SYNAPSCRIBE_AGENT_TOKEN to the same secret on both",
            ),
            Some(body) => wire::failure(body.error),
            None => Failure::new(Code::EngineFailed, format!("the answering service said {status}; try again in a moment")),
        })
    }
}

#[async_trait]
impl Agent for HttpAgent {
    async fn invoke(&self, request: AgentRequest) -> Result<BoxStream<'static, AgentEvent>, Failure> {
        let mut post = self.http.post(format!("{}/invoke", self.base)).header(CORRELATION, request.work.query());
        if let Some(trace) = &request.trace {
            post = post.header(TRACEPARENT, trace.as_str());
        }
        let response = self.send(post, &wire::invoke(&request)).await?;
        let body = response.bytes_stream().boxed();
        let state = Some((body, Lines::up_to(LINE)));
        Ok(stream::unfold(state, |state| async move {
            let (mut body, mut lines) = state?;
            loop {
                match lines.next() {
                    Ok(Some(line)) => {
                        let read = serde_json::from_slice::<AgentLine>(&line);
                        // A newer agent may say what this host does not know; it is not for it.
                        let Some(event) = read.map_or_else(|_| Some(failed("sent nonsense")), wire::event) else { continue };
                        let last = matches!(event, AgentEvent::Done(_) | AgentEvent::Failed(_));
                        return Some((event, if last { None } else { Some((body, lines)) }));
                    }
                    Ok(None) => {}
                    Err(TooLong) => return Some((failed("sent nonsense"), None)),
                }
                match body.next().await {
                    Some(Ok(more)) => lines.push(&more),
                    Some(Err(_)) | None => return Some((failed("went away in the middle"), None)),
                }
            }
        })
        .boxed())
    }

    async fn cancel(&self, work: &WorkId) -> Result<bool, Failure> {
        let response = self.post("/cancel", work.query(), &CancelRequest { work_id: work.to_string() }).await?;
        let body: serde_json::Value = response.json().await.unwrap_or_default();
        Ok(body.get("running").and_then(serde_json::Value::as_bool).unwrap_or(false))
    }

    async fn end_session(&self, session: &SessionId) -> Result<(), Failure> {
        let ended = EndSessionRequest { session_id: session.to_string() };
        self.post("/end_session", session.as_str(), &ended).await.map(|_| ())
    }
}

/// An answer that ended before it was done.
fn failed(how: &str) -> AgentEvent {
    AgentEvent::Failed(Failure::new(Code::EngineFailed, format!("the answering service {how}; ask again")))
}

fn card(told: &serde_json::Value) -> Option<EngineCard> {
    let text = |name: &str| told[name].as_str().map(str::to_owned);
    Some(EngineCard { name: text("name")?, model: text("model")?, sends_to: text("sends_to"), missing: text("missing") })
}

/// TLS with the machine's own certificates; a machine without any can still talk to its own servers in the clear. For those nothing is
/// read, which would take a function a good part of its start.
fn trust(base: &str) -> Result<rustls::ClientConfig, Failure> {
    let mut roots = rustls::RootCertStore::empty();
    if !base.starts_with("http://") {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Ok(versions.map_err(|_| Failure::internal())?.with_root_certificates(roots).with_no_client_auth())
}
