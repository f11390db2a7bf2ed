//! The Cognito identity endpoint: `GetId` and `GetCredentialsForIdentity` in the JSON 1.1 protocol of the real service, for
//! guests and for people with accounts, who show an access token as their login. It issues what the keyring makes and must not know what the credentials open.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::Deserialize;
use serde_json::{Value, json};
use synapscribe_domain::{Code, PersonId, Timestamp};
use synapscribe_ports::Clock;
use synapscribe_ports::accounts::{Admission, SignedIn};
use uuid::Uuid;

use crate::credentials::Keyring;

/// How many new identities one address may ask for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GuestRate {
    /// So many at once.
    pub burst: u32,
    /// So many more every second.
    pub per_second: f64,
}

impl Default for GuestRate {
    fn default() -> Self {
        // A whole lecture hall may share one address.
        Self { burst: 1_000, per_second: 20.0 }
    }
}

/// Answers the two calls that make a guest.
#[derive(Clone)]
pub struct IdentityEndpoint {
    inner: Arc<Inner>,
}

struct Inner {
    keyring: Arc<Keyring>,
    pool: String,
    clock: Arc<dyn Clock>,
    rate: GuestRate,
    admission: Option<Arc<dyn Admission>>,
    buckets: Mutex<HashMap<IpAddr, Bucket>>,
}

#[derive(Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Timestamp,
}

/// Addresses remembered at most; beyond that, those that are full again are forgotten.
const MAX_BUCKETS: usize = 10_000;

/// The largest request the real service's two calls could need, with room.
const MAX_BODY: usize = 64 * 1024;

const TARGET: &str = "AWSCognitoIdentityService.";
const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

impl IdentityEndpoint {
    /// An endpoint over a keyring, for guests.
    pub fn new(keyring: Arc<Keyring>, clock: Arc<dyn Clock>, rate: GuestRate) -> Self {
        Self::over(keyring, clock, rate, None)
    }

    /// An endpoint for people with accounts too.
    pub fn federating(keyring: Arc<Keyring>, clock: Arc<dyn Clock>, rate: GuestRate, admission: Arc<dyn Admission>) -> Self {
        Self::over(keyring, clock, rate, Some(admission))
    }

    fn over(keyring: Arc<Keyring>, clock: Arc<dyn Clock>, rate: GuestRate, admission: Option<Arc<dyn Admission>>) -> Self {
        let pool = keyring.identity_pool();
        Self { inner: Arc::new(Inner { keyring, pool, clock, rate, admission, buckets: Mutex::default() }) }
    }

    /// The identity pool that clients must name.
    pub fn pool(&self) -> &str {
        &self.inner.pool
    }

    /// Serves `POST /`, where the SDKs send every call; other methods on `/` are left to whoever merges this router.
    pub fn router(&self) -> Router {
        let endpoint = self.clone();
        let answer = move |extensions: Extensions, headers: HeaderMap, body: Body| async move {
            // Without the peer's address (a test, a socket of another kind) all callers share one allowance.
            let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
            let body = axum::body::to_bytes(body, MAX_BODY).await;
            match body {
                Ok(body) => endpoint.answer(peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)), &headers, &body).await,
                Err(_) => Refusal::Validation("the request is larger than 64 KB".into()).into_response(),
            }
        };
        Router::new().route("/", post(answer))
    }

    /// Answers one call, named by its headers, of whoever calls from this address.
    pub async fn answer(&self, peer: IpAddr, headers: &HeaderMap, body: &Bytes) -> Response {
        let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let answer = match target.strip_prefix(TARGET) {
            Some("GetId") => self.get_id(peer, body).await,
            Some("GetCredentialsForIdentity") => self.get_credentials(body).await,
            _ => Err(Refusal::UnknownOperation),
        };
        match answer {
            Ok(value) => reply(StatusCode::OK, None, &value),
            Err(refusal) => refusal.into_response(),
        }
    }

    async fn get_id(&self, peer: IpAddr, body: &Bytes) -> Result<Value, Refusal> {
        let request: GetId = parse(body)?;
        let signed_in = self.signed_in(&request.logins).await?;
        let pool = request.identity_pool_id.ok_or_else(|| Refusal::missing("identityPoolId"))?;
        if pool != self.inner.pool {
            return Err(Refusal::NotFound(format!("IdentityPool '{}' not found.", clip(&pool))));
        }
        if let Some(signed_in) = signed_in {
            return Ok(json!({ "IdentityId": signed_in.claims.person.as_str() }));
        }
        if !self.inner.allow(peer) {
            return Err(Refusal::TooMany);
        }
        Ok(json!({ "IdentityId": self.inner.keyring.fresh_identity().as_str() }))
    }

    async fn get_credentials(&self, body: &Bytes) -> Result<Value, Refusal> {
        let request: GetCredentials = parse(body)?;
        let signed_in = self.signed_in(&request.logins).await?;
        let identity = request.identity_id.ok_or_else(|| Refusal::missing("identityId"))?;
        let person = self
            .inner
            .keyring
            .known_identity(&identity)
            .ok_or_else(|| Refusal::NotFound(format!("Identity '{}' not found.", clip(&identity))))?;
        match &signed_in {
            Some(signed_in) if signed_in.claims.person != person => {
                return Err(Refusal::NotAuthorized(
                    "Logins don't match. Please include at least one valid login for this identity.",
                ));
            }
            None if self.inner.is_accounts(&person).await? => {
                return Err(Refusal::NotAuthorized("Access to this Identity is forbidden; sign in."));
            }
            _ => {}
        }
        let sign_in = signed_in.as_ref().map(|signed_in| &signed_in.claims.sign_in);
        let issued = self.inner.keyring.issue_under(&person, sign_in, self.inner.clock.now());
        Ok(json!({
            "IdentityId": person.as_str(),
            "Credentials": {
                "AccessKeyId": issued.access_key_id,
                "SecretKey": issued.secret_key,
                "SessionToken": issued.session_token,
                "Expiration": issued.expires.0 as f64 / 1000.0,
            },
        }))
    }
}

