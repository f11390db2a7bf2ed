//! Classes as their teachers, their members and strangers see them.

use std::net::{IpAddr, Ipv4Addr};

use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt;
use lambda_library::{Caller, Peer};
use serde_json::{Value, json};
use synapscribe_domain::account::{AccountId, EmailAddress, Role};
use synapscribe_domain::document::Document;
use synapscribe_domain::{ConnectionId, DocumentId, ObjectKey, Pack, PackId, Timestamp, Visibility};
use synapscribe_ports::accounts::{Accounts, NewAccount};
use synapscribe_ports::{Connections, Documents, Notice, Packs};
use tower::ServiceExt;

use crate::desk::{Desk, person};

impl Desk {
    /// Gives somebody an account whose address is confirmed.
    pub async fn account(&self, who: &str, role: Role) {
        let email = EmailAddress::parse(&format!("{who}@example.org")).unwrap();
        let id = AccountId::parse(who).unwrap();
        let new = NewAccount { id, email: email.clone(), name: Some(format!("Dr {who}")), role, person: person(who) };
        let code = self.accounts.register(&new, Timestamp(1)).await.unwrap().code.unwrap();
        self.accounts.verify(&email, &code, Timestamp(1)).await.unwrap().unwrap();
    }

    /// Has somebody make a class, and gives its name and its code.
    pub async fn class(&self, who: &str) -> (String, String) {
        let (status, body) = self.call(who, "POST", "classes", Some(json!({ "name": "Calculus" }))).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        let made: Value = serde_json::from_str(&body).unwrap();
        (made["classId"].as_str().unwrap().into(), made["code"].as_str().unwrap().into())
    }

    pub async fn join(&self, who: &str, code: &str) -> Value {
        let (status, body) = self.call(who, "POST", "classes/join", Some(json!({ "code": code }))).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        serde_json::from_str(&body).unwrap()
    }

    pub async fn done(&self, who: &str, method: &str, path: &str) {
        let (status, body) = self.call(who, method, path, None).await;
        assert_eq!(status, StatusCode::NO_CONTENT, "{method} {path}: {body}");
    }

