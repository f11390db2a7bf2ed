//! A server that follows a test's script: discovery, guests, storage and REST answer by themselves, and every
//! WebSocket is handed to the test to speak for the server.
#![allow(dead_code, reason = "each test file uses the part of the script it needs")]

mod accounts;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get, post};
use serde_json::{Value, json};
use synapscribe_client::{Client, Home, Pace};
use tokio::sync::mpsc;

pub use accounts::Accounts;

/// A key and the parts that came for it.
type Multipart = (String, BTreeMap<i32, Vec<u8>>);

/// What the server knows.
#[derive(Default)]
pub struct World {
    pub objects: Mutex<HashMap<String, Vec<u8>>>,
    pub multiparts: Mutex<HashMap<String, Multipart>>,
    pub lectures: Mutex<HashMap<String, Value>>,
    pub documents: Mutex<HashMap<String, Value>>,
    /// The documents that each class is shown.
    pub classes: Mutex<BTreeMap<String, Vec<String>>>,
    /// Nobody may show a class anything.
    pub no_showing: AtomicBool,
    /// So often the server is not well when something is to be shown to a class or removed.
    pub unwell: AtomicUsize,
    /// What requests called themselves.
    pub names: Mutex<Vec<String>>,
    /// Every request that stored something or asked for a guest, in order.
    pub log: Mutex<Vec<String>>,
    pub guests: AtomicUsize,
    /// What came beside each signature: over REST, and for a WebSocket.
    pub tokens: Mutex<Vec<(&'static str, Option<String>)>>,
    /// Whoever shows this, or nothing, is told once over REST that they are signed out; until then a WebSocket refuses them without a
    /// word.
    pub refuses: Mutex<Option<Option<String>>>,
    pub draws: AtomicUsize,
    pub uploads: AtomicUsize,
    /// Part requests from this number on never end.
    pub stall_from: Mutex<Option<i32>>,
    /// So many transfers fail with 503 before one succeeds.
    pub failures: AtomicUsize,
    /// Storage has no room, and so many transfers were refused for that.
    pub full: AtomicBool,
    pub refused: AtomicUsize,
    /// Credentials drawn before this many draws are refused.
    pub valid_from: AtomicUsize,
    /// How long credentials live.
    pub lifetime: Mutex<Option<f64>>,
    /// Sockets are turned away, and so many were.
    pub away: AtomicBool,
    pub turned_away: AtomicUsize,
    /// Another program has taken the server's place.
    pub stranger: AtomicBool,
    /// Identities of an earlier life are unknown.
    pub forget_guests: AtomicUsize,
    /// There are accounts.
    pub accounts: Mutex<Option<Accounts>>,
}

impl World {
    /// The `lectures` or the `documents`.
    pub fn kept(&self, shelf: &str) -> &Mutex<HashMap<String, Value>> {
        if shelf == "documents" { &self.documents } else { &self.lectures }
    }
}

/// A running script.
pub struct Script {
    pub address: String,
    pub world: Arc<World>,
    pub folder: tempfile::TempDir,
    sockets: mpsc::Receiver<WebSocket>,
}

#[derive(Clone)]
struct Shared {
    world: Arc<World>,
    address: String,
    sockets: mpsc::Sender<WebSocket>,
}

impl Script {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let world = Arc::new(World::default());
        let (sender, sockets) = mpsc::channel(64);
        let shared = Shared { world: Arc::clone(&world), address: address.clone(), sockets: sender };
        let router = Router::new()
            .route("/.well-known/synapscribe.json", get(discovery))
            .route("/cognito/", post(cognito))
            .route("/auth/{*path}", any(accounts::answer))
            .route("/ws", any(socket))
            .route("/rest/{*path}", any(rest))
            .route("/s3/{bucket}/{*key}", any(storage))
            .layer(DefaultBodyLimit::disable())
            .with_state(shared);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, world, folder: tempfile::tempdir().unwrap(), sockets }
    }

    pub fn home(&self) -> Home {
        Home::at(self.folder.path().join("home"))
    }

    pub async fn client(&self) -> Client {
        Client::connect_with(&self.address, self.home(), brisk()).await.unwrap()
    }

    /// The next connection a client makes.
    pub async fn peer(&mut self) -> Peer {
        let socket = tokio::time::timeout(Duration::from_secs(20), self.sockets.recv()).await.expect("a connection in time");
        Peer(socket.unwrap())
    }

    pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub fn log(&self) -> Vec<String> {
        self.world.log.lock().unwrap().clone()
    }
}

