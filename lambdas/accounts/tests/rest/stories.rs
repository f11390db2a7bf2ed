//! What people do with an account, from the first letter to the last.

use std::time::Duration;

use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lambda_accounts::Called;
use serde_json::{Value, json};
use synapscribe_domain::account::sign_in::LIFETIME_MS;
use synapscribe_domain::account::{EmailAddress, Role, SignInId};
use synapscribe_domain::document::Document;
use synapscribe_domain::{
    Card, CardId, Citation, Class, ClassId, ConnectionId, DocumentId, Lecture, LectureId, LectureState, Member, MemberId, Millis,
    ObjectKey, Pack, PackId, Passage, PersonId, Phrase, QueryId, Session, SessionId, Span, Timestamp, Visibility,
};
use synapscribe_ports::accounts::{Accounts, Admission};
use synapscribe_ports::connections::Holder;
use synapscribe_ports::{Classes, Clock, Connections, Documents, Library, Objects, Packs, Sessions};

use crate::desk::{Desk, PASSWORD};

const ADA: &str = "ada@example.org";

#[tokio::test]
async fn somebody_signs_up_and_in_and_out() {
    let desk = Desk::new();
    let form = json!({ "email": " Ada@Example.ORG ", "password": PASSWORD, "name": "Ada" });
    let reply = desk.post("/api/auth/register", form).await;
    assert_eq!((reply.status, reply.data()), (202, &json!({})));
    assert_eq!(reply.headers["cache-control"], "no-store");
    let login = || desk.post("/api/auth/login", json!({ "email": ADA, "password": PASSWORD }));
    let reply = login().await;
    assert_eq!((reply.status, reply.code()), (401, "wrong_credentials"));
    assert!(reply.body["error"].as_str().unwrap().contains("confirm"), "it is said what may be missing: {}", reply.body);
    let path = format!("/api/auth/verify-email?email={ADA}&code={}", desk.code(ADA).to_lowercase());
    assert_eq!(desk.ask(Called::Nobody, Method::GET, &path, None).await.status, 200);
    let again = desk.ask(Called::Nobody, Method::GET, &path, None).await;
    assert_eq!((again.status, again.code()), (400, "wrong_code"), "a code is used once");

    let data = desk.login(ADA).await;
    assert_eq!(
        (&data["account"]["email"], &data["account"]["name"], &data["account"]["role"]),
        (&json!(ADA), &json!("Ada"), &json!("student"))
    );
    let tokens = &data["tokens"];
    assert_eq!((&tokens["expiresIn"], &tokens["tokenType"]), (&json!(900), &json!("Bearer")));
    let access = tokens["accessToken"].as_str().unwrap();
    let me = desk.ask(desk.bearer(access).await, Method::GET, "/api/auth/me", None).await;
    assert_eq!(me.data(), &data["account"]);
    let sessions = desk.ask(desk.bearer(access).await, Method::GET, "/api/auth/sessions", None).await;
    let listed = &sessions.data()["sessions"][0];
    assert_eq!(
        (&listed["device"], &listed["place"], &listed["current"]),
        (&json!("a laptop"), &json!("203.0.113.x"), &json!(true))
    );

    let reply = desk.post("/api/auth/logout", json!({ "refreshToken": tokens["refreshToken"] })).await;
    assert_eq!(reply.status, 200);
    let me = desk.ask(desk.bearer(access).await, Method::GET, "/api/auth/me", None).await;
    assert_eq!((me.status, me.code()), (401, "signed_out"), "the access token ends with it");
    let reply = desk.post("/api/auth/refresh", json!({ "refreshToken": tokens["refreshToken"] })).await;
    assert_eq!((reply.status, reply.code()), (401, "signed_out"));
    let reply = desk.post("/api/auth/logout", json!({ "refreshToken": tokens["refreshToken"] })).await;
    assert_eq!(reply.status, 200, "who is signed out is signed out");
    assert_eq!(desk.post("/api/auth/logout", json!({})).await.code(), "signed_out");
}

#[tokio::test]
async fn a_code_that_did_not_come_is_sent_again_and_takes_the_place_of_the_first() {
    let desk = Desk::new();
    desk.post("/api/auth/register", json!({ "email": ADA, "password": PASSWORD })).await;
    let first = desk.code(ADA);
    let again = async || desk.post("/api/auth/resend-verification", json!({ "email": ADA })).await.status;
    assert_eq!((again().await, desk.letters(ADA).len()), (202, 2));
    let second = desk.code(ADA);
    let verify = async |code: &str| {
        let path = format!("/api/auth/verify-email?email={ADA}&code={code}");
        desk.ask(Called::Nobody, Method::GET, &path, None).await
    };
    assert_eq!(verify(&first).await.code(), "wrong_code");
    assert_eq!(verify(&second).await.status, 200);
    desk.login(ADA).await;
    assert_eq!((again().await, desk.letters(ADA).len()), (202, 2), "nothing waits any more");
}

