//! Who calls: somebody with an access token, a guest whose signature the gateway has looked at, or an operator of the deployment past
//! the gateway. And when they are answered.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use lambda_accounts::{Arrival, Called};
use lambda_http::request::RequestContext;
use lambda_http::{Context, RequestExt, Service};
use synapscribe_deployment::{Desk, traced};
use synapscribe_domain::PersonId;
use tokio::time::Instant;

/// What may lead to a letter is answered no sooner than this, so that the time says nothing of whether it did.
const UNHURRIED: Duration = Duration::from_secs(2);
/// Those requests.
const WITH_LETTERS: [&str; 3] = ["/api/auth/register", "/api/auth/resend-verification", "/api/auth/forgot-password"];
/// A password or a code that is refused is answered no sooner than this: what is written of it takes longer where there is an account.
const REFUSED: Duration = Duration::from_secs(1);
/// Those requests.
const WITH_PROOFS: [&str; 3] = ["/api/auth/login", "/api/auth/reset-password", "/api/auth/verify-email"];
/// What a clock asks for in an operator's place, and no gateway hands on.
const SWEEP: &str = "/sweep";
/// Within what the function is given for a request. What is left is removed the next time.
const SWEEPING: Duration = Duration::from_secs(20);

/// What a clock asked for was not done, or not to its end.
#[derive(Debug, Clone, Copy)]
struct Undone;

/// Answers a request. What a clock asked for and was not done is a failure: Lambda asks for it once more, when a database that slept is
/// awake. An answer, whatever its status, is none to it.
pub async fn answered(mut routes: Router, request: lambda_http::Request) -> Result<Response, &'static str> {
    let Ok(response) = routes.call(request).await;
    if response.extensions().get::<Undone>().is_some() { Err("not all that is over could be removed") } else { Ok(response) }
}

/// Attaches who calls from where, and answers when what follows from the request is done: the process may be frozen then.
pub async fn announced(State(desk): State<Arc<Desk>>, mut request: Request, next: Next) -> Response {
    let gateway = request.extensions().get::<RequestContext>().cloned();
    let peer = gateway.as_ref().and_then(peer);
    let by_operator = gateway.as_ref().is_some_and(is_operator);
    let sweeps = by_operator && request.uri().path() == SWEEP;
    let called = match bearer(request.headers()) {
        Some(token) => match desk.admission.admit(token).await {
            Ok(signed_in) => Called::SignedIn(signed_in),
            Err(failure) => Called::Refused(failure),
        },
        None if by_operator => Called::Host,
        None => gateway.as_ref().and_then(guest).map_or(Called::Nobody, Called::Guest),
    };
    let lambda = request.lambda_context_ref().cloned();
    let unhurried = request.method() == Method::POST && WITH_LETTERS.contains(&request.uri().path());
    let tried = WITH_PROOFS.contains(&request.uri().path());
    request.extensions_mut().insert(Arrival { called, peer });
    let work = async {
        if sweeps {
            let done = desk.reception.sweep_within(SWEEPING).await;
            let status = if done { StatusCode::NO_CONTENT } else { StatusCode::SERVICE_UNAVAILABLE };
            let mut response = status.into_response();
            if !done {
                response.extensions_mut().insert(Undone);
            }
            return response;
        }
        let time = async {
            if unhurried {
                tokio::time::sleep(UNHURRIED).await;
            }
        };
        let begun = Instant::now();
        let (response, ()) = tokio::join!(next.run(request), time);
        desk.reception.errands.done().await;
        if tried && matches!(response.status(), StatusCode::UNAUTHORIZED | StatusCode::BAD_REQUEST) {
            tokio::time::sleep_until(begun + REFUSED).await;
        }
        response
    };
    match lambda {
        Some(Context { request_id, xray_trace_id, .. }) => traced(&request_id, xray_trace_id.as_deref(), work).await,
        None => work.await,
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whether the function was called by itself, which AWS lets operators of the deployment do and nobody else. A gateway names itself in
/// every event that it raises, whatever its callers write, and has no authoriser that would say this.
fn is_operator(context: &RequestContext) -> bool {
    let RequestContext::ApiGatewayV2(context) = context else { return false };
    let said = context.authorizer.as_ref().and_then(|shown| shown.fields.get("operator"));
    said.is_some_and(|said| said == true) && context.apiid.is_none() && context.domain_name.is_none()
}

fn guest(context: &RequestContext) -> Option<PersonId> {
    let RequestContext::ApiGatewayV2(context) = context else { return None };
    let identity = context.authorizer.as_ref()?.iam.as_ref()?.cognito_identity.as_ref()?;
    PersonId::parse(identity.identity_id.as_deref()?).ok()
}

fn peer(context: &RequestContext) -> Option<IpAddr> {
    let RequestContext::ApiGatewayV2(context) = context else { return None };
    context.http.source_ip.as_deref()?.parse().ok()
}