/// Everything quicker than for people.
pub fn brisk() -> Pace {
    Pace {
        ping: Duration::from_secs(60),
        busy_ping: Duration::from_secs(60),
        pong: Duration::from_millis(200),
        renew: Duration::from_secs(3600),
        patience: Duration::from_secs(5),
        silence: Duration::from_secs(30),
        pause: Duration::from_millis(5),
        longest_pause: Duration::from_millis(50),
        room: Duration::from_millis(20),
    }
}

/// The server's end of a WebSocket.
pub struct Peer(pub WebSocket);

impl Peer {
    pub async fn hear(&mut self) -> Value {
        loop {
            let message = tokio::time::timeout(Duration::from_secs(20), self.0.recv()).await.expect("a message in time");
            match message.expect("the connection stands").expect("a whole message") {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                _ => continue,
            }
        }
    }

    pub async fn hear_type(&mut self, kind: &str) -> Value {
        let message = self.hear().await;
        assert_eq!(message["type"], kind, "{message}");
        message
    }

    pub async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    pub async fn say_raw(&mut self, message: Message) {
        self.0.send(message).await.unwrap();
    }

    /// Answers a request for a place.
    pub async fn place(&mut self, script_address: &str, lecture: &str, key: &str) -> Value {
        let asked = self.hear_type("request_upload").await;
        let document = key.starts_with("documents/").then_some(lecture);
        self.say(json!({
            "type": "upload_url", "uploadUrl": format!("{script_address}/s3/bucket/{key}?presigned=1"), "s3Key": key,
            "expiresIn": 900, "lectureId": lecture, "documentId": document, "contentType": "audio/wav", "fileName": asked["fileName"],
        }))
        .await;
        asked
    }

    /// Says the rest of an answer.
    pub async fn finish(&mut self, query: &str, session: &str) {
        self.say(json!({"type": "answer_done", "queryId": query, "sessionId": session, "generated": false, "found": true,
            "timings": {"doneMs": 5}, "usage": {"tokensIn": 0, "tokensOut": 0, "audioInMs": 0, "charactersSpoken": 0}}))
            .await;
    }
}

async fn discovery(State(shared): State<Shared>) -> axum::Json<Value> {
    let address = &shared.address;
    let accounts = shared.world.accounts.lock().unwrap().is_some();
    let here = json!({"url": format!("{address}/auth"), "issuer": accounts::ISSUER, "invitedOnly": false, "mail": "outbox"});
    axum::Json(json!({
        "accounts": accounts.then_some(here),
        "product": "synapscribe", "version": "0.1.0", "protocol": "1.0", "deployment": "local", "region": "eu-west-1",
        "identityPoolId": "eu-west-1:pool", "cognitoEndpoint": format!("{address}/cognito"), "s3Endpoint": format!("{address}/s3"),
        "bucket": "bucket", "websocketUrl": format!("{}/ws", address.replace("http", "ws")), "restUrl": format!("{address}/rest"),
        "limits": {"lectureBytes": 500_000_000, "lectureSeconds": 10_800, "querySeconds": 60},
        "features": [], "engines": [], "sample": {"lectureId": "sample-lecture", "question": "What is it?"},
    }))
}

