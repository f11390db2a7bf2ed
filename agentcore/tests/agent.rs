//! The agent behaves as every agent has to, in this process and behind its own routes, and takes on no more than it has places for.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use futures::StreamExt;
use synapscribe_agentcore::{AgentCore, Capacity, HttpAgent, router};
use synapscribe_domain::retrieval::Weights;
use synapscribe_domain::{
    AudioLimits, Code, Lecture, LectureId, LectureState, Millis, ObjectKey, Passage, PersonId, Question, SessionId, Span,
    Timestamp, Visibility, WorkId,
};
use synapscribe_ports::conformance::agent::{LECTURE, suite};
use synapscribe_ports::fakes::{Ear, MemoryLibrary, MemoryObjects, ScriptedTutor, SetClock, Voice, WavAudio};
use synapscribe_ports::{Agent, AgentEvent, AgentRequest, Library, Scope};
use synapscribe_sql::Store;
use synapscribe_usecases::Asking;
use synapscribe_usecases::patience::Patience;
use tower::ServiceExt;

/// An agent over ports in memory, and the tutor behind it.
async fn agent(capacity: Capacity) -> (Arc<AgentCore>, Arc<ScriptedTutor>) {
    let library = MemoryLibrary::default();
    let (id, owner) = (LectureId::parse(LECTURE).unwrap(), PersonId::parse("ada").unwrap());
    let lecture = Lecture {
        key: ObjectKey::lecture(&owner, &id, "gradients.wav"),
        id: id.clone(),
        owner,
        visibility: Visibility::Public,
        title: "Gradients".into(),
        state: LectureState::Ready,
        media: None,
        tokens: Some(20),
        created: Timestamp(0),
    };
    let passage = Passage::said(&id, 0, Span::new(Millis(0), Millis(9_000)), "The gradient points uphill, for ever and always.");
    library.add_lecture(&lecture).await.unwrap();
    library.index(&(&id).into(), &[passage], "", &[]).await.unwrap();
    over(Arc::new(library), capacity)
}

fn over(library: Arc<dyn Library>, capacity: Capacity) -> (Arc<AgentCore>, Arc<ScriptedTutor>) {
    let tutor = Arc::new(ScriptedTutor::with_window(8_192));
    let asking = Asking {
        library,
        objects: Arc::new(MemoryObjects::new(Arc::new(SetClock::at(Timestamp(0))))),
        audio: Arc::new(WavAudio),
        transcriber: Arc::new(Ear::default()),
        tutor: tutor.clone(),
        narrator: Arc::new(Voice::default()),
        embedder: None,
        scratch: std::env::temp_dir(),
        patience: Patience::default(),
        weights: Weights::default(),
        limits: AudioLimits::QUESTION,
    };
    (Arc::new(AgentCore::new(asking, capacity)), tutor)
}

