//! Lectures, sessions and what there is to work with.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt;
use lambda_library::{Caller, TurnedAway};
use serde_json::{Value, json};
use synapscribe_domain::lecture::HOUSE;
use synapscribe_domain::{
    Citation, Code, Failure, LectureState, Millis, ObjectKey, Passage, QueryId, Session, SessionId, Span, Timestamp, Turn,
    TurnState, Visibility, Waveform,
};
use synapscribe_ports::{Clock, Library, Objects, Sessions, SystemClock};
use tower::ServiceExt;

use crate::desk::{Desk, person};

fn turn(session: &Session, query: &str, asked: i64, question: &str) -> Turn {
    let lecture = session.about.lecture().unwrap();
    let said = Passage::said(lecture, 0, Span::new(Millis(61_000), Millis(65_000)), "slopes multiply");
    Turn {
        query: QueryId::parse(query).unwrap(),
        session: session.id.clone(),
        about: session.about.clone(),
        asked: Timestamp(asked),
        playhead: None,
        question: question.into(),
        answer: "Slopes multiply.".into(),
        citations: vec![Citation::of(1, &said, "slopes multiply", 1.0)],
        spoken: Millis(0),
        aloud: Default::default(),
        generated: true,
        found: true,
        state: TurnState::Done,
        failure: None,
        timings: Default::default(),
        usage: Default::default(),
    }
}

#[tokio::test]
async fn who_added_a_lecture_is_told_to_whoever_looks() {
    let desk = Desk::new().await;
    desk.lecture("mine", "ada", Visibility::Public).await;
    desk.lecture("sample", HOUSE, Visibility::Public).await;
    let by = async |who: &str, id: &str| desk.get(who, &format!("lectures/{id}")).await["addedBy"].clone();
    assert_eq!((by("ada", "mine").await, by("bob", "mine").await), (json!("you"), json!("other")));
    assert_eq!(by("ada", "sample").await, "sample");
}

#[tokio::test]
async fn a_lecture_is_renamed_by_its_owner_alone() {
    let desk = Desk::new().await;
    desk.lecture("l1", "ada", Visibility::Public).await;
    let (status, body) = desk.call("ada", "PATCH", "lectures/l1", Some(json!({ "title": " The chain\n rule " }))).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert_eq!(desk.get("bob", "lectures/l1").await["title"], "The chain rule");
    let refused = async |who: &str, body: Value| desk.refused(who, "PATCH", "lectures/l1", Some(body)).await;
    assert_eq!(refused("bob", json!({ "title": "x" })).await, (404, "not_found".into()));
    for bad in [json!({ "title": " " }), json!({ "title": "x".repeat(121) }), json!({}), json!([]), json!({ "title": 5 })] {
        assert_eq!(refused("ada", bad.clone()).await, (400, "bad_message".into()), "{bad}");
    }
    assert_eq!(desk.get("ada", "lectures/l1").await["title"], "The chain rule");
}

#[tokio::test]
async fn a_phrase_is_corrected_when_it_is_as_the_person_saw_it() {
    let desk = Desk::new().await;
    desk.lecture("l1", "ada", Visibility::Public).await;
    let correction = |expected: &str| Some(json!({ "from": 1.25, "expected": expected, "text": "the chain rule" }));
    let path = "lectures/l1/phrases";
    assert_eq!(desk.refused("bob", "PATCH", path, correction("the train rule")).await, (404, "not_found".into()));
    let (status, body) = desk.call("ada", "PATCH", path, correction("the train rule")).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let phrase = desk.get("bob", "lectures/l1/transcript").await["phrases"][0].clone();
    assert_eq!((&phrase["text"], &phrase["corrected"], &phrase["from"]), (&json!("the chain rule"), &json!(true), &json!(1.25)));
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), phrase);
    assert_eq!(desk.refused("ada", "PATCH", path, correction("the train rule")).await, (409, "conflict".into()));
    assert_eq!(desk.refused("ada", "PATCH", path, Some(json!({ "from": 1.25 }))).await, (400, "bad_message".into()));
}

