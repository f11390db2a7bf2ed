//! The name of a request: the client's own or a fresh one, lent to every line of the log and said in the answer.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use synapscribe_domain::{QueryId, TraceParent};
use synapscribe_protocol::headers::{CORRELATION, TRACEPARENT};
use synapscribe_telemetry::on;
use tracing::Instrument;

use crate::envelope::about;

/// A request's name.
#[derive(Debug, Clone)]
pub(crate) struct Name(pub String);

/// Handles a request under its name.
pub(crate) async fn named(mut request: Request, next: Next) -> Response {
    let name = given(request.headers()).unwrap_or_else(|| format!("r-{}", uuid::Uuid::now_v7().simple()));
    request.extensions_mut().insert(Name(name.clone()));
    let parent = request.headers().get(TRACEPARENT).and_then(|value| TraceParent::parse(value.to_str().ok()?).ok());
    let span = on(tracing::error_span!("request", correlation = name, method = request.method().as_str()), parent.as_ref());
    let handled = async {
        let response = next.run(request).await;
        if response.status().is_client_error() || response.status().is_server_error() {
            tracing::info!(status = response.status().as_u16(), "a request was refused");
        }
        response
    };
    let mut response = about(handled.instrument(span).await, &name);
    if let Ok(value) = HeaderValue::from_str(&name) {
        response.headers_mut().insert(CORRELATION, value);
    }
    response
}

/// A name from outside is one only if it may be logged and said again.
fn given(headers: &HeaderMap) -> Option<String> {
    QueryId::parse(headers.get(CORRELATION)?.to_str().ok()?).ok().map(String::from)
}
