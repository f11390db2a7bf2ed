//! Live lines as a client meets them, over the host's hub.

use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use synapscribe_domain::{ConnectionId, Lecture, LectureId, LectureState, ObjectKey, PersonId, Timestamp, Visibility};
use synapscribe_local::Hub;
use synapscribe_ports::fakes::NumberedIds;
use synapscribe_ports::{Audience, Notice, SendError};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::*;
use crate::gateway::tests::handler;

type Client = WebSocketStream<MaybeTlsStream<TcpStream>>;

fn ada() -> PersonId {
    PersonId::parse("ada").unwrap()
}

/// Takes everybody for Ada.
struct Everybody;

#[async_trait]
impl Porter for Everybody {
    async fn who(&self, _: &Method, _: &Uri, _: &HeaderMap) -> Result<Speaker, Failure> {
        Ok(Speaker { person: ada(), sign_in: None })
    }

    async fn may_stay(&self, _: &SignInId) -> bool {
        true
    }
}

/// Takes everybody for Ada, under a sign-in that lasts as long as this says.
struct Lasting(Arc<AtomicBool>);

#[async_trait]
impl Porter for Lasting {
    async fn who(&self, _: &Method, _: &Uri, _: &HeaderMap) -> Result<Speaker, Failure> {
        Ok(Speaker { person: ada(), sign_in: Some(SignInId::parse("s1").unwrap()) })
    }

    async fn may_stay(&self, _: &SignInId) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Takes what is loud for speech.
struct Loud(bool);

impl Voice for Loud {
    fn push(&mut self, samples: &[f32]) {
        self.0 = samples.iter().any(|sample| sample.abs() > 0.1);
    }