async fn cognito(State(shared): State<Shared>, headers: HeaderMap, body: String) -> Response {
    let target = headers.get("x-amz-target").and_then(|t| t.to_str().ok()).unwrap_or_default().to_owned();
    let world = &shared.world;
    let answer = |status: StatusCode, body: Value| {
        (status, [("content-type", "application/x-amz-json-1.1")], body.to_string()).into_response()
    };
    if target.ends_with("GetId") {
        let number = world.guests.fetch_add(1, Ordering::SeqCst) + 1;
        return answer(StatusCode::OK, json!({"IdentityId": format!("eu-west-1:guest-{number}")}));
    }
    let body: Value = serde_json::from_str(&body).unwrap();
    let identity = body["IdentityId"].clone();
    if !accounts::gives(world, &identity, &body["Logins"]) {
        return answer(StatusCode::BAD_REQUEST, json!({"__type": "NotAuthorizedException", "message": "it is not theirs"}));
    }
    let number: usize = identity.as_str().unwrap().rsplit('-').next().unwrap().parse().unwrap();
    if number <= world.forget_guests.load(Ordering::SeqCst) {
        return answer(StatusCode::BAD_REQUEST, json!({"__type": "ResourceNotFoundException", "message": "no such identity"}));
    }
    let draw = world.draws.fetch_add(1, Ordering::SeqCst) + 1;
    let lifetime = world.lifetime.lock().unwrap().unwrap_or(3600.0);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64();
    answer(
        StatusCode::OK,
        json!({"IdentityId": identity, "Credentials": {"AccessKeyId": format!("AKID{draw}"), "SecretKey": "secret",
            "SessionToken": format!("token-{draw}"), "Expiration": now + lifetime}}),
    )
}

/// Whether the request carries a signature by credentials that are still honoured.
fn honoured(world: &World, signed: &str) -> bool {
    let Some((_, rest)) = signed.split_once("AKID") else { return false };
    let draw: usize = rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0);
    draw >= world.valid_from.load(Ordering::SeqCst)
}

