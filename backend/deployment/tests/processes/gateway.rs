//! The WebSocket gateway's management endpoint: what is posted to a connection reaches it, and nobody else is there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// Messages that a line holds unread; a story that leaves more has lost its way.
const ROOM: usize = 64;

type Lines = Arc<Mutex<HashMap<String, mpsc::Sender<Value>>>>;

/// The gateway.
pub struct Gateway {
    pub endpoint: String,
    lines: Lines,
}

/// The receiving end of a connection; dropping it hangs up.
pub struct Line(mpsc::Receiver<Value>);

impl Gateway {
    pub async fn start() -> Self {
        let lines = Lines::default();
        let routes = Router::new().route("/prod/@connections/{connection}", post(deliver)).with_state(Arc::clone(&lines));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}/prod", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { endpoint, lines }
    }

    /// Opens a connection.
    pub fn connect(&self, connection: &str) -> Line {
        let (sender, receiver) = mpsc::channel(ROOM);
        self.lines.lock().unwrap().insert(connection.to_owned(), sender);
        Line(receiver)
    }
}

impl Line {
    /// The next message.
    pub async fn next(&mut self) -> Value {
        let next = tokio::time::timeout(Duration::from_secs(60), self.0.recv()).await;
        next.expect("nothing more is said").expect("the gateway is there")
    }

    /// Whether nothing was said that was not read.
    pub fn is_quiet(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads up to the message of a type, which is the last of those returned.
    pub async fn until(&mut self, kind: &str) -> Vec<Value> {
        let mut heard = Vec::new();
        loop {
            let message = self.next().await;
            let found = message["type"] == kind;
            assert!(found || message["type"] != "error", "{message}");
            heard.push(message);
            if found {
                return heard;
            }
        }
    }
}

async fn deliver(State(lines): State<Lines>, Path(connection): Path<String>, body: String) -> Response {
    let line = lines.lock().unwrap().get(&connection).cloned();
    match line {
        Some(line) if line.send(serde_json::from_str(&body).unwrap()).await.is_ok() => StatusCode::OK.into_response(),
        _ => (StatusCode::GONE, [("x-amzn-errortype", "GoneException")], "{}").into_response(),
    }
}