    /// The names of what somebody sees in the library.
    async fn sees(&self, who: &str) -> Vec<String> {
        let all = self.get(who, "lectures").await;
        all["lectures"].as_array().unwrap().iter().map(|l| l["lectureId"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn a_guest_comes_in_by_the_code_and_sees_what_the_class_is_shown() {
    let desk = Desk::new().await;
    desk.account("ada", Role::Lecturer).await;
    for name in ["week-1", "notes"] {
        desk.lecture(name, "ada", Visibility::Private).await;
    }
    let (class, code) = desk.class("ada").await;
    let typed = format!(" {} ", code.to_lowercase().replace('-', " "));
    let room = desk.join("guest", &typed).await;
    assert_eq!((&room["class"]["name"], &room["class"]["teacher"]), (&json!("Calculus"), &json!("Dr ada")));
    assert_eq!((&room["class"]["teaching"], room.get("people"), &room["shown"]), (&json!(false), None, &json!([])));
    assert_eq!(room["class"].get("code"), None, "the code is its teacher's to give");
    assert_eq!(desk.refused("guest", "GET", "lectures/week-1", None).await.0, 404);

    desk.done("ada", "PUT", &format!("classes/{class}/lectures/week-1")).await;
    assert_eq!(desk.sees("guest").await, ["week-1"]);
    for path in ["lectures/week-1", "lectures/week-1/transcript", "lectures/week-1/waveform", "lectures/week-1/audio"] {
        desk.get("guest", path).await;
    }
    assert_eq!(desk.get("guest", "lectures/week-1").await["own"], false);
    for (method, path, body) in [
        ("PATCH", "lectures/week-1", Some(json!({ "title": "mine" }))),
        ("PATCH", "lectures/week-1", Some(json!({ "visibility": "private" }))),
        ("DELETE", "lectures/week-1", None),
        ("GET", "lectures/notes", None),
    ] {
        assert_eq!(desk.refused("guest", method, path, body).await, (404, "not_found".into()), "{method} {path}");
    }
    let shown = desk.get("guest", &format!("classes/{class}")).await["shown"].clone();
    assert_eq!((&shown[0]["source"], &shown[0]["own"]), (&json!({ "lectureId": "week-1" }), &json!(false)));
    assert!(!shown.to_string().contains("ada"), "nobody's identity is told");
    let people = desk.get("ada", &format!("classes/{class}")).await["people"].clone();
    assert_eq!(people.as_array().unwrap().len(), 1);
    assert!(!people.to_string().contains("guest"), "whoever knows a guest's identity could go about as them");

    desk.done("ada", "DELETE", &format!("classes/{class}/lectures/week-1")).await;
    assert_eq!(desk.sees("guest").await, [""; 0]);
    assert_eq!(desk.refused("guest", "GET", "lectures/week-1", None).await.0, 404);
}

/// What Ada shows her class.
const THINGS: [&str; 2] = ["lectures/week-1", "documents/seas"];

impl Desk {
    /// A class of Ada's that Bob is in, shown a lecture and a document of hers; and a lecture of a guest's that everybody sees.
    async fn shown_by_ada(&self) {
        self.account("ada", Role::Lecturer).await;
        self.lecture("week-1", "ada", Visibility::Private).await;
        self.lecture("guests", "guest", Visibility::Public).await;
        let (ada, id) = (person("ada"), DocumentId::parse("seas").unwrap());
        let key = ObjectKey::document(&ada, &id, "Seas.md");
        self.store.add_document(&Document::granted(id, ada, key, "Seas".into(), Timestamp(5))).await.unwrap();
        let (class, code) = self.class("ada").await;
        self.join("bob", &code).await;
        for source in THINGS {
            self.done("ada", "PUT", &format!("classes/{class}/{source}")).await;
        }
    }

    /// What somebody is told of a thing by itself, which is what the list tells of it.
    async fn told(&self, who: &str, source: &str) -> Value {
        let (kind, name) = source.split_once('/').unwrap();
        let list = self.get(who, kind).await[kind].clone();
        let named = |one: &&Value| one["lectureId"] == name || one["documentId"] == name;
        let listed = list.as_array().unwrap().iter().find(named).unwrap_or_else(|| panic!("{who} sees no {source}: {list}"));
        assert_eq!(&self.get(who, source).await, listed);
        listed.clone()
    }
}

#[tokio::test]
async fn whoever_sees_something_reads_whose_it_is_and_a_stranger_sees_neither() {
    let desk = Desk::new().await;
    desk.shown_by_ada().await;
    for source in THINGS {
        let told = desk.told("bob", source).await;
        assert_eq!((&told["ownerName"], &told["own"]), (&json!("Dr ada"), &json!(false)));
        assert!(!told.to_string().contains('@'), "an address is nobody's business: {told}");
        let own = desk.told("ada", source).await;
        assert_eq!((own.get("ownerName"), &own["own"]), (None, &json!(true)), "one's own things are one's own");
        assert_eq!(desk.refused("eve", "GET", source, None).await.0, 404);
    }
    for list in ["lectures", "documents"] {
        assert!(!desk.get("eve", list).await.to_string().contains("ada"), "a stranger reads of nobody");
    }
    assert_eq!(desk.told("bob", "lectures/guests").await.get("ownerName"), None, "of a guest nothing is told");
}

#[tokio::test]
async fn nobody_has_a_name_where_there_are_no_accounts() {
    let desk = Desk::with(|context| context.catalogue.accounts = None).await;
    desk.shown_by_ada().await;
    for source in THINGS {
        assert_eq!(desk.told("bob", source).await.get("ownerName"), None);
    }
}

#[tokio::test]
async fn what_appears_and_goes_is_told_to_those_who_look_and_to_nobody_else() {
    let desk = Desk::new().await;
    desk.account("ada", Role::Lecturer).await;
    desk.lecture("week-1", "ada", Visibility::Private).await;
    let (class, code) = desk.class("ada").await;
    desk.join("bob", &code).await;
    for who in ["bob", "eve"] {
        let line = ConnectionId::parse(who).unwrap();
        desk.connections.opened(&line, &person(who).into(), Timestamp(1)).await.unwrap();
        desk.listeners.arrive(&line);
    }
    desk.done("ada", "PUT", &format!("classes/{class}/lectures/week-1")).await;
    let (status, _) = desk.call("ada", "PATCH", "lectures/week-1", Some(json!({ "title": "Week one" }))).await;
    assert_eq!(status, StatusCode::OK);
    desk.done("ada", "DELETE", &format!("classes/{class}/lectures/week-1")).await;
    desk.done("ada", "PUT", &format!("classes/{class}/lectures/week-1")).await;
    desk.done("bob", "DELETE", &format!("classes/{class}/membership")).await;
    let told = desk.listeners.told(&ConnectionId::parse("bob").unwrap());
    let words: Vec<&str> = told
        .iter()
        .map(|notice| match notice {
            Notice::LectureProgress(_) => "appears",
            Notice::LectureRenamed(_) => "renamed",
            Notice::LectureDeleted(_) => "gone",
            _ => "something else",
        })
        .collect();
    assert_eq!(words, ["appears", "renamed", "gone", "appears", "gone"]);
    assert_eq!(desk.listeners.told(&ConnectionId::parse("eve").unwrap()), []);
}

/// Who asks, in the order of the columns below.
const CALLERS: [&str; 5] = ["stranger", "member", "colleague", "teacher", "outsider"];

/// A row for each endpoint: what each caller is answered with about the class. Of one that does not exist everybody hears that.
const TABLE: &[(&str, &str, [u16; 5])] = &[
    ("GET", "classes/CLASS", [404, 200, 200, 200, 404]),
    ("PATCH", "classes/CLASS", [404, 404, 404, 200, 404]),
    ("POST", "classes/CLASS/code", [404, 404, 404, 200, 404]),
    ("PUT", "classes/CLASS/lectures/NONE", [404, 404, 404, 404, 404]),
    ("PUT", "classes/CLASS/lectures/OTHERS", [404, 404, 404, 404, 404]),
    ("PUT", "classes/CLASS/lectures/OWN", [404, 403, 204, 204, 404]),
    ("PUT", "classes/CLASS/documents/OWN", [404, 404, 404, 404, 404]),
    ("DELETE", "classes/CLASS/lectures/NONE", [404, 404, 404, 404, 404]),
    ("DELETE", "classes/CLASS/lectures/OWN", [404, 404, 204, 204, 404]),
    ("PUT", "classes/CLASS/packs/NONE", [404, 404, 404, 404, 404]),
    ("PUT", "classes/CLASS/packs/OTHERS", [404, 404, 404, 404, 404]),
    ("PUT", "classes/CLASS/packs/OWN", [404, 403, 204, 204, 404]),
    ("DELETE", "classes/CLASS/packs/NONE", [404, 404, 404, 404, 404]),
    ("DELETE", "classes/CLASS/packs/OWN", [404, 404, 204, 204, 404]),
    ("DELETE", "classes/CLASS/members/nobody", [404, 404, 404, 404, 404]),
    ("DELETE", "classes/CLASS/membership", [404, 204, 204, 409, 404]),
    ("DELETE", "classes/CLASS", [404, 404, 404, 204, 404]),
];

#[tokio::test]
async fn everybody_gets_what_their_role_allows_and_others_classes_do_not_exist() {
    let desk = Desk::new().await;
    for (who, role) in [("teacher", Role::Lecturer), ("colleague", Role::Operator), ("outsider", Role::Lecturer)] {
        desk.account(who, role).await;
    }
    desk.account("member", Role::Student).await;
    for who in CALLERS {
        desk.lecture(&format!("{who}s"), who, Visibility::Private).await;
        let pack = Pack {
            id: PackId::parse(format!("{who}s")).unwrap(),
            owner: person(who),
            visibility: Visibility::Private,
            title: "Rules".into(),
            created: Timestamp(1),
        };
        desk.store.add_pack(&pack).await.unwrap();
    }
    for who in ["stranger", "member"] {
        let refused = desk.refused(who, "POST", "classes", Some(json!({ "name": "Mine" }))).await;
        assert_eq!(refused, (403, "forbidden".into()), "{who}");
    }
    let (class, code) = desk.class("teacher").await;
    for insider in ["member", "colleague"] {
        desk.join(insider, &code).await;
    }
    for (method, path, expected) in TABLE {
        for (who, expected) in CALLERS.iter().zip(expected) {
            let others = if *who == "teacher" { "members" } else { "teachers" };
            let path = path.replace("OTHERS", others).replace("OWN", &format!("{who}s")).replace("NONE", "0196-none");
            let body = (*method == "PATCH").then(|| json!({ "name": "Renamed" }));
            let (status, said) = desk.call(who, method, &path.replace("CLASS", &class), body.clone()).await;
            assert_eq!(status.as_u16(), *expected, "{who}: {method} {path}: {said}");
            let (status, nowhere) = desk.call(who, method, &path.replace("CLASS", "0196-none"), body).await;
            assert_eq!(status.as_u16(), 404, "{who}: {method} {path}, of none");
            if *expected == 404 && matches!(*who, "stranger" | "outsider") {
                assert_eq!(
                    but_for_its_name(&said),
                    but_for_its_name(&nowhere),
                    "what is another's answers exactly as what does not exist"
                );
            }
        }
        if path.ends_with("/code") {
            let room = desk.get("teacher", &format!("classes/{class}")).await;
            assert_ne!(room["class"]["code"], json!(code), "it is another one");
            assert_eq!(desk.refused("late", "POST", "classes/join", Some(json!({ "code": code }))).await.0, 404);
        }
    }
}

/// A refusal without the name of its request, which no two share.
fn but_for_its_name(body: &str) -> Value {
    let mut said: Value = serde_json::from_str(body).unwrap();
    said["error"].as_object_mut().unwrap().remove("correlation");
    said
}

#[tokio::test]
async fn codes_cannot_be_tried_out() {
    let desk = Desk::new().await;
    desk.account("ada", Role::Lecturer).await;
    let (_, code) = desk.class("ada").await;
    let try_one = async |who: &str, peer: [u8; 4], code: &str| {
        let request = Request::builder().method("POST").uri("/api/classes/join").header("content-type", "application/json");
        let mut request = request.body(Body::from(json!({ "code": code }).to_string())).unwrap();
        request.extensions_mut().insert(Caller(person(who)));
        request.extensions_mut().insert(Peer(IpAddr::V4(Ipv4Addr::from(peer))));
        let answer = desk.router.clone().oneshot(request).await.unwrap();
        let (status, after) = (answer.status().as_u16(), answer.headers().get("retry-after").cloned());
        drop(answer.into_body().collect().await.unwrap());
        (status, after.map(|seconds| seconds.to_str().unwrap().parse::<u32>().unwrap()))
    };
    for wrong in ["", "ZZZZ-ZZZZ", "not a code at all", "ZZZZ-ZZZZ-ZZZZ"] {
        assert_eq!(try_one("eve", [203, 0, 113, 7], wrong).await, (404, None), "{wrong}");
    }
    for _ in 4..20 {
        assert_eq!(try_one("eve", [203, 0, 113, 7], "ZZZZ-ZZZZ").await.0, 404);
    }
    let (status, after) = try_one("eve", [203, 0, 113, 7], &code).await;
    assert_eq!(status, 429, "the right one comes too late");
    assert!(after.is_some_and(|seconds| (1..=180).contains(&seconds)), "{after:?}");
    assert_eq!(try_one("bob", [203, 0, 113, 7], &code).await.0, 200, "others go on");
    for guest in 0..579 {
        try_one(&format!("guest-{guest}"), [203, 0, 113, 7], "ZZZZ-ZZZZ").await;
    }
    assert_eq!(try_one("another", [203, 0, 113, 7], "ZZZZ-ZZZZ").await.0, 429, "with fresh identities as well");
    assert_eq!(try_one("another", [198, 51, 100, 1], &code).await.0, 200, "from elsewhere");
}

#[tokio::test]
async fn a_lecture_is_made_public_and_private_again_by_its_owner() {
    let desk = Desk::new().await;
    for (who, role) in [("ada", Role::Lecturer), ("bob", Role::Student)] {
        desk.account(who, role).await;
        desk.lecture(&format!("{who}s"), who, Visibility::Private).await;
    }
    let public = async |who: &str, lecture: &str, word: &str| {
        desk.refused(who, "PATCH", &format!("lectures/{lecture}"), Some(json!({ "visibility": word }))).await
    };
    assert_eq!(public("bob", "bobs", "public").await, (403, "forbidden".into()));
    assert_eq!(public("bob", "adas", "public").await, (404, "not_found".into()));
    assert_eq!(public("ada", "adas", "everybody").await, (400, "bad_message".into()));
    for body in [json!({}), json!({ "title": "x", "visibility": "public" })] {
        assert_eq!(desk.refused("ada", "PATCH", "lectures/adas", Some(body)).await, (400, "bad_message".into()));
    }
    assert_eq!(desk.sees("bob").await, ["bobs"]);
    let change = async |word: &str| {
        let (status, body) = desk.call("ada", "PATCH", "lectures/adas", Some(json!({ "visibility": word }))).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        serde_json::from_str::<Value>(&body).unwrap()["public"].clone()
    };
    assert_eq!(change("public").await, true);
    assert!(desk.sees("bob").await.contains(&"adas".to_owned()));
    assert_eq!(change("private").await, false);
    assert_eq!(desk.sees("bob").await, ["bobs"]);
    let (status, _) = desk.call("bob", "PATCH", "lectures/bobs", Some(json!({ "visibility": "private" }))).await;
    assert_eq!(status, StatusCode::OK, "keeping something to oneself takes no role");
}
