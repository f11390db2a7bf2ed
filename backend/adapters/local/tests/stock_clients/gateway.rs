//! Requests to the REST and WebSocket gateway, signed by the SDK's own signer.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4;
use axum::http::{HeaderMap, Method, Request, Uri};
use synapscribe_domain::{PersonId, Timestamp};
use synapscribe_local::{CredentialError, Keyring, SignatureError, SignatureVerifier};

const NOW: Timestamp = Timestamp(1_790_000_000_000);

struct Bench {
    keyring: Arc<Keyring>,
    person: PersonId,
    credentials: Credentials,
}

/// What somebody on the way does to a request.
type Change = fn(&mut Request<&'static [u8]>);

/// What a signer is told; tests change one field at a time.
#[derive(Clone)]
struct Signing {
    service: &'static str,
    region: &'static str,
    at: Timestamp,
    presigned: Option<u64>,
}

const HEADER: Signing = Signing { service: "execute-api", region: "us-east-1", at: NOW, presigned: None };
const QUERY: Signing = Signing { presigned: Some(300), ..HEADER };

impl Bench {
    fn new() -> Self {
        let keyring = Arc::new(Keyring::new([3; 32]));
        let person = keyring.fresh_identity();
        let issued = keyring.issue(&person, NOW);
        let credentials = Credentials::new(issued.access_key_id, issued.secret_key, Some(issued.session_token), None, "test");
        Self { keyring, person, credentials }
    }

    fn signed(
        &self,
        credentials: &Credentials,
        signing: &Signing,
        method: &str,
        path: &str,
        body: &'static [u8],
    ) -> Request<&'static [u8]> {
        let identity = credentials.clone().into();
        let mut settings = SigningSettings::default();
        if let Some(seconds) = signing.presigned {
            settings.signature_location = SignatureLocation::QueryParams;
            settings.expires_in = Some(Duration::from_secs(seconds));
        }
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(signing.at.0 as u64);
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(signing.region)
            .name(signing.service)
            .time(at)
            .settings(settings)
            .build()
            .unwrap()
            .into();
        let address = format!("http://127.0.0.1:4000{path}");
        let mut request =
            Request::builder().method(method).uri(&address).header("content-type", "application/json").body(body).unwrap();
        let headers = [("content-type", "application/json")].into_iter();
        let headers = headers.filter(|_| signing.presigned.is_none());
        let signable = SignableRequest::new(method, &address, headers, SignableBody::Bytes(body)).unwrap();
        sign(signable, &params).unwrap().into_parts().0.apply_to_request_http1x(&mut request);
        // On the wire the host is a header and the target only a path.
        request.headers_mut().insert("host", "127.0.0.1:4000".parse().unwrap());
        *request.uri_mut() = request.uri().path_and_query().unwrap().as_str().parse().unwrap();
        request
    }

    fn check(&self, request: &Request<&'static [u8]>, now: Timestamp) -> Result<PersonId, SignatureError> {
        SignatureVerifier::new(Arc::clone(&self.keyring))
            .verify(request.method(), request.uri(), request.headers(), request.body(), now)
            .map(|signed| signed.person)
    }
}