    fn speaking(&self) -> bool {
        self.0
    }
}

/// Takes for ever over whatever somebody is to be told.
struct Slow;

#[async_trait]
impl Audience for Slow {
    async fn tell(&self, _: &ConnectionId, _: &Notice) -> Result<(), SendError> {
        pending().await
    }
}

/// Serves lines about two lectures of Ada's, and says where, and what stops them. She has a session `s` about the first.
async fn lines(terms: Terms, arrange: impl FnOnce(&mut Conversing)) -> (String, CancellationToken) {
    lines_past(Arc::new(Everybody), terms, arrange).await
}

/// The same, with another at the door.
async fn lines_past(porter: Arc<dyn Porter>, terms: Terms, arrange: impl FnOnce(&mut Conversing)) -> (String, CancellationToken) {
    let (hub, ids, stop) = (Hub::new(), Arc::new(NumberedIds::default()), CancellationToken::new());
    let mut conversing = handler(&hub).await.conversing;
    for name in ["tides", "waves"] {
        let id = LectureId::parse(name).unwrap();
        let lecture = Lecture {
            key: ObjectKey::lecture(&ada(), &id, "talk.wav"),
            id,
            owner: ada(),
            visibility: Visibility::Private,
            title: name.into(),
            state: LectureState::Ready,
            media: None,
            tokens: None,
            created: Timestamp(1),
        };
        conversing.library.add_lecture(&lecture).await.unwrap();
    }
    arrange(&mut conversing);
    let queues = HubLines { hub, ids: ids.clone(), stop: stop.clone() };
    let live = Live {
        conversing,
        ids,
        porter,
        open: Arc::new(move || lambda_library::Lines::open(&queues)),
        voice: || -> Box<dyn Voice> { Box::new(Loud(false)) },
        limits: AudioLimits::QUESTION,
        terms,
        seats: Seats::default(),
        stop: stop.clone(),
    };
    let app = synapscribe_agentcore::live::router(Arc::new(live));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    (format!("ws://{address}/ws/audio"), stop)
}

async fn connect(url: &str) -> Client {
    connect_async(url).await.unwrap().0
}

async fn hear(client: &mut Client) -> Message {
    let heard = tokio::time::timeout(Duration::from_secs(30), client.next()).await.expect("nothing is said");
    heard.expect("the line ends without a word").unwrap()
}

/// The next message, and that it is text.
async fn told(client: &mut Client) -> Value {
    serde_json::from_str(hear(client).await.to_text().unwrap()).unwrap()
}

async fn say(client: &mut Client, message: Value) {
    client.send(Message::text(message.to_string())).await.unwrap();
}

/// Whether the line lives.
async fn answers(client: &mut Client) -> bool {
    say(client, json!({ "type": "ping" })).await;
    told(client).await == json!({ "type": "pong" })
}

/// How the line ends.
async fn closed(client: &mut Client) -> (u16, String) {
    let Message::Close(Some(close)) = hear(client).await else { panic!("it goes on") };
    (u16::from(close.code), close.reason.to_string())
}

#[tokio::test]
async fn every_line_hears_that_its_host_is_stopping() {
    let (url, stop) = lines(Terms::default(), |_| {}).await;
    let mut clients = Vec::new();
    for _ in 0..8 {
        let mut client = connect(&url).await;
        assert!(answers(&mut client).await);
        clients.push(client);
    }
    stop.cancel();
    for client in &mut clients {
        let (code, reason) = closed(client).await;
        assert!(code == 1001 && reason.contains("stopping"), "{code} {reason}");
    }
}

#[tokio::test]
async fn a_line_ends_soon_after_its_sign_in() {
    let lasting = Arc::new(AtomicBool::new(true));
    let terms = Terms { look: Duration::from_millis(20), ..Terms::default() };
    let (url, _stop) = lines_past(Arc::new(Lasting(lasting.clone())), terms, |_| {}).await;
    let mut client = connect(&url).await;
    assert!(answers(&mut client).await);
    lasting.store(false, Ordering::SeqCst);
    let (code, reason) = closed(&mut client).await;
    assert!(code == 1008 && reason.contains("signed out"), "{code} {reason}");
}

#[tokio::test]
async fn a_session_about_another_lecture_is_refused_before_anybody_speaks() {
    let (url, _stop) = lines(Terms::default(), |_| {}).await;
    let mut client = connect(&url).await;
    let start = |lecture: &str| json!({ "type": "start", "lectureId": lecture, "sessionId": "s", "sampleRate": 16_000 });
    say(&mut client, start("waves")).await;
    let error = told(&mut client).await;
    assert_eq!((&error["type"], &error["code"]), (&json!("error"), &json!("not_found")), "{error}");
    say(&mut client, start("tides")).await;
    assert_eq!(told(&mut client).await, json!({ "type": "listening", "sessionId": "s" }));
}

#[tokio::test]
async fn what_is_too_large_for_a_line_is_told_over_it_and_what_no_message_may_be_ends_it() {
    let (url, _stop) = lines(Terms::default(), |_| {}).await;
    let mut client = connect(&url).await;
    client.send(Message::binary(vec![0; 40_000])).await.unwrap();
    assert_eq!(told(&mut client).await["code"], "message_too_large");
    assert!(answers(&mut client).await);
    // The beginning of a masked binary frame says how long it is.
    let mut begun = vec![0x82u8, 0xFF];
    begun.extend(140_000u64.to_be_bytes());
    begun.extend([0u8; 4]);
    client.get_mut().write_all(&begun).await.unwrap();
    let (code, reason) = closed(&mut client).await;
    assert!(code == 1009 && reason.contains("128 KB"), "{code} {reason}");
}

#[tokio::test]
async fn a_question_over_which_the_server_takes_too_long_is_given_up_and_the_line_lives_on() {
    let terms = Terms { route: Duration::from_millis(100), ..Terms::default() };
    let (url, _stop) = lines(terms, |conversing| conversing.audience = Arc::new(Slow)).await;
    let mut client = connect(&url).await;
    say(&mut client, json!({ "type": "start", "lectureId": "tides", "sampleRate": 16_000 })).await;
    assert_eq!(told(&mut client).await["type"], "listening");
    let loud: Vec<u8> = std::iter::repeat_n(9_000i16, 11_200).flat_map(i16::to_le_bytes).collect();
    let mut names = Vec::new();
    for _ in 0..2 {
        client.send(Message::binary(loud.clone())).await.unwrap();
        say(&mut client, json!({ "type": "end" })).await;
        assert_eq!(told(&mut client).await, json!({ "type": "speech_started" }));
        let error = told(&mut client).await;
        assert_eq!(
            (&error["type"], &error["code"], &error["retryable"]),
            (&json!("error"), &json!("busy"), &json!(true)),
            "{error}"
        );
        names.push(error["queryId"].as_str().expect("nobody knows which question it was").to_owned());
        assert!(answers(&mut client).await);
    }
    assert_ne!(names[0], names[1]);
}
