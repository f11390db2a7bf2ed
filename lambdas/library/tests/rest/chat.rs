//! Sessions that begin over REST, and questions whose answers come as server-sent events.

use std::sync::Arc;
use std::time::Duration;

use axum::http::header;
use axum::response::Response;
use futures::stream::BoxStream;
use http_body_util::BodyExt;
use lambda_library::Lines;
use serde_json::{Value, json};
use synapscribe_domain::{Code, ConnectionId, Failure, TurnState, Visibility};
use synapscribe_ports::fakes::Act;
use synapscribe_ports::{AgentEvent, Jobs, Sessions, Summary};

use crate::desk::Desk;

/// An event as it came: its name and its data.
type Told = (String, Value);

/// The next events of a stream, up to the first that fits or its end.
async fn heard(body: &mut axum::body::Body, fits: impl Fn(&str) -> bool) -> Vec<Told> {
    let (mut text, mut told) = (String::new(), Vec::new());
    while let Some(frame) = body.frame().await {
        text.push_str(std::str::from_utf8(frame.unwrap().data_ref().unwrap()).unwrap());
        while let Some((event, rest)) = text.split_once("\n\n") {
            let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim();
            if !field("event:").is_empty() {
                told.push((field("event:").to_owned(), serde_json::from_str(field("data:")).unwrap()));
            }
            text = rest.to_owned();
        }
        if told.last().is_some_and(|(kind, _)| fits(kind)) {
            break;
        }
    }
    told
}

/// Lines that no worker reaches, for answers that take so long at most.
struct Alone(Arc<dyn Lines>, Duration);

impl Lines for Alone {
    fn open(&self) -> (ConnectionId, BoxStream<'static, String>) {
        self.0.open()
    }

    fn own_time(&self) -> Option<Duration> {
        Some(self.1)
    }
}

async fn alone(longest: Duration) -> Desk {
    Desk::with(|context| {
        context.lines = context.lines.take().map(|lines| Arc::new(Alone(lines, longest)) as Arc<dyn Lines>);
    })
    .await
}

async fn begun(desk: &Desk) -> String {
    desk.lecture("talk", "ada", Visibility::Private).await;
    let about = json!({ "lectureId": "talk", "title": " About\n tides " });
    let (status, said) = desk.call("ada", "POST", "sessions", Some(about)).await;
    assert_eq!(status, 201, "{said}");
    let session: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(
        (&session["title"], &session["turnCount"], &session["lectureId"]),
        (&json!("About tides"), &json!(0), &json!("talk"))
    );
    session["sessionId"].as_str().unwrap().to_owned()
}

async fn asked(desk: &Desk, session: &str, body: Value) -> Response {
    let reply = desk.send("ada", "POST", &format!("sessions/{session}/turns"), Some(body)).await;
    assert_eq!((reply.status().as_u16(), reply.headers()[header::CONTENT_TYPE].to_str().unwrap()), (200, "text/event-stream"));
    reply
}

fn answer() -> Vec<AgentEvent> {
    let end = AgentEvent::Done(Summary { generated: true, found: true, ..Summary::default() });
    vec![
        AgentEvent::Retrieved,
        AgentEvent::Wrote("The moon ".into()),
        AgentEvent::Wrote("pulls.".into()),
        AgentEvent::Written,
        end,
    ]
}

