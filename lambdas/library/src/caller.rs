//! Who calls, as the gateway's IAM authoriser says it, and in which trace.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use lambda_http::request::RequestContext;
use lambda_http::{Context, RequestExt};
use lambda_library::Caller;
use synapscribe_deployment::traced;
use synapscribe_domain::PersonId;

/// Attaches the caller to a request; one without is refused by whatever needs a caller.
pub async fn named(mut request: Request, next: Next) -> Response {
    if let Some(person) = request.extensions().get::<RequestContext>().and_then(person) {
        request.extensions_mut().insert(Caller(person));
    }
    let Some(Context { request_id, xray_trace_id, .. }) = request.lambda_context_ref().cloned() else {
        return next.run(request).await;
    };
    traced(&request_id, xray_trace_id.as_deref(), next.run(request)).await
}

fn person(context: &RequestContext) -> Option<PersonId> {
    let RequestContext::ApiGatewayV2(context) = context else { return None };
    let identity = context.authorizer.as_ref()?.iam.as_ref()?.cognito_identity.as_ref()?;
    PersonId::parse(identity.identity_id.as_deref()?).ok()
}