#[tokio::test]
async fn a_token_that_comes_twice_ends_what_it_opened() {
    let desk = Desk::new();
    desk.join(ADA).await;
    let (mine, other) = (desk.login(ADA).await, desk.login(ADA).await);
    let refresh = |token: &Value| desk.post("/api/auth/refresh", json!({ "refreshToken": token }));
    let first = &mine["tokens"]["refreshToken"];
    let renewed = refresh(first).await.data().clone();
    assert_ne!(&renewed["refreshToken"], first);
    let again = refresh(first).await;
    assert_eq!(again.data()["refreshToken"], renewed["refreshToken"], "the answer was lost, and is given again");
    let newest = refresh(&renewed["refreshToken"]).await.data().clone();
    assert!(matches!(desk.bearer(newest["accessToken"].as_str().unwrap()).await, Called::SignedIn(_)));

    let reused = refresh(first).await;
    assert_eq!((reused.status, reused.code()), (401, "signed_out"));
    assert_eq!(refresh(&newest["refreshToken"]).await.code(), "signed_out", "whoever has the newest is out as well");
    assert!(matches!(desk.bearer(newest["accessToken"].as_str().unwrap()).await, Called::Refused(_)));
    assert_eq!(refresh(&other["tokens"]["refreshToken"]).await.status, 200, "another device goes on");
    for odd in ["", "x", "a.b", &format!("id-1.{}", "0".repeat(64))] {
        assert_eq!(refresh(&json!(odd)).await.code(), "signed_out", "{odd}");
    }
}

#[tokio::test]
async fn nothing_outlasts_a_sign_in_however_often_it_is_renewed() {
    let desk = Desk::new();
    desk.join(ADA).await;
    let tokens = desk.login(ADA).await["tokens"].clone();
    let left_ms = 5 * 60_000;
    desk.clock.pass(LIFETIME_MS - left_ms);
    let refresh = async |token: &Value| desk.post("/api/auth/refresh", json!({ "refreshToken": token })).await;
    let renewed = refresh(&tokens["refreshToken"]).await.data().clone();
    assert_eq!((&renewed["expiresIn"], &renewed["refreshExpires"]), (&json!(300), &tokens["refreshExpires"]));
    let access = renewed["accessToken"].as_str().unwrap();
    assert!(matches!(desk.bearer(access).await, Called::SignedIn(_)));
    desk.clock.pass(left_ms);
    assert!(matches!(desk.bearer(access).await, Called::Refused(_)), "the access token ends with it");
    assert_eq!(refresh(&renewed["refreshToken"]).await.code(), "signed_out");
}

#[tokio::test]
async fn a_forgotten_password_signs_everybody_else_out() {
    let desk = Desk::new();
    desk.join(ADA).await;
    let before = desk.login(ADA).await;
    assert_eq!(desk.post("/api/auth/forgot-password", json!({ "email": ADA })).await.status, 202);
    let form = json!({ "email": ADA, "code": desk.code(ADA), "password": "a quiet harbour" });
    assert_eq!(desk.post("/api/auth/reset-password", form.clone()).await.status, 200);
    assert_eq!(desk.post("/api/auth/reset-password", form).await.code(), "wrong_code");
    assert!(matches!(desk.bearer(before["tokens"]["accessToken"].as_str().unwrap()).await, Called::Refused(_)));
    assert_eq!(
        desk.post("/api/auth/refresh", json!({ "refreshToken": before["tokens"]["refreshToken"] })).await.code(),
        "signed_out"
    );
    assert_eq!(desk.post("/api/auth/login", json!({ "email": ADA, "password": PASSWORD })).await.code(), "wrong_credentials");
    assert_eq!(desk.post("/api/auth/login", json!({ "email": ADA, "password": "a quiet harbour" })).await.status, 200);
    assert!(desk.letters(ADA).last().unwrap().subject.contains("was changed"));
}

#[tokio::test]
async fn devices_are_signed_out_one_by_one_or_all() {
    let desk = Desk::new();
    desk.join(ADA).await;
    let (one, two, three) = (desk.login(ADA).await, desk.login(ADA).await, desk.login(ADA).await);
    let token = |data: &Value| data["tokens"]["accessToken"].as_str().unwrap().to_owned();
    let path = format!("/api/auth/sessions/{}", two["tokens"]["sessionId"].as_str().unwrap());
    let end = async || desk.ask(desk.bearer(&token(&one)).await, Method::DELETE, &path, None).await.status;
    assert_eq!((end().await, end().await), (200, 404));
    assert!(matches!(desk.bearer(&token(&two)).await, Called::Refused(_)));
    assert!(matches!(desk.bearer(&token(&three)).await, Called::SignedIn(_)));
    let caller = desk.bearer(&token(&one)).await;
    assert_eq!(desk.ask(caller, Method::POST, "/api/auth/logout", Some(json!({ "everywhere": true }))).await.status, 200);
    for data in [&one, &three] {
        assert!(matches!(desk.bearer(&token(data)).await, Called::Refused(_)));
    }
    let other = desk.login(ADA).await;
    let ended = json!({ "refreshToken": one["tokens"]["refreshToken"], "everywhere": true });
    let reply = desk.post("/api/auth/logout", ended).await;
    assert_eq!((reply.status, reply.code()), (401, "signed_out"), "what was not done is not said to be");
    assert!(matches!(desk.bearer(&token(&other)).await, Called::SignedIn(_)));
}

