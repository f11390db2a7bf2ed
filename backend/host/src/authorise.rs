//! Establishes who calls REST, as the gateway's authorisers do, before a handler sees the request.

use std::net::SocketAddr;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use lambda_accounts::{Arrival, Called};
use lambda_library::{Caller, Peer, Refusal};
use synapscribe_domain::{Code, Failure};
use synapscribe_local::{Door, Entrant, SignatureError, Turned};

use crate::operator::Operator;

/// REST bodies are small; recordings go to object storage.
const BODY: usize = 1024 * 1024;
/// Those about accounts are smaller still.
const FORM: usize = 32 * 1024;

/// Lets known callers through with their name attached.
pub(crate) async fn check(State(door): State<Door>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY).await else {
        return Refusal::from(Failure::new(Code::TooLarge, "the request is larger than 1 MB")).into_response();
    };
    match door.who(&parts.method, &parts.uri, &parts.headers, &body).await {
        Ok(entrant) => {
            parts.extensions.insert(Caller(entrant.person));
            if let Some(ConnectInfo(peer)) = parts.extensions.get::<ConnectInfo<SocketAddr>>().copied() {
                parts.extensions.insert(Peer(peer.ip()));
            }
            next.run(Request::from_parts(parts, Body::from(body))).await
        }
        Err(turned) => Refusal::from(refused(turned)).into_response(),
    }
}

/// Attaches who calls to a request about accounts; whether anybody has to be is each route's own business.
pub(crate) async fn announce(State((door, operator)): State<(Door, Operator)>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, FORM).await else {
        return lambda_accounts::Refusal::from(Failure::new(Code::TooLarge, "the request is larger than 32 KB")).into_response();
    };
    let called = if operator.sent(&parts.headers) {
        Called::Host
    } else if shows_nothing(&parts.uri, &parts.headers) {
        Called::Nobody
    } else {
        match door.who(&parts.method, &parts.uri, &parts.headers, &body).await {
            Ok(Entrant { signed_in: Some(signed_in), .. }) => Called::SignedIn(signed_in),
            Ok(Entrant { person, signed_in: None, .. }) => Called::Guest(person),
            Err(Turned::Signature(SignatureError::Missing)) => Called::Nobody,
            Err(turned) => Called::Refused(refused(turned)),
        }
    };
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    parts.extensions.insert(Arrival { called, peer });
    next.run(Request::from_parts(parts, Body::from(body))).await
}

fn shows_nothing(uri: &Uri, headers: &HeaderMap) -> bool {
    !headers.contains_key(header::AUTHORIZATION) && uri.query().is_none()
}

/// Why somebody was not let in, as a failure.
pub(crate) fn refused(turned: Turned) -> Failure {
    match turned {
        Turned::Signature(error @ SignatureError::Skewed) => {
            Failure::new(Code::Unauthorised, format!("{error}; set the clock of the machine that signs, or sign by the server's"))
        }
        Turned::Signature(error) => Failure::new(Code::Unauthorised, format!("{error}; get fresh credentials and sign again")),
        Turned::Token(failure) => failure,
    }
}
