//! Who calls, as the gateway's IAM authoriser and, where there are accounts, their access token say it, and in which trace.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use lambda_http::request::RequestContext;
use lambda_http::{Context, RequestExt};
use lambda_library::{Caller, Peer, TurnedAway};
use synapscribe_deployment::invocation;
use synapscribe_domain::{Failure, PersonId};
use synapscribe_protocol::headers::ACCESS_TOKEN;
use synapscribe_usecases::accounts::Vouching;

/// Attaches the caller to a request, or why they are not let in; one without is refused by whatever needs a caller.
pub async fn named(State(vouching): State<Option<Vouching>>, mut request: Request, next: Next) -> Response {
    let context = request.extensions().get::<RequestContext>();
    let (person, peer) = (context.and_then(person), context.and_then(peer));
    let lambda = request.lambda_context_ref().cloned();
    if let Some(peer) = peer {
        request.extensions_mut().insert(Peer(peer));
    }
    // Looking at a token is part of the request that it is shown with.
    let work = async {
        if let Some(person) = person {
            let shown = request.headers().get(ACCESS_TOKEN).and_then(|value| value.to_str().ok()).map(str::to_owned);
            match vouched(vouching.as_ref(), &person, shown.as_deref()).await {
                Ok(()) => {
                    request.extensions_mut().insert(Caller(person));
                }
                Err(failure) => {
                    request.extensions_mut().insert(TurnedAway(failure));
                }
            }
        }
        next.run(request).await
    };
    match lambda {
        // Words that come after this do not wait for what was traced up to here; `to_the_end` sends it with the rest.
        Some(Context { request_id, xray_trace_id, .. }) => invocation(&request_id, xray_trace_id.as_deref(), work).await,
        None => work.await,
    }
}

/// Where there are no accounts, a signature says everything.
async fn vouched(vouching: Option<&Vouching>, person: &PersonId, token: Option<&str>) -> Result<(), Failure> {
    match vouching {
        Some(vouching) => vouching.admit(person, token).await.map(drop),
        None => Ok(()),
    }
}

// The gateway that streams is of the older kind, and says the same in other words.

fn peer(context: &RequestContext) -> Option<IpAddr> {
    let address = match context {
        RequestContext::ApiGatewayV2(context) => context.http.source_ip.as_deref(),
        RequestContext::ApiGatewayV1(context) => context.identity.source_ip.as_deref(),
        _ => None,
    };
    address?.parse().ok()
}

fn person(context: &RequestContext) -> Option<PersonId> {
    let identity = match context {
        RequestContext::ApiGatewayV2(context) => {
            let signed = context.authorizer.as_ref()?.iam.as_ref()?;
            signed.cognito_identity.as_ref()?.identity_id.as_deref()
        }
        RequestContext::ApiGatewayV1(context) => context.identity.cognito_identity_id.as_deref(),
        _ => None,
    };
    PersonId::parse(identity?).ok()
}
