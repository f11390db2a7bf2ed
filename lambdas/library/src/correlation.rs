//! The name of a request: the client's own or a fresh one, lent to every line of the log and said in the answer.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use synapscribe_domain::{QueryId, TraceParent};
use synapscribe_protocol::headers::{CORRELATION, TRACEPARENT};
use synapscribe_protocol::rest::ErrorBody;
use synapscribe_telemetry::on;
use tracing::Instrument;

/// No refusal is longer.
const REFUSAL: usize = 64 * 1024;

/// Handles a request under its name.
pub(crate) async fn named(request: Request, next: Next) -> Response {
    let name = given(request.headers()).unwrap_or_else(|| format!("r-{}", uuid::Uuid::now_v7().simple()));
    let parent = request.headers().get(TRACEPARENT).and_then(|value| TraceParent::parse(value.to_str().ok()?).ok());
    let span = on(tracing::error_span!("request", correlation = name, method = request.method().as_str()), parent.as_ref());
    let handled = async {
        let response = next.run(request).await;
        if response.status().is_client_error() || response.status().is_server_error() {
            tracing::info!(status = response.status().as_u16(), "a request was refused");
        }
        response
    };
    let mut response = handled.instrument(span).await;
    if !response.status().is_success() {
        response = about(response, &name).await;
    }
    if let Ok(value) = HeaderValue::from_str(&name) {
        response.headers_mut().insert(CORRELATION, value);
    }
    response
}

/// A name from outside is one only if it may be logged and said again.
fn given(headers: &HeaderMap) -> Option<String> {
    QueryId::parse(headers.get(CORRELATION)?.to_str().ok()?).ok().map(String::from)
}

/// The same refusal, in which the request is named.
async fn about(response: Response, name: &str) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(said) = to_bytes(body, REFUSAL).await else { return Response::from_parts(parts, Body::empty()) };
    let named = serde_json::from_slice::<ErrorBody>(&said).ok().and_then(|body| {
        let error = body.error.about(name);
        serde_json::to_vec(&ErrorBody { error }).ok()
    });
    let said = match named {
        Some(named) => {
            parts.headers.remove(header::CONTENT_LENGTH);
            named.into()
        }
        None => said,
    };
    Response::from_parts(parts, Body::from(said))
}
