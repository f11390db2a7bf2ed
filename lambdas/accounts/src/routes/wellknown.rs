//! What the world may know of our access tokens, in the forms of RFC 7517 and of OpenID Connect Discovery, which identity pools read.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use synapscribe_domain::Failure;
use synapscribe_protocol::accounts::{JwkDto, JwksDto};

use super::Shared;
use crate::envelope::Refusal;

/// Less than the time between a key's being told and its first signature.
const KEPT: &str = "public, max-age=300";

#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "tokens", description = "The keys to check access tokens with.",
    responses((status = 200, body = JwksDto)))]
pub(crate) async fn jwks(State(context): Shared) -> Result<impl IntoResponse, Refusal> {
    let reception = &context.reception;
    let keys = reception.tokens.public_keys(reception.clock.now()).await.map_err(|fault| {
        tracing::error!(%fault, "the keys of access tokens cannot be told");
        Failure::internal()
    })?;
    let key = |key: synapscribe_ports::accounts::PublicKey| JwkDto {
        kty: "RSA".into(),
        used_for: "sig".into(),
        alg: "RS256".into(),
        kid: key.kid,
        n: URL_SAFE_NO_PAD.encode(key.modulus),
        e: URL_SAFE_NO_PAD.encode(key.exponent),
    };
    Ok(([(header::CACHE_CONTROL, KEPT)], Json(JwksDto { keys: keys.into_iter().map(key).collect() })))
}

#[utoipa::path(get, path = "/.well-known/openid-configuration", tag = "tokens",
    description = "Who makes access tokens and where their keys are.",
    responses((status = 200, body = Value, content_type = "application/json")))]
pub(crate) async fn configuration(State(context): Shared) -> impl IntoResponse {
    let issuer = context.reception.tokens.issuer();
    let document = json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "authorization_endpoint": format!("{issuer}/api/auth/login"),
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    });
    ([(header::CACHE_CONTROL, KEPT)], Json(document))
}
