//! AWS Signature Version 4, from both sides: it checks requests to the REST and WebSocket gateway by signing them again, and
//! presigns addresses of objects. It must not know routes, bodies' meaning or what a person may do.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use hmac::{Hmac, Mac};
use http::{HeaderMap, Method, Uri, header};
use sha2::Sha256;
use synapscribe_domain::account::SignInId;
use synapscribe_domain::{PersonId, Timestamp};
use thiserror::Error;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::credentials::{Caller, CredentialError, Keyring, REGION, ServiceCredentials};

/// The service name that REST and WebSocket requests are signed for.
pub const GATEWAY_SERVICE: &str = "execute-api";

/// How far a signed request's clock may be off.
pub const MAX_SKEW: Duration = Duration::from_secs(300);

/// The longest a presigned address may claim to live.
pub const MAX_PRESIGNED: Duration = Duration::from_secs(3600);

/// Why a request's signature was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SignatureError {
    /// There is no signature.
    #[error("the request is not signed")]
    Missing,
    /// The signature's fields cannot be read.
    #[error("the signature is malformed: {0}")]
    Malformed(&'static str),
    /// It was signed for another service, region or day.
    #[error("the request was signed for another service, region or day")]
    Scope,
    /// The signer's clock is too far from ours.
    #[error("the request's time differs from the server's by more than 5 minutes")]
    Skewed,
    /// The presigned address has expired.
    #[error("the signed address has expired")]
    Expired,
    /// The signature does not match the request.
    #[error("the signature does not match the request")]
    Mismatch,
    /// The key or its token is not accepted.
    #[error(transparent)]
    Credentials(#[from] CredentialError),
}

impl SignatureError {
    /// Whether fresh credentials and a new signature would help, so that a client refreshes and tries once more.
    pub fn is_expiry(&self) -> bool {
        matches!(self, Self::Expired | Self::Credentials(CredentialError::ExpiredToken))
    }
}

/// Who signed a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Whose credentials signed it.
    pub person: PersonId,
    /// The sign-in under which they were handed out; guests have none.
    pub sign_in: Option<SignInId>,
}

/// Checks who signed a request to the gateway.
#[derive(Clone)]
pub struct SignatureVerifier {
    keyring: Arc<Keyring>,
}

impl SignatureVerifier {
    /// A verifier that accepts what this keyring issued.
    pub fn new(keyring: Arc<Keyring>) -> Self {
        Self { keyring }
    }

    /// The person who signed the request, in its `Authorization` header or (as browsers open WebSockets) in its query.
    /// `body` is the whole body as received; a WebSocket upgrade has an empty one.
    pub fn verify(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Signed, SignatureError> {
        let claim = match (headers.get(header::AUTHORIZATION), uri.query().is_some_and(|q| q.contains("X-Amz-Signature="))) {
            (Some(_), true) => return Err(SignatureError::Malformed("it is in the header and in the query")),
            (Some(value), false) => Claim::from_header(value, headers)?,
            (None, true) => Claim::from_query(uri)?,
            (None, false) => return Err(SignatureError::Missing),
        };
        claim.check_time(now)?;
        let secret = self.keyring.secret_of(&claim.access_key_id)?;
        let expected = claim.sign_again(method, uri, headers, body, secret)?;
        if !same(&expected, &claim.signature) {
            return Err(SignatureError::Mismatch);
        }
        match self.keyring.caller(&claim.access_key_id, claim.token.as_deref(), now)? {
            Caller::Person(person) => {
                Ok(Signed { person, sign_in: claim.token.as_deref().and_then(|token| self.keyring.sign_in_of(token)) })
            }
            Caller::Service => Err(CredentialError::UnknownKey.into()),
        }
    }
}

/// An address of the S3 endpoint that the service's own key has signed. `headers` must then be sent exactly as given here.
pub(crate) fn presign_object(
    keys: &ServiceCredentials,
    method: &str,
    base: &str,
    path: &str,
    headers: &[(&str, &str)],
    lifetime: Duration,
    now: SystemTime,
) -> Result<String, SignatureError> {
    let identity: Identity = Credentials::new(&keys.access_key_id, &keys.secret_key, None, None, "host").into();
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(lifetime);
    let address = format!("{}{}", base.trim_end_matches('/'), encode_path(path));
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(REGION)
        .name("s3")
        .time(now)
        .settings(settings)
        .build()
        .map_err(|_| SignatureError::Malformed("the signing parameters are incomplete"))?
        .into();
    let request = SignableRequest::new(method, &address, headers.iter().copied(), SignableBody::UnsignedPayload)
        .map_err(|_| SignatureError::Malformed("the address cannot be signed"))?;
    let (instructions, _) =
        sign(request, &params).map_err(|_| SignatureError::Malformed("the address cannot be signed"))?.into_parts();
    let query: Vec<String> =
        instructions.params().iter().map(|(name, value)| format!("{name}={}", encode(value.as_bytes(), false))).collect();
    Ok(format!("{address}?{}", query.join("&")))
}

/// Percent-encodes everything but unreserved characters and slashes, as S3 signs paths.
pub(crate) fn encode_path(path: &str) -> String {
    encode(path.as_bytes(), true)
}

/// Percent-encodes everything but unreserved characters, and slashes where they are kept.
pub(crate) fn encode(bytes: &[u8], keep_slash: bool) -> String {
    let mut encoded = String::with_capacity(bytes.len());
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) || (byte == b'/' && keep_slash) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// What a request says of its own signature; nothing of it is believed before it was signed again.
struct Claim {
    access_key_id: String,
    signed_headers: Vec<String>,
    signature: String,
    token: Option<String>,
    time: SystemTime,
    lifetime: Option<Duration>,
}

impl Claim {
    fn from_header(value: &http::HeaderValue, headers: &HeaderMap) -> Result<Self, SignatureError> {
        let value = value.to_str().map_err(|_| SignatureError::Malformed("the header is not plain text"))?;
        let fields =
            value.strip_prefix("AWS4-HMAC-SHA256 ").ok_or(SignatureError::Malformed("the scheme must be AWS4-HMAC-SHA256"))?;
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for field in fields.split(',') {
            match field.trim().split_once('=') {
                Some(("Credential", value)) => credential = Some(value),
                Some(("SignedHeaders", value)) => signed_headers = Some(value),
                Some(("Signature", value)) => signature = Some(value),
                _ => return Err(SignatureError::Malformed("the header has an unknown field")),
            }
        }
        let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let date = text("x-amz-date").ok_or(SignatureError::Malformed("the header x-amz-date is missing"))?;
        let claim = Self::new(credential, signed_headers, signature, &date, text("x-amz-security-token"), None)?;
        // Unsigned headers could be swapped by anybody on the way.
        for required in ["x-amz-date", "x-amz-security-token", "x-amz-content-sha256"] {
            if headers.contains_key(required) && !claim.signed_headers.iter().any(|name| name == required) {
                return Err(SignatureError::Malformed("a header of the signature is not signed itself"));
            }
        }
        Ok(claim)
    }