#[test]
fn a_signed_request_names_its_person() {
    let bench = Bench::new();
    let requests: [(&str, &str, &'static [u8]); 5] = [
        ("GET", "/api/lectures", b""),
        ("GET", "/api/lectures?after=10&q=chain%20rule%20%C3%BC&flag", b""),
        ("POST", "/api/lectures", br#"{"title":"x"}"#),
        ("GET", "/api/lectures/us-east-1%3Aab/Week%203", b""),
        ("GET", "/", b""),
    ];
    for signing in [HEADER, QUERY] {
        for (method, path, body) in requests {
            if signing.presigned.is_some() && !body.is_empty() {
                continue;
            }
            let request = bench.signed(&bench.credentials, &signing, method, path, body);
            assert_eq!(bench.check(&request, NOW), Ok(bench.person.clone()), "{method} {path}");
        }
    }
}

#[test]
fn whatever_is_changed_on_the_way_breaks_the_signature() {
    let bench = Bench::new();
    for signing in [HEADER, QUERY] {
        let good = || bench.signed(&bench.credentials, &signing, "GET", "/api/lectures?after=10", b"");
        let changes: [(&str, Change); 4] = [
            ("method", |request| *request.method_mut() = Method::DELETE),
            ("path", |request| {
                let changed = request.uri().to_string().replace("lectures", "sessions");
                *request.uri_mut() = changed.parse().unwrap();
            }),
            ("query", |request| {
                let changed = request.uri().to_string().replace("after=10", "after=11");
                *request.uri_mut() = changed.parse().unwrap();
            }),
            ("body", |request| *request.body_mut() = b"more"),
        ];
        for (what, change) in changes {
            let mut request = good();
            change(&mut request);
            assert_eq!(bench.check(&request, NOW), Err(SignatureError::Mismatch), "{what} {:?}", signing.presigned);
        }
        let mut elsewhere = good();
        elsewhere.headers_mut().insert("host", "evil.example".parse().unwrap());
        assert_eq!(bench.check(&elsewhere, NOW), Err(SignatureError::Mismatch));
    }
    let mut request = bench.signed(&bench.credentials, &HEADER, "POST", "/api/x", b"{}");
    request.headers_mut().insert("content-type", "text/plain".parse().unwrap());
    assert_eq!(bench.check(&request, NOW), Err(SignatureError::Mismatch), "a signed header");
}

#[test]
fn time_scope_and_keys_must_fit() {
    let bench = Bench::new();
    let later = |seconds: i64| Timestamp(NOW.0 + seconds * 1000);
    let check = |signing: Signing, now| bench.check(&bench.signed(&bench.credentials, &signing, "GET", "/x", b""), now);
    let fine = Ok(bench.person.clone());
    assert_eq!(check(HEADER, later(299)), fine);
    assert_eq!(check(HEADER, later(301)), Err(SignatureError::Skewed));
    assert_eq!(check(HEADER, later(-301)), Err(SignatureError::Skewed));
    assert_eq!(check(QUERY, later(300)), fine);
    assert_eq!(check(QUERY, later(301)), Err(SignatureError::Expired));
    assert_eq!(check(QUERY, later(-301)), Err(SignatureError::Skewed));
    let long = Signing { presigned: Some(3601), ..QUERY };
    assert!(matches!(check(long, NOW), Err(SignatureError::Malformed(_))));
    assert_eq!(check(Signing { service: "s3", ..HEADER }, NOW), Err(SignatureError::Scope));
    assert_eq!(check(Signing { region: "eu-west-1", ..QUERY }, NOW), Err(SignatureError::Scope));
    // The token ends after an hour, whenever the request was signed.
    let late = Signing { at: later(3600), ..HEADER };
    let expired = check(late, later(3600)).unwrap_err();
    assert_eq!(expired, SignatureError::Credentials(CredentialError::ExpiredToken));
    assert!(expired.is_expiry());
}

#[test]
fn forged_and_foreign_credentials_are_told_apart() {
    let bench = Bench::new();
    let other = bench.keyring.issue(&bench.keyring.fresh_identity(), NOW);
    let mine = &bench.credentials;
    let service = bench.keyring.service();
    let with = |id: &str, secret: &str, token: Option<&str>| Credentials::new(id, secret, token.map(str::to_owned), None, "test");
    let cases = [
        (with(mine.access_key_id(), "wrong", mine.session_token()), SignatureError::Mismatch),
        (with(mine.access_key_id(), mine.secret_access_key(), Some(&other.session_token)), CredentialError::ForgedToken.into()),
        (with(mine.access_key_id(), mine.secret_access_key(), None), CredentialError::MissingToken.into()),
        (with("AKIAIOSFODNN7EXAMPLE", mine.secret_access_key(), None), CredentialError::UnknownKey.into()),
        (with(&service.access_key_id, &service.secret_key, None), CredentialError::UnknownKey.into()),
    ];
    for signing in [HEADER, QUERY] {
        for (credentials, expected) in &cases {
            let request = bench.signed(credentials, &signing, "GET", "/x", b"");
            assert_eq!(bench.check(&request, NOW), Err(expected.clone()));
        }
    }
}

#[test]
fn what_cannot_be_read_is_refused_and_never_panics() {
    let bench = Bench::new();
    let verifier = SignatureVerifier::new(Arc::clone(&bench.keyring));
    let check = |uri: &str, headers: &[(&'static str, &str)]| {
        let headers: HeaderMap = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        verifier.verify(&Method::GET, &uri.parse::<Uri>().unwrap(), &headers, b"", NOW)
    };
    assert_eq!(check("/x", &[]), Err(SignatureError::Missing));
    let good = bench.signed(&bench.credentials, &HEADER, "GET", "/x", b"");
    let authorization = good.headers()["authorization"].to_str().unwrap();
    let date = good.headers()["x-amz-date"].to_str().unwrap();
    let token = good.headers()["x-amz-security-token"].to_str().unwrap();
    let cases: Vec<Vec<(&str, &str)>> = vec![
        vec![("authorization", "Bearer x")],
        vec![("authorization", "AWS4-HMAC-SHA256 ")],
        vec![("authorization", "AWS4-HMAC-SHA256 Credential=,SignedHeaders=,Signature=")],
        vec![("authorization", authorization), ("host", "127.0.0.1:4000")],
        vec![("authorization", authorization), ("x-amz-date", "yesterday"), ("host", "127.0.0.1:4000")],
        vec![("authorization", authorization), ("x-amz-date", date), ("x-amz-security-token", token)],
        vec![("authorization", authorization), ("x-amz-date", date), ("host", "not a host"), ("x-amz-security-token", token)],
        vec![("authorization", authorization), ("x-amz-date", date), ("host", ""), ("x-amz-security-token", token)],
    ];
    for headers in cases {
        assert!(matches!(check("/x", &headers), Err(SignatureError::Malformed(_))), "{headers:?}");
    }
    let presigned = bench.signed(&bench.credentials, &QUERY, "GET", "/x", b"").uri().to_string();
    let host = [("host", "127.0.0.1:4000")];
    assert!(check(&presigned, &host).is_ok());
    for (from, to) in [
        ("X-Amz-Signature=", "X-Amz-Signature=%zz"),
        ("X-Amz-Expires=300", "X-Amz-Expires=-1"),
        ("X-Amz-Expires=300", "X-Amz-Expires=0"),
        ("X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Algorithm=none"),
        ("X-Amz-Date=", "X-Amz-Date=1"),
        ("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders="),
        ("X-Amz-Credential=", "X-Amz-Credential=a%2Fb&X-Amz-Credential="),
    ] {
        let broken = presigned.replace(from, to);
        assert_ne!(broken, presigned);
        assert!(matches!(check(&broken, &host), Err(SignatureError::Malformed(_))), "{to}");
    }
    let both = [("host", "127.0.0.1:4000"), ("authorization", authorization)];
    assert!(matches!(check(&presigned, &both), Err(SignatureError::Malformed(_))));
}
