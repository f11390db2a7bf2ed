//! What is sent and cannot be taken, what says nothing about whether an address has an account, and what is done too often.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use axum::body::Body;
use axum::http::Method;
use lambda_accounts::Called;
use serde_json::{Value, json};
use synapscribe_domain::account::{AccountId, EmailAddress, Password, Role};
use synapscribe_ports::accounts::{Invitations, Proofs, Proved};
use synapscribe_ports::fakes::{MemoryProofs, PlainPasswords};
use synapscribe_ports::{StoreError, StoreResult};
use synapscribe_protocol::headers::CORRELATION;
use synapscribe_usecases::accounts::Visit;

use crate::desk::{Desk, PASSWORD};

#[tokio::test]
async fn fields_that_cannot_be_taken_are_named() {
    let desk = Desk::new();
    let cases: &[(&str, Value, &[&str])] = &[
        ("register", json!({ "email": "ada", "password": "short" }), &["email", "password"]),
        ("register", json!({ "email": "ada@example.org", "password": "password1" }), &["password"]),
        ("register", json!({ "email": "ada@example.org", "password": PASSWORD, "name": "x".repeat(81) }), &["name"]),
        ("register", json!({ "email": "ada@example.org" }), &[]),
        ("register", json!({ "email": 7, "password": PASSWORD }), &[]),
        ("login", json!({ "email": "", "password": PASSWORD }), &["email"]),
        ("forgot-password", json!({ "email": "ada@localhost" }), &["email"]),
        ("resend-verification", json!({ "email": "@" }), &["email"]),
        ("reset-password", json!({ "email": "ada@example.org", "code": "x", "password": "1234567" }), &["password"]),
        ("refresh", json!({}), &[]),
    ];
    for (route, body, fields) in cases {
        let reply = desk.post(&format!("/api/auth/{route}"), body.clone()).await;
        assert_eq!((reply.status, reply.code()), (422, "invalid_fields"), "{route} {body}");
        assert_eq!(reply.body["success"], false);
        let named: Vec<_> = reply.body["details"]["fields"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(&named, fields, "{route} {body}");
    }
    let reply = desk.ask(Called::Nobody, Method::GET, "/api/auth/verify-email?email=ada@example.org", None).await;
    assert_eq!((reply.status, reply.code()), (422, "invalid_fields"));
    let json = "application/json";
    for (kind, body) in [(json, "{"), (json, ""), ("text/plain", "{}"), (json, "{\"email\":\"\\ud800\"}")] {
        let reply = desk.send(Called::Nobody, Method::POST, "/api/auth/login", kind, Body::from(body)).await;
        assert_eq!((reply.status, reply.code()), (400, "bad_message"), "{kind} {body}");
    }
}

/// By answer, by status, and by the slow work, which is what time is made of.
#[tokio::test]
async fn whether_an_address_has_an_account_does_not_show() {
    let desk = Desk::new();
    desk.join("known@example.org").await;
    desk.post("/api/auth/register", json!({ "email": "waiting@example.org", "password": PASSWORD })).await;
    type Form = fn(&str) -> Value;
    let cases: &[(&str, Form)] = &[
        ("register", |email| json!({ "email": email, "password": "another one of mine" })),
        ("login", |email| json!({ "email": email, "password": "not the right one" })),
        // The password that somebody else has just signed up with, who would know by the answer whether it was of any use.
        ("login", |email| json!({ "email": email, "password": "another one of mine" })),
        ("forgot-password", |email| json!({ "email": email })),
        ("resend-verification", |email| json!({ "email": email })),
        ("reset-password", |email| json!({ "email": email, "code": "0000-0000", "password": "another one of mine" })),
    ];
    for (route, body) in cases {
        let mut answers = Vec::new();
        for email in ["known@example.org", "waiting@example.org", &format!("{route}@example.org")] {
            let before = desk.passwords.worked();
            let reply = desk.post(&format!("/api/auth/{route}"), body(email)).await;
            answers.push((reply.status, reply.body, desk.passwords.worked() - before));
        }
        assert_eq!(answers[0], answers[1], "{route}");
        assert_eq!(answers[0], answers[2], "{route}");
    }
    let subjects = |email| desk.letters(email).into_iter().map(|letter| letter.subject).collect::<Vec<_>>();
    assert!(subjects("known@example.org").iter().any(|subject| subject.contains("have an account already")));
    assert_eq!(subjects("register@example.org"), ["SynapScribe: Confirm your address"]);
    assert_eq!(subjects("forgot-password@example.org"), [""; 0], "nobody who has no account is written to");
}

#[tokio::test]
async fn what_is_done_too_often_waits_as_long_as_it_is_told() {
    let desk = Desk::new();
    desk.join("known@example.org").await;
    for email in ["known@example.org", "unknown@example.org"] {
        let body = json!({ "email": email, "password": "not the right one" });
        for _ in 0..10 {
            assert_eq!(desk.post("/api/auth/login", body.clone()).await.status, 401);
        }
        let reply = desk.post("/api/auth/login", body.clone()).await;
        assert_eq!((reply.status, reply.code()), (429, "too_many_requests"), "{email}");
        let wait = reply.body["details"]["retryAfter"].as_u64().unwrap();
        assert_eq!(reply.headers["retry-after"].to_str().unwrap(), wait.to_string());
        assert_eq!(reply.body["details"]["retryable"], true);
        desk.clock.pass(wait as i64 * 1000);
        assert_eq!(desk.post("/api/auth/login", body).await.status, 401, "it works again when it was told it would");
    }
    for route in ["forgot-password", "resend-verification"] {
        let ask = async || desk.post(&format!("/api/auth/{route}"), json!({ "email": "known@example.org" })).await;
        while ask().await.status == 202 {}
        assert_eq!(ask().await.status, 429);
    }
    assert!(desk.letters("known@example.org").len() < 8, "nobody's mail is flooded");
}

/// From many places, so that none of them is where it is too often.
#[tokio::test]
async fn an_invitation_that_everybody_knows_lets_in_only_so_many_at_once() {
    let desk = Desk::new();
    let made = desk.ask(Called::Host, Method::POST, "/api/auth/invitations", Some(json!({ "uses": 400 }))).await;
    let code = made.data()["code"].as_str().unwrap();
    for n in 0..300 {
        let (email, invitation) = (format!("person{n}@example.org"), Some(code.to_owned()));
        let form = synapscribe_usecases::accounts::Form { email, password: PASSWORD.into(), name: None, invitation };
        desk.reception.register(&Visit::default(), &form, None).await.unwrap();
    }
    let form = json!({ "email": "late@example.org", "password": PASSWORD, "invitation": code });
    let reply = desk.post("/api/auth/register", form.clone()).await;
    assert_eq!((reply.status, reply.code()), (429, "too_many_requests"));
    let used = async || desk.invitations.invitations().await.unwrap()[0].used;
    assert_eq!(used().await, 300, "whoever waits takes no place");
    let wait = reply.body["details"]["retryAfter"].as_i64().unwrap();
    assert_eq!(reply.headers["retry-after"].to_str().unwrap(), wait.to_string());
    desk.clock.pass(wait * 1000);
    assert_eq!((desk.post("/api/auth/register", form).await.status, used().await), (202, 301));
}

#[tokio::test]
async fn sign_ins_that_are_made_up_are_refused_after_a_while_and_those_that_there_are_go_on() {
    let desk = Desk::new();
    desk.join("ada@example.org").await;
    let tokens = desk.login("ada@example.org").await["tokens"].clone();
    let refresh = async |token: &Value| desk.post("/api/auth/refresh", json!({ "refreshToken": token })).await;
    let made_up = async |n: u32| refresh(&json!(format!("made-up-{n}.{}", "0".repeat(64)))).await;
    for n in 0..6_000 {
        assert_eq!(made_up(n).await.status, 401);
    }
    let reply = made_up(6_000).await;
    assert_eq!((reply.status, reply.code()), (429, "too_many_requests"));
    assert_eq!(reply.headers["retry-after"], "1");
    assert_eq!(refresh(&tokens["refreshToken"]).await.status, 200, "somebody behind the same address stays signed in");
    desk.clock.pass(1_000);
    assert_eq!(made_up(6_001).await.status, 401);
}

#[tokio::test]
async fn a_code_is_not_guessed() {
    let desk = Desk::new();
    desk.join("ada@example.org").await;
    desk.post("/api/auth/forgot-password", json!({ "email": "ada@example.org" })).await;
    let right = desk.code("ada@example.org");
    let reset = |code: &str| {
        desk.post(
            "/api/auth/reset-password",
            json!({ "email": "ada@example.org", "code": code, "password": "another one of mine" }),
        )
    };
    for guess in ["00000000", "not a code", "", "0000-0001", "00000002", "00000003", "00000004"] {
        let reply = reset(guess).await;
        assert_eq!((reply.status, reply.code()), (400, "wrong_code"), "{guess}");
    }
    assert_eq!(reset(&right).await.code(), "wrong_code", "after five wrong ones the right one comes too late");
}

#[tokio::test]
async fn addresses_and_methods_that_are_none_are_refused_as_everything_else_is() {
    let desk = Desk::new();
    for (method, path, expected) in [
        (Method::GET, "/api/auth/nowhere", (404, "not_found")),
        (Method::POST, "/api/auth/sessions/one/two", (404, "not_found")),
        (Method::GET, "/api/auth/login", (405, "not_offered")),
        (Method::PUT, "/api/auth/me", (405, "not_offered")),
    ] {
        let reply = desk.ask(Called::Nobody, method.clone(), path, None).await;
        assert_eq!((reply.status, reply.code()), expected, "{method} {path}");
        assert_eq!(reply.body["success"], false);
        assert!(reply.body["error"].as_str().is_some_and(|said| said.contains("this address")), "{}", reply.body);
        assert_eq!(reply.headers.contains_key("allow"), reply.status == 405, "{method} {path}");
    }
}

#[tokio::test]
async fn a_fault_of_ours_names_the_request_for_whoever_looks_into_the_log() {
    let exhausted = || Arc::new(MemoryProofs::apart(Arc::new(PlainPasswords::exhausted())));
    let desk = Desk::with(|reception| reception.proofs = exhausted());
    let login = async |email: &str| desk.post("/api/auth/login", json!({ "email": email, "password": PASSWORD })).await;
    let reply = login("ada@example.org").await;
    assert_eq!(reply.status / 100, 5, "{}", reply.body);
    let name = reply.headers[CORRELATION].to_str().unwrap();
    assert_eq!((&reply.body["details"]["correlation"], &reply.body["success"]), (&json!(name), &json!(false)));
    let reply = login("ada").await;
    assert_eq!((reply.status, reply.body["details"].get("correlation")), (422, None), "what somebody wrote is in no log");
}

/// Keeps passwords, until too many wait for that.
struct Crowded {
    proofs: Arc<dyn Proofs>,
    full: Arc<AtomicBool>,
}

impl Crowded {
    fn come(&self) -> StoreResult<()> {
        if self.full.load(Ordering::SeqCst) { Err(StoreError::Conflict) } else { Ok(()) }
    }
}

#[async_trait]
impl Proofs for Crowded {
    async fn keep(&self, account: &AccountId, email: &EmailAddress, password: &Password) -> StoreResult<()> {
        self.come()?;
        self.proofs.keep(account, email, password).await
    }

    async fn prove(&self, account: Option<&AccountId>, password: &Password) -> StoreResult<Proved> {
        self.come()?;
        self.proofs.prove(account, password).await
    }

    async fn forget(&self, account: &AccountId) -> StoreResult<()> {
        self.proofs.forget(account).await
    }
}

/// Whether the document tells of an answer.
fn told(document: &Value, method: &Method, path: &str, status: u16) -> bool {
    document["paths"][path][method.as_str().to_lowercase()]["responses"][status.to_string()].is_object()
}

#[tokio::test]
async fn where_too_many_wait_for_a_password_whoever_comes_is_told_to_come_again() {
    let document = serde_json::to_value(lambda_accounts::document()).unwrap();
    let full = Arc::new(AtomicBool::new(false));
    let desk = Desk::with(|reception| {
        let proofs = Arc::clone(&reception.proofs);
        reception.proofs = Arc::new(Crowded { proofs, full: Arc::clone(&full) });
    });
    let (ada, _) = desk.somebody("ada@example.org", Role::Student).await;
    full.store(true, Ordering::SeqCst);
    let (email, password) = ("ada@example.org", PASSWORD);
    for (method, path, body) in [
        (Method::POST, "/api/auth/register", json!({ "email": "new@example.org", "password": password })),
        (Method::POST, "/api/auth/login", json!({ "email": email, "password": password })),
        (Method::POST, "/api/auth/reset-password", json!({ "email": email, "code": "0000-0000", "password": password })),
        (Method::DELETE, "/api/auth/me", json!({ "password": password })),
    ] {
        let reply = desk.ask(ada.clone(), method.clone(), path, Some(body)).await;
        assert_eq!((reply.status, reply.code()), (503, "busy"), "{method} {path}");
        assert_eq!(reply.body["details"]["retryable"], true);
        assert!(told(&document, &method, path, 503), "{method} {path}");
    }
}

#[tokio::test]
async fn what_is_larger_than_any_request_can_be_is_refused_wherever_a_body_is_taken() {
    let document = serde_json::to_value(lambda_accounts::document()).unwrap();
    let desk = Desk::new();
    let (olga, _) = desk.somebody("olga@example.org", Role::Operator).await;
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, _) in item.as_object().unwrap().iter().filter(|(_, about)| about["requestBody"].is_object()) {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let body = Body::from(format!("\"{}\"", "x".repeat(3 << 20)));
            let reply = desk.send(olga.clone(), method.clone(), path, "application/json", body).await;
            assert_eq!((reply.status, reply.code()), (413, "message_too_large"), "{method} {path}");
            assert!(told(&document, &method, path, 413), "{method} {path}");
            asked += 1;
        }
    }
    assert_eq!(asked, 10);
}

#[tokio::test]
async fn a_name_that_is_no_text_is_nobodys() {
    let desk = Desk::new();
    let (caller, _) = desk.somebody("ada@example.org", Role::Student).await;
    let reply = desk.ask(caller, Method::DELETE, "/api/auth/sessions/%FF", None).await;
    assert_eq!((reply.status, reply.code()), (404, "not_found"));
}
