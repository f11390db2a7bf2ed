//! Who calls, as the gateway's IAM authoriser says it, and in which trace.

use std::net::IpAddr;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use lambda_http::request::RequestContext;
use lambda_http::{Context, RequestExt};
use lambda_library::{Caller, Peer};
use synapscribe_deployment::traced;
use synapscribe_domain::PersonId;

/// Attaches the caller to a request; one without is refused by whatever needs a caller.
pub async fn named(mut request: Request, next: Next) -> Response {
    let context = request.extensions().get::<RequestContext>();
    let (person, peer) = (context.and_then(person), context.and_then(peer));
    if let Some(person) = person {
        request.extensions_mut().insert(Caller(person));
    }
    if let Some(peer) = peer {
        request.extensions_mut().insert(Peer(peer));
    }
    let Some(Context { request_id, xray_trace_id, .. }) = request.lambda_context_ref().cloned() else {
        return next.run(request).await;
    };
    traced(&request_id, xray_trace_id.as_deref(), next.run(request)).await
}

fn peer(context: &RequestContext) -> Option<IpAddr> {
    let RequestContext::ApiGatewayV2(context) = context else { return None };
    context.http.source_ip.as_deref()?.parse().ok()
}

fn person(context: &RequestContext) -> Option<PersonId> {
    let RequestContext::ApiGatewayV2(context) = context else { return None };
    let identity = context.authorizer.as_ref()?.iam.as_ref()?.cognito_identity.as_ref()?;
    PersonId::parse(identity.identity_id.as_deref()?).ok()
}
