//! A request to storage by somebody who was let in: it is answered whatever it says, and what is somebody else's stays theirs.
#![no_main]

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::{Body, to_bytes};
use futures::FutureExt;
use http::{HeaderValue, Request, StatusCode, header};
use synapscribe_client::xml_field;
use synapscribe_domain::account::{AccountId, Role, SignInId};
use synapscribe_domain::{Failure, ObjectKey, PersonId, Timestamp};
use synapscribe_local::{Folder, Keyring, Limits, S3Endpoint};
use synapscribe_ports::accounts::{AccessClaims, Admission, SignedIn};
use synapscribe_ports::{ObjectCreated, StoreError, SystemClock};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

const CALLER: &str = "us-east-1:caller";
const OTHER: &str = "us-east-1:other";
/// What only the other may read.
const SECRET: [u8; 16] = [0x9c, 0x1f, 0xe3, 0x58, 0xb7, 0x04, 0xda, 0x6b, 0x22, 0xf9, 0x81, 0x3d, 0xc6, 0x70, 0x15, 0xae];

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_time().build().expect("a thread can be had"));

/// Everybody is who they say.
struct AsTheySay;

#[async_trait::async_trait]
impl Admission for AsTheySay {
    async fn admit(&self, token: &str) -> Result<SignedIn, Failure> {
        let claims = AccessClaims {
            account: AccountId::parse("account").expect("it is a name"),
            person: PersonId::parse(token).map_err(|_| Failure::internal())?,
            sign_in: SignInId::parse("sign-in").expect("it is a name"),
            role: Role::Student,
            issued: Timestamp(0),
            expires: Timestamp(i64::MAX),
        };
        Ok(SignedIn { claims })
    }

    async fn still_lasts(&self, _: &SignInId) -> Result<bool, Failure> {
        Ok(true)
    }

    async fn is_accounts(&self, _: &PersonId) -> Result<bool, Failure> {
        Ok(true)
    }

    fn issuer(&self) -> String {
        "fuzzer".to_owned()
    }
}

/// A request as a text: its method and its path below the bucket, a line for each header, an empty one, and the body.
fn request(head: &str, body: &[u8]) -> Option<Request<Body>> {
    let mut lines = head.lines();
    let (method, path) = lines.next()?.split_once(' ')?;
    let mut request = Request::builder().method(method).uri(format!("http://localhost/synapscribe{path}"));
    for line in lines {
        let (name, value) = line.split_once(": ")?;
        request = request.header(name, value);
    }
    let mut request = request.body(Body::from(body.to_vec())).ok()?;
    // The server below holds a body to its length.
    request.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    Some(request)
}

async fn ask(storage: &Router, person: &str, mut request: Request<Body>) -> (StatusCode, Vec<u8>) {
    let token = HeaderValue::try_from(format!("Bearer {person}")).expect("a name is plain text");
    request.headers_mut().insert(header::AUTHORIZATION, token);
    let Ok(answer) = storage.clone().oneshot(request).await;
    let status = answer.status();
    (status, to_bytes(answer.into_body(), 1 << 20).await.unwrap_or_default().to_vec())
}

/// Whether the secret stands in it; compared in a way from which the fuzzer does not learn it.
fn tells(said: &[u8]) -> bool {
    said.windows(SECRET.len()).any(|piece| piece.iter().zip(SECRET).fold(0, |rest, (a, b)| rest | (a ^ b)) == 0)
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let end = data.windows(2).position(|pair| pair == b"\n\n").unwrap_or(data.len());
    let Ok(head) = std::str::from_utf8(&data[..end]) else { return };
    if request(head, b"").is_none() {
        return;
    }
    let place = tempfile::tempdir().expect("there is room for a folder");
    let folder = Folder::open(&place.path().join("storage"), Limits::default()).expect("there is room for a folder");
    let taken = Arc::new(|_: ObjectCreated| FutureExt::boxed(async { Ok::<(), StoreError>(()) }));
    let storage = S3Endpoint::new(Arc::clone(&folder), Arc::new(Keyring::new([7; 32])), Arc::new(SystemClock), taken);
    let storage = storage.admitting(Arc::new(AsTheySay)).router(&[]);

    RUNTIME.block_on(async {
        let put = |person: &str| format!("PUT /lectures/{person}/l1/a.mp3");
        for (person, body) in [(OTHER, SECRET), (CALLER, [b'a'; 16])] {
            let (status, said) = ask(&storage, person, request(&put(person), &body).expect("it is one")).await;
            assert!(status.is_success(), "{}", String::from_utf8_lossy(&said));
        }
        let begin = format!("POST /lectures/{CALLER}/l2/b.mp3?uploads");
        let (_, said) = ask(&storage, CALLER, request(&begin, b"").expect("it is one")).await;
        let said = String::from_utf8_lossy(&said);
        // What no fuzzer can guess stands there by name.
        let head = head.replace("UPLOAD", xml_field(&said, "UploadId").expect("an upload was begun"));
        let Some(asked) = request(&head, data.get(end + 2..).unwrap_or_default()) else { return };

        let (status, said) = ask(&storage, CALLER, asked).await;
        let refused = matches!(status, StatusCode::NOT_IMPLEMENTED | StatusCode::INSUFFICIENT_STORAGE);
        assert!(!status.is_server_error() || refused, "{status}: {}", String::from_utf8_lossy(&said));
        assert!(!tells(&said), "somebody else's object was read");
    });
    let key = ObjectKey::parse(format!("lectures/{OTHER}/l1/a.mp3")).expect("it is a key");
    assert_eq!(std::fs::read(folder.path(&key)).expect("it is still there"), SECRET);
    assert_eq!(std::fs::read_dir(place.path()).expect("it is there").count(), 1, "something lies beside the folder");
});