/// The agent behind its routes, and a client of them.
async fn behind_routes(core: Arc<AgentCore>) -> HttpAgent {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router(core, Some("secret".into()))).await });
    HttpAgent::new(&address, Some("secret".into())).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn in_this_process() {
    let (core, tutor) = agent(Capacity::default()).await;
    suite(&*core, &|| tutor.working()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_its_routes() {
    let (core, tutor) = agent(Capacity::default()).await;
    suite(&behind_routes(core).await, &|| tutor.working()).await;
}

fn request(work: &str) -> AgentRequest {
    AgentRequest {
        work: WorkId::parse(work).unwrap(),
        session: SessionId::parse("s").unwrap(),
        scope: Scope::of(LectureId::parse(LECTURE).unwrap()),
        question: Question::Text("Go on for ever.".into()),
        playhead: None,
        page: None,
        history: Vec::new(),
        speech: None,
        trace: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_its_places_it_is_busy_and_a_place_that_is_free_again_is_taken() {
    let (core, _) = agent(Capacity { running: 1, waiting: 0 }).await;
    let remote = behind_routes(Arc::clone(&core)).await;
    let mut first = core.invoke(request("w1")).await.unwrap();
    assert!(first.next().await.is_some());
    for agent in [&*core as &dyn Agent, &remote] {
        let refused = agent.invoke(request("w2")).await.err().map(|failure| failure.code);
        assert_eq!(refused, Some(Code::Busy));
    }
    drop(first);
    let mut second = remote.invoke(request("w2")).await.unwrap();
    assert!(second.next().await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_can_be_stopped_while_waiting() {
    let (core, tutor) = agent(Capacity { running: 1, waiting: 1 }).await;
    let mut first = core.invoke(request("w1")).await.unwrap();
    assert!(first.next().await.is_some());
    let waiting = tokio::spawn({
        let core = Arc::clone(&core);
        async move { core.invoke(request("w2")).await.err().map(|failure| failure.code) }
    });
    let stopped = async {
        while !core.metrics().render().contains("synapscribe_turns_waiting 1\n") {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        core.cancel(&WorkId::parse("w2").unwrap()).await.unwrap()
    };
    assert!(tokio::time::timeout(Duration::from_secs(10), stopped).await.unwrap(), "it was in the queue");
    assert_eq!(waiting.await.unwrap(), Some(Code::Cancelled));
    assert_eq!(tutor.asked().len(), 1, "what was stopped while waiting never reached the tutor");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_without_the_token_is_told_that_the_host_is_not_admitted() {
    let (core, _) = agent(Capacity::default()).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router(core, Some("secret".into()))).await });
    for token in [None, Some("guessed".to_owned())] {
        let refused = HttpAgent::new(&address, token).unwrap().invoke(request("w")).await.err().unwrap();
        assert_eq!(refused.code, Code::EngineMissing, "{refused}");
        assert!(refused.message.contains("SYNAPSCRIBE_AGENT_TOKEN"), "{refused}");
    }
}

/// A client of an agent that answers every question with these lines.
async fn saying(lines: String) -> HttpAgent {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let routes = axum::Router::new().route("/invoke", axum::routing::post(move || async move { lines }));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    HttpAgent::new(&address, None).unwrap()
}

#[tokio::test]
async fn what_only_a_newer_agent_says_is_passed_over_and_nonsense_ends_the_answer() {
    let heard = async |line: &str| {
        let told = format!("{{\"type\":\"answer_text\",\"delta\":\"Up.\"}}\n{line}\n{{\"type\":\"written\"}}\n");
        let events: Vec<_> = saying(told).await.invoke(request("w")).await.unwrap().collect().await;
        assert_eq!(events[0], AgentEvent::Wrote("Up.".into()), "{line}");
        let Some(AgentEvent::Failed(failure)) = events.last().cloned() else { panic!("{line}: {events:?}") };
        (events.contains(&AgentEvent::Written), failure.message)
    };
    for newer in [r#"{"type":"mood"}"#, r#"{"smiles":[{"often":true}],"type":"mood"}"#] {
        let (on, why) = heard(newer).await;
        assert!(on && why.contains("went away"), "{newer}: {why}");
    }
    for nonsense in ["mood", "{}", r#"{"kind":"mood"}"#, r#"{"type":"answer_text"}"#, r#"{"type":"mood""#] {
        let (on, why) = heard(nonsense).await;
        assert!(!on && why.contains("nonsense"), "{nonsense}: {why}");
    }
}

#[tokio::test]
async fn it_is_not_ready_while_its_library_does_not_answer() {
    let store = Store::open_in_memory().await.unwrap();
    let (core, _) = over(Arc::new(store.clone()), Capacity::default());
    let app = router(core, None);
    let ask = async |path: &str| {
        let request = Request::get(path).body(Body::empty()).unwrap();
        app.clone().oneshot(request).await.unwrap().status().as_u16()
    };
    assert_eq!((ask("/ready").await, ask("/health").await), (200, 200));
    store.close().await;
    assert_eq!((ask("/ready").await, ask("/health").await), (503, 200), "it lives, and is not to be asked");
}

#[tokio::test]
async fn whatever_it_refuses_it_refuses_with_a_code_and_a_sentence() {
    let (core, _) = agent(Capacity::default()).await;
    let app = router(core, None);
    let large = format!(r#"{{"workId":"{}"}}"#, "w".repeat(300 * 1024));
    for (method, path, body, status, code, word) in [
        ("POST", "/invoke", "", 400, "bad_message", "not JSON"),
        ("POST", "/invoke", "{}", 400, "bad_message", "is missing"),
        ("POST", "/cancel", r#"{"workId":7}"#, 400, "bad_message", "`workId` has to be text"),
        ("POST", "/cancel", r#"{"workId":""}"#, 400, "bad_message", "`workId`"),
        ("POST", "/end_session", "[]", 400, "bad_message", "not a JSON object"),
        ("POST", "/invoke", large.as_str(), 413, "message_too_large", "256 KB"),
        ("POST", "/cancel", large.as_str(), 413, "message_too_large", "256 KB"),
        ("GET", "/invoke", "", 405, "not_offered", "`Allow`"),
        ("DELETE", "/health", "", 405, "not_offered", "`Allow`"),
        ("POST", "/invok", "{}", 404, "not_found", "nothing at this address"),
    ] {
        let request = Request::builder().method(method).uri(path).body(Body::from(body.to_owned())).unwrap();
        let answer = app.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{method} {path}");
        assert_eq!(answer.headers().contains_key("allow"), status == 405, "{method} {path}");
        let said = axum::body::to_bytes(answer.into_body(), 64 * 1024).await.unwrap();
        let said: serde_json::Value = serde_json::from_slice(&said).unwrap();
        assert_eq!(said["error"]["code"], code, "{method} {path}: {said}");
        assert!(said["error"]["message"].as_str().unwrap().contains(word), "{method} {path}: {said}");
    }
}
