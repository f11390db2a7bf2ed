//! The identity pool: identities are the emulator's, whose credentials are the same for everybody. Here everybody has keys of their
//! own, so that the gateways can tell who signed.

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use synapscribe_domain::PersonId;
use synapscribe_local::Keyring;
use synapscribe_ports::{Clock, SystemClock};

/// Hands a call on, and puts keys into an answer that holds any.
pub(crate) async fn call(emulator: &str, keyring: &Keyring, headers: HeaderMap, body: Bytes) -> Response {
    match answer(emulator, keyring, headers, body).await {
        Ok((status, body)) => (status, [("content-type", "application/x-amz-json-1.1")], body.to_string()).into_response(),
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

async fn answer(emulator: &str, keyring: &Keyring, headers: HeaderMap, body: Bytes) -> Result<(StatusCode, Value), crate::Fault> {
    let mut call = reqwest::Client::new().post(format!("{emulator}/")).body(body);
    for name in ["x-amz-target", "content-type"] {
        if let Some(value) = headers.get(name) {
            call = call.header(name, value);
        }
    }
    let answer = call.send().await?;
    let status = answer.status();
    let mut said: Value = serde_json::from_slice(&answer.bytes().await?)?;
    if said["Credentials"].is_object() {
        let person = PersonId::parse(said["IdentityId"].as_str().unwrap_or_default())?;
        let keys = keyring.issue(&person, SystemClock.now());
        said["Credentials"] = json!({
            "AccessKeyId": keys.access_key_id, "SecretKey": keys.secret_key, "SessionToken": keys.session_token,
            "Expiration": keys.expires.0 / 1000,
        });
    }
    Ok((status, said))
}