#[tokio::test]
async fn whoever_listens_under_a_sign_in_is_hung_up_on_however_it_ends() {
    let desk = Desk::new();
    desk.join(ADA).await;
    let mine = desk.login(ADA).await;
    let person = PersonId::parse(mine["account"]["identityId"].as_str().unwrap()).unwrap();
    let listens = async |name: &str, signed_in: Option<&Value>| {
        let sign_in = signed_in.map(|data| SignInId::parse(data["tokens"]["sessionId"].as_str().unwrap()).unwrap());
        let holder = Holder { person: person.clone(), sign_in };
        desk.connections.opened(&ConnectionId::parse(name).unwrap(), &holder, desk.clock.now()).await.unwrap();
    };
    let left = async || desk.connections.of(&person).await.unwrap().iter().map(ToString::to_string).collect::<Vec<_>>();
    listens("guest", None).await;
    listens("mine", Some(&mine)).await;

    let revoked = desk.login(ADA).await;
    listens("revoked", Some(&revoked)).await;
    let path = format!("/api/auth/sessions/{}", revoked["tokens"]["sessionId"].as_str().unwrap());
    let caller = desk.bearer(mine["tokens"]["accessToken"].as_str().unwrap()).await;
    assert_eq!(desk.ask(caller, Method::DELETE, &path, None).await.status, 200);
    assert_eq!(left().await, ["guest", "mine"]);

    let left_behind = desk.login(ADA).await;
    listens("left", Some(&left_behind)).await;
    let token = &left_behind["tokens"]["refreshToken"];
    assert_eq!(desk.post("/api/auth/logout", json!({ "refreshToken": token })).await.status, 200);
    assert_eq!(left().await, ["guest", "mine"]);

    let stolen = desk.login(ADA).await;
    listens("stolen", Some(&stolen)).await;
    let refresh = |token: &Value| desk.post("/api/auth/refresh", json!({ "refreshToken": token }));
    let first = &stolen["tokens"]["refreshToken"];
    let next = refresh(first).await.data()["refreshToken"].clone();
    assert_eq!((refresh(&next).await.status, refresh(first).await.status), (200, 401));
    assert_eq!(left().await, ["guest", "mine"]);

    desk.post("/api/auth/forgot-password", json!({ "email": ADA })).await;
    let form = json!({ "email": ADA, "code": desk.code(ADA), "password": PASSWORD });
    assert_eq!(desk.post("/api/auth/reset-password", form).await.status, 200);
    assert_eq!(left().await, ["guest"]);

    let last = desk.login(ADA).await;
    listens("last", Some(&last)).await;
    let caller = desk.bearer(last["tokens"]["accessToken"].as_str().unwrap()).await;
    assert_eq!(desk.ask(caller, Method::DELETE, "/api/auth/me", Some(json!({ "password": PASSWORD }))).await.status, 200);
    assert_eq!(left().await, ["guest"]);
}

#[tokio::test]
async fn connections_are_looked_for_once_more_only_where_they_are_listed_late() {
    for (late, looks) in [(Duration::ZERO, 1), (Duration::from_millis(1), 2)] {
        let desk = Desk::new();
        desk.join(ADA).await;
        let mine = desk.login(ADA).await;
        let person = PersonId::parse(mine["account"]["identityId"].as_str().unwrap()).unwrap();
        let sign_in = SignInId::parse(mine["tokens"]["sessionId"].as_str().unwrap()).ok();
        let holder = Holder { person: person.clone(), sign_in };
        desk.connections.opened(&ConnectionId::parse("mine").unwrap(), &holder, desk.clock.now()).await.unwrap();
        desk.connections.list_late(late);
        let form = json!({ "refreshToken": mine["tokens"]["refreshToken"] });
        assert_eq!(desk.post("/api/auth/logout", form).await.status, 200);
        assert_eq!((desk.connections.of(&person).await.unwrap(), desk.connections.looks()), (Vec::new(), looks), "{late:?}");
    }
}

#[tokio::test]
async fn the_identity_of_a_deleted_account_is_no_guests_and_no_other_accounts() {
    let desk = Desk::new();
    let (ada, person) = desk.somebody(ADA, Role::Student).await;
    let gone = desk.ask(ada, Method::DELETE, "/api/auth/me", Some(json!({ "password": PASSWORD }))).await;
    assert_eq!(gone.status, 200, "{}", gone.body);
    assert!(desk.reception.admitting.is_accounts(&person).await.unwrap(), "a signature alone does not speak for it");
    let form = json!({ "email": "eve@example.org", "password": PASSWORD });
    let taken = desk.ask(Called::Guest(person.clone()), Method::POST, "/api/auth/register", Some(form)).await;
    assert_eq!(taken.status, 202, "{}", taken.body);
    let eve = desk.accounts.account_at(&EmailAddress::parse("eve@example.org").unwrap()).await.unwrap().unwrap();
    assert_ne!(eve.person, person);
}

