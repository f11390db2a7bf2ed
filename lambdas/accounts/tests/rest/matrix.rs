//! Each role at each endpoint, with what is theirs, what is another's, and what does not exist.

use axum::http::Method;
use lambda_accounts::Called;
use serde_json::{Value, json};
use synapscribe_domain::account::Role;
use synapscribe_domain::{Code, Failure, PersonId};

use crate::desk::Desk;

/// Who asks, in the order of the columns below.
const CALLERS: [&str; 7] = ["nobody", "a forged token", "a guest", "a student", "a lecturer", "an operator", "the host"];

/// A row for each endpoint that is not open to everybody: what each caller is answered with.
const TABLE: &[(Method, &str, [u16; 7])] = &[
    (Method::GET, "/api/auth/me", [401, 401, 401, 200, 200, 200, 401]),
    (Method::GET, "/api/auth/me/export", [401, 401, 401, 200, 200, 200, 401]),
    (Method::GET, "/api/auth/sessions", [401, 401, 401, 200, 200, 200, 401]),
    (Method::DELETE, "/api/auth/sessions/OTHERS", [401, 401, 401, 404, 404, 404, 401]),
    (Method::DELETE, "/api/auth/sessions/MISSING", [401, 401, 401, 404, 404, 404, 401]),
    (Method::DELETE, "/api/auth/sessions/a%2Fb", [401, 401, 401, 404, 404, 404, 401]),
    (Method::GET, "/api/auth/invitations", [401, 401, 401, 403, 403, 200, 200]),
    (Method::POST, "/api/auth/invitations", [401, 401, 401, 403, 403, 201, 201]),
    (Method::DELETE, "/api/auth/invitations/MISSING", [401, 401, 401, 403, 403, 404, 404]),
    (Method::DELETE, "/api/auth/invitations/THERE", [401, 401, 401, 403, 403, 200, 200]),
    (Method::POST, "/api/auth/roles", [401, 401, 401, 403, 403, 404, 404]),
    (Method::GET, "/api/auth/audit", [401, 401, 401, 403, 403, 200, 200]),
    (Method::DELETE, "/api/auth/me", [401, 401, 401, 401, 401, 401, 401]),
    (Method::DELETE, "/api/auth/sessions/OWN", [401, 401, 401, 200, 200, 200, 401]),
];

#[tokio::test]
async fn everybody_gets_what_their_role_allows_and_others_things_do_not_exist() {
    let desk = Desk::new();
    desk.join("other@example.org").await;
    let others = desk.login("other@example.org").await["tokens"]["sessionId"].as_str().unwrap().to_owned();
    let mut callers = vec![
        Called::Nobody,
        Called::Refused(Failure::new(Code::Unauthorised, "forged")),
        Called::Guest(PersonId::parse("us-east-1:guest").unwrap()),
    ];
    for role in Role::ALL {
        callers.push(desk.somebody(&format!("{}@example.org", role.name()), role).await.0);
    }
    callers.push(Called::Host);
    desk.ask(Called::Host, Method::POST, "/api/auth/invitations", Some(json!({}))).await;

    let mut missing = Vec::new();
    for (method, path, expected) in TABLE {
        for (caller, (name, expected)) in callers.iter().zip(CALLERS.iter().zip(expected)) {
            let own = match caller {
                Called::SignedIn(signed_in) => signed_in.claims.sign_in.to_string(),
                _ => "none".into(),
            };
            let there = desk.invitation().await;
            let path =
                path.replace("OTHERS", &others).replace("OWN", &own).replace("THERE", &there).replace("MISSING", "0196-none");
            let body = match (method, path.as_str()) {
                (&Method::POST, "/api/auth/roles") => Some(json!({ "email": "missing@example.org", "role": "operator" })),
                (&Method::POST, _) => Some(json!({})),
                // Whoever cannot show the password is refused, whose account it ever is.
                (&Method::DELETE, "/api/auth/me") => Some(json!({ "password": "not the right one" })),
                _ => None,
            };
            let reply = desk.ask(caller.clone(), method.clone(), &path, body).await;
            assert_eq!(reply.status, *expected, "{name}: {method} {path}: {}", reply.body);
            if reply.status == 404 && path.contains("sessions") {
                missing.push(reply.body);
            }
        }
    }
    assert!(missing.windows(2).all(|two| two[0] == two[1]), "what is another's answers exactly as what does not exist");
    let still = desk.post("/api/auth/login", json!({ "email": "other@example.org", "password": crate::desk::PASSWORD })).await;
    assert_ne!(still.data()["outcome"], Value::Null);
}

#[tokio::test]
async fn a_role_that_was_taken_away_is_gone_at_once() {
    let desk = Desk::new();
    let (operator, person) = desk.somebody("operator@example.org", Role::Operator).await;
    assert_eq!(desk.ask(operator.clone(), Method::GET, "/api/auth/audit", None).await.status, 200);
    let account = desk.reception.accounts.account_of(&person).await.unwrap().unwrap();
    desk.reception.accounts.set_role(&account.id, Role::Student, None).await.unwrap();
    let reply = desk.ask(operator, Method::GET, "/api/auth/audit", None).await;
    assert_eq!((reply.status, reply.code()), (403, "forbidden"), "whatever the token still states");
}
