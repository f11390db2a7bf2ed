//! Every route there is, with what is one's own, what is another's, and what does not exist: the last two are answered alike.

use std::cmp::Reverse;

use axum::http::StatusCode;
use serde_json::{Value, json};
use synapscribe_domain::account::Role;
use synapscribe_domain::document::{Document, DocumentKind, DocumentState, ReadPage};
use synapscribe_domain::ingest::report;
use synapscribe_domain::{
    Card, CardId, DocumentId, LectureId, Millis, ObjectKey, Pack, PackId, QueryId, Session, SessionId, Timestamp,
    TranscriptSource, Visibility, Waveform,
};
use synapscribe_ports::{Clock, Documents, Library, Objects, Packs, Sessions, SystemClock};

use crate::desk::{Desk, person};

/// What is ada's, under the names that stand in the paths below.
async fn things(desk: &Desk) {
    let ada = person("ada");
    let lecture = desk.lecture("a-lecture", "ada", Visibility::Private).await;
    let heard = report(TranscriptSource::Recognised, Millis(60_000), &[], &[], Vec::new(), 1);
    desk.store.save_report(&lecture, &heard).await.unwrap();
    desk.store.save_waveform(&lecture, &Waveform { peaks: vec![1] }).await.unwrap();
    let id = DocumentId::parse("a-document").unwrap();
    let key = ObjectKey::document(&ada, &id, "Seas.pdf");
    desk.objects.put(&key, "Tides rise and fall.".into(), "application/pdf").await.unwrap();
    let book = Document {
        state: DocumentState::Ready,
        kind: Some(DocumentKind::Pdf),
        pages: Some(1),
        ..Document::granted(id.clone(), ada.clone(), key, "Seas".into(), Timestamp(5))
    };
    desk.store.add_document(&book).await.unwrap();
    desk.store.save_pages(&id, &[Ok(ReadPage { number: 1, ..ReadPage::default() })]).await.unwrap();
    let session = Session::begin(SessionId::parse("a-session").unwrap(), ada.clone(), &id, SystemClock.now());
    desk.store.add_session(&session).await.unwrap();
    let spoken = ObjectKey::response(&ada, &QueryId::parse("a-query").unwrap(), "wav");
    desk.objects.put(&spoken, "sound".into(), "audio/wav").await.unwrap();
    let id = PackId::parse("a-pack").unwrap();
    let pack = Pack { id, owner: ada, visibility: Visibility::Private, title: "Seas".into(), created: Timestamp(5) };
    desk.store.add_pack(&pack).await.unwrap();
    let card = Card::written(CardId::parse("a-card").unwrap(), "Why?", "The moon pulls.", Timestamp(5)).unwrap();
    desk.store.keep_card(&pack.id, &card, None, 9).await.unwrap();
}

/// What a request has to hold to be understood.
fn body(method: &str, path: &str) -> Option<Value> {
    match (method, path) {
        ("patch", "/api/lectures/{id}/phrases") => {
            Some(json!({ "from": 1.25, "expected": "the train rule", "text": "the tide" }))
        }
        ("patch", "/api/packs/{id}/cards/{card}") => Some(json!({ "answer": "mine" })),
        ("post", "/api/packs/{id}/cards") => Some(json!({ "question": "How?", "answer": "So." })),
        ("patch", _) => Some(json!({ "title": "mine" })),
        ("post", "/api/sessions/{id}/turns") => Some(json!({ "text": "why?" })),
        _ => None,
    }
}

/// All routes that name something, deleting last.
fn routes() -> Vec<(String, String)> {
    let document = serde_json::to_value(lambda_library::document()).unwrap();
    let mut routes: Vec<(String, String)> = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let methods = item.as_object().unwrap().keys().filter(|key| ["get", "post", "patch", "delete"].contains(&key.as_str()));
        // Classes have a matrix of their own.
        let named = path.contains('{') && !path.starts_with("/api/classes");
        routes.extend(methods.filter(|_| named).map(|method| (method.clone(), path.clone())));
    }
    // What is within another thing is deleted before it.
    let depth = |method: &str, path: &str| if method == "delete" { path.matches('/').count() } else { 0 };
    routes.sort_by_key(|(method, path)| {
        (method == "delete", !path.contains("sessions"), Reverse(depth(method, path)), path.clone())
    });
    assert!(routes.len() > 20, "{routes:?}");
    routes
}

