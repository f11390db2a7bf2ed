//! The gateway as a client and a handler see it.

use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures::stream::BoxStream;
use futures::{SinkExt, StreamExt};
use synapscribe_domain::document::DocumentLimits;
use synapscribe_domain::{AudioLimits, LectureId, Session, SessionId, WorkId};
use synapscribe_local::{Door, Keyring, SignatureVerifier};
use synapscribe_ports::accounts::{Admission, SignedIn};
use synapscribe_ports::fakes::{MemoryJobs, MemoryLibrary, MemoryObjects, MemorySessions, NumberedIds};
use synapscribe_ports::{Agent, AgentEvent, AgentRequest, Clock, Connections, Sessions, SystemClock};
use synapscribe_usecases::end_session::Ending;
use synapscribe_usecases::request_upload::Granting;
use synapscribe_usecases::{Conversing, Lines};
use synapscribe_wire::Announcer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite};

use super::*;

#[tokio::test]
async fn a_client_that_reads_nothing_is_let_go() {
    let (over, mut ended) = mpsc::channel::<usize>(1);
    let talk = async move |upgrade: WebSocketUpgrade| {
        upgrade.on_upgrade(async move |mut socket| {
            let mut sent = 0;
            while say(&mut socket, [Message::Text("x".repeat(limits::MESSAGE).into())], Duration::from_millis(200)).await {
                sent += 1;
            }
            let _ = over.send(sent).await;
        })
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/ws", get(talk))).await });
    let mut client = TcpStream::connect(address).await.unwrap();
    let hello = "GET /ws HTTP/1.1\r\nhost: h\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                 sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    client.write_all(hello.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    client.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 101");
    let sent = tokio::time::timeout(Duration::from_secs(20), ended.recv()).await.expect("the sender is held for ever");
    assert!(sent.unwrap() > 0, "what fits into the sockets' buffers is sent");
}

/// An agent that never comes back.
struct Stuck;

#[async_trait]
impl Agent for Stuck {
    async fn invoke(&self, _: AgentRequest) -> Result<BoxStream<'static, AgentEvent>, Failure> {
        pending().await
    }

    async fn cancel(&self, _: &WorkId) -> Result<bool, Failure> {
        pending().await
    }

    async fn end_session(&self, _: &SessionId) -> Result<(), Failure> {
        pending().await
    }
}

type Client = WebSocketStream<MaybeTlsStream<TcpStream>>;

fn ada() -> PersonId {
    PersonId::parse("ada").unwrap()
}

/// What handles the events; it gets stuck where a session is ended.
pub(crate) async fn handler(hub: &Hub) -> lambda_websocket::Context {
    let clock = Arc::new(SystemClock);
    let connections: Arc<dyn Connections> = Arc::new(hub.clone());
    let audience = Arc::new(Announcer::new(Arc::clone(&connections)));
    let (library, sessions) = (Arc::new(MemoryLibrary::default()), Arc::new(MemorySessions::default()));
    let objects = Arc::new(MemoryObjects::new(clock.clone()));
    let (lecture, session) = (LectureId::parse("tides").unwrap(), SessionId::parse("s").unwrap());
    sessions.add_session(&Session::begin(session, ada(), lecture, clock.now())).await.unwrap();
    lambda_websocket::Context {
        granting: Granting {
            library: library.clone(),
            objects: objects.clone(),
            ids: Arc::new(NumberedIds::default()),
            clock: clock.clone(),
            lecture_limits: AudioLimits::LECTURE,
            question_limits: AudioLimits::QUESTION,
            document_limits: Some(DocumentLimits::USUAL),
        },
        conversing: Conversing {
            library,
            sessions: sessions.clone(),
            objects,
            jobs: Arc::new(MemoryJobs::default()),
            agent: Arc::new(Stuck),
            connections: Arc::clone(&connections),
            audience: audience.clone(),
            lines: Lines::default(),
            clock: clock.clone(),
            reconnect: Duration::ZERO,
        },
        ending: Ending { sessions, agent: Arc::new(Stuck), clock: clock.clone() },
        connections,
        audience,
        vouching: None,
        clock,
    }
}

/// A guest's connection to a gateway with these terms. Who she is was established before.
async fn connect(terms: Terms) -> (Client, Hub) {
    connect_under(None, None, terms).await
}

/// The same under a sign-in.
async fn connect_under(sign_in: Option<SignInId>, admission: Option<Arc<dyn Admission>>, terms: Terms) -> (Client, Hub) {
    let hub = Hub::new();
    let gateway = Arc::new(Gateway {
        hub: hub.clone(),
        door: Door::new(SignatureVerifier::new(Arc::new(Keyring::new([1; 32]))), admission, Arc::new(SystemClock)),
        ids: Arc::new(NumberedIds::default()),
        handler: handler(&hub).await,
        terms,
        stop: CancellationToken::new(),
    });
    let open = async move |ConnectInfo(peer): ConnectInfo<SocketAddr>, upgrade: WebSocketUpgrade| {
        let connection = ConnectionId::parse("c1").unwrap();
        let outbox = gateway.hub.attach(&connection);
        let line = Line { gateway, connection, person: ada(), sign_in, peer };
        line.raise("$connect", "CONNECT", None).await;
        upgrade.on_upgrade(async move |socket| line.serve(socket, outbox).await)
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().route("/ws", get(open)).into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, app).await });
    (connect_async(format!("ws://{address}/ws")).await.unwrap().0, hub)
}