#[tokio::test]
async fn an_answer_comes_as_events_and_is_kept_as_one_over_the_socket_is() {
    let desk = Desk::new().await;
    let session = begun(&desk).await;
    desk.agent.play(answer());
    let reply = asked(&desk, &session, json!({ "queryId": "q1", "text": "What pulls?" })).await;
    desk.answer().await;
    let told = heard(&mut reply.into_body(), |_| false).await;
    let kinds: Vec<&str> = told.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["query_accepted", "answer_text", "answer_text", "answer_done"], "and the stream ends by itself");
    assert!(told.iter().all(|(kind, data)| data["type"] == kind.as_str() && data["queryId"] == "q1"), "{told:?}");
    let words: String = told.iter().filter_map(|(_, data)| data["delta"].as_str()).collect();
    let turn = desk.get("ada", &format!("sessions/{session}")).await["turns"][0].clone();
    assert_eq!((words.as_str(), &turn["answer"], &turn["state"]), ("The moon pulls.", &json!(words), &json!("done")));
    assert!(desk.agent.requests()[0].speech.is_none(), "what nobody asked to hear is not spoken");

    // Asked again, it is told again and not answered again.
    let reply = asked(&desk, &session, json!({ "queryId": "q1", "text": "What pulls?" })).await;
    let again = heard(&mut reply.into_body(), |_| false).await;
    assert_eq!(again.last().unwrap().0, "answer_done");
    assert_eq!(desk.agent.requests().len(), 1);
    assert_eq!(desk.hub.open(), 0, "no line is left");
}

#[tokio::test]
async fn where_no_worker_reaches_whoever_waits_the_answer_is_given_at_once_and_has_an_end() {
    let desk = alone(Duration::from_secs(60)).await;
    let session = begun(&desk).await;
    desk.agent.play(answer());
    let reply = asked(&desk, &session, json!({ "queryId": "q1", "text": "What pulls?" })).await;
    let told = heard(&mut reply.into_body(), |_| false).await;
    assert_eq!(told.last().unwrap().0, "answer_done");
    assert_eq!(desk.store.depth().await.unwrap(), (0, 0, 0), "no worker is asked to answer it");
    let turn = desk.get("ada", &format!("sessions/{session}")).await["turns"][0].clone();
    assert_eq!((&turn["answer"], &turn["state"]), (&json!("The moon pulls."), &json!("done")));

    // Nobody keeps two from writing one answer.
    desk.agent.act([AgentEvent::Retrieved, AgentEvent::Wrote("The sun ".into())].map(Act::Event));
    let reply = asked(&desk, &session, json!({ "queryId": "q2", "text": "What shines?" })).await;
    let mut body = reply.into_body();
    heard(&mut body, |kind| kind == "answer_text").await;
    let again = Some(json!({ "queryId": "q2", "text": "What shines?" }));
    let (_, code) = desk.refused("ada", "POST", &format!("sessions/{session}/turns"), again).await;
    assert_eq!((code.as_str(), desk.agent.requests().len()), ("busy", 2), "it is being answered");
    drop(body);

    let hurried = alone(Duration::from_millis(20)).await;
    let session = begun(&hurried).await;
    // It goes on for ever once it has begun.
    hurried.agent.act([AgentEvent::Retrieved, AgentEvent::Wrote("The moon ".into())].map(Act::Event));
    let reply = asked(&hurried, &session, json!({ "text": "What pulls?" })).await;
    let told = heard(&mut reply.into_body(), |_| false).await;
    let (kind, data) = told.last().unwrap();
    assert_eq!((kind.as_str(), &data["code"]), ("error", &json!("busy")), "{told:?}");
}

#[tokio::test]
async fn a_failure_in_the_middle_is_the_last_event() {
    let desk = Desk::new().await;
    let session = begun(&desk).await;
    let failure = Failure::new(Code::EngineFailed, "the model broke off");
    desk.agent.play([AgentEvent::Retrieved, AgentEvent::Wrote("It begins".into()), AgentEvent::Failed(failure)]);
    let reply = asked(&desk, &session, json!({ "text": "Why?", "speech": {} })).await;
    desk.answer().await;
    let told = heard(&mut reply.into_body(), |_| false).await;
    let (kind, data) = told.last().unwrap();
    assert_eq!((kind.as_str(), &data["code"], &data["retryable"]), ("error", &json!("engine_failed"), &json!(true)));
    assert!(desk.agent.requests()[0].speech.is_some());
}