#[tokio::test]
async fn what_another_process_ended_is_refused_within_a_minute() {
    let desk = Desk::new();
    desk.join(ADA).await;
    let data = desk.login(ADA).await;
    let token = data["tokens"]["accessToken"].as_str().unwrap();
    let Called::SignedIn(signed_in) = desk.bearer(token).await else { panic!("just signed in") };
    let (account, sign_in) = (&signed_in.claims.account, &signed_in.claims.sign_in);
    desk.reception.sign_ins.end(account, sign_in, synapscribe_domain::account::Why::Revoked, desk.clock.now()).await.unwrap();
    desk.clock.pass(60_000);
    assert!(matches!(desk.bearer(token).await, Called::Refused(_)));
}

#[tokio::test]
async fn a_guest_keeps_what_they_have() {
    let desk = Desk::new();
    let guest = PersonId::parse("us-east-1:guest").unwrap();
    let register = async |email: &str| {
        let form = json!({ "email": email, "password": PASSWORD });
        let called = Called::Guest(guest.clone());
        assert_eq!(desk.ask(called, Method::POST, "/api/auth/register", Some(form)).await.status, 202);
        let path = format!("/api/auth/verify-email?email={email}&code={}", desk.code(email));
        assert_eq!(desk.ask(Called::Nobody, Method::GET, &path, None).await.status, 200);
        desk.login(email).await["account"]["identityId"].clone()
    };
    assert_eq!(register(ADA).await, json!(guest.as_str()));
    assert_ne!(register("bob@example.org").await, json!(guest.as_str()), "an identity is one account's");
    let refused = Called::Refused(synapscribe_domain::Failure::new(synapscribe_domain::Code::Unauthorised, "expired"));
    let form = json!({ "email": "eve@example.org", "password": PASSWORD });
    let reply = desk.ask(refused, Method::POST, "/api/auth/register", Some(form)).await;
    assert_eq!(reply.status, 401, "going on without their credentials would leave their sessions behind");
}

#[tokio::test]
async fn an_invitation_lets_in_whom_it_says() {
    let desk = Desk::with(|reception| reception.invited_only = true);
    let register = |email: &str, code: Value| {
        desk.post("/api/auth/register", json!({ "email": email, "password": PASSWORD, "invitation": code }))
    };
    for code in [json!(null), json!(""), json!("0000-0000-0000-0000"), json!("é")] {
        assert_eq!(register("stranger@example.org", code).await.code(), "not_invited");
    }
    let wish = json!({ "role": "lecturer", "uses": 2, "days": 7, "note": "Tuesday" });
    let made = desk.ask(Called::Host, Method::POST, "/api/auth/invitations", Some(wish)).await;
    assert_eq!(made.status, 201);
    let code = made.data()["code"].clone();
    assert_eq!(register("a@example.org", code.clone()).await.status, 202);
    assert_eq!(register("a@example.org", code.clone()).await.status, 202, "who has still to confirm may try again");
    assert_eq!(register("b@example.org", code.clone()).await.code(), "not_invited");
    let list = desk.ask(Called::Host, Method::GET, "/api/auth/invitations", None).await;
    let listed = &list.data()["invitations"][0];
    assert_eq!((&listed["used"], &listed["note"], listed.get("code")), (&json!(2), &json!("Tuesday"), None));
    let path = format!("/api/auth/verify-email?email=a@example.org&code={}", desk.code("a@example.org"));
    desk.ask(Called::Nobody, Method::GET, &path, None).await;
    assert_eq!(desk.login("a@example.org").await["account"]["role"], "lecturer");
    for email in ["a@example.org", "unknown@example.org"] {
        let made = desk.ask(Called::Host, Method::POST, "/api/auth/invitations", Some(json!({}))).await;
        let code = &made.data()["code"];
        assert_eq!(register(email, code.clone()).await.status, 202, "{email}");
        let next = register("next@example.org", code.clone()).await;
        assert_eq!((next.status, next.code()), (403, "not_invited"), "{email}: what is left of it says nothing of the address");
    }
    for (field, value) in [("role", json!("dean")), ("uses", json!(0)), ("days", json!(366)), ("note", json!("x".repeat(201)))] {
        let reply = desk.ask(Called::Host, Method::POST, "/api/auth/invitations", Some(json!({ field: value }))).await;
        assert!(reply.status == 422 && reply.body["details"]["fields"].get(field).is_some(), "{field}: {}", reply.body);
    }
}

