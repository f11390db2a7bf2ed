//! A line to the emulator on which services refuse now and then, as they do when they are busy: tables throttle, storage slows down
//! or breaks. Whoever tries once more gets through.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::Fault;
use crate::models::listen;
use crate::onward::Onward;

const THROTTLED: &str = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"}"#;
const BUSY: &str = r#"{"__type":"com.amazon.coral.availability#ThrottlingException","message":"Rate exceeded"}"#;
const SLOW_DOWN: &str = "<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>";
const BROKEN: &str = "<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>";

/// The line.
pub struct Interference {
    endpoint: String,
    state: Arc<Passing>,
}

struct Passing {
    onward: Onward,
    every: u64,
    seen: AtomicU64,
    refused: AtomicU64,
}

impl Interference {
    /// Every so many first attempts at a table or at storage are refused.
    pub async fn before(emulator: &str, every: u64) -> Result<Self, Fault> {
        let state =
            Arc::new(Passing { onward: Onward::to(emulator), every, seen: AtomicU64::new(0), refused: AtomicU64::new(0) });
        let endpoint = listen(Router::new().fallback(pass).with_state(Arc::clone(&state))).await?;
        Ok(Self { endpoint, state })
    }

    /// What takes the emulator's place.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// How often something was refused so far.
    pub fn refused(&self) -> u64 {
        self.state.refused.load(Ordering::Relaxed)
    }
}

async fn pass(State(state): State<Arc<Passing>>, request: Request) -> Response {
    let (first, table, storage) = kind(request.headers());
    if first && (table || storage) {
        let seen = state.seen.fetch_add(1, Ordering::Relaxed);
        if seen % state.every == 0 {
            state.refused.fetch_add(1, Ordering::Relaxed);
            let (status, words) = match (table, seen / state.every % 2) {
                (true, 0) => (400, THROTTLED),
                (true, _) => (400, BUSY),
                (false, 0) => (503, SLOW_DOWN),
                (false, _) => (500, BROKEN),
            };
            return (StatusCode::from_u16(status).unwrap_or_default(), words).into_response();
        }
    }
    state.onward.pass(request).await
}

/// Whether a call is a first attempt, at a table or at storage. Only an SDK says which attempt it is; whoever uses a signed address
/// does not.
fn kind(headers: &HeaderMap) -> (bool, bool, bool) {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let storage = header("authorization").contains("/s3/aws4_request");
    (header("amz-sdk-request").contains("attempt=1"), header("x-amz-target").starts_with("DynamoDB"), storage)
}
