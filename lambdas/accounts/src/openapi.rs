//! The routes as an OpenAPI document, made from the routes themselves.

use axum::Json;
use axum::response::IntoResponse;
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::routes::{account, known, sign_in, staff, wellknown};

#[derive(OpenApi)]
#[openapi(
    info(title = "SynapScribe accounts", description = "Accounts, sign-ins, invitations, roles and the record of security events."),
    paths(
        account::register, account::verify_email, account::resend_verification, account::forgot_password, account::reset_password,
        sign_in::login, sign_in::refresh, sign_in::logout, known::me, known::delete_me, known::export, known::sessions,
        known::end_session, staff::invite, staff::invitations, staff::revoke_invitation, staff::appoint, staff::audit,
        wellknown::jwks, wellknown::configuration,
    ),
    modifiers(&Tokens)
)]
struct Api;

struct Tokens;

impl Modify for Tokens {
    fn modify(&self, document: &mut Document) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        document.components.get_or_insert_default().add_security_scheme("access_token", SecurityScheme::Http(bearer));
    }
}

/// The document.
pub fn document() -> Document {
    Api::openapi()
}

/// `GET /api/auth/openapi.json`.
pub(crate) async fn serve() -> impl IntoResponse {
    Json(document())
}
