//! Establishes who calls REST, as the gateway's IAM authoriser does, before a handler sees the request.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use lambda_library::{Caller, Refusal};
use synapscribe_domain::{Code, Failure};
use synapscribe_local::SignatureVerifier;
use synapscribe_ports::Clock;

/// REST bodies are small; recordings go to object storage.
const BODY: usize = 1024 * 1024;

/// What the check needs.
#[derive(Clone)]
pub(crate) struct Gate {
    pub verifier: SignatureVerifier,
    pub clock: Arc<dyn Clock>,
}

/// Lets signed requests through with their caller attached.
pub(crate) async fn check(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY).await else {
        return Refusal(Failure::new(Code::TooLarge, "the request is larger than 1 MB")).into_response();
    };
    match gate.verifier.verify(&parts.method, &parts.uri, &parts.headers, &body, gate.clock.now()) {
        Ok(person) => {
            parts.extensions.insert(Caller(person));
            next.run(Request::from_parts(parts, Body::from(body))).await
        }
        Err(error) => {
            Refusal(Failure::new(Code::Unauthorised, format!("{error}; get fresh credentials and sign again"))).into_response()
        }
    }
}
