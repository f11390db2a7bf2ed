//! Services that throttle, slow down and break off: a line to the emulator that answers in its place when it is told to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures::stream;
use synapscribe_aws::{DynamoLedger, S3Objects, SdkConfig};
use synapscribe_domain::{ObjectKey, Timestamp};
use synapscribe_ports::{Claim, Ledger, Objects, StoreError};
use synapscribe_rehearsal::models::listen;

use crate::cloud::{Cloud, at};

/// As often as a call is tried.
const TRIES: usize = 3;
const THROTTLED: Fault =
    Fault::Refused(400, r#"{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"}"#);
const SLOW_DOWN: Fault = Fault::Refused(503, "<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>");
const BROKEN: Fault = Fault::Refused(500, "<Error><Code>InternalError</Code><Message>We encountered an error.</Message></Error>");

#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// The service says this instead.
    Refused(u16, &'static str),
    /// The answer breaks off behind so many bytes of its body.
    Cut(usize),
}

/// The line.
pub struct Line {
    pub config: SdkConfig,
    faults: Arc<Mutex<VecDeque<Fault>>>,
}

impl Line {
    pub async fn to(cloud: &Cloud) -> Self {
        // Who else installed one has installed the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let faults = Arc::new(Mutex::new(VecDeque::new()));
        let state = (cloud.config.endpoint_url().unwrap().to_owned(), reqwest::Client::new(), Arc::clone(&faults));
        let routes = Router::new().fallback(pass).with_state(state);
        Self { config: at(&listen(routes).await.unwrap()).await, faults }
    }

    pub fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        self.faults.lock().unwrap().extend(faults);
    }
}

type Shared = State<(String, reqwest::Client, Arc<Mutex<VecDeque<Fault>>>)>;

async fn pass(State((endpoint, http, faults)): Shared, request: Request) -> Response {
    let fault = faults.lock().unwrap().pop_front();
    if let Some(Fault::Refused(status, words)) = fault {
        return (StatusCode::from_u16(status).unwrap(), words).into_response();
    }
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let answer = http.request(parts.method, format!("{endpoint}{}", parts.uri)).headers(parts.headers).body(body);
    let answer = answer.send().await.unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    let whole = answer.bytes().await.unwrap();
    let mut response = match fault {
        Some(Fault::Cut(at)) => {
            let pieces = [Ok(whole.slice(..at)), Err(std::io::Error::other("cut"))];
            Response::new(Body::from_stream(stream::iter(pieces.map(|piece: Result<Bytes, _>| piece))))
        }
        _ => Response::new(Body::from(whole)),
    };
    (*response.status_mut(), *response.headers_mut()) = (status, headers);
    response
}

#[tokio::test]
async fn a_table_that_throttles_is_asked_again_and_a_claim_is_granted_once() {
    let cloud = Cloud::with_tables().await;
    let line = Line::to(&cloud).await;
    let ledger = DynamoLedger::new(&line.config, &cloud.tables);
    let claim = async |key| ledger.claim(key, "1", Timestamp(0), Timestamp(1_000)).await;
    line.fail([THROTTLED; TRIES - 1]);
    assert_eq!(claim("a").await.unwrap(), Claim::Granted);
    assert_eq!(claim("a").await.unwrap(), Claim::InProgress);
    line.fail([THROTTLED; TRIES]);
    let refused = claim("b").await;
    assert!(matches!(&refused, Err(StoreError::Unavailable(why)) if why.contains("Throughput")), "{refused:?}");
    assert_eq!(claim("b").await.unwrap(), Claim::Granted, "what was refused was not done");
}

#[tokio::test]
async fn storage_that_slows_down_or_breaks_is_asked_again() {
    let cloud = Cloud::empty().await;
    let line = Line::to(&cloud).await;
    let objects = S3Objects::new(&line.config, cloud.bucket().await);
    let key = ObjectKey::parse("queries/ada/q1.wav").unwrap();
    line.fail([SLOW_DOWN, BROKEN]);
    objects.put(&key, Bytes::from_static(b"sound"), "audio/wav").await.unwrap();
    line.fail([BROKEN, SLOW_DOWN]);
    assert_eq!(objects.get(&key).await.unwrap(), Some(Bytes::from_static(b"sound")));
    line.fail([SLOW_DOWN; TRIES]);
    assert!(matches!(objects.get(&key).await, Err(StoreError::Unavailable(_))), "it is not taken for missing");
}

#[tokio::test]
async fn half_a_recording_is_not_taken_for_a_whole_one() {
    let (cloud, scratch) = (Cloud::empty().await, tempfile::tempdir().unwrap());
    let line = Line::to(&cloud).await;
    let objects = S3Objects::new(&line.config, cloud.bucket().await);
    let key = ObjectKey::parse("lectures/ada/l1/talk.wav").unwrap();
    objects.put(&key, vec![7; 300_000].into(), "audio/wav").await.unwrap();
    line.fail([Fault::Cut(100_000); TRIES]);
    assert!(objects.as_file(&key, scratch.path()).await.is_err());
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0, "nothing of it is left");
    line.faults.lock().unwrap().clear();
    let path = objects.as_file(&key, scratch.path()).await.unwrap().unwrap();
    assert_eq!(std::fs::metadata(path).unwrap().len(), 300_000);
}
