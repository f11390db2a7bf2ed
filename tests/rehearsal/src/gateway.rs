//! The gateways: a WebSocket whose messages become events of a function, the management endpoint that sends to it, and HTTP before
//! another function. Both ask for a signature, as IAM authorisation does.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use synapscribe_domain::PersonId;
use synapscribe_local::{Keyring, SignatureVerifier};
use synapscribe_ports::{Clock, SystemClock};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::Fault;
use crate::cloud::Cloud;
use crate::events::{request, socket};
use crate::function::Function;
use crate::identity::{self, Provider};

/// The gateway takes no more than this in one message.
const MOST: usize = 128 * 1024;
/// Messages that a line holds unread; a story that leaves more has lost its way.
const ROOM: usize = 256;
/// The route of accounts that asks for a guest's signature.
const SIGN_UP: &str = "/api/auth/register";
/// What the world may know of access tokens.
const KEYS: [&str; 2] = ["/.well-known/jwks.json", "/.well-known/openid-configuration"];
/// Headers by which somebody shows who they are, beside a signature or without one.
const SHOWN: [&str; 2] = ["authorization", "x-synapscribe-token"];
/// In which a client names its request.
const NAME: &str = "x-correlation-id";
/// A message is waited for this long.
const PATIENCE: Duration = Duration::from_secs(60);

/// The gateways of a deployment on one address.
pub struct Gateway {
    address: String,
    inner: Arc<Inner>,
}

struct Inner {
    emulator: String,
    keyring: Arc<Keyring>,
    verifier: SignatureVerifier,
    lines: Mutex<HashMap<String, mpsc::Sender<(Instant, String)>>>,
    count: AtomicU64,
    functions: OnceLock<(Arc<Function>, Arc<Function>)>,
    accounts: OnceLock<Arc<Function>>,
    provider: Provider,
}

/// The receiving end of a connection that a test holds by itself; dropping it hangs up.
pub struct Line(mpsc::Receiver<(Instant, String)>);

impl Gateway {
    /// Listens; there is nothing behind the gateways before they are opened.
    pub async fn start(cloud: &Cloud) -> Result<Self, Fault> {
        let keyring = Arc::new(Keyring::new([7; 32]));
        let inner = Arc::new(Inner {
            emulator: cloud.endpoint().to_owned(),
            verifier: SignatureVerifier::new(Arc::clone(&keyring)),
            keyring,
            lines: Mutex::default(),
            count: AtomicU64::new(1),
            functions: OnceLock::new(),
            accounts: OnceLock::new(),
            provider: Provider::default(),
        });
        let routes = Router::new()
            .route("/live", get(upgrade))
            .route("/live/@connections/{connection}", post(deliver).delete(hang_up))
            .route("/", post(credentials))
            .fallback(rest)
            .layer(DefaultBodyLimit::max(10 * 1024 * 1024))
            .with_state(Arc::clone(&inner));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://{}", listener.local_addr()?);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(Self { address, inner })
    }

    /// What people type.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The management endpoint.
    pub fn endpoint(&self) -> String {
        format!("{}/live", self.address)
    }

    /// Puts functions behind the WebSocket and behind HTTP, once.
    pub fn open(&self, websocket: Arc<Function>, library: Arc<Function>) {
        // Whoever opens twice keeps the first ones.
        let _ = self.inner.functions.set((websocket, library));
    }

    /// Puts the function of accounts behind their routes, once.
    pub fn open_accounts(&self, accounts: Arc<Function>) {
        // Whoever opens twice keeps the first one.
        let _ = self.inner.accounts.set(accounts);
    }

    /// Opens a connection without a socket, for tests that raise its events themselves.
    pub fn connect(&self, connection: &str) -> Line {
        let (sender, receiver) = mpsc::channel(ROOM);
        self.inner.lines().insert(connection.to_owned(), sender);
        Line(receiver)
    }

    /// Drops every connection, as the gateway does after two hours; its function is told of each.
    pub fn hang_up(&self) {
        self.inner.lines().clear();
    }
}

impl Inner {
    fn lines(&self) -> MutexGuard<'_, HashMap<String, mpsc::Sender<(Instant, String)>>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the WebSocket's function handle an event, and says its status.
    async fn raise(&self, route: &str, person: Option<&PersonId>, connection: &str, body: Option<String>) -> u16 {
        self.handle(socket(route, person.map(PersonId::as_str), connection, body.map(Value::String))).await
    }

    async fn handle(&self, event: Value) -> u16 {
        let Some((websocket, _)) = self.functions.get() else { return 503 };
        match websocket.invoke(event).await {
            Ok(Ok(said)) => said["statusCode"].as_u64().and_then(|code| code.try_into().ok()).unwrap_or(500),
            _ => 500,
        }
    }

    fn signed_by(&self, method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Option<PersonId> {
        self.verifier.verify(method, uri, headers, body, SystemClock.now()).ok().map(|signed| signed.person)
    }
}

impl Line {
    /// The next message.
    pub async fn next(&mut self) -> Result<Value, Fault> {
        Ok(self.timed().await?.1)
    }

    /// The next message, and when the gateway took it.
    pub async fn timed(&mut self) -> Result<(Instant, Value), Fault> {
        let next = tokio::time::timeout(PATIENCE, self.0.recv()).await.map_err(|_| "nothing more is said")?;
        let (at, text) = next.ok_or("the gateway has hung up")?;
        Ok((at, serde_json::from_str(&text)?))
    }