async fn hear(client: &mut Client) -> tungstenite::Message {
    let heard = tokio::time::timeout(Duration::from_secs(30), client.next()).await.expect("nothing is said");
    heard.expect("the connection ends without a word").unwrap()
}

#[tokio::test]
async fn a_connection_that_rests_or_grows_old_is_closed_with_a_reason_and_forgotten() {
    let (soon, never) = (Duration::from_millis(200), Duration::from_secs(3600));
    for (idle, life, reason) in [(soon, never, "idle"), (never, soon, "two hours")] {
        let (mut client, hub) = connect(Terms { idle, life, ..Terms::default() }).await;
        let tungstenite::Message::Close(Some(close)) = hear(&mut client).await else { panic!("it goes on") };
        assert!(u16::from(close.code) == 1001 && close.reason.contains(reason), "{close:?}");
        let forgotten = async {
            while !hub.of(&ada()).await.unwrap().is_empty() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), forgotten).await.expect("the gateway raises no disconnect event");
    }
}

/// Believes no token, and knows of one sign-in whether it lasts.
struct Lasting(AtomicBool);

#[async_trait]
impl Admission for Lasting {
    async fn admit(&self, _: &str) -> Result<SignedIn, Failure> {
        Err(Failure::internal())
    }

    async fn still_lasts(&self, _: &SignInId) -> Result<bool, Failure> {
        Ok(self.0.load(Ordering::SeqCst))
    }

    async fn is_accounts(&self, _: &PersonId) -> Result<bool, Failure> {
        Ok(true)
    }

    fn issuer(&self) -> String {
        String::new()
    }
}

#[tokio::test]
async fn a_connection_ends_soon_after_its_sign_in() {
    let lasting = Arc::new(Lasting(AtomicBool::new(true)));
    let terms = Terms { look: Duration::from_millis(20), ..Terms::default() };
    let sign_in = SignInId::parse("s1").unwrap();
    let (mut client, _) = connect_under(Some(sign_in), Some(lasting.clone()), terms).await;
    client.send(tungstenite::Message::text(r#"{"type":"ping"}"#)).await.unwrap();
    assert_eq!(hear(&mut client).await.to_text().unwrap(), r#"{"type":"pong"}"#);
    lasting.0.store(false, Ordering::SeqCst);
    let tungstenite::Message::Close(Some(close)) = hear(&mut client).await else { panic!("it goes on") };
    assert!(u16::from(close.code) == 1008 && close.reason.contains("signed out"), "{close:?}");
}

#[tokio::test]
async fn a_handler_that_hangs_is_given_up_and_the_connection_lives_on() {
    let (mut client, _) = connect(Terms { route: Duration::from_millis(100), ..Terms::default() }).await;
    let say = |text: &'static str| tungstenite::Message::text(text);
    client.send(say(r#"{"type":"end_session","sessionId":"s"}"#)).await.unwrap();
    let error: serde_json::Value = serde_json::from_str(hear(&mut client).await.to_text().unwrap()).unwrap();
    assert_eq!((&error["type"], &error["code"], &error["retryable"]), (&"error".into(), &"busy".into(), &true.into()), "{error}");
    client.send(say(r#"{"type":"ping"}"#)).await.unwrap();
    assert_eq!(hear(&mut client).await.to_text().unwrap(), r#"{"type":"pong"}"#);
}

#[tokio::test]
async fn the_handler_takes_the_published_events() {
    let hub = Hub::new();
    let handler = handler(&hub).await;
    let raise = async |route: &str, person: Option<&str>, body: Option<&str>| {
        let event = serde_json::json!({
            "requestContext": {
                "routeKey": route, "messageId": "m", "eventType": "MESSAGE", "extendedRequestId": "r", "stage": "prod",
                "requestTime": "01/Jan/2026:00:00:00 +0000", "messageDirection": "IN", "connectedAt": 1, "requestTimeEpoch": 1,
                "identity": { "cognitoIdentityId": person, "sourceIp": "127.0.0.1" }, "requestId": "r",
                "domainName": "id.execute-api.us-east-1.amazonaws.com", "connectionId": "L0SM9cOFvHcCIhw=", "apiId": "a",
            },
            "body": body, "isBase64Encoded": false,
        });
        lambda_websocket::handle(&handler, serde_json::from_value(event).unwrap()).await.status_code
    };
    let connection = ConnectionId::parse("L0SM9cOFvHcCIhw=").unwrap();
    assert_eq!(raise("$connect", None, None).await, 401, "nobody is let in without a name");
    assert_eq!(hub.everyone().await.unwrap(), []);
    let mut outbox = hub.attach(&connection);
    assert_eq!(raise("$connect", Some("ada"), None).await, 200);
    assert_eq!(hub.of(&ada()).await.unwrap(), [connection]);
    assert_eq!(raise("$default", Some("ada"), Some(r#"{"type":"ping"}"#)).await, 200);
    assert_eq!(outbox.next().await.as_deref(), Some(r#"{"type":"pong"}"#));
    assert_eq!(raise("$default", Some("ada"), Some("nonsense")).await, 200, "what is wrong is told over the connection");
    assert!(outbox.next().await.unwrap().contains("bad_message"));
    assert_eq!(raise("$disconnect", Some("ada"), None).await, 200);
    assert_eq!(hub.of(&ada()).await.unwrap(), []);
}