#[tokio::test]
async fn an_operator_gives_roles_and_a_lower_one_holds_at_once() {
    let desk = Desk::new();
    let (olga, _) = desk.somebody("olga@example.org", Role::Operator).await;
    desk.join(ADA).await;
    let tokens = desk.login(ADA).await["tokens"].clone();
    let give = async |called: &Called, email: &str, role: &str| {
        let wish = json!({ "email": email, "role": role });
        desk.ask(called.clone(), Method::POST, "/api/auth/roles", Some(wish)).await
    };
    let raised = give(&olga, " Ada@Example.ORG ", "lecturer").await;
    assert_eq!((&raised.data()["before"], &raised.data()["role"]), (&json!("student"), &json!("lecturer")));
    assert_eq!(raised.data()["signedOut"], false);
    let refresh = async |token: &Value| desk.post("/api/auth/refresh", json!({ "refreshToken": token })).await;
    let renewed = refresh(&tokens["refreshToken"]).await.data().clone();
    let Called::SignedIn(ada) = desk.bearer(renewed["accessToken"].as_str().unwrap()).await else { panic!("she stays in") };
    assert_eq!(ada.claims.role, Role::Lecturer, "her next token states it");

    let lowered = give(&Called::Host, ADA, "student").await;
    assert_eq!((&lowered.data()["before"], &lowered.data()["signedOut"]), (&json!("lecturer"), &json!(true)));
    for token in [&tokens["accessToken"], &renewed["accessToken"]] {
        assert!(matches!(desk.bearer(token.as_str().unwrap()).await, Called::Refused(_)), "no token states more than she may");
    }
    assert_eq!(refresh(&renewed["refreshToken"]).await.code(), "signed_out");
    assert_eq!(desk.login(ADA).await["account"]["role"], "student");

    assert_eq!(give(&olga, "olga@example.org", "student").await.code(), "forbidden", "the last operator stays one");
    assert_eq!(give(&olga, "nobody@example.org", "lecturer").await.code(), "not_found");
    let form = json!({ "email": "late@example.org", "password": PASSWORD });
    assert_eq!(desk.post("/api/auth/register", form).await.status, 202);
    assert_eq!(give(&olga, "late@example.org", "operator").await.code(), "email_not_verified", "it may be a stranger's password");
    for (email, role, field) in [(ADA, "dean", "role"), ("ada", "student", "email")] {
        let reply = give(&olga, email, role).await;
        assert!(reply.status == 422 && reply.body["details"]["fields"].get(field).is_some(), "{field}: {}", reply.body);
    }

    let audit = desk.ask(Called::Host, Method::GET, "/api/auth/audit", None).await;
    let events = audit.data()["events"].as_array().unwrap();
    let made = |event: &&Value| event["what"].as_str().unwrap().starts_with("made_");
    let given: Vec<_> = events.iter().filter(made).collect();
    let Called::SignedIn(olga) = olga else { panic!("she is signed in") };
    let by: Vec<_> = given.iter().map(|event| (event["what"].as_str().unwrap(), event["sessionId"].as_str())).collect();
    let olga = Some(olga.claims.sign_in.as_str());
    assert_eq!(by, [("made_student", None), ("made_lecturer", olga)], "what and by whom, and nothing that was refused");
    assert!(given.iter().all(|event| event["accountId"] == ada.claims.account.as_str()), "{given:?}");
    let before: Vec<_> = given.iter().map(|event| event["before"].as_str()).collect();
    assert_eq!(before, [Some("lecturer"), Some("student")], "what she was each time");
    assert_eq!(events.iter().filter(|event| event.get("before").is_some()).count(), 2, "of nothing else");
}

#[tokio::test]
async fn an_operator_who_is_none_any_more_lets_nobody_in_who_may_do_more_than_they() {
    let desk = Desk::new();
    let (olga, _) = desk.somebody("olga@example.org", Role::Operator).await;
    let invite = async |called: &Called, role: &str| {
        let made = desk.ask(called.clone(), Method::POST, "/api/auth/invitations", Some(json!({ "role": role }))).await;
        made.data()["code"].clone()
    };
    let (by_host, operator) = (invite(&Called::Host, "operator").await, invite(&olga, "operator").await);
    let (lecturer, student) = (invite(&olga, "lecturer").await, invite(&olga, "student").await);
    let wish = json!({ "email": "olga@example.org", "role": "lecturer" });
    assert_eq!(desk.ask(Called::Host, Method::POST, "/api/auth/roles", Some(wish)).await.status, 200);
    let register = async |email: &str, code: &Value| {
        desk.post("/api/auth/register", json!({ "email": email, "password": PASSWORD, "invitation": code })).await
    };
    assert_eq!(register("a@example.org", &operator).await.code(), "not_invited", "she knows its code");
    for (email, code) in [("b@example.org", &by_host), ("c@example.org", &lecturer), ("d@example.org", &student)] {
        assert_eq!(register(email, code).await.status, 202, "{email}");
    }
}

fn document(name: &str) -> DocumentId {
    DocumentId::parse(format!("document-{name}")).unwrap()
}