#[tokio::test]
async fn a_waveform_has_as_many_points_as_are_asked_for_and_is_drawn_once() {
    let desk = Desk::new().await;
    let id = desk.lecture("l1", "ada", Visibility::Private).await;
    let drawn = desk.get("ada", "lectures/l1/waveform?points=4").await;
    assert_eq!((&drawn["peaks"], &drawn["duration"]), (&json!([49, 99, 149, 199]), &json!(20.0)));
    assert_eq!(desk.get("ada", "lectures/l1/waveform").await["peaks"].as_array().unwrap().len(), 200, "no more than there are");
    assert_eq!(desk.store.waveform(&id).await.unwrap().unwrap().peaks.len(), 200, "what was drawn is kept");
    assert_eq!(desk.refused("bob", "GET", "lectures/l1/waveform", None).await, (404, "not_found".into()));
    desk.store.change_lecture(&id, &|l| l.state = LectureState::Validating).await.unwrap();
    desk.store.save_waveform(&id, &Waveform { peaks: vec![3] }).await.unwrap();
    assert_eq!(desk.get("ada", "lectures/l1/waveform?points=9").await["peaks"], json!([3]), "it is there before the words are");
}

#[tokio::test]
async fn a_session_has_a_name_a_number_of_turns_and_a_text_to_keep() {
    let desk = Desk::new().await;
    let lecture = desk.lecture("l1", "ada", Visibility::Private).await;
    let session = Session::begin(SessionId::parse("s1").unwrap(), person("ada"), lecture, SystemClock.now());
    desk.store.add_session(&session).await.unwrap();
    let listed = async || desk.get("ada", "sessions").await["sessions"][0].clone();
    assert_eq!((listed().await["title"].clone(), listed().await["turnCount"].clone()), (Value::Null, json!(0)));
    for turn in [turn(&session, "q1", 1, "What is the chain rule?"), turn(&session, "q2", 2, "And why?")] {
        desk.store.save_turn(&turn).await.unwrap();
    }
    let line = listed().await;
    assert_eq!((&line["title"], &line["turnCount"]), (&json!("What is the chain rule?"), &json!(2)));
    assert!(line["turns"].is_null(), "a list has no turns");

    let rename = async |who: &str| desk.call(who, "PATCH", "sessions/s1", Some(json!({ "title": "Calculus" }))).await.0.as_u16();
    assert_eq!((rename("bob").await, rename("ada").await), (404, 200));
    assert_eq!(listed().await["title"], "Calculus");
    assert_eq!(desk.get("ada", "sessions/s1").await["title"], "Calculus");
    let (status, text) = desk.call("ada", "GET", "sessions/s1/export.md", None).await;
    assert_eq!(status, StatusCode::OK);
    assert!(text.starts_with("# Calculus\n") && text.contains("## And why?"), "{text}");
    assert!(text.contains("1:01–1:05: “slopes multiply”"), "{text}");
    assert_eq!(desk.refused("bob", "GET", "sessions/s1/export.md", None).await, (404, "not_found".into()));
}