async fn socket(
    State(shared): State<Shared>,
    Query(query): Query<HashMap<String, String>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let token = query.get("access_token").cloned();
    shared.world.tokens.lock().unwrap().push(("socket", token.clone()));
    if *shared.world.refuses.lock().unwrap() == Some(token) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let signed = query.get("X-Amz-Credential").cloned().unwrap_or_default();
    if !honoured(&shared.world, &signed) || !query.contains_key("X-Amz-Security-Token") || !signed.contains("/execute-api/") {
        return StatusCode::FORBIDDEN.into_response();
    }
    if shared.world.away.load(Ordering::SeqCst) {
        shared.world.turned_away.fetch_add(1, Ordering::SeqCst);
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    upgrade.on_upgrade(async move |socket| drop(shared.sockets.send(socket).await))
}

async fn rest(
    State(shared): State<Shared>,
    method: axum::http::Method,
    Path(path): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let token = headers.get("x-synapscribe-token").map(|value| value.to_str().unwrap().to_owned());
    shared.world.tokens.lock().unwrap().push(("rest", token.clone()));
    if shared.world.stranger.load(Ordering::SeqCst) {
        return (StatusCode::NOT_FOUND, "<h1>Not found</h1>").into_response();
    }
    let name = headers.get("x-correlation-id").and_then(|name| name.to_str().ok()).unwrap_or_default();
    shared.world.names.lock().unwrap().push(name.to_owned());
    let signed = headers.get("authorization").and_then(|a| a.to_str().ok()).unwrap_or_default();
    if !honoured(&shared.world, signed) {
        return StatusCode::FORBIDDEN.into_response();
    }
    if shared.world.refuses.lock().unwrap().take_if(|refused| *refused == token).is_some() {
        let error = json!({"code": "signed_out", "message": "you are signed out here; sign in again", "retryable": false});
        return (StatusCode::UNAUTHORIZED, axum::Json(json!({"error": error}))).into_response();
    }
    let missing = json!({"error": {"code": "not_found", "message": "there is no such lecture", "retryable": false}});
    let mut kept = shared.world.kept(path.split('/').next().unwrap_or_default()).lock().unwrap();
    match path.split('/').collect::<Vec<_>>().as_slice() {
        ["lectures"] => axum::Json(json!({"lectures": kept.values().collect::<Vec<_>>()})).into_response(),
        ["documents"] => axum::Json(json!({"documents": kept.values().collect::<Vec<_>>()})).into_response(),
        ["classes", within @ ..] => class(&shared.world, within),
        ["documents", id] if method == axum::http::Method::PATCH => {
            let wish: Value = serde_json::from_slice(&body).unwrap();
            let Some(found) = kept.get_mut(*id) else { return (StatusCode::NOT_FOUND, axum::Json(missing)).into_response() };
            if let Some(title) = wish.get("title") {
                found["title"] = title.clone();
            }
            if let Some(visibility) = wish.get("visibility") {
                found["public"] = json!(visibility == "public");
            }
            axum::Json(found.clone()).into_response()
        }
        ["lectures" | "documents", _] if method == axum::http::Method::DELETE && is_unwell(&shared.world) => {
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        ["lectures" | "documents", id] if method == axum::http::Method::DELETE => {
            if kept.remove(*id).is_none() {
                return (StatusCode::NOT_FOUND, axum::Json(missing)).into_response();
            }
            shared.world.log.lock().unwrap().push(format!("delete {id}"));
            StatusCode::NO_CONTENT.into_response()
        }
        ["lectures" | "documents", id] => match kept.get(*id) {
            Some(found) => axum::Json(found.clone()).into_response(),
            None => (StatusCode::NOT_FOUND, axum::Json(missing)).into_response(),
        },
        _ => (StatusCode::NOT_FOUND, axum::Json(missing)).into_response(),
    }
}

fn is_unwell(world: &World) -> bool {
    world.unwell.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}

/// The classes: all of them, one of them, or one that is shown a document.
fn class(world: &World, within: &[&str]) -> Response {
    let mut classes = world.classes.lock().unwrap();
    let one = |id: &str, shown: &[String]| {
        let sources = shown.len();
        json!({"classId": id, "name": id, "teaching": true, "members": 0, "sources": sources, "created": 0})
    };
    match within {
        [] => {
            axum::Json(json!({"classes": classes.iter().map(|(id, shown)| one(id, shown)).collect::<Vec<_>>()})).into_response()
        }
        [id] => {
            let shown = &classes[*id];
            let told = |document: &String| json!({"source": {"documentId": document}, "title": "", "own": true, "since": 0});
            axum::Json(json!({"class": one(id, shown), "shown": shown.iter().map(told).collect::<Vec<_>>()})).into_response()
        }
        _ if is_unwell(world) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        _ if world.no_showing.load(Ordering::SeqCst) => {
            let error = json!({"code": "forbidden", "message": "only lecturers can do this", "retryable": false});
            (StatusCode::FORBIDDEN, axum::Json(json!({"error": error}))).into_response()
        }
        [id, .., document] => {
            classes.entry((*id).to_owned()).or_default().push((*document).to_owned());
            StatusCode::NO_CONTENT.into_response()
        }
    }
}

/// A lecture as REST tells it.
pub fn lecture(id: &str, state: &str, progress: f32) -> Value {
    json!({"lectureId": id, "title": "Week 3", "state": state, "progress": progress, "duration": 12.5, "tokensUsed": 99,
        "created": 0, "own": true, "s3Key": format!("lectures/p/{id}/a.wav")})
}

/// A document as REST tells it.
pub fn document(id: &str, state: &str) -> Value {
    json!({"documentId": id, "title": "Tides", "state": state, "progress": 0.1, "canBeAsked": false, "notes": [],
        "bytes": 7, "created": 0, "own": true, "s3Key": format!("documents/p/{id}/a.md")})
}

async fn storage(
    State(shared): State<Shared>,
    method: axum::http::Method,
    Path((_, key)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
    body: Bytes,
) -> Response {
    let world = &shared.world;
    let note = |text: String| world.log.lock().unwrap().push(text);
    let failing = |_| world.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
    let no_upload = || (StatusCode::NOT_FOUND, "<Error><Code>NoSuchUpload</Code><Message>gone</Message></Error>").into_response();
    let upload = query.get("uploadId").cloned();
    if method == axum::http::Method::PUT && world.full.load(Ordering::SeqCst) {
        world.refused.fetch_add(1, Ordering::SeqCst);
        let full =
            "<Error><Code>InsufficientStorage</Code><Message>The server's disk is full; free some space there.</Message></Error>";
        return (StatusCode::INSUFFICIENT_STORAGE, full).into_response();
    }
    match (method.as_str(), upload) {
        ("POST", None) if query.contains_key("uploads") => {
            let id = format!("upload-{}", world.uploads.fetch_add(1, Ordering::SeqCst) + 1);
            world.multiparts.lock().unwrap().insert(id.clone(), (key.clone(), BTreeMap::new()));
            note(format!("begin {key}"));
            format!("<InitiateMultipartUploadResult><Bucket>bucket</Bucket><Key>{key}</Key><UploadId>{id}</UploadId></InitiateMultipartUploadResult>")
                .into_response()
        }
        ("PUT", Some(upload)) => {
            let number: i32 = query["partNumber"].parse().unwrap();
            let stall = *world.stall_from.lock().unwrap();
            if stall.is_some_and(|from| number >= from) {
                std::future::pending::<()>().await;
            }
            if failing(()) {
                return StatusCode::SERVICE_UNAVAILABLE.into_response();
            }
            let mut multiparts = world.multiparts.lock().unwrap();
            let Some((_, parts)) = multiparts.get_mut(&upload) else { return no_upload() };
            parts.insert(number, body.to_vec());
            note(format!("part {number}"));
            [("etag", format!("\"{number}\""))].into_response()
        }
        ("GET", Some(upload)) => {
            let multiparts = world.multiparts.lock().unwrap();
            let Some((_, parts)) = multiparts.get(&upload) else { return no_upload() };
            // One part a page, to show that pages are followed.
            let after: i32 = query.get("part-number-marker").and_then(|m| m.parse().ok()).unwrap_or(0);
            let next = parts.range(after + 1..).next();
            let part = next.map_or(String::new(), |(n, bytes)| {
                format!("<Part><PartNumber>{n}</PartNumber><ETag>\"{n}\"</ETag><Size>{}</Size></Part>", bytes.len())
            });
            let more = next.is_some_and(|(n, _)| parts.range(n + 1..).next().is_some());
            let marker = next.map_or(0, |(n, _)| *n);
            format!("<ListPartsResult><NextPartNumberMarker>{marker}</NextPartNumberMarker><IsTruncated>{more}</IsTruncated>{part}</ListPartsResult>")
                .into_response()
        }
        ("POST", Some(upload)) => {
            let Some((key, parts)) = world.multiparts.lock().unwrap().remove(&upload) else { return no_upload() };
            assert_eq!(String::from_utf8_lossy(&body).matches("<PartNumber>").count(), parts.len());
            world.objects.lock().unwrap().insert(key.clone(), parts.into_values().flatten().collect());
            note(format!("complete {key}"));
            format!("<CompleteMultipartUploadResult><Key>{key}</Key></CompleteMultipartUploadResult>").into_response()
        }
        ("PUT", None) => {
            if failing(()) {
                return StatusCode::SERVICE_UNAVAILABLE.into_response();
            }
            world.objects.lock().unwrap().insert(key.clone(), body.to_vec());
            note(format!("put {key}"));
            [("etag", "\"whole\"")].into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}