async fn things(desk: &Desk, owner: &PersonId, name: &str) -> (LectureId, SessionId) {
    let (lecture, session) =
        (LectureId::parse(format!("lecture-{name}")).unwrap(), SessionId::parse(format!("s-{name}")).unwrap());
    let key = ObjectKey::lecture(owner, &lecture, "a.mp3");
    desk.objects.put(&key, "sound".into(), "audio/mpeg").await.unwrap();
    let answer = ObjectKey::response(owner, &QueryId::parse(format!("q-{name}")).unwrap(), "wav");
    desk.objects.put(&answer, "sound".into(), "audio/wav").await.unwrap();
    let record = Lecture {
        id: lecture.clone(),
        owner: owner.clone(),
        visibility: Visibility::Private,
        title: format!("Tides of {name}"),
        key,
        state: LectureState::Ready,
        media: None,
        tokens: None,
        created: Timestamp(1),
    };
    desk.library.add_lecture(&record).await.unwrap();
    let whole = Span::new(Millis(0), Millis(4_000));
    desk.library.plan_windows(&lecture, &[whole]).await.unwrap();
    let said = Phrase::trusted(whole, format!("{name} says that the moon pulls the water"));
    desk.library.finish_window(&lecture, 0, &[said], None).await.unwrap();
    let book = document(name);
    let key = ObjectKey::document(owner, &book, "Seas.pdf");
    desk.objects.put(&key, "pages".into(), "application/pdf").await.unwrap();
    let granted = Document::granted(book, owner.clone(), key, format!("Seas of {name}"), Timestamp(1));
    desk.library.add_document(&granted).await.unwrap();
    desk.sessions.add_session(&Session::begin(session.clone(), owner.clone(), lecture.clone(), desk.clock.now())).await.unwrap();
    (lecture, session)
}

async fn pack(desk: &Desk, owner: &PersonId, name: &str) -> PackId {
    let id = PackId::parse(format!("pack-{name}")).unwrap();
    let (owner, title) = (owner.clone(), format!("Tides of {name}"));
    desk.library
        .add_pack(&Pack { id: id.clone(), owner, visibility: Visibility::Public, title, created: Timestamp(1) })
        .await
        .unwrap();
    let card = Card::written(CardId::parse("a-card").unwrap(), "Why?", &format!("{name} knows."), Timestamp(1)).unwrap();
    let cited = |number, of: &str| {
        let said = format!("{of} says that the moon pulls the water");
        let passage = Passage::said(&LectureId::parse(format!("lecture-{of}")).unwrap(), 0, Span::default(), said.as_str());
        Citation::of(number, &passage, &said, 0.5)
    };
    let card = Card { citations: vec![cited(1, name), cited(2, "bob")], ..card };
    desk.library.keep_card(&id, &card, None, 9).await.unwrap();
    id
}

async fn class(desk: &Desk, teacher: &PersonId, name: &str) -> ClassId {
    let id = ClassId::parse(format!("class-{name}")).unwrap();
    let (teacher, code) = (teacher.clone(), desk.reception.secrets.code());
    // The latest made is listed first.
    let created = Timestamp(if name == "Tides" { 2 } else { 1 });
    desk.library.add_class(&Class { id: id.clone(), teacher, name: name.into(), code, created }).await.unwrap();
    id
}

async fn member(desk: &Desk, class: &ClassId, person: &PersonId) {
    let id = MemberId::parse("a-member").unwrap();
    let member = Member { id, person: person.clone(), name: None, joined: Timestamp(1) };
    desk.library.join_class(class, &member, 9).await.unwrap();
}

#[tokio::test]
async fn everything_is_taken_along_or_deleted_and_nothing_of_others() {
    let desk = Desk::new();
    let (ada, ada_is) = desk.somebody(ADA, Role::Student).await;
    let (bob, bob_is) = desk.somebody("bob@example.org", Role::Student).await;
    let (lecture, session) = things(&desk, &ada_is, "ada").await;
    things(&desk, &bob_is, "bob").await;
    let (adas, bobs) = (pack(&desk, &ada_is, "ada").await, pack(&desk, &bob_is, "bob").await);
    let (taught, joined) = (class(&desk, &ada_is, "Tides").await, class(&desk, &bob_is, "Winds").await);
    member(&desk, &joined, &ada_is).await;
    desk.library.show(&joined, &lecture.clone().into(), Timestamp(1)).await.unwrap();
    let export = desk.ask(ada.clone(), Method::GET, "/api/auth/me/export", None).await;
    let data = export.data();
    assert_eq!((&data["account"]["email"], data["lectures"].as_array().unwrap().len()), (&json!(ADA), 1));
    let said = &data["transcripts"][0];
    assert_eq!(said["lectureId"], lecture.as_str());
    assert_eq!(said["phrases"][0]["text"], "ada says that the moon pulls the water");
    assert_eq!(data["sessions"][0]["sessionId"], session.as_str());
    let classes: Vec<_> = data["classes"].as_array().unwrap().iter().map(|c| (&c["name"], &c["teaching"])).collect();
    assert_eq!(classes, [(&json!("Tides"), &json!(true)), (&json!("Winds"), &json!(false))]);
    assert_eq!(data["documents"][0]["documentId"], "document-ada");
    assert_eq!((&data["packs"][0]["title"], data["packs"].as_array().unwrap().len()), (&json!("Tides of ada"), 1));
    assert_eq!((&data["cards"][0]["packId"], &data["cards"][0]["card"]["answer"]), (&json!("pack-ada"), &json!("ada knows.")));
    let card = &data["cards"][0]["card"];
    assert_eq!(
        (card["citations"].as_array().unwrap().len(), &card["withheld"]),
        (1, &json!(1)),
        "she may not open Bob's lecture"
    );
    assert!(data["events"].as_array().unwrap().iter().any(|event| event["what"] == "signed_in"));
    assert!(!export.body.to_string().contains("bob"), "{}", export.body);

    let delete = |password: &str| desk.ask(ada.clone(), Method::DELETE, "/api/auth/me", Some(json!({ "password": password })));
    assert_eq!(delete("not the right one").await.code(), "wrong_credentials");
    assert_eq!(delete(PASSWORD).await.status, 200);
    assert!(desk.letters(ADA).is_empty() && !desk.letters("bob@example.org").is_empty(), "letters are kept on one machine");
    assert_eq!(desk.library.lecture(&lecture).await.unwrap(), None);
    assert_eq!(desk.library.document(&document("ada")).await.unwrap(), None);
    assert_eq!(desk.sessions.session(&session, desk.clock.now()).await.unwrap(), None);
    assert_eq!(desk.library.class(&taught).await.unwrap(), None, "a class goes with its teacher");
    assert_eq!((desk.library.pack(&adas).await.unwrap(), desk.library.cards(&bobs).await.unwrap().len()), (None, 1));
    let left = desk.library.classes_of(&bob_is).await.unwrap();
    assert_eq!(left.iter().map(|one| (&one.class.id, one.members, one.sources)).collect::<Vec<_>>(), [(&joined, 0, 0)]);
    let keys: Vec<_> = desk.objects.list("").await.unwrap().into_iter().map(|object| object.key.to_string()).collect();
    assert!(keys.len() == 3 && keys.iter().all(|key| key.contains(bob_is.as_str())), "{keys:?}");
    assert_eq!(desk.ask(ada, Method::GET, "/api/auth/me", None).await.code(), "signed_out");
    assert_eq!(desk.post("/api/auth/login", json!({ "email": ADA, "password": PASSWORD })).await.code(), "wrong_credentials");
    assert_eq!(desk.ask(bob, Method::GET, "/api/auth/me", None).await.status, 200);
    desk.join(ADA).await;
}

