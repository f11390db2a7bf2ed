//! The script's accounts: one person, whose sign-in is renewed by numbered tokens, each good once.

use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::{Shared, World};

/// Who makes the tokens.
pub const ISSUER: &str = "accounts.example";
/// Whose things are the account's.
pub const IDENTITY: &str = "eu-west-1:guest-70";

/// One person's account.
#[derive(Default)]
pub struct Accounts {
    /// Every request: its path, who showed what, and its body.
    pub log: Vec<(String, String, Value)>,
    /// The number of the tokens that are good.
    pub number: u32,
    /// Seconds the first access token is good for.
    pub first_seconds: u64,
    /// The server ended the sign-in.
    pub ended: bool,
    /// The access token is not taken until it is renewed.
    pub stale: bool,
    /// The answer to the next renewal is lost on its way.
    pub losing: bool,
    /// It was, so that the token before is answered once more.
    pub lost: bool,
    /// So many further parts of what somebody takes along are refused, since something changed.
    pub changing: u32,
}

/// Whether the identity pool gives credentials for an identity to whoever shows these.
pub fn gives(world: &World, identity: &Value, logins: &Value) -> bool {
    let accounts = world.accounts.lock().unwrap();
    let Some(accounts) = &*accounts else { return logins.is_null() };
    match identity == IDENTITY {
        true => !accounts.ended && logins[ISSUER] == format!("access-{}", accounts.number),
        false => logins.is_null(),
    }
}

/// Answers as `/api/auth` does.
pub async fn answer(
    State(shared): State<Shared>,
    method: Method,
    Path(path): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: String,
) -> Response {
    let mut accounts = shared.world.accounts.lock().unwrap();
    let Some(accounts) = &mut *accounts else { return StatusCode::NOT_FOUND.into_response() };
    let shown = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let body: Value = serde_json::from_str(&body).unwrap_or_default();
    accounts.log.push((format!("{method} {path}"), shown.clone(), body.clone()));
    let good = !accounts.ended && !accounts.stale && shown == format!("Bearer access-{}", accounts.number);
    let person = json!({"accountId": "a", "email": "ada@example.org", "role": "student", "identityId": IDENTITY, "created": 0});
    let done = |data: Value| axum::Json(json!({"success": true, "data": data, "message": "done"})).into_response();
    let refused = |status: StatusCode, code: &str| {
        let details = json!({"retryable": false});
        (status, axum::Json(json!({"success": false, "error": "no", "error_code": code, "details": details}))).into_response()
    };
    let tokens = |number: u32, seconds: u64| {
        json!({"accessToken": format!("access-{number}"), "tokenType": "Bearer", "expiresIn": seconds,
            "refreshToken": format!("refresh-{number}"), "refreshExpires": 9_999_999_999_999_u64, "sessionId": "s-1"})
    };
    match (method.as_str(), path.as_str()) {
        ("POST", "login") if body["password"] == "tide pools at noon" => {
            (accounts.number, accounts.ended) = (accounts.number + 1, false);
            done(json!({"outcome": "signed_in", "tokens": tokens(accounts.number, accounts.first_seconds), "account": person}))
        }
        ("POST", "login") => refused(StatusCode::UNAUTHORIZED, "wrong_credentials"),
        ("POST", "refresh") if !accounts.ended && body["refreshToken"] == format!("refresh-{}", accounts.number) => {
            (accounts.number, accounts.stale) = (accounts.number + 1, false);
            if std::mem::take(&mut accounts.losing) {
                accounts.lost = true;
                let broken = futures::stream::once(async { Err::<Bytes, _>(std::io::Error::other("the line broke")) });
                return Body::from_stream(broken).into_response();
            }
            done(tokens(accounts.number, 900))
        }
        ("POST", "refresh") if accounts.lost && body["refreshToken"] == format!("refresh-{}", accounts.number - 1) => {
            accounts.lost = false;
            done(tokens(accounts.number, 900))
        }
        ("POST", "refresh") => {
            accounts.ended = true;
            refused(StatusCode::UNAUTHORIZED, "signed_out")
        }
        ("POST", "logout") if accounts.ended && body["everywhere"] == true => refused(StatusCode::UNAUTHORIZED, "signed_out"),
        ("POST", "register" | "logout") => done(json!({})),
        ("GET", "me") if good => done(person),
        ("DELETE", "me") if good => done(json!({})),
        ("GET", "invitations") if good => done(json!({"invitations": []})),
        ("GET", "me/export") if good && accounts.changing > 0 && query.as_deref() == Some("from=2-ab") => {
            accounts.changing -= 1;
            refused(StatusCode::CONFLICT, "conflict")
        }
        ("GET", "me/export") if good => done(match query.as_deref() {
            Some("from=0") => json!({"account": person, "lectures": [1, 2], "sessions": [], "next": "2-ab"}),
            // Older servers name a number.
            Some("from=2-ab") => json!({"account": person, "lectures": [3], "sessions": [], "next": 3}),
            Some("from=3") => json!({"account": person, "lectures": [], "sessions": [4]}),
            _ => json!(null),
        }),
        ("GET" | "DELETE", "me") | ("GET", "invitations") => refused(StatusCode::UNAUTHORIZED, "signed_out"),
        _ => refused(StatusCode::NOT_FOUND, "not_found"),
    }
}
