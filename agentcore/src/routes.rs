//! HTTP in front of the agent: `/invoke` streams JSON lines; the rest is for operators. Decodes and encodes only.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequest, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::json;
use synapscribe_domain::{Code, Failure, QueryId, SessionId, TraceParent, WorkId};
use synapscribe_ports::Agent;
use synapscribe_protocol::headers::{CORRELATION, TRACEPARENT};
use synapscribe_protocol::rest::ErrorBody;
use synapscribe_protocol::{CancelRequest, EndSessionRequest, InvokeRequest, reading};
use synapscribe_telemetry as telemetry;
use synapscribe_wire::{agent as wire, dto};
use tracing::Instrument;

use crate::core::AgentCore;

/// The largest body: a question with the session's last turns.
const BODY: usize = 256 * 1024;

/// The daemon's routes. With a token, only callers who present it may ask; without one, everybody who reaches the port may,
/// so it then has to be closed to all but the services that ask.
pub fn router(core: Arc<AgentCore>, token: Option<Arc<str>>) -> Router {
    Router::new()
        .route("/invoke", post(invoke))
        .route("/cancel", post(cancel))
        .route("/end_session", post(end_session))
        .method_not_allowed_fallback(another_method)
        .fallback(nothing_here)
        .layer(middleware::from_fn_with_state(token, admit))
        .route("/health", get(health))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics))
        .method_not_allowed_fallback(another_method)
        .layer(DefaultBodyLimit::max(BODY))
        .with_state(core)
}

async fn admit(State(token): State<Option<Arc<str>>>, request: Request, next: Next) -> Response {
    if token.is_none_or(|token| bears(request.headers(), &token)) {
        next.run(request).await
    } else {
        refuse(&Failure::new(Code::Unauthorised, "present the agent's token to ask it"))
    }
}

/// Whether a request presents this token.
pub fn bears(headers: &HeaderMap, token: &str) -> bool {
    let presented = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.strip_prefix("Bearer "));
    presented.is_some_and(|presented| same(token.as_bytes(), presented.as_bytes()))
}

/// Compares without telling by its time how much was right.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |different, (a, b)| different | (a ^ b)) == 0
}

pub(crate) async fn another_method() -> Response {
    let failure = Failure::new(Code::NotOffered, "this address does not take that method; `Allow` names those it takes");
    let mut response = refuse(&failure);
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response
}

async fn nothing_here() -> Response {
    refuse(&Failure::new(Code::NotFound, "the agent has nothing at this address; ask it at /invoke"))
}

async fn invoke(State(core): State<Arc<AgentCore>>, headers: HeaderMap, Given(sent): Given<InvokeRequest>) -> Response {
    let mut request = match wire::request(sent) {
        Ok(request) => request,
        Err(failure) => return refuse(&failure),
    };
    request.trace = trace(&headers);
    let asked = named(&headers);
    let name = asked.as_ref().map_or(request.work.query(), QueryId::as_str);
    let span = telemetry::on(tracing::error_span!("invoke", correlation = name), request.trace.as_ref());
    match core.invoke(request).instrument(span.clone()).await {
        Err(failure) => {
            span.in_scope(|| tracing::info!(code = failure.code.as_str(), "a question was refused"));
            refuse(&failure)
        }
        // Dropping the body, which a client that goes away does, drops the stream and with it the work.
        Ok(events) => {
            let lines = events.map(|event| {
                let mut line = serde_json::to_vec(&wire::line(&event))?;
                line.push(b'\n');
                Ok::<_, serde_json::Error>(Bytes::from(line))
            });
            ([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(lines)).into_response()
        }
    }
}

async fn cancel(State(core): State<Arc<AgentCore>>, headers: HeaderMap, Given(sent): Given<CancelRequest>) -> Response {
    let Ok(work) = WorkId::parse(sent.work_id) else {
        return refuse(&Failure::new(Code::BadMessage, "`workId` is missing or wrong"));
    };
    let asked = named(&headers);
    let name = asked.as_ref().map_or(work.query(), QueryId::as_str);
    let span = telemetry::on(tracing::error_span!("cancel", correlation = name), trace(&headers).as_ref());
    match core.cancel(&work).instrument(span).await {
        Ok(running) => Json(json!({ "running": running })).into_response(),
        Err(failure) => refuse(&failure),
    }
}

async fn end_session(State(core): State<Arc<AgentCore>>, headers: HeaderMap, Given(sent): Given<EndSessionRequest>) -> Response {
    let Ok(session) = SessionId::parse(sent.session_id) else {
        return refuse(&Failure::new(Code::BadMessage, "`sessionId` is missing or wrong"));
    };
    let asked = named(&headers);
    let name = asked.as_ref().map_or(session.as_str(), QueryId::as_str);
    let span = telemetry::on(tracing::error_span!("end_session", correlation = name), trace(&headers).as_ref());
    match core.end_session(&session).instrument(span).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(failure) => refuse(&failure),
    }
}

/// What a request says it is about, in the name of which everything is logged.
fn named(headers: &HeaderMap) -> Option<QueryId> {
    QueryId::parse(headers.get(CORRELATION)?.to_str().ok()?).ok()
}

/// What a request says it follows on.
fn trace(headers: &HeaderMap) -> Option<TraceParent> {
    TraceParent::parse(headers.get(TRACEPARENT)?.to_str().ok()?).ok()
}

async fn health() -> Response {
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") })).into_response()
}

/// Ready means that the library answers; engines are named, so that an operator sees what would be used.
async fn ready(State(core): State<Arc<AgentCore>>) -> Response {
    let asking = core.asking();
    let nobody = synapscribe_domain::LectureId::parse("ready-probe").expect("the probe's name is a valid identifier");
    let engines = json!({
        "recognition": asking.transcriber.card(),
        "answers": asking.tutor.card(),
        "speech": asking.narrator.card(),
        "meaning": asking.embedder.as_ref().map(|e| e.card()),
    });
    match asking.library.lecture(&nobody).await {
        Ok(_) => Json(json!({ "status": "ready", "engines": engines })).into_response(),
        Err(error) => {
            tracing::warn!(%error, "the library does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "not ready", "engines": engines }))).into_response()
        }
    }
}

async fn metrics(State(core): State<Arc<AgentCore>>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], core.metrics().render()).into_response()
}

/// A body of JSON; one that cannot be read is refused as everything else is.
struct Given<T>(T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Given<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let body = match Bytes::from_request(request, state).await {
            Ok(body) => body,
            Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                return Err(refuse(&Failure::new(
                    Code::TooLarge,
                    "the body is larger than 256 KB; send fewer of the last turns",
                )));
            }
            Err(_) => return Err(refuse(&Failure::new(Code::BadMessage, "the body ended early; send it again"))),
        };
        let unread = |why: String| refuse(&Failure::new(Code::BadMessage, format!("the body cannot be read: {why}")));
        reading::read(&body).map(Self).map_err(unread)
    }
}

pub(crate) fn refuse(failure: &Failure) -> Response {
    let status = match failure.code {
        Code::BadMessage => StatusCode::BAD_REQUEST,
        Code::Unauthorised => StatusCode::UNAUTHORIZED,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::Busy => StatusCode::SERVICE_UNAVAILABLE,
        Code::Cancelled => StatusCode::CONFLICT,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let mut response = (status, Json(ErrorBody { error: dto::error(failure) })).into_response();
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    }
    response
}