impl IdentityEndpoint {
    /// Whom the logins show; without any it is a guest.
    async fn signed_in(&self, logins: &Logins) -> Result<Option<SignedIn>, Refusal> {
        let logins = match &logins.0 {
            Some(logins) if !logins.is_empty() => logins,
            _ => return Ok(None),
        };
        let foreign = Refusal::NotAuthorized("Token is not from a supported provider.");
        let Some(admission) = &self.inner.admission else { return Err(foreign) };
        // As in the real service, a provider is named without its scheme; with it, it is understood as well.
        let issuer = admission.issuer();
        let ours = |name: &str| name == issuer || issuer.split_once("://").is_some_and(|(_, bare)| bare == name);
        match logins.iter().collect::<Vec<_>>().as_slice() {
            [(name, Value::String(token))] if ours(name) => match admission.admit(token).await {
                Ok(signed_in) => Ok(Some(signed_in)),
                Err(failure) if failure.code == Code::Internal => Err(Refusal::Internal),
                Err(_) => Err(Refusal::NotAuthorized("Invalid login token. Token expired or its sign-in has ended.")),
            },
            _ => Err(foreign),
        }
    }
}

impl Inner {
    /// Whether only the access tokens of an account may speak for this identity.
    async fn is_accounts(&self, person: &PersonId) -> Result<bool, Refusal> {
        match &self.admission {
            Some(admission) => admission.is_accounts(person).await.map_err(|_| Refusal::Internal),
            None => Ok(false),
        }
    }

