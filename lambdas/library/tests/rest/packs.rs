//! Packs as whoever keeps them, whoever is shown them and strangers see them.

use axum::http::StatusCode;
use serde_json::{Value, json};
use synapscribe_domain::account::Role;
use synapscribe_domain::{
    Citation, LectureId, Passage, QueryId, Question, Session, SessionId, Span, Turn, TurnMachine, TurnState, Visibility,
};
use synapscribe_ports::{Clock, Library, Sessions, SystemClock};

use crate::desk::{Desk, person};

impl Desk {
    /// Has somebody make a pack, and gives its name.
    pub async fn pack(&self, who: &str, title: &str) -> String {
        let made = self.sent(who, "POST", "packs", json!({ "title": title }), StatusCode::CREATED).await;
        made["packId"].as_str().unwrap().to_owned()
    }

    async fn sent(&self, who: &str, method: &str, path: &str, body: Value, expected: StatusCode) -> Value {
        let (status, said) = self.call(who, method, path, Some(body)).await;
        assert_eq!(status, expected, "{method} {path}: {said}");
        serde_json::from_str(&said).unwrap()
    }

    /// The titles of the packs that somebody sees.
    async fn packs_of(&self, who: &str) -> Vec<String> {
        let all = self.get(who, "packs").await;
        all["packs"].as_array().unwrap().iter().map(|pack| pack["title"].as_str().unwrap().to_owned()).collect()
    }

    /// A session of somebody's in which they were answered out of these lectures.
    async fn answered(&self, who: &str, session: &str, query: &str, lectures: &[&LectureId]) {
        let (owner, now) = (person(who), SystemClock.now());
        let session = Session::begin(SessionId::parse(session).unwrap(), owner, lectures[0], now);
        self.store.add_session(&session).await.unwrap();
        let cited = |(n, lecture): (usize, &&LectureId)| {
            let words = format!("the rule of {lecture}");
            let passage = Passage::said(lecture, 0, Span::default(), words.as_str());
            Citation::of(n as u32 + 1, &passage, &words, 0.5)
        };
        let question = Question::Text("What rules?".into());
        let machine = TurnMachine::begin(QueryId::parse(query).unwrap(), session.id, lectures[0], now, None, &question);
        let turn = Turn {
            answer: "The train [1], and the tide [2].".into(),
            citations: lectures.iter().enumerate().map(cited).collect(),
            state: TurnState::Done,
            generated: true,
            ..machine.turn().clone()
        };
        self.store.save_turn(&turn).await.unwrap();
    }
}

