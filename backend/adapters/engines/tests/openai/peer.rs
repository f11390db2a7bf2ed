//! A server that answers each request with the next answer of its script and remembers what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use futures::StreamExt;
use futures::stream;
use serde_json::Value;
use synapscribe_engines::openai::{Endpoint, Secret, Timeouts};
use tokio::sync::Notify;

/// One answer.
pub enum Answer {
    /// A status, a media type, further headers, and the body piece by piece.
    Body(u16, &'static str, Vec<(&'static str, &'static str)>, Vec<Piece>),
    /// Nothing at all, for as long as the client waits.
    Silence,
}

/// A piece of a body.
pub enum Piece {
    Bytes(Vec<u8>),
    Wait(Duration),
    /// The connection breaks.
    Cut,
    /// Nothing more comes, and the connection stays.
    Hang,
}

impl From<&str> for Piece {
    fn from(text: &str) -> Self {
        Piece::Bytes(text.as_bytes().to_vec())
    }
}

/// What the server was asked.
#[derive(Clone)]
pub struct Asked {
    pub path: String,
    pub key: Option<String>,
    pub content_type: String,
    pub body: Vec<u8>,
}

impl Asked {
    pub fn json(&self) -> Value {
        assert!(self.content_type.starts_with("application/json"), "{}", self.content_type);
        serde_json::from_slice(&self.body).expect("the request is JSON")
    }
}

pub struct Peer {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    /// Told whenever a body is dropped before its end.
    pub gone: Arc<Notify>,
}

type Answers = dyn Fn(&Asked) -> Option<Answer> + Send + Sync;

#[derive(Clone)]
struct Script {
    answers: Arc<Answers>,
    asked: Arc<Mutex<Vec<Asked>>>,
    gone: Arc<Notify>,
}

/// Notices that a body was dropped.
struct Watch(Arc<Notify>, bool);

impl Watch {
    fn finish(&mut self) {
        self.1 = true;
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if !self.1 {
            self.0.notify_one();
        }
    }
}

impl Peer {
    /// A server that gives these answers, one after the other.
    pub async fn new(answers: Vec<Answer>) -> Self {
        let answers = Mutex::new(VecDeque::from(answers));
        Self::with(move |_| answers.lock().unwrap().pop_front()).await
    }

    /// A server that looks at what it is asked.
    pub async fn with(answers: impl Fn(&Asked) -> Option<Answer> + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let script = Script { answers: Arc::new(answers), asked: Arc::default(), gone: Arc::default() };
        let (asked, gone) = (script.asked.clone(), script.gone.clone());
        let app = Router::new().fallback(answer).with_state(script);
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, asked, gone }
    }

    /// The server with a key and little patience, so that tests of lateness are quick.
    pub fn endpoint(&self) -> Endpoint {
        let timeouts =
            Timeouts { connect: Duration::from_secs(3), first: Duration::from_millis(1500), between: Duration::from_millis(400) };
        Endpoint { url: self.url.clone(), model: "test-model".into(), key: Some(Secret::new("sk-test")), timeouts }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn answer(State(script): State<Script>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let header = |name: &str| parts.headers.get(name).map(|v| v.to_str().unwrap().to_owned());
    let body = axum::body::to_bytes(body, 64 << 20).await.unwrap();
    let asked = Asked {
        path: parts.uri.path().to_owned(),
        key: header("authorization"),
        content_type: header("content-type").unwrap_or_default(),
        body: body.to_vec(),
    };
    script.asked.lock().unwrap().push(asked.clone());
    match (script.answers)(&asked) {
        Some(Answer::Body(status, kind, headers, pieces)) => {
            let mut response = Response::builder().status(status).header("content-type", kind);
            for (name, value) in headers {
                response = response.header(name, value);
            }
            let watch = Watch(script.gone, false);
            let body = stream::unfold((VecDeque::from(pieces), watch), |(mut pieces, mut watch)| async move {
                loop {
                    match pieces.pop_front() {
                        Some(Piece::Bytes(bytes)) => return Some((Ok(Bytes::from(bytes)), (pieces, watch))),
                        Some(Piece::Wait(time)) => tokio::time::sleep(time).await,
                        Some(Piece::Cut) => return Some((Err(std::io::Error::other("cut")), (pieces, watch))),
                        Some(Piece::Hang) => std::future::pending::<()>().await,
                        None => {
                            watch.finish();
                            return None;
                        }
                    };
                }
            });
            response.body(Body::from_stream(body.boxed())).unwrap()
        }
        Some(Answer::Silence) => {
            let _watch = Watch(script.gone, false);
            std::future::pending::<()>().await;
            unreachable!("nothing follows for ever")
        }
        None => Response::builder().status(500).body(Body::from("the script has ended")).unwrap(),
    }
}

/// A JSON answer.
pub fn json(status: u16, value: Value) -> Answer {
    Answer::Body(status, "application/json", vec![], vec![Piece::Bytes(value.to_string().into_bytes())])
}

/// What a server says to whoever only tries whether it is there.
pub fn tried(asked: &Asked) -> Option<Answer> {
    (asked.path == "/v1/models").then(|| json(200, serde_json::json!({ "data": [] })))
}

/// A stream of events, each piece as it is sent.
pub fn events(pieces: Vec<Piece>) -> Answer {
    Answer::Body(200, "text/event-stream; charset=utf-8", vec![], pieces)
}

/// The address of a port where nobody listens.
pub async fn nobody() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}