    fn allow(&self, peer: IpAddr) -> bool {
        let (now, burst) = (self.clock.now(), f64::from(self.rate.burst));
        let refilled = |bucket: &Bucket| {
            let seconds = (now.0 - bucket.at.0).max(0) as f64 / 1000.0;
            (bucket.tokens + seconds * self.rate.per_second).min(burst)
        };
        let mut buckets = self.buckets.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if buckets.len() >= MAX_BUCKETS {
            buckets.retain(|_, bucket| refilled(bucket) < burst);
        }
        let tokens = buckets.get(&peer).map_or(burst, refilled);
        let allowed = tokens >= 1.0;
        if allowed || buckets.contains_key(&peer) {
            buckets.insert(peer, Bucket { tokens: if allowed { tokens - 1.0 } else { tokens }, at: now });
        }
        allowed
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetId {
    identity_pool_id: Option<String>,
    #[serde(default)]
    logins: Logins,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetCredentials {
    identity_id: Option<String>,
    #[serde(default)]
    logins: Logins,
}

/// Tokens of identity providers, by their names.
#[derive(Deserialize, Default)]
struct Logins(Option<HashMap<String, Value>>);

fn parse<'a, T: Deserialize<'a>>(body: &'a Bytes) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::Serialization)
}

/// Errors with the names that the real service gives them, which SDKs turn into types.
enum Refusal {
    UnknownOperation,
    Serialization,
    Validation(String),
    NotFound(String),
    NotAuthorized(&'static str),
    Internal,
    TooMany,
}

impl Refusal {
    fn missing(field: &str) -> Self {
        Self::Validation(format!(
            "1 validation error detected: Value null at '{field}' failed to satisfy constraint: Member must not be null"
        ))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, name, message): (_, _, String) = match self {
            Self::UnknownOperation => (
                StatusCode::BAD_REQUEST,
                "UnknownOperationException",
                "The header X-Amz-Target names no operation of this endpoint; GetId and GetCredentialsForIdentity are offered."
                    .into(),
            ),
            Self::Serialization => (
                StatusCode::BAD_REQUEST,
                "SerializationException",
                "The body is not a JSON object with the fields of this operation, each of its own kind.".into(),
            ),
            Self::Validation(message) => (StatusCode::BAD_REQUEST, "ValidationException", message),
            Self::NotFound(message) => (StatusCode::BAD_REQUEST, "ResourceNotFoundException", message),
            Self::NotAuthorized(message) => (StatusCode::BAD_REQUEST, "NotAuthorizedException", message.into()),
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "InternalErrorException",
                "Something went wrong on the server; try again in a moment.".into(),
            ),
            Self::TooMany => (
                StatusCode::TOO_MANY_REQUESTS,
                "TooManyRequestsException",
                "Too many new guests from one address; wait a little and try again.".into(),
            ),
        };
        reply(status, Some(name), &json!({ "__type": name, "message": message }))
    }
}

fn reply(status: StatusCode, error: Option<&'static str>, body: &Value) -> Response {
    let headers = [
        ("content-type", CONTENT_TYPE.to_owned()),
        ("x-amzn-requestid", Uuid::new_v4().to_string()),
        ("cache-control", "no-store".into()),
    ];
    let mut response = (status, headers, body.to_string()).into_response();
    if let Some(name) = error {
        response.headers_mut().insert("x-amzn-errortype", http::HeaderValue::from_static(name));
    }
    response
}

/// What callers send comes back in messages only so far.
fn clip(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    #[derive(Default)]
    struct HandClock(AtomicI64);

    impl Clock for HandClock {
        fn now(&self) -> Timestamp {
            Timestamp(self.0.load(Ordering::Relaxed))
        }
    }

    /// The status, and the name of an error, which comes with a sentence.
    async fn call(endpoint: &IdentityEndpoint, peer: [u8; 4], target: &str, body: &str) -> (StatusCode, String) {
        let mut headers = HeaderMap::new();
        headers.insert("x-amz-target", target.parse().unwrap());
        let response = endpoint.answer(peer.into(), &headers, &Bytes::copy_from_slice(body.as_bytes())).await;
        let error = response.headers().get("x-amzn-errortype").map_or("", |v| v.to_str().unwrap()).to_owned();
        let status = response.status();
        if !status.is_success() {
            let said = axum::body::to_bytes(response.into_body(), MAX_BODY).await.unwrap();
            let said: Value = serde_json::from_slice(&said).unwrap();
            assert_eq!(said["__type"], error.as_str());
            assert!(said["message"].as_str().is_some_and(|message| message.len() > 20), "{target} {body}: {said}");
        }
        (status, error)
    }

    #[tokio::test]
    async fn bad_calls_get_the_names_of_the_real_service() {
        let endpoint =
            IdentityEndpoint::new(Arc::new(Keyring::new([1; 32])), Arc::new(HandClock::default()), GuestRate::default());
        let pool = endpoint.pool().to_owned();
        let cases = [
            ("", "{}".to_owned(), "UnknownOperationException"),
            ("AWSCognitoIdentityService.DeleteIdentities", "{}".to_owned(), "UnknownOperationException"),
            ("AWSCognitoIdentityService.GetId", "not json".to_owned(), "SerializationException"),
            ("AWSCognitoIdentityService.GetId", "{}".to_owned(), "ValidationException"),
            ("AWSCognitoIdentityService.GetId", r#"{"IdentityPoolId":"us-east-1:x"}"#.to_owned(), "ResourceNotFoundException"),
            (
                "AWSCognitoIdentityService.GetId",
                format!(r#"{{"IdentityPoolId":"{pool}","Logins":{{"a":"b"}}}}"#),
                "NotAuthorizedException",
            ),
            ("AWSCognitoIdentityService.GetCredentialsForIdentity", "{}".to_owned(), "ValidationException"),
            (
                "AWSCognitoIdentityService.GetCredentialsForIdentity",
                r#"{"IdentityId":"us-east-1:00000000-0000-4000-8000-000000000000"}"#.to_owned(),
                "ResourceNotFoundException",
            ),
        ];
        for (target, body, expected) in cases {
            let (status, error) = call(&endpoint, [127, 0, 0, 1], target, &body).await;
            assert_eq!((status, error.as_str()), (StatusCode::BAD_REQUEST, expected), "{target} {body}");
        }
    }

    #[tokio::test]
    async fn one_address_cannot_make_guests_without_end() {
        let clock = Arc::new(HandClock::default());
        let rate = GuestRate { burst: 2, per_second: 1.0 };
        let endpoint = IdentityEndpoint::new(Arc::new(Keyring::new([1; 32])), Arc::clone(&clock) as Arc<dyn Clock>, rate);
        let body = format!(r#"{{"IdentityPoolId":"{}"}}"#, endpoint.pool());
        let ask = async |peer| call(&endpoint, peer, "AWSCognitoIdentityService.GetId", &body).await.0;
        assert_eq!([ask([1; 4]).await, ask([1; 4]).await], [StatusCode::OK; 2]);
        assert_eq!(ask([1; 4]).await, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(ask([2; 4]).await, StatusCode::OK);
        clock.0.store(1_000, Ordering::Relaxed);
        assert_eq!(ask([1; 4]).await, StatusCode::OK);
        assert_eq!(ask([1; 4]).await, StatusCode::TOO_MANY_REQUESTS);
    }
}