    fn from_query(uri: &Uri) -> Result<Self, SignatureError> {
        let mut fields = SIGNER_FIELDS.map(|name| (name, None::<String>));
        for (name, value) in query_pairs(uri)? {
            if let Some((_, slot)) = fields.iter_mut().find(|(known, _)| *known == name)
                && slot.replace(value).is_some()
            {
                return Err(SignatureError::Malformed("a field is given twice"));
            }
        }
        let [algorithm, credential, date, expires, signed_headers, token, signature] = fields.map(|(_, value)| value);
        if algorithm.as_deref() != Some("AWS4-HMAC-SHA256") {
            return Err(SignatureError::Malformed("the algorithm must be AWS4-HMAC-SHA256"));
        }
        let lifetime = expires
            .and_then(|seconds| seconds.parse().ok())
            .map(Duration::from_secs)
            .filter(|lifetime| !lifetime.is_zero() && *lifetime <= MAX_PRESIGNED)
            .ok_or(SignatureError::Malformed("X-Amz-Expires must be 1 to 3600 seconds"))?;
        let date = date.ok_or(SignatureError::Malformed("X-Amz-Date is missing"))?;
        Self::new(credential.as_deref(), signed_headers.as_deref(), signature.as_deref(), &date, token, Some(lifetime))
    }

    fn new(
        credential: Option<&str>,
        signed_headers: Option<&str>,
        signature: Option<&str>,
        date: &str,
        token: Option<String>,
        lifetime: Option<Duration>,
    ) -> Result<Self, SignatureError> {
        let credential = credential.ok_or(SignatureError::Malformed("the credential is missing"))?;
        let signature = signature.ok_or(SignatureError::Malformed("the signature is missing"))?.to_owned();
        let signed_headers: Vec<String> = signed_headers
            .ok_or(SignatureError::Malformed("the signed headers are missing"))?
            .split(';')
            .map(str::to_ascii_lowercase)
            .collect();
        if !signed_headers.iter().any(|name| name == "host") {
            return Err(SignatureError::Malformed("the host header must be signed"));
        }
        let scope: Vec<&str> = credential.split('/').collect();
        let &[access_key_id, day, region, service, "aws4_request"] = scope.as_slice() else {
            return Err(SignatureError::Malformed("the credential must be KEY/DAY/REGION/SERVICE/aws4_request"));
        };
        let time = parse_date(date)?;
        if region != REGION || service != GATEWAY_SERVICE || !date.starts_with(day) || day.len() != 8 {
            return Err(SignatureError::Scope);
        }
        Ok(Self { access_key_id: access_key_id.to_owned(), signed_headers, signature, token, time, lifetime })
    }