#[tokio::test]
async fn what_is_kept_and_what_does_the_work_is_told() {
    let desk = Desk::new().await;
    desk.lecture("l1", "ada", Visibility::Private).await;
    desk.lecture("l2", "bob", Visibility::Private).await;
    for query in ["q1", "q2"] {
        let key = ObjectKey::query(&person("ada"), &QueryId::parse(query).unwrap(), "wav");
        desk.objects.put(&key, axum::body::Bytes::from_static(b"four"), "audio/wav").await.unwrap();
    }
    let stored = json!({ "lectures": 12, "queries": 8, "responses": 0, "models": 77 });
    assert_eq!(desk.get("ada", "storage").await, stored);
    let engines = desk.get("ada", "engines").await;
    let roles: Vec<&str> = engines["engines"].as_array().unwrap().iter().map(|e| e["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["recognition", "answers", "speech"]);
    assert_eq!(engines["engines"][1]["sendsTo"], "gpu.example.edu:8000");
    assert_eq!(engines["engines"][0].get("sendsTo"), None, "what stays here names no place");
    let tried = desk.get("ada", "engines/servers").await;
    assert_eq!(
        tried["servers"],
        json!([{ "role": "answers", "server": "gpu.example.edu:8000", "error": {
        "code": "engine_failed", "message": "it cannot be reached", "retryable": true } }])
    );
    assert_eq!(desk.get("ada", "voices").await["others"], false);
    assert_eq!(desk.get("ada", "voices").await["voices"][0], json!({ "name": "slt", "description": "the voice slt" }));
}

#[tokio::test]
async fn whoever_is_turned_away_is_told_why() {
    let desk = Desk::new().await;
    for path in ["lectures", "documents", "sessions", "voices"] {
        let mut request = Request::builder().uri(format!("/api/{path}")).body(Body::empty()).unwrap();
        request.extensions_mut().insert(TurnedAway(Failure::new(Code::SignedOut, "sign in again")));
        let answer = desk.router.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path}");
        let said = answer.into_body().collect().await.unwrap().to_bytes();
        let said: Value = serde_json::from_slice(&said).unwrap();
        assert_eq!(said["error"]["code"], "signed_out", "{path}: {said}");
    }
}

#[tokio::test]
async fn a_request_has_a_name_that_a_refusal_repeats_and_that_nobody_can_use_to_write_into_the_log() {
    let desk = Desk::new().await;
    let asked = async |path: &str, name: Option<&str>| {
        let mut request = Request::builder().uri(format!("/api/{path}")).body(Body::empty()).unwrap();
        request.extensions_mut().insert(Caller(person("ada")));
        if let Some(name) = name {
            request.headers_mut().insert("x-correlation-id", name.parse().unwrap());
        }
        let answer = desk.router.clone().oneshot(request).await.unwrap();
        let named = answer.headers()["x-correlation-id"].to_str().unwrap().to_owned();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (named, serde_json::from_slice::<Value>(&body).unwrap())
    };
    let (named, refused) = asked("lectures/nowhere", Some("r-7")).await;
    assert_eq!(
        (named.as_str(), &refused["error"]["code"], &refused["error"]["correlation"]),
        ("r-7", &json!("not_found"), &json!("r-7"))
    );
    let (fresh, refused) = asked("lectures/nowhere", Some("r 7\", \"level\": \"ERROR")).await;
    assert!(
        fresh.starts_with("r-") && !fresh.contains(' ') && refused["error"]["correlation"] == fresh.as_str(),
        "{fresh}: {refused}"
    );
    let (other, listed) = asked("lectures", None).await;
    assert!(other.starts_with("r-") && other != fresh && listed["lectures"].is_array(), "{other}: {listed}");
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_what_is_wrong_in_it() {
    let desk = Desk::new().await;
    desk.lecture("l1", "ada", Visibility::Public).await;
    let send = async |method: &str, path: &str, kind: &str, body: String| {
        let request = Request::builder().method(method).uri(format!("/api/{path}")).header("content-type", kind);
        let mut request = request.body(Body::from(body)).unwrap();
        request.extensions_mut().insert(Caller(person("ada")));
        let answer = desk.router.clone().oneshot(request).await.unwrap();
        let (status, allow) = (answer.status().as_u16(), answer.headers().contains_key("allow"));
        let said = answer.into_body().collect().await.unwrap().to_bytes();
        let said: Value = serde_json::from_slice(&said).unwrap_or_else(|_| panic!("{path}: {said:?}"));
        assert!(said["error"]["correlation"].is_string(), "{path}: {said}");
        (status, said["error"]["code"].clone(), said["error"]["message"].as_str().unwrap().to_owned(), allow)
    };
    let json = "application/json";
    for (method, path, kind, body, word) in [
        ("PATCH", "lectures/l1", json, "{", "it is not JSON"),
        ("PATCH", "lectures/l1", json, "[]", "it is not a JSON object"),
        ("PATCH", "lectures/l1", json, r#"{"title":5}"#, "`title` has to be text"),
        ("PATCH", "lectures/l1", "text/plain", "{}", "content type application/json"),
        ("PATCH", "lectures/l1/phrases", json, r#"{"from":"soon","expected":"a","text":"b"}"#, "`from` has to be a number"),
        ("PATCH", "lectures/l1/phrases", json, r#"{"from":1,"text":"b"}"#, "`expected` is missing"),
        ("GET", "lectures/l1/waveform?points=many", json, "", "`points` in the query"),
        ("GET", "search", json, "", "`q` is missing in the query"),
    ] {
        let (status, code, said, _) = send(method, path, kind, body.into()).await;
        assert_eq!((status, code), (400, json!("bad_message")), "{path} {body}: {said}");
        assert!(said.contains(word), "{path} {body}: {said}");
    }
    let (status, code, said, _) = send("PATCH", "lectures/l1", json, " ".repeat(3_000_000)).await;
    assert_eq!((status, code), (413, json!("message_too_large")), "{said}");
    let (status, code, said, allow) = send("PUT", "lectures/l1", json, "{}".into()).await;
    assert_eq!((status, code, allow), (405, json!("not_offered"), true), "{said}");

    let request = Request::get("/api/lecture").body(Body::empty()).unwrap();
    let answer = lambda_library::nowhere().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    let said: Value = serde_json::from_slice(&answer.into_body().collect().await.unwrap().to_bytes()).unwrap();
    assert_eq!(said["error"]["code"], "not_found");
    assert!(said["error"]["message"].as_str().unwrap().contains("/api/openapi.json"), "{said}");
}