#[tokio::test]
async fn closing_the_connection_stops_the_answer_at_once_and_keeps_what_was_sent() {
    let desk = Desk::new().await;
    let session = begun(&desk).await;
    // It goes on for ever once it has begun.
    desk.agent.act([AgentEvent::Retrieved, AgentEvent::Wrote("The moon ".into())].map(Act::Event));
    let reply = asked(&desk, &session, json!({ "queryId": "q1", "text": "What pulls?" })).await;
    let mut body = reply.into_body();
    let leaving = async {
        heard(&mut body, |kind| kind == "answer_text").await;
        drop(body);
    };
    // The answer waits a minute for somebody who may come back over a socket, and not a moment for whoever leaves here.
    let ended = tokio::time::timeout(std::time::Duration::from_secs(30), async { tokio::join!(desk.answer(), leaving) }).await;
    assert!(ended.is_ok(), "it was not stopped");
    let id = synapscribe_domain::SessionId::parse(session).unwrap();
    let turn = desk.store.turns(&id).await.unwrap().remove(0);
    assert_eq!((turn.state, turn.answer.as_str()), (TurnState::Cancelled, "The moon "));
    assert_eq!((desk.agent.working(), desk.hub.open()), (0, 0));
}

#[tokio::test]
async fn whoever_left_before_it_began_is_not_answered() {
    let desk = Desk::new().await;
    let session = begun(&desk).await;
    drop(asked(&desk, &session, json!({ "queryId": "q1", "text": "What pulls?" })).await);
    desk.agent.play(answer());
    desk.answer().await;
    let id = synapscribe_domain::SessionId::parse(session).unwrap();
    let turn = desk.store.turns(&id).await.unwrap().remove(0);
    assert_eq!((turn.state, turn.answer.as_str()), (TurnState::Cancelled, ""));
}

#[tokio::test]
async fn what_cannot_be_begun_or_asked_is_refused_before_anything_streams() {
    let desk = Desk::new().await;
    let session = begun(&desk).await;
    let post = async |path: &str, body: Value| desk.refused("ada", "POST", path, Some(body)).await;
    for (body, code) in [
        (json!({}), (400, "bad_message")),
        (json!({ "lectureId": "talk", "everything": true }), (400, "bad_message")),
        (json!({ "lectureId": "talk", "title": "x".repeat(121) }), (400, "bad_message")),
        (json!({ "lectureId": "nowhere" }), (404, "not_found")),
    ] {
        assert_eq!(post("sessions", body.clone()).await, (code.0, code.1.to_owned()), "{body}");
    }
    let turns = format!("sessions/{session}/turns");
    for body in [
        json!({}),
        json!({ "text": " " }),
        json!({ "text": "why?", "s3Key": "queries/ada/q1.wav" }),
        json!({ "text": "x".repeat(2_001) }),
        json!({ "text": "why?", "queryId": "a b" }),
        json!({ "text": "why?", "playhead": 1e9 }),
    ] {
        assert_eq!(post(&turns, body.clone()).await, (400, "bad_message".into()), "{body}");
    }
    assert_eq!(post("sessions/nowhere/turns", json!({ "text": "why?" })).await, (404, "not_found".into()));
    let whole = Desk::with(|context| context.lines = None).await;
    let session = begun(&whole).await;
    let refused = whole.refused("ada", "POST", &format!("sessions/{session}/turns"), Some(json!({ "text": "why?" }))).await;
    assert_eq!(refused, (501, "not_offered".into()), "a gateway that cannot stream says so");
    let split = Desk::with(|context| {
        (context.lines, context.streaming_url) = (None, Some("https://streaming.example/api".into()));
    })
    .await;
    let session = begun(&split).await;
    let turns = format!("sessions/{session}/turns");
    let (_, said) = split.call("ada", "POST", &turns, Some(json!({ "text": "why?" }))).await;
    assert!(said.contains(&format!("https://streaming.example/api/{turns}")), "and where one is that can: {said}");
}