    /// Whether nothing was said that was not read.
    pub fn is_quiet(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads up to the message of a type, which is the last of those returned.
    pub async fn until(&mut self, kind: &str) -> Result<Vec<Value>, Fault> {
        let mut heard = Vec::new();
        loop {
            let message = self.next().await?;
            let found = message["type"] == kind;
            if !found && message["type"] == "error" {
                return Err(format!("instead of {kind}: {message}").into());
            }
            heard.push(message);
            if found {
                return Ok(heard);
            }
        }
    }
}

async fn deliver(State(inner): State<Arc<Inner>>, Path(connection): Path<String>, body: String) -> Response {
    if body.len() > MOST {
        return (StatusCode::PAYLOAD_TOO_LARGE, [("x-amzn-errortype", "PayloadTooLargeException")], "{}").into_response();
    }
    let line = inner.lines().get(&connection).cloned();
    match line {
        Some(line) if line.send((Instant::now(), body)).await.is_ok() => StatusCode::OK.into_response(),
        _ => (StatusCode::GONE, [("x-amzn-errortype", "GoneException")], "{}").into_response(),
    }
}

async fn hang_up(State(inner): State<Arc<Inner>>, Path(connection): Path<String>) -> Response {
    match inner.lines().remove(&connection) {
        Some(_) => StatusCode::NO_CONTENT.into_response(),
        None => (StatusCode::GONE, [("x-amzn-errortype", "GoneException")], "{}").into_response(),
    }
}

async fn credentials(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> Response {
    identity::call(&inner.emulator, &inner.keyring, &inner.provider, headers, body).await
}

async fn upgrade(
    State(inner): State<Arc<Inner>>,
    method: Method,
    uri: Uri,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let Some(person) = inner.signed_by(&method, &uri, &headers, b"") else { return StatusCode::FORBIDDEN.into_response() };
    let connection = format!("L0SM9cOF{:06}=", inner.count.fetch_add(1, Ordering::Relaxed));
    let mut event = socket("$connect", Some(person.as_str()), &connection, None);
    event["queryStringParameters"] = json!(query);
    let status = inner.handle(event).await;
    if status >= 300 {
        return StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response();
    }
    // The line is there before anybody can be told of the connection.
    let (sender, lines) = mpsc::channel(ROOM);
    inner.lines().insert(connection.clone(), sender);
    upgrade.max_message_size(MOST).on_upgrade(move |socket| async move {
        serve(&inner, &connection, socket, lines).await;
        inner.lines().remove(&connection);
        inner.raise("$disconnect", None, &connection, None).await;
    })
}

/// Serves until one side ends it.
async fn serve(inner: &Arc<Inner>, connection: &str, mut socket: WebSocket, mut lines: mpsc::Receiver<(Instant, String)>) {
    loop {
        tokio::select! {
            line = lines.recv() => {
                let Some((_, text)) = line else { break };
                if socket.send(Message::Text(text.into())).await.is_err() {
                    break;
                }
            }
            message = socket.recv() => match message {
                Some(Ok(Message::Text(text))) => {
                    let (inner, connection) = (Arc::clone(inner), connection.to_owned());
                    // What is said meanwhile has to flow.
                    tokio::spawn(async move { inner.raise("$default", None, &connection, Some(text.as_str().to_owned())).await });
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                _ => break,
            },
        }
    }
}

async fn rest(State(inner): State<Arc<Inner>>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let path = uri.path();
    let of_accounts = path.starts_with("/api/auth/") || KEYS.contains(&path);
    let function = match inner.accounts.get() {
        Some(accounts) if of_accounts => Some(accounts),
        _ => inner.functions.get().map(|(_, library)| library),
    };
    let Some(function) = function else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    // Whoever signs up is a guest until then; what else is about accounts shows a token, or nothing.
    let signed = path == SIGN_UP || (path.starts_with("/api/") && !of_accounts);
    let person = if signed { inner.signed_by(&method, &uri, &headers, &body) } else { None };
    if person.is_none() && signed {
        return (StatusCode::FORBIDDEN, json!({ "message": "Forbidden" }).to_string()).into_response();
    }
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let body = (!body.is_empty()).then(|| String::from_utf8_lossy(&body).into_owned());
    let mut event = request(person.as_ref().map(PersonId::as_str), method.as_str(), path, body.as_deref());
    for name in SHOWN {
        if let Some(shown) = headers.get(name).and_then(|value| value.to_str().ok()) {
            event["headers"][name] = json!(shown);
        }
    }
    if let Some(name) = headers.get(NAME).and_then(|value| value.to_str().ok()) {
        event["headers"][NAME] = json!(name);
    }
    let Ok(Ok(said)) = function.invoke(event).await else { return StatusCode::BAD_GATEWAY.into_response() };
    let status = said["statusCode"].as_u64().and_then(|code| StatusCode::from_u16(code.try_into().ok()?).ok());
    let kind = said["headers"]["content-type"].as_str().unwrap_or("application/json").to_owned();
    let text = said["body"].as_str().unwrap_or_default().to_owned();
    (status.unwrap_or(StatusCode::BAD_GATEWAY), [("content-type", kind)], text).into_response()
}