    fn check_time(&self, now: Timestamp) -> Result<(), SignatureError> {
        let now = SystemTime::UNIX_EPOCH + Duration::from_millis(now.0.max(0) as u64);
        let ahead = self.time.duration_since(now).unwrap_or_default();
        let behind = now.duration_since(self.time).unwrap_or_default();
        match self.lifetime {
            _ if ahead > MAX_SKEW => Err(SignatureError::Skewed),
            Some(lifetime) if behind > lifetime => Err(SignatureError::Expired),
            None if behind > MAX_SKEW => Err(SignatureError::Skewed),
            _ => Ok(()),
        }
    }

    fn sign_again(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: &[u8],
        secret: String,
    ) -> Result<String, SignatureError> {
        let identity: Identity = Credentials::new(&self.access_key_id, secret, self.token.clone(), None, "guest").into();
        let mut settings = SigningSettings::default();
        // Exactly the headers that the client says it signed are signed again, so nothing is left out on the signer's account.
        settings.excluded_headers = None;
        if let Some(lifetime) = self.lifetime {
            settings.signature_location = SignatureLocation::QueryParams;
            settings.expires_in = Some(lifetime);
        }
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(REGION)
            .name(GATEWAY_SERVICE)
            .time(self.time)
            .settings(settings)
            .build()
            .map_err(|_| SignatureError::Malformed("the signing parameters are incomplete"))?
            .into();
        let host = host_of(uri, headers)?;
        let mut signed: Vec<(&str, &str)> = Vec::with_capacity(self.signed_headers.len());
        for name in &self.signed_headers {
            if name == "host" {
                signed.push(("host", host));
                continue;
            }
            for value in headers.get_all(name) {
                signed.push((name, value.to_str().map_err(|_| SignatureError::Malformed("a signed header is not plain text"))?));
            }
        }
        let path = if self.lifetime.is_some() {
            path_without_signature(uri)?
        } else {
            uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string)
        };
        let address = format!("http://{host}{path}");
        let request = SignableRequest::new(method.as_str(), address, signed.into_iter(), SignableBody::Bytes(body))
            .map_err(|_| SignatureError::Malformed("the request cannot be signed"))?;
        let output = sign(request, &params).map_err(|_| SignatureError::Malformed("the request cannot be signed"))?;
        Ok(output.signature().to_owned())
    }
}

fn host_of<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Result<&'a str, SignatureError> {
    let host = match headers.get(header::HOST) {
        Some(host) => host.to_str().ok(),
        None => uri.authority().map(http::uri::Authority::as_str),
    };
    // The signer takes the address apart again and insists on a well-formed authority.
    host.filter(|host| host.parse::<http::uri::Authority>().is_ok_and(|a| !a.host().is_empty()))
        .ok_or(SignatureError::Malformed("the host header is missing or malformed"))
}

/// The path and the query without the fields that the signer of an address adds itself.
fn path_without_signature(uri: &Uri) -> Result<String, SignatureError> {
    let mut kept = Vec::new();
    for pair in uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let name = decode(pair.split('=').next().unwrap_or_default())?;
        if !SIGNER_FIELDS.contains(&name.as_str()) {
            kept.push(pair);
        }
    }
    let query = if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
    Ok(format!("{}{query}", uri.path()))
}

const SIGNER_FIELDS: [&str; 7] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
];

/// The decoded pairs of a query.
pub(crate) fn query_pairs(uri: &Uri) -> Result<Vec<(String, String)>, SignatureError> {
    uri.query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(name)?, decode(value)?))
        })
        .collect()
}

/// A name or a value of a query without its encoding.
pub(crate) fn decode(text: &str) -> Result<String, SignatureError> {
    let malformed = SignatureError::Malformed("the query is not well encoded");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().unwrap_or(b'!'), rest.next().unwrap_or(b'!')];
            let mut decoded = [0];
            hex::decode_to_slice(digits, &mut decoded).map_err(|_| malformed.clone())?;
            bytes.push(decoded[0]);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).map_err(|_| malformed)
}

fn parse_date(text: &str) -> Result<SystemTime, SignatureError> {
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    let parsed = PrimitiveDateTime::parse(text, format).map_err(|_| SignatureError::Malformed("the date cannot be read"))?;
    let parsed: OffsetDateTime = parsed.assume_utc();
    if parsed.year() < 2000 {
        return Err(SignatureError::Malformed("the date cannot be read"));
    }
    Ok(parsed.into())
}

/// Compares without telling by its time where two texts differ.
fn same(a: &str, b: &str) -> bool {
    let keyed = |text: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(b"compare").expect("HMAC takes keys of any length");
        mac.update(text.as_bytes());
        mac
    };
    let expected = keyed(a).finalize().into_bytes();
    keyed(b).verify_slice(&expected).is_ok()
}
