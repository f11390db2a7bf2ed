//! The management endpoint of API Gateway by its published protocol: messages reach whoever is connected, the others are gone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use synapscribe_aws::GatewayConnections;
use synapscribe_domain::{ConnectionId, PersonId, Timestamp};
use synapscribe_ports::conformance::connections::Peer;
use synapscribe_ports::connections::Holder;
use synapscribe_ports::{Connections, SendError, StoreResult};
use synapscribe_rehearsal::models::listen;
use tokio::sync::mpsc;

/// The gateway takes no more than this in one message.
const MOST: usize = 128 * 1024;

type Lines = Arc<Mutex<HashMap<String, mpsc::Sender<String>>>>;

/// A gateway with the stage `prod`.
pub struct Gateway {
    address: String,
    lines: Lines,
}

impl Gateway {
    pub async fn start() -> Self {
        let lines = Lines::default();
        let routes =
            Router::new().route("/prod/@connections/{connection}", post(deliver).delete(end)).with_state(Arc::clone(&lines));
        Self { address: listen(routes).await.unwrap(), lines }
    }

    pub fn endpoint(&self) -> String {
        format!("{}/prod", self.address)
    }

    /// Opens the transport of a connection.
    pub fn connect(&self, connection: &ConnectionId) -> Box<dyn Peer> {
        let (sender, receiver) = mpsc::channel(8);
        self.lines.lock().unwrap().insert(connection.to_string(), sender);
        Box::new(Line(receiver))
    }

    /// The registry as the gateway's events reach it: a connection is only told to be closed once its transport is.
    pub fn around(&self, registry: GatewayConnections) -> Told {
        Told { registry, lines: Arc::clone(&self.lines) }
    }
}

async fn deliver(State(lines): State<Lines>, Path(connection): Path<String>, body: Bytes) -> Response {
    if body.len() > MOST {
        return (StatusCode::PAYLOAD_TOO_LARGE, [("x-amzn-errortype", "PayloadTooLargeException")], "{}").into_response();
    }
    let line = lines.lock().unwrap().get(&connection).cloned();
    let text = String::from_utf8(body.to_vec()).unwrap();
    match line {
        Some(line) if line.send(text).await.is_ok() => StatusCode::OK.into_response(),
        _ => (StatusCode::GONE, [("x-amzn-errortype", "GoneException")], r#"{"message":null}"#).into_response(),
    }
}

async fn end(State(lines): State<Lines>, Path(connection): Path<String>) -> Response {
    match lines.lock().unwrap().remove(&connection) {
        Some(_) => StatusCode::NO_CONTENT.into_response(),
        None => (StatusCode::GONE, [("x-amzn-errortype", "GoneException")], r#"{"message":null}"#).into_response(),
    }
}

struct Line(mpsc::Receiver<String>);

#[async_trait]
impl Peer for Line {
    async fn next(&mut self) -> Option<String> {
        self.0.recv().await
    }
}

pub struct Told {
    registry: GatewayConnections,
    lines: Lines,
}

#[async_trait]
impl Connections for Told {
    async fn opened(&self, connection: &ConnectionId, holder: &Holder, now: Timestamp) -> StoreResult<()> {
        self.registry.opened(connection, holder, now).await
    }

    async fn closed(&self, connection: &ConnectionId) -> StoreResult<()> {
        self.lines.lock().unwrap().remove(connection.as_str());
        self.registry.closed(connection).await
    }

    async fn holder(&self, connection: &ConnectionId) -> StoreResult<Option<Holder>> {
        self.registry.holder(connection).await
    }

    async fn of(&self, person: &PersonId) -> StoreResult<Vec<ConnectionId>> {
        self.registry.of(person).await
    }

    async fn held_by(&self, person: &PersonId) -> StoreResult<Vec<(ConnectionId, Holder)>> {
        self.registry.held_by(person).await
    }

    fn lists_after(&self) -> Duration {
        self.registry.lists_after()
    }

    async fn everyone(&self) -> StoreResult<Vec<ConnectionId>> {
        self.registry.everyone().await
    }

    async fn send(&self, connection: &ConnectionId, message: &str) -> Result<(), SendError> {
        self.registry.send(connection, message).await
    }

    async fn hang_up(&self, connection: &ConnectionId) -> StoreResult<()> {
        self.registry.hang_up(connection).await
    }
}