/// The route with a name in it.
fn at(path: &str, name: &str) -> String {
    let path = path.trim_start_matches("/api/").replace("{page}", "1");
    let (kind, _) = path.split_once('/').unwrap();
    let own = match kind {
        "lectures" => "a-lecture",
        "documents" => "a-document",
        "sessions" => "a-session",
        "packs" => "a-pack",
        _ => "a-query",
    };
    let (name, card) = if name.is_empty() { (own, "a-card") } else { (name, name) };
    path.replace("{id}", name).replace("{query}", name).replace("{card}", card)
}

/// An answer without the name of its request.
async fn answered(desk: &Desk, who: &str, method: &str, path: &str, body: Option<Value>) -> (StatusCode, Value) {
    let (status, said) = desk.call(who, &method.to_uppercase(), path, body).await;
    let mut said: Value = serde_json::from_str(&said).unwrap_or(Value::String(said));
    if let Some(error) = said.get_mut("error").and_then(Value::as_object_mut) {
        error.remove("correlation").expect("a refusal names its request");
    }
    (status, said)
}

#[tokio::test]
async fn what_is_another_s_is_answered_exactly_as_what_does_not_exist_on_every_route() {
    let desk = Desk::new().await;
    things(&desk).await;
    for role in Role::ALL {
        desk.account(role.name(), role).await;
    }
    for who in ["guest"].into_iter().chain(Role::ALL.map(Role::name)) {
        for (method, path) in routes() {
            let missing = answered(&desk, who, &method, &at(&path, "nowhere"), body(&method, &path)).await;
            let others = answered(&desk, who, &method, &at(&path, ""), body(&method, &path)).await;
            assert_eq!(others, missing, "{who}: {method} {path}");
            let code = &missing.1["error"]["code"];
            assert_eq!((missing.0, code), (StatusCode::NOT_FOUND, &json!("not_found")), "{who}: {method} {path}");
        }
    }
    for (method, path) in routes() {
        let own = desk.send("ada", &method.to_uppercase(), &at(&path, ""), body(&method, &path)).await.status();
        // What is read here has no pictures.
        assert!(own.is_success() || (path.ends_with(".png") && own == 422), "{method} {path}: {own}");
    }
}

#[tokio::test]
async fn what_is_another_s_is_in_no_list_and_cannot_be_named() {
    let desk = Desk::new().await;
    things(&desk).await;
    for list in ["lectures", "documents", "sessions", "packs"] {
        assert_eq!(desk.get("bob", list).await[list], json!([]), "{list}");
        assert_eq!(desk.get("ada", list).await[list].as_array().unwrap().len(), 1, "{list}");
    }
    type Body = fn(&str) -> Value;
    let named: [(&str, &str, Body); 4] = [
        ("post", "sessions", |name| json!({ "documentId": name })),
        ("post", "sessions", |name| json!({ "sources": [{ "documentId": name }] })),
        ("get", "search?q=tide&sources=", |_| Value::Null),
        ("get", "sessions?document=", |_| Value::Null),
    ];
    for (method, path, body) in named {
        let ask = async |name: &str| {
            let path = if path.ends_with('=') { format!("{path}{name}") } else { path.to_owned() };
            answered(&desk, "bob", method, &path, Some(body(name)).filter(|body| !body.is_null())).await
        };
        assert_eq!(ask("a-document").await, ask("nowhere").await, "{method} {path}");
    }
    let lecture = LectureId::parse("a-lecture").unwrap();
    let begun = answered(&desk, "bob", "post", "sessions", Some(json!({ "lectureId": lecture.as_str() }))).await;
    assert_eq!(begun.0, StatusCode::NOT_FOUND);
    let everything = answered(&desk, "bob", "post", "sessions", Some(json!({ "everything": true }))).await;
    assert_eq!(everything.0, StatusCode::CREATED, "{}", everything.1);
}