#[tokio::test]
async fn what_is_more_than_an_answer_holds_is_taken_along_in_parts() {
    let mut desk = Desk::new();
    let (ada, ada_is) = desk.somebody(ADA, Role::Student).await;
    things(&desk, &ada_is, "ada").await;
    things(&desk, &ada_is, "again").await;
    let path = "/api/auth/me/export";
    let whole = desk.ask(ada.clone(), Method::GET, path, None).await.data().clone();
    desk.narrow(500);
    let refused = desk.ask(ada.clone(), Method::GET, path, None).await;
    assert_eq!((refused.status, refused.code()), (413, "message_too_large"));
    assert!(refused.body["error"].as_str().unwrap().contains("?from=0"), "{}", refused.body);
    let get = async |from: &str| desk.ask(ada.clone(), Method::GET, &format!("{path}?from={from}"), None).await;
    let (mut from, mut told) = ("0".to_owned(), Vec::new());
    loop {
        let part = get(from.as_str()).await.data().clone();
        let next = part["next"].as_str().map(str::to_owned);
        told.push(part);
        let Some(next) = next else { break };
        from = next;
    }
    assert!(told.len() > 2, "{}", told.len());
    for list in ["lectures", "transcripts", "documents", "sessions"] {
        let parts: Vec<_> = told.iter().flat_map(|part| part[list].as_array().unwrap().clone()).collect();
        assert_eq!((&json!(parts), parts.len()), (&whole[list], 2), "{list}");
    }
    let exports =
        |part: &Value| part["events"].as_array().unwrap().iter().filter(|event| event["what"] == "data_exported").count();
    assert_eq!(told.iter().map(exports).sum::<usize>(), 2, "one that was given, one in parts, and none that was refused");
    assert_eq!(get("x").await.code(), "invalid_fields");
    desk.post("/api/auth/login", json!({ "email": ADA, "password": "not the right one" })).await;
    assert_eq!(get(from.as_str()).await.status, 200, "another event comes last");
    things(&desk, &ada_is, "new").await;
    let refused = get(from.as_str()).await;
    assert_eq!((refused.status, refused.code()), (409, "conflict"), "some would be told twice");
    assert!(refused.body["error"].as_str().unwrap().contains("begin again"), "{}", refused.body);
    assert_eq!(get("0").await.status, 200);
}

