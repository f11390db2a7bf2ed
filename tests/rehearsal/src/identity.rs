//! The identity pool: identities are the emulator's, whose credentials are the same for everybody. Here everybody has keys of their
//! own, so that the gateways can tell who signed; and whoever shows a login has to show one that its provider made.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::SignatureScheme;
use serde_json::{Value, json};
use synapscribe_domain::PersonId;
use synapscribe_local::Keyring;
use synapscribe_ports::{Clock, SystemClock};

use crate::Fault;

/// The provider whose logins the pool believes: which of its people each identity belongs to.
#[derive(Default)]
pub(crate) struct Provider(Mutex<HashMap<String, String>>);

impl Provider {
    /// Whether an identity is given to whoever shows these logins. The first who comes with a login keeps the identity.
    async fn gives(&self, identity: &str, logins: &Value) -> Result<bool, Fault> {
        let subject = match logins.as_object().and_then(|logins| logins.iter().next()) {
            Some((provider, token)) => Some(subject(provider, token.as_str().unwrap_or_default()).await?),
            None => None,
        };
        let mut linked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(match (linked.get(identity).cloned(), subject) {
            (None, None) => true,
            (Some(_), None) => false,
            (Some(owner), Some(subject)) => owner == subject,
            (None, Some(subject)) if linked.values().any(|other| *other == subject) => false,
            (None, Some(subject)) => linked.insert(identity.to_owned(), subject).is_none(),
        })
    }
}

/// Whom a token names, if the provider's own keys say that it made it.
async fn subject(provider: &str, token: &str) -> Result<String, Fault> {
    let read = |part: &str| Ok::<Value, Fault>(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part)?)?);
    let (signed, signature) = token.rsplit_once('.').ok_or("this is no token")?;
    let (head, claims) = signed.split_once('.').ok_or("this is no token")?;
    let (head, claims) = (read(head)?, read(claims)?);
    let known: Value = reqwest::get(format!("http://{provider}/.well-known/openid-configuration")).await?.json().await?;
    let keys: Value = reqwest::get(known["jwks_uri"].as_str().unwrap_or_default()).await?.json().await?;
    let mut keys = keys["keys"].as_array().into_iter().flatten();
    let key = keys.find(|key| key["kid"] == head["kid"]).ok_or("no key of the provider has this name")?;
    let number = |name: &str| Ok::<Vec<u8>, Fault>(integer(&URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap_or_default())?));
    let public = tagged(0x30, &[number("n")?, number("e")?].concat());
    let algorithms = rustls::crypto::ring::default_provider().signature_verification_algorithms;
    let rs256 = algorithms.mapping.iter().find(|(scheme, _)| *scheme == SignatureScheme::RSA_PKCS1_SHA256);
    let (_, rs256) = rs256.ok_or("RS256 is not known")?;
    let signature = URL_SAFE_NO_PAD.decode(signature)?;
    rs256[0].verify_signature(&public, signed.as_bytes(), &signature).map_err(|_| "the signature is another's")?;
    let now = SystemClock.now().0 / 1000;
    let in_time = claims["exp"].as_i64().is_some_and(|end| end > now);
    let ours = known["issuer"] == claims["iss"] && claims["aud"] == "synapscribe" && in_time;
    ours.then(|| claims["sub"].as_str().unwrap_or_default().to_owned()).ok_or_else(|| "the token is for others".into())
}

/// An integer by the rules of ASN.1.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len().saturating_sub(1));
    let sign = (bytes[first] >= 0x80).then_some(0);
    tagged(0x02, &sign.into_iter().chain(bytes[first..].iter().copied()).collect::<Vec<u8>>())
}

fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = match content.len() {
        short @ 0..128 => vec![short as u8],
        long => vec![0x82, (long >> 8) as u8, long as u8],
    };
    [&[tag][..], &length, content].concat()
}

/// Hands a call on, and puts keys into an answer that holds any.
pub(crate) async fn call(emulator: &str, keyring: &Keyring, provider: &Provider, headers: HeaderMap, body: Bytes) -> Response {
    match answer(emulator, keyring, provider, headers, body).await {
        Ok((status, body)) => (status, [("content-type", "application/x-amz-json-1.1")], body.to_string()).into_response(),
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

async fn answer(
    emulator: &str,
    keyring: &Keyring,
    provider: &Provider,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Value), Fault> {
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
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
        let identity = said["IdentityId"].as_str().unwrap_or_default();
        if !provider.gives(identity, &asked["Logins"]).await.unwrap_or(false) {
            let refused = json!({ "__type": "NotAuthorizedException", "message": "Access to Identity is forbidden." });
            return Ok((StatusCode::BAD_REQUEST, refused));
        }
        let person = PersonId::parse(identity)?;
        let keys = keyring.issue(&person, SystemClock.now());
        said["Credentials"] = json!({
            "AccessKeyId": keys.access_key_id, "SecretKey": keys.secret_key, "SessionToken": keys.session_token,
            "Expiration": keys.expires.0 / 1000,
        });
    }
    Ok((status, said))
}
