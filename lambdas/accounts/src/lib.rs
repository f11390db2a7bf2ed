//! REST over accounts, below `/api/auth`, and what the world may know of our access tokens: decodes, calls one operation, encodes.
//! Holds no logic.

mod arrival;
mod correlation;
mod envelope;
mod openapi;
mod portion;
mod routes;

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware::{from_fn, map_response};
use axum::response::Response;
use axum::routing::{any, delete, get, post};
use synapscribe_usecases::accounts::{Leaving, Reception};

pub use arrival::{Arrival, Called};
pub use envelope::Refusal;
pub use openapi::document;
pub use portion::LARGEST;

use routes::{account, known, sign_in, staff, wellknown};

/// What the routes call; built once.
#[derive(Clone)]
pub struct Context {
    /// Everything about accounts.
    pub reception: Reception,
    /// Taking one's data along, and leaving.
    pub leaving: Leaving,
    /// The most bytes that an answer may hold of what somebody takes along; the rest is asked for after it.
    pub largest: usize,
}

/// The routes. Whoever mounts them attaches an [`Arrival`] to every request.
pub fn router(context: Context) -> Router {
    Router::new()
        .route("/api/auth/register", post(account::register))
        .route("/api/auth/verify-email", get(account::verify_email))
        .route("/api/auth/resend-verification", post(account::resend_verification))
        .route("/api/auth/forgot-password", post(account::forgot_password))
        .route("/api/auth/reset-password", post(account::reset_password))
        .route("/api/auth/login", post(sign_in::login))
        .route("/api/auth/refresh", post(sign_in::refresh))
        .route("/api/auth/logout", post(sign_in::logout))
        .route("/api/auth/me", get(known::me).delete(known::delete_me))
        .route("/api/auth/me/export", get(known::export))
        .route("/api/auth/sessions", get(known::sessions))
        .route("/api/auth/sessions/{id}", delete(known::end_session))
        .route("/api/auth/invitations", get(staff::invitations).post(staff::invite))
        .route("/api/auth/invitations/{id}", delete(staff::revoke_invitation))
        .route("/api/auth/roles", post(staff::appoint))
        .route("/api/auth/audit", get(staff::audit))
        .route("/api/auth/openapi.json", get(openapi::serve))
        .route("/.well-known/jwks.json", get(wellknown::jwks))
        .route("/.well-known/openid-configuration", get(wellknown::configuration))
        .route("/api/auth/{*other}", any(envelope::nothing_here))
        .method_not_allowed_fallback(envelope::another_method)
        .with_state(Arc::new(context))
        .layer(map_response(not_kept))
        .layer(from_fn(correlation::named))
}

/// Tokens and who somebody is are nothing for caches; whoever may be kept says so itself.
async fn not_kept(mut response: Response) -> Response {
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