#[tokio::test]
async fn a_kept_turn_is_read_by_a_class_as_far_as_it_may_open_what_is_cited() {
    let desk = Desk::new().await;
    desk.account("ada", Role::Lecturer).await;
    let shown = desk.lecture("week-1", "ada", Visibility::Private).await;
    let own = desk.lecture("notes", "ada", Visibility::Private).await;
    desk.store.change_lecture(&own, &|lecture| lecture.title = "Diary".into()).await.unwrap();
    desk.answered("ada", "a-session", "a-query", &[&shown, &own]).await;
    let pack = desk.pack("ada", "Rules").await;
    let cards = format!("packs/{pack}/cards");
    let turn = json!({ "sessionId": "a-session", "queryId": "a-query" });
    let kept = desk.sent("ada", "POST", &cards, turn.clone(), StatusCode::CREATED).await;
    assert_eq!((&kept["question"], &kept["withheld"]), (&json!("What rules?"), &json!(0)));
    assert_eq!(kept["citations"].as_array().unwrap().len(), 2);
    assert_eq!(desk.sent("ada", "POST", &cards, turn, StatusCode::OK).await, kept, "it is kept once");
    let written = json!({ "question": "Why?", "answer": "Because." });
    let written = desk.sent("ada", "POST", &cards, written, StatusCode::CREATED).await;

    let (class, code) = desk.class("ada").await;
    desk.join("bob", &code).await;
    assert_eq!(desk.refused("bob", "GET", &format!("packs/{pack}"), None).await, (404, "not_found".into()));
    desk.done("ada", "PUT", &format!("classes/{class}/packs/{pack}")).await;
    desk.done("ada", "PUT", &format!("classes/{class}/lectures/week-1")).await;
    let room = desk.get("bob", &format!("classes/{class}")).await;
    assert_eq!((&room["packs"][0]["title"], &room["packs"][0]["own"]), (&json!("Rules"), &json!(false)));
    let listed = desk.get("bob", "classes").await;
    assert_eq!((&room["class"]["sources"], &listed["classes"][0]["sources"]), (&json!(2), &json!(2)), "the pack is counted");
    let read = desk.get("bob", &format!("packs/{pack}")).await;
    let told = &read["pack"];
    assert_eq!((&told["ownerName"], &told["own"], &told["cards"]), (&json!("Dr ada"), &json!(false), &json!(2)));
    assert_eq!(&desk.get("bob", "packs").await["packs"][0], told);
    assert_eq!((&read["cards"][0]["cardId"], &read["cards"][1]), (&kept["cardId"], &written), "what was kept first first");
    let cited = &read["cards"][0]["citations"];
    assert_eq!((cited.as_array().unwrap().len(), &cited[0]["lectureId"]), (1, &json!("week-1")), "the notes are Ada's own");
    assert_eq!(read["cards"][0]["withheld"], 1);
    let (status, text) = desk.call("bob", "GET", &format!("packs/{pack}/anki"), None).await;
    assert!(status == StatusCode::OK && text.starts_with("#separator:tab\n") && text.contains("[1] Week, "), "{text}");
    assert!(!text.contains("[2] "), "{text}");
    for told in [read.to_string(), room.to_string(), text, desk.get("bob", "packs").await.to_string()] {
        assert!(!told.contains("notes") && !told.contains("Diary"), "what is withheld is not named: {told}");
    }

    let card = format!("{cards}/{}", kept["cardId"].as_str().unwrap());
    for (method, path, body) in [
        ("PATCH", format!("packs/{pack}"), Some(json!({ "title": "mine" }))),
        ("PATCH", format!("packs/{pack}"), Some(json!({ "visibility": "private" }))),
        ("DELETE", format!("packs/{pack}"), None),
        ("POST", cards.clone(), Some(json!({ "question": "Why?", "answer": "So." }))),
        ("PATCH", card.clone(), Some(json!({ "answer": "mine" }))),
        ("DELETE", card.clone(), None),
        ("DELETE", format!("classes/{class}/packs/{pack}"), None),
    ] {
        assert_eq!(desk.refused("bob", method, &path, body).await, (404, "not_found".into()), "{method} {path}");
    }
    let reworded = desk.sent("ada", "PATCH", &card, json!({ "answer": "Trains." }), StatusCode::OK).await;
    assert_eq!((&reworded["answer"], &reworded["question"]), (&json!("Trains."), &kept["question"]));
    assert_eq!(desk.get("bob", &format!("packs/{pack}")).await["cards"][0]["answer"], "Trains.");
    desk.done("ada", "DELETE", &card).await;
    assert_eq!(desk.get("bob", &format!("packs/{pack}")).await["pack"]["cards"], 1);
    desk.done("bob", "DELETE", &format!("classes/{class}/membership")).await;
    assert_eq!(desk.packs_of("bob").await, [""; 0]);
    assert_eq!(desk.refused("bob", "GET", &format!("packs/{pack}"), None).await.0, 404);
    desk.done("ada", "DELETE", &format!("packs/{pack}")).await;
    assert_eq!(desk.packs_of("ada").await, [""; 0]);
    assert_eq!(desk.get("ada", &format!("classes/{class}")).await["packs"], json!([]));
}

#[tokio::test]
async fn a_guest_keeps_packs_and_a_lecturer_shows_theirs_to_everybody() {
    let desk = Desk::new().await;
    desk.account("ada", Role::Lecturer).await;
    let guests = desk.pack("guest", "Mine").await;
    let adas = desk.pack("ada", "Older").await;
    desk.pack("ada", "Latest").await;
    assert_eq!(desk.packs_of("ada").await, ["Latest", "Older"]);
    assert_eq!(desk.packs_of("guest").await, ["Mine"]);
    let change = async |who: &str, pack: &str, body: Value| {
        let (status, said) = desk.call(who, "PATCH", &format!("packs/{pack}"), Some(body)).await;
        (status.as_u16(), serde_json::from_str::<Value>(&said).unwrap())
    };
    assert_eq!(change("guest", &guests, json!({ "visibility": "public" })).await.0, 403);
    assert_eq!(change("guest", &guests, json!({ "visibility": "private" })).await.0, 200, "keeping to oneself takes no role");
    assert_eq!(change("guest", &guests, json!({})).await.0, 400);
    let (status, shown) = change("ada", &adas, json!({ "visibility": "public" })).await;
    assert_eq!((status, &shown["public"]), (200, &json!(true)));
    assert_eq!(desk.packs_of("guest").await, ["Mine", "Older"], "one's own first");
    assert_eq!(change("ada", &adas, json!({ "title": " Oldest\n1 " })).await.1["title"], "Oldest 1");
    assert_eq!(change("ada", &adas, json!({ "visibility": "private" })).await.0, 200);
    assert_eq!(desk.packs_of("guest").await, ["Mine"]);
    let cards = format!("packs/{guests}/cards");
    for body in [
        json!({}),
        json!({ "question": "Why?" }),
        json!({ "question": " ", "answer": "So." }),
        json!({ "question": "x".repeat(1_001), "answer": "So." }),
        json!({ "question": "Why?", "answer": "So.", "sessionId": "s", "queryId": "q" }),
    ] {
        assert_eq!(desk.refused("guest", "POST", &cards, Some(body)).await, (400, "bad_message".into()));
    }
    for title in [" ".to_owned(), "x".repeat(121)] {
        assert_eq!(desk.refused("guest", "POST", "packs", Some(json!({ "title": title }))).await, (400, "bad_message".into()));
    }
}
