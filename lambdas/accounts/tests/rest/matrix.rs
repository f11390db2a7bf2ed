//! Each role at each endpoint, with what is theirs, what is another's, and what does not exist.

use std::collections::BTreeSet;

use axum::http::Method;
use lambda_accounts::Called;
use serde_json::json;
use synapscribe_domain::account::{Role, SignInId};
use synapscribe_domain::{Code, Failure, PersonId};
use synapscribe_ports::Clock;

use crate::desk::{Desk, PASSWORD};

/// Who asks, in the order of the columns below.
const CALLERS: [&str; 7] = ["nobody", "a forged token", "a guest", "a student", "a lecturer", "an operator", "the host"];

/// A row for each endpoint and what it is asked with: how each caller is answered. Words in capitals are filled in for each of them;
/// EACH is their own address. What ends sign-ins and accounts comes last.
const TABLE: &[(Method, &str, &str, [u16; 7])] = &[
    (Method::GET, "/.well-known/jwks.json", "", [200; 7]),
    (Method::GET, "/.well-known/openid-configuration", "", [200; 7]),
    (Method::GET, "/api/auth/openapi.json", "", [200; 7]),
    // A token that is not believed may be a guest's whose things would be left behind.
    (Method::POST, "/api/auth/register", r#"{ "email": "new-EACH", "password": "SECRET" }"#, [202, 401, 202, 202, 202, 202, 202]),
    (Method::GET, "/api/auth/verify-email?email=EACH&code=0000-0000", "", [400; 7]),
    (Method::POST, "/api/auth/resend-verification", r#"{ "email": "EACH" }"#, [202; 7]),
    (Method::POST, "/api/auth/resend-verification", r#"{ "email": "missing-EACH" }"#, [202; 7]),
    (Method::POST, "/api/auth/forgot-password", r#"{ "email": "EACH" }"#, [202; 7]),
    (Method::POST, "/api/auth/forgot-password", r#"{ "email": "missing-EACH" }"#, [202; 7]),
    (
        Method::POST,
        "/api/auth/reset-password",
        r#"{ "email": "EACH", "code": "0000-0000", "password": "another one of mine" }"#,
        [400; 7],
    ),
    (Method::POST, "/api/auth/login", r#"{ "email": "EACH", "password": "SECRET" }"#, [200; 7]),
    (Method::POST, "/api/auth/login", r#"{ "email": "other@example.org", "password": "not the right one" }"#, [401; 7]),
    (Method::POST, "/api/auth/login", r#"{ "email": "missing-EACH", "password": "SECRET" }"#, [401; 7]),
    // A refresh token says by itself who may have the next one.
    (Method::POST, "/api/auth/refresh", r#"{ "refreshToken": "TOKEN" }"#, [200; 7]),
    (Method::POST, "/api/auth/refresh", r#"{ "refreshToken": "MISSING.00" }"#, [401; 7]),
    (Method::GET, "/api/auth/me", "", [401, 401, 401, 200, 200, 200, 401]),
    (Method::GET, "/api/auth/me/export", "", [401, 401, 401, 200, 200, 200, 401]),
    (Method::GET, "/api/auth/sessions", "", [401, 401, 401, 200, 200, 200, 401]),
    (Method::DELETE, "/api/auth/sessions/OTHERS", "", [401, 401, 401, 404, 404, 404, 401]),
    (Method::DELETE, "/api/auth/sessions/MISSING", "", [401, 401, 401, 404, 404, 404, 401]),
    (Method::DELETE, "/api/auth/sessions/a%2Fb", "", [401, 401, 401, 404, 404, 404, 401]),
    (Method::GET, "/api/auth/invitations", "", [401, 401, 401, 403, 403, 200, 200]),
    (Method::POST, "/api/auth/invitations", "{}", [401, 401, 401, 403, 403, 201, 201]),
    (Method::DELETE, "/api/auth/invitations/MISSING", "", [401, 401, 401, 403, 403, 404, 404]),
    (Method::DELETE, "/api/auth/invitations/THERE", "", [401, 401, 401, 403, 403, 200, 200]),
    (
        Method::POST,
        "/api/auth/roles",
        r#"{ "email": "missing@example.org", "role": "operator" }"#,
        [401, 401, 401, 403, 403, 404, 404],
    ),
    (
        Method::POST,
        "/api/auth/roles",
        r#"{ "email": "pupil@example.org", "role": "lecturer" }"#,
        [401, 401, 401, 403, 403, 200, 200],
    ),
    // Nobody changes their own.
    (Method::POST, "/api/auth/roles", r#"{ "email": "EACH", "role": "operator" }"#, [401, 401, 401, 403, 403, 403, 200]),
    (Method::GET, "/api/auth/audit", "", [401, 401, 401, 403, 403, 200, 200]),
    // Whoever cannot show the password is refused, whose account it ever is.
    (Method::DELETE, "/api/auth/me", r#"{ "password": "not the right one" }"#, [401; 7]),
    (Method::POST, "/api/auth/logout", r#"{ "refreshToken": "MISSING.00" }"#, [200; 7]),
    (Method::DELETE, "/api/auth/sessions/OWN", "", [401, 401, 401, 200, 200, 200, 401]),
    (Method::POST, "/api/auth/logout", "{}", [401, 401, 401, 200, 200, 200, 401]),
    (Method::DELETE, "/api/auth/me", r#"{ "password": "SECRET" }"#, [401, 401, 401, 200, 200, 200, 401]),
];

#[tokio::test]
async fn everybody_gets_what_their_role_allows_and_others_things_do_not_exist() {
    let desk = Desk::new();
    desk.join("pupil@example.org").await;
    desk.join("other@example.org").await;
    let tokens = desk.login("other@example.org").await["tokens"].clone();
    let (others, token) = (tokens["sessionId"].as_str().unwrap(), tokens["refreshToken"].as_str().unwrap());
    let address = |name: &str| format!("{}@example.org", name.rsplit(' ').next().unwrap());
    for name in ["nobody", "a forged token", "a guest", "the host"] {
        desk.join(&address(name)).await;
    }
    let mut callers = vec![
        Called::Nobody,
        Called::Refused(Failure::new(Code::Unauthorised, "forged")),
        Called::Guest(PersonId::parse("us-east-1:guest").unwrap()),
    ];
    for role in Role::ALL {
        callers.push(desk.somebody(&address(role.name()), role).await.0);
    }
    callers.push(Called::Host);
    desk.ask(Called::Host, Method::POST, "/api/auth/invitations", Some(json!({}))).await;

    let mut missing = Vec::new();
    for (method, path, body, expected) in TABLE {
        for (caller, (name, expected)) in callers.iter().zip(CALLERS.iter().zip(expected)) {
            let own = match caller {
                Called::SignedIn(signed_in) => signed_in.claims.sign_in.to_string(),
                _ => "none".into(),
            };
            let there = desk.invitation().await;
            let filled = |text: &str| {
                let text = text.replace("OTHERS", others).replace("OWN", &own).replace("THERE", &there);
                let text = text.replace("MISSING", "0196-none").replace("EACH", &address(name));
                text.replace("SECRET", PASSWORD).replace("TOKEN", token)
            };
            let path = filled(path);
            let body = (!body.is_empty()).then(|| serde_json::from_str(&filled(body)).unwrap());
            let reply = desk.ask(caller.clone(), method.clone(), &path, body).await;
            assert_eq!(reply.status, *expected, "{name}: {method} {path}: {}", reply.body);
            if reply.status == 404 && path.contains("sessions") {
                missing.push(reply.body);
            }
        }
    }
    assert!(missing.windows(2).all(|two| two[0] == two[1]), "what is another's answers exactly as what does not exist");
    let theirs = desk.reception.sign_ins.sign_in(&SignInId::parse(others).unwrap()).await.unwrap().unwrap();
    assert!(theirs.lasts(desk.clock.now()), "nobody ended another's sign-in: {theirs:?}");
}

#[test]
fn the_table_has_every_endpoint_there_is() {
    let document = serde_json::to_value(lambda_accounts::document()).unwrap();
    let mut told: BTreeSet<(String, String)> = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        told.extend(item.as_object().unwrap().keys().map(|method| (method.to_uppercase(), path.clone())));
    }
    // The document does not tell of itself.
    told.insert(("GET".into(), "/api/auth/openapi.json".into()));
    let asked = TABLE.iter().map(|(method, path, ..)| {
        let path = path.split('?').next().unwrap();
        let listed = ["/api/auth/sessions/", "/api/auth/invitations/"].into_iter().find(|list| path.starts_with(list));
        (method.to_string(), listed.map_or_else(|| path.to_owned(), |list| format!("{list}{{id}}")))
    });
    assert_eq!(asked.collect::<BTreeSet<_>>(), told, "left: asked by everybody, right: told by the document");
    let routes = include_str!("../../src/lib.rs").split(".route(\"").skip(1).filter_map(|rest| rest.split('"').next());
    let routes: BTreeSet<&str> = routes.filter(|path| !path.contains('*')).collect();
    assert_eq!(routes, told.iter().map(|(_, path)| path.as_str()).collect::<BTreeSet<_>>(), "left: served, right: told");
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
