//! People with accounts: a guest who becomes somebody, and an operator, a lecturer and a class where there were none; by the terminal
//! alone.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use synapscribe_domain::account::{AccountId, SignInId, Why};
use synapscribe_ports::accounts::SignIns;
use synapscribe_ports::{Clock, SystemClock};
use synapscribe_rehearsal::{Function, Scene, request, socket};

use crate::library;
use crate::people::{People, Person, done, text_of};

pub const ADA: &str = "ada@example.org";
pub const FROM: &str = "no-reply@example.org";
pub const PASSWORD: &str = "tide pools at noon";

impl Person<'_> {
    /// Signs up, by an invitation or without, proves their address, and signs in; gives what they are told in the end.
    pub async fn signs_up_and_in(&self, address: &str, invitation: &[&str]) -> Value {
        let sign_up = ["account", "sign-up", address, "--name", "Ada"];
        let (taken, told) = self.typed(&[&sign_up[..], invitation].concat(), PASSWORD).await;
        assert!(taken, "{told}");
        let (_, refused) = self.typed(&["account", "sign-in", address], PASSWORD).await;
        assert_eq!(refused["code"], "wrong_credentials", "{refused}");
        let letter = self.letter(address, 0).await;
        let code = letter.lines().find_map(|line| line.strip_prefix("    ")).unwrap().trim();
        self.does(&["account", "verify", address, code]).await;
        let (_, refused) = self.typed(&["account", "sign-in", address], "not this one").await;
        assert_eq!(refused["code"], "wrong_credentials", "{refused}");
        let (signed_in, told) = self.typed(&["account", "sign-in", address], PASSWORD).await;
        assert!(signed_in, "{told}");
        told
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_signs_up_by_a_letter_and_asks_what_they_uploaded_before_in_their_own_name() {
    let scene = Scene::set().await.unwrap().with_accounts(FROM).await.unwrap();
    let daemon = scene.daemon(|_| {}).unwrap();
    let _functions = scene.functions(&daemon).await.unwrap();
    let ada = scene.person("");
    let book = scene.folder.path().join("waves.md");
    std::fs::write(&book, "# Waves\n\nThe wind makes waves, and the moon makes the tides.").unwrap();
    let book = ada.lecture(&book).await;

    let told = ada.signs_up_and_in(ADA, &[]).await;
    assert_eq!(told["account"]["name"], "Ada", "{told}");

    let said = scene.terminal(&["ask", "--document", &book, "--json", "What makes waves?"]).await.well();
    assert!(text_of(&said).contains("wind"), "{}", text_of(&said));
    assert_eq!(done(&said)["found"], true);

    // Whether an address has an account does not show, and whoever signs up need not have been a guest.
    ada.does(&["account", "sign-out"]).await;
    for address in [ADA, "bob@example.org"] {
        let (taken, told) = ada.typed(&["account", "sign-up", address], PASSWORD).await;
        assert!(taken, "{told}");
    }
    ada.letter(ADA, 1).await;
    // Whoever signed out is a guest again, and another one: what was Ada's is not theirs.
    let left = scene.terminal(&["library", "list", "--json"]).await.well();
    assert!(!left.out.contains(&book), "{}", left.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_deployed_invites_the_first_operator_who_invites_a_lecturer_whose_class_a_guest_joins() {
    let scene = Scene::set().await.unwrap().with_accounts(FROM).await.unwrap().with_stack().await.unwrap();
    let daemon = scene.daemon(|_| {}).unwrap();
    let _functions = scene.functions(&daemon).await.unwrap();
    let [ada, ben, guest] = ["ada", "ben", "guest"].map(|name| scene.person(name));

    let (allowed, refused) = guest.typed(&["ops", "invite", "create", "--role", "operator"], "").await;
    assert!(!allowed && refused["code"] == "signed_out", "{refused}");
    let made = scene.operates(&["invite", "create", "--role", "operator", "--note", "the first"]).await.well().events();
    let code = made[0]["code"].as_str().unwrap();
    let told = ada.signs_up_and_in(ADA, &["--invitation", code]).await;
    assert_eq!(told["account"]["role"], "operator", "{told}");
    let invitation = ada.does(&["ops", "invite", "create", "--role", "lecturer"]).await;
    let told = ben.signs_up_and_in("ben@example.org", &["--invitation", invitation["code"].as_str().unwrap()]).await;
    assert_eq!(told["account"]["role"], "lecturer", "{told}");
    let listed = scene.operates(&["invite", "list"]).await.well().events();
    assert!(listed.len() == 2 && listed.iter().all(|one| one["used"] == 1 && one["code"].is_null()), "{listed:?}");
    let given = scene.operates(&["role", "set", "ben@example.org", "operator"]).await.well().events();
    assert_eq!((&given[0]["before"], &given[0]["signedOut"]), (&json!("lecturer"), &json!(false)), "{given:?}");
    let (own, refused) = ada.typed(&["ops", "role", "set", ADA, "student"], "").await;
    assert!(!own && refused["code"] == "forbidden", "{refused}");
    scene.operates(&["invite", "revoke", invitation["invitationId"].as_str().unwrap()]).await.well();
    let events = scene.operates(&["audit", "--most", "3"]).await.well().events();
    assert!(events.len() == 3 && events[0]["what"] == "invitation_revoked" && events[0]["accountId"].is_null(), "{events:?}");

    let (made, refused) = guest.typed(&["class", "create", "Waves"], "").await;
    assert!(!made && refused["code"] == "forbidden", "{refused}");
    let book = scene.folder.path().join("waves.md");
    std::fs::write(&book, "# Waves\n\nThe wind makes waves, and the moon makes the tides.").unwrap();
    let book = ben.lecture(&book).await;
    let class = ben.does(&["class", "create", "Oceans"]).await;
    ben.does(&["class", "share", "Oceans", &book]).await;
    let ask = ["ask", "--document", &book, "--json", "What makes waves?"];
    let refused = guest.terminal(&ask, "").await;
    assert!(!refused.status.success() && refused.out.contains("not_found"), "{}", refused.out);
    let (joined, refused) = guest.typed(&["class", "join", "AAAA-AAAA"], "").await;
    assert!(!joined && refused["code"] == "not_found", "{refused}");
    let room = guest.does(&["class", "join", class["code"].as_str().unwrap()]).await;
    assert_eq!((&room["class"]["name"], &room["class"]["teacher"]), (&json!("Oceans"), &json!("Ada")), "{room}");
    let said = guest.terminal(&ask, "").await.well();
    assert!(text_of(&said).contains("wind"), "{}", text_of(&said));
    assert_eq!(ben.does(&["class", "show", "Oceans"]).await["class"]["members"], 1);

    ben.does(&["packs", "make", "Waves"]).await;
    ben.does(&["packs", "add", "Waves", "What makes tides?", "The moon."]).await;
    ben.does(&["packs", "share", "Waves", "Oceans"]).await;
    let shown = guest.does(&["packs", "show", "Waves"]).await;
    assert_eq!((&shown["pack"]["ownerName"], &shown["cards"][0]["answer"]), (&json!("Ada"), &json!("The moon.")), "{shown}");
    guest.does(&["packs", "make", "Revision"]).await;
    let kept = guest.does(&["packs", "keep", "Revision"]).await;
    assert_eq!((&kept["question"], &kept["citations"][0]["documentId"]), (&json!("What makes waves?"), &json!(book)), "{kept}");
    guest.does(&["class", "leave", "Oceans"]).await;
    let (still, refused) = guest.typed(&["packs", "show", "Waves"], "").await;
    assert!(!still && refused["code"] == "not_found", "{refused}");
    let card = guest.does(&["packs", "show", "Revision"]).await["cards"][0].clone();
    let cited = kept["citations"].as_array().unwrap().len();
    assert_eq!(
        (&card["question"], &card["citations"], &card["withheld"]),
        (&kept["question"], &json!([]), &json!(cited)),
        "{card}"
    );
    // The built-in tutor answers in its sources' own sentences.
    assert!(card["answer"].as_str().unwrap().starts_with("This answer is withheld"), "{card}");
}

/// What comes of something within the minute in which it has to.
async fn within_a_minute<T>(mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(60) {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    panic!("it is not so after a minute");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_that_is_revoked_opens_nothing_more_and_a_guest_beside_it_goes_on() {
    let scene = Scene::set().await.unwrap().with_accounts(FROM).await.unwrap();
    let daemon = scene.daemon(|_| {}).unwrap();
    let functions = scene.functions(&daemon).await.unwrap();
    let [here, there, guest] = ["here", "there", "guest"].map(|name| scene.person(name));
    here.signs_up_and_in(ADA, &[]).await;
    let book = scene.folder.path().join("waves.md");
    std::fs::write(&book, "# Waves\n\nThe wind makes waves, and the moon makes the tides.").unwrap();
    let book = here.lecture(&book).await;
    let said = here.terminal(&["ask", "--document", &book, "--json", "What makes waves?"], "").await.well();
    assert!(text_of(&said).contains("wind"), "{}", text_of(&said));
    let (signed_in, told) = there.typed(&["account", "sign-in", ADA], PASSWORD).await;
    assert!(signed_in, "{told}");

    // Two pages of hers, whose requests and whose open sockets are raised here as the gateways do.
    let signs_in = async || {
        let form = json!({ "email": ADA, "password": PASSWORD });
        let login = reqwest::Client::new().post(format!("{}/api/auth/login", scene.gateway.address())).json(&form);
        let told: Value = login.send().await.unwrap().json().await.unwrap();
        told["data"].clone()
    };
    let (page, silent) = (signs_in().await, signs_in().await);
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{page} {silent}")).to_owned();
    let own = text(&page["account"]["identityId"]);
    let [token, listener] = [&page, &silent].map(|one| text(&one["tokens"]["accessToken"]));
    let (own, token, listener) = (own.as_str(), Some(token.as_str()), Some(listener.as_str()));
    let nobody = "us-east-1:nobody-in-particular";
    let connects = async |connection: &str, person: &str, token: Option<&str>| {
        let mut event = socket("$connect", Some(person), connection, None);
        event["queryStringParameters"] = token.map_or(json!({}), |token| json!({ "access_token": token }));
        functions.websocket.invoke(event).await.unwrap().unwrap()["statusCode"].clone()
    };
    let pings = async |connection: &str| {
        let event = socket("ping", None, connection, Some(json!({ "type": "ping" })));
        functions.websocket.invoke(event).await.unwrap().unwrap();
    };
    let lists = async |person: &str, token: Option<&str>| {
        let mut event = request(Some(person), "GET", "/api/documents", None);
        if let Some(token) = token {
            event["headers"]["x-synapscribe-token"] = json!(token);
        }
        functions.library.invoke(event).await.unwrap().unwrap()
    };
    let [mut line, mut other, mut quiet] = ["page", "other", "silent"].map(|name| scene.gateway.connect(name));
    assert_eq!(connects("page", own, None).await, 401, "a signature alone does not speak for an account");
    assert_eq!(connects("page", nobody, token).await, 401, "the token is another's");
    assert_eq!(connects("page", own, token).await, 200);
    assert_eq!(connects("silent", own, listener).await, 200);
    assert_eq!(connects("other", nobody, None).await, 200);
    pings("page").await;
    assert_eq!(line.next().await.unwrap()["type"], "pong");
    assert_eq!(lists(own, None).await["statusCode"], 401);
    assert!(lists(own, token).await["body"].as_str().unwrap().contains(&book));

    // Where nobody could hang up in time, a connection is told of the end at the next thing that it says.
    let (account, ended) = (text(&page["account"]["accountId"]), text(&page["tokens"]["sessionId"]));
    let (account, ended) = (AccountId::parse(account).unwrap(), SignInId::parse(ended).unwrap());
    assert!(library(&scene).end(&account, &ended, Why::Revoked, SystemClock.now()).await.unwrap());
    let told = within_a_minute(async || {
        pings("page").await;
        let told = line.next().await.unwrap();
        (told["type"] == "error").then_some(told)
    });
    assert_eq!(told.await["code"], "signed_out");
    assert!(line.next().await.is_err(), "its socket is closed");
    assert_eq!(connects("page", own, token).await, 401);

    let sign_ins = there.terminal(&["account", "sessions", "--json"], "").await.well().events();
    let others = sign_ins.iter().filter(|one| one["current"] == false);
    let others: Vec<&str> = others.filter_map(|one| one["sessionId"].as_str()).collect();
    assert_eq!(others.len(), 2, "{sign_ins:?}");
    there.does(&[&["account", "sessions", "revoke"][..], &others[..]].concat()).await;

    let closed = quiet.next().await.unwrap_err().to_string();
    assert_eq!(closed, "the gateway has hung up", "whoever says nothing hears no more, either");
    assert_eq!(connects("silent", own, listener).await, 401, "nor does whoever comes back at once");
    let refused = within_a_minute(async || {
        let said = lists(own, listener).await;
        (said["statusCode"] == 401).then_some(said)
    });
    assert!(refused.await["body"].as_str().unwrap().contains("signed_out"));
    // The terminal has credentials of AWS yet, and is told all the same.
    let (listed, refused) = here.typed(&["library", "list"], "").await;
    assert!(!listed && refused["code"] == "signed_out", "{refused}");

    there.does(&["library", "list"]).await;
    guest.does(&["library", "list"]).await;
    pings("other").await;
    assert_eq!(other.next().await.unwrap()["type"], "pong");
    assert_eq!(lists(nobody, None).await["statusCode"], 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_reaches_accounts_with_what_is_no_token() {
    let scene = Scene::set().await.unwrap().with_accounts(FROM).await.unwrap();
    let own =
        scene.variables_of("lambda-accounts").into_iter().chain([("SYNAPSCRIBE_AGENT_URL", "http://127.0.0.1:9".to_owned())]);
    let accounts = Function::start("lambda-accounts", &own.collect::<Vec<_>>()).await.unwrap();
    let status = async |path: &str, change: &dyn Fn(&mut Value)| {
        let mut event = request(None, "GET", path, None);
        change(&mut event);
        accounts.invoke(event).await.unwrap().unwrap()["statusCode"].clone()
    };
    assert_eq!(status("/api/auth/me", &|_| {}).await, 401);
    assert_eq!(status("/api/auth/me", &|event| event["headers"]["authorization"] = json!("Bearer a.b.c")).await, 401);
    // What only the deployment's own operators say past the gateway, nobody says through it.
    let claims = |event: &mut Value| event["requestContext"]["authorizer"] = json!({ "lambda": { "operator": true } });
    assert_eq!(status("/api/auth/audit", &claims).await, 401);
    let past = |event: &mut Value| {
        claims(event);
        let context = event["requestContext"].as_object_mut().unwrap();
        context.retain(|name, _| !matches!(name.as_str(), "apiId" | "domainName"));
    };
    assert_eq!(status("/api/auth/audit", &past).await, 200);
    assert_eq!(status("/api/auth/me", &past).await, 401, "whoever is nobody in particular has no account");
    // Whether somebody has an address does not show by the time that a wrong password takes.
    let form = json!({ "email": ADA, "password": PASSWORD }).to_string();
    let begun = Instant::now();
    let said = accounts.invoke(request(None, "POST", "/api/auth/login", Some(&form))).await.unwrap().unwrap();
    assert_eq!(said["statusCode"], 401, "{said}");
    assert!(begun.elapsed() >= Duration::from_secs(1), "{:?}", begun.elapsed());
    // What the template's clock asks for, nobody else does.
    assert_eq!(status("/sweep", &|_| {}).await, 404);
    assert_eq!(status("/sweep", &claims).await, 404);
    let clock = include_str!("../../../../infra/stacks/compute.yaml").lines();
    let input = clock.filter_map(|line| line.trim().strip_prefix("Input: '")).next().unwrap().trim_end_matches('\'');
    let clock: Value = serde_json::from_str(input).unwrap();
    assert_eq!(status("/sweep", &|event| *event = clock.clone()).await, 204);
}