#[tokio::test]
async fn a_further_part_is_only_one_of_what_the_same_sign_in_began_within_the_hour() {
    let desk = Desk::new();
    let (ada, _) = desk.somebody(ADA, Role::Student).await;
    let tokens = desk.login(ADA).await["tokens"].clone();
    let elsewhere = desk.bearer(tokens["accessToken"].as_str().unwrap()).await;
    let further = async |called: &Called| desk.ask(called.clone(), Method::GET, "/api/auth/me/export?from=1", None).await.status;
    let recorded = async || {
        let audit = desk.ask(Called::Host, Method::GET, "/api/auth/audit", None).await;
        let events = audit.data()["events"].as_array().unwrap();
        events.iter().filter(|event| event["what"] == "data_exported").count()
    };
    assert_eq!((further(&ada).await, recorded().await), (200, 1), "whatever it calls itself, it is the first");
    assert_eq!((further(&ada).await, recorded().await), (200, 1));
    assert_eq!((further(&elsewhere).await, recorded().await), (200, 2), "another sign-in began nothing");
    desk.clock.pass(61 * 60_000);
    assert_eq!((further(&ada).await, recorded().await), (200, 3), "that was too long ago");
    let begin = async || desk.ask(ada.clone(), Method::GET, "/api/auth/me/export", None).await.status;
    let mut begun = 0;
    while begin().await == 200 {
        begun += 1;
    }
    assert!(begun < 20, "{begun}: what called itself further was counted");
    assert_eq!((further(&elsewhere).await, further(&ada).await), (429, 200), "only what was begun goes on");
}

#[tokio::test]
async fn what_happened_is_recorded_without_secrets() {
    let desk = Desk::new();
    desk.join(ADA).await;
    let tokens = desk.login(ADA).await["tokens"].clone();
    desk.post("/api/auth/login", json!({ "email": ADA, "password": "not the right one" })).await;
    desk.post("/api/auth/logout", json!({ "refreshToken": tokens["refreshToken"] })).await;
    let reply = desk.ask(Called::Host, Method::GET, "/api/auth/audit?most=10", None).await;
    let events = reply.data()["events"].as_array().unwrap();
    let what: Vec<_> = events.iter().map(|event| event["what"].as_str().unwrap()).collect();
    assert_eq!(what, ["signed_out", "sign_in_refused", "signed_in", "verified", "registered"]);
    let text = reply.body.to_string();
    for secret in
        [ADA, PASSWORD, "203.0.113.7", tokens["refreshToken"].as_str().unwrap(), tokens["accessToken"].as_str().unwrap()]
    {
        assert!(!text.contains(secret), "{secret}");
    }
    let one = desk.ask(Called::Host, Method::GET, "/api/auth/audit?most=1", None).await;
    assert_eq!(one.data()["events"].as_array().unwrap().len(), 1);
    let none = desk.ask(Called::Host, Method::GET, "/api/auth/audit?before=0", None).await;
    assert_eq!(none.data()["events"], json!([]));
    // All of it happened at one moment, and still nothing is lost between two pages.
    let (mut read, mut from) = (Vec::new(), String::new());
    loop {
        let page = desk.ask(Called::Host, Method::GET, &format!("/api/auth/audit?most=2{from}"), None).await;
        let Some(last) = page.data()["events"].as_array().unwrap().last() else { break };
        from = format!("&before={}&number={}", last["at"], last["number"]);
        read.extend(page.data()["events"].as_array().unwrap().clone());
    }
    assert_eq!(&read, events);
}

#[tokio::test]
async fn an_operator_sees_whose_account_is_tried_and_nobody_else_does() {
    let desk = Desk::new();
    desk.join(ADA).await;
    let account = desk.login(ADA).await["account"]["accountId"].clone();
    let asked = [
        ("login", json!({ "email": "@", "password": "not the right one" }), "sign_in_refused"),
        ("forgot-password", json!({ "email": "@" }), "reset_asked"),
        ("reset-password", json!({ "email": "@", "code": "0000-0000", "password": "another one of mine" }), "code_refused"),
    ];
    for (route, body, what) in asked {
        let ask = async |email: &str| {
            let body = serde_json::from_str(&body.to_string().replace('@', email)).unwrap();
            let reply = desk.post(&format!("/api/auth/{route}"), body).await;
            let audit = desk.ask(Called::Host, Method::GET, "/api/auth/audit?most=1", None).await;
            (reply.status, reply.body, audit.data()["events"][0].clone())
        };
        let (known, unknown) = (ask(ADA).await, ask("eve@example.org").await);
        assert_eq!((known.0, &known.1), (unknown.0, &unknown.1), "{route}: it is answered alike");
        assert_eq!((&known.2["what"], &known.2["accountId"]), (&json!(what), &account));
        assert_eq!((&unknown.2["what"], unknown.2.get("accountId")), (&json!(what), None));
    }
}

#[tokio::test]
async fn the_world_may_know_the_keys() {
    let desk = Desk::new();
    let keys = desk.ask(Called::Nobody, Method::GET, "/.well-known/jwks.json", None).await;
    let key = &keys.body["keys"][0];
    let kid = key["kid"].as_str().unwrap();
    let modulus = URL_SAFE_NO_PAD.encode([&[7][..], kid.as_bytes(), &[1]].concat());
    assert_eq!(*key, json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": modulus, "e": "AQAB" }));
    let about = desk.ask(Called::Nobody, Method::GET, "/.well-known/openid-configuration", None).await;
    assert_eq!(about.body["jwks_uri"], "https://issuer.example/.well-known/jwks.json");
    let document = desk.ask(Called::Nobody, Method::GET, "/api/auth/openapi.json", None).await;
    assert!(document.body["paths"]["/api/auth/login"]["post"].is_object());
}
