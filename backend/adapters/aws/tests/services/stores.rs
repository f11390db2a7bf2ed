//! What keeps things behaves as every store does, against the emulator.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use synapscribe_aws::{DynamoLedger, DynamoSessions, GatewayConnections, QueuedJobs, S3Objects, databases, secrets};
use synapscribe_domain::{
    ConnectionId, LectureId, ObjectKey, PersonId, QueryId, Question, Session, SessionId, Timestamp, TurnMachine,
};
use synapscribe_ports::conformance::{connections, jobs, ledger, objects, sessions};
use synapscribe_ports::{Connections, Job, Jobs, Lane, Ledger, Objects, Sessions, StoreError};
use synapscribe_rehearsal::models::listen;

use crate::cloud::{Cloud, at};
use crate::gateway::Gateway;

#[tokio::test]
async fn sessions_behave_as_every_store_of_sessions() {
    let cloud = Cloud::with_tables().await;
    sessions::suite(&DynamoSessions::new(&cloud.config, &cloud.tables)).await;
}

#[tokio::test]
async fn of_many_changes_at_once_none_is_lost() {
    let cloud = Cloud::with_tables().await;
    let store = DynamoSessions::new(&cloud.config, &cloud.tables);
    let session = session("s");
    store.add_session(&session).await.unwrap();
    let touch = |_| store.change_session(&session.id, &|s| s.touch(s.active.plus(1)));
    let changed = futures::future::join_all((0..8).map(touch)).await;
    assert!(changed.iter().all(Result::is_ok), "{changed:?}");
    let now = store.session(&session.id, session.active).await.unwrap().unwrap();
    assert_eq!(now.active, session.active.plus(8));
}

#[tokio::test]
async fn a_name_that_another_takes_for_something_else_in_the_same_moment_is_theirs_alone() {
    let cloud = Cloud::with_tables().await;
    let store = DynamoSessions::new(&cloud.config, &cloud.tables);
    for (name, early, late) in [("s1", "l1", "l2"), ("s2", "l2", "l1")] {
        let about = |lecture: &str| Session { about: LectureId::parse(lecture).unwrap().into(), ..session(name) };
        let early = about(early);
        let added = overtaken(&cloud, &early).await.add_session(&about(late)).await;
        assert!(matches!(added, Err(StoreError::Conflict)), "{name}: {added:?}");
        assert_eq!(store.session(&early.id, early.active).await.unwrap(), Some(early), "whoever was told so has it");
    }
}

/// The sessions over a line on which somebody else's is added right before the first record.
async fn overtaken(cloud: &Cloud, by: &Session) -> DynamoSessions {
    // Who else installed one has installed the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let other = Arc::new(Mutex::new(Some(by.clone())));
    let (endpoint, http) = (cloud.config.endpoint_url().unwrap().to_owned(), reqwest::Client::new());
    let store = DynamoSessions::new(&cloud.config, &cloud.tables);
    let pass = move |headers: HeaderMap, body: Bytes| async move {
        let puts = headers.get("x-amz-target").is_some_and(|target| target.as_bytes().ends_with(b".PutItem"));
        let other = if puts { other.lock().unwrap().take() } else { None };
        if let Some(other) = other {
            store.add_session(&other).await.unwrap();
        }
        let answer = http.post(endpoint).headers(headers).body(body).send().await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut response = Response::new(Body::from(answer.bytes().await.unwrap()));
        (*response.status_mut(), *response.headers_mut()) = (status, headers);
        response
    };
    let line = at(&listen(Router::new().fallback(pass)).await.unwrap()).await;
    DynamoSessions::new(&line, &cloud.tables)
}

#[tokio::test]
async fn a_session_and_its_turns_expire_by_themselves() {
    let cloud = Cloud::with_tables().await;
    let store = DynamoSessions::new(&cloud.config, &cloud.tables);
    let session = session("s");
    store.add_session(&session).await.unwrap();
    let (query, question) = (QueryId::parse("q").unwrap(), Question::Text("why?".into()));
    let asked = TurnMachine::begin(query, session.id.clone(), session.about.clone(), session.active, None, &question);
    store.save_turn(asked.turn()).await.unwrap();
    let ends = session.expires.0 / 1_000;
    assert_eq!(expiries(&cloud, "sessions").await, [Some(ends)], "the time to live is in seconds");
    let turns = expiries(&cloud, "turns").await;
    assert!(turns.len() == 1 && turns[0].is_some_and(|at| at >= ends), "a turn is there as long as its session: {turns:?}");
}

#[tokio::test]
async fn connections_claims_and_what_failed_expire_by_themselves_and_work_that_waits_does_not() {
    let cloud = Cloud::with_tables().await;
    let now = Timestamp(1_800_000_000_000);
    let after = |days: i64| now.0 / 1_000 + days * 24 * 60 * 60;
    let connections = GatewayConnections::new(&cloud.config, &cloud.tables, "http://127.0.0.1:9/live");
    let (connection, ada) = (ConnectionId::parse("c").unwrap(), PersonId::parse("ada").unwrap());
    connections.opened(&connection, &ada.into(), now).await.unwrap();
    let open = expiries(&cloud, "connections").await;
    assert!(open[0].is_some_and(|at| (after(0) + 2 * 60 * 60..after(1)).contains(&at)), "a connection lasts two hours: {open:?}");

    let claims = DynamoLedger::new(&cloud.config, &cloud.tables);
    claims.claim("upload", "1", now, now).await.unwrap();
    assert_eq!(expiries(&cloud, "ledger").await, [Some(after(30))]);

    let jobs = QueuedJobs::new(&cloud.config, &cloud.tables, cloud.queues().await);
    let lecture = LectureId::parse("l1").unwrap();
    jobs.enqueue("l1", &Job::IngestLecture { lecture }, now).await.unwrap();
    assert!(expiries(&cloud, "jobs").await.iter().all(Option::is_none), "nothing is forgotten that is still to be done");
    let leased = jobs.lease(Lane::Ingests, now, now.plus(1)).await.unwrap().unwrap();
    jobs.bury(leased.id, "the recording is damaged").await.unwrap();
    let buried = expiries(&cloud, "jobs").await;
    assert!(buried.len() == 1 && buried[0].is_some(), "{buried:?}");
}

/// The times to live of what is in a table, in seconds since 1970.
async fn expiries(cloud: &Cloud, table: &str) -> Vec<Option<i64>> {
    let client = aws_sdk_dynamodb::Client::new(&cloud.config);
    let found = client.scan().table_name(format!("synapscribe-test-{table}")).send().await.unwrap();
    found.items().iter().map(|item| item.get("expiresAt").map(|at| at.as_n().unwrap().parse().unwrap())).collect()
}

#[tokio::test]
async fn claims_behave_as_every_ledger() {
    let cloud = Cloud::with_tables().await;
    ledger::suite(&DynamoLedger::new(&cloud.config, &cloud.tables)).await;
}

#[tokio::test]
async fn jobs_behave_as_every_durable_queue() {
    let cloud = Cloud::with_tables().await;
    let queues = cloud.queues().await;
    jobs::suite(&QueuedJobs::new(&cloud.config, &cloud.tables, queues)).await;
}

#[tokio::test]
async fn connections_behave_as_every_registry() {
    let cloud = Cloud::with_tables().await;
    let gateway = Gateway::start().await;
    let registry = GatewayConnections::new(&cloud.config, &cloud.tables, &gateway.endpoint());
    connections::suite(&gateway.around(registry), |connection| gateway.connect(connection)).await;
}

#[tokio::test]
async fn a_gateway_that_knows_nobody_of_a_name_is_reached_and_one_that_may_not_be_asked_is_not() {
    let cloud = Cloud::with_tables().await;
    for (status, reached) in [(StatusCode::GONE, true), (StatusCode::BAD_REQUEST, true), (StatusCode::FORBIDDEN, false)] {
        let address = listen(Router::new().fallback(move || async move { status })).await.unwrap();
        let connections = GatewayConnections::new(&cloud.config, &cloud.tables, &address);
        assert_eq!(connections.reach().await.is_ok(), reached, "{status}");
    }
}

#[tokio::test]
async fn objects_behave_as_every_store_of_objects() {
    let (cloud, scratch) = (Cloud::empty().await, tempfile::tempdir().unwrap());
    objects::suite(&S3Objects::new(&cloud.config, cloud.bucket().await), scratch.path()).await;
}

#[tokio::test]
async fn signed_addresses_take_and_serve_an_object_and_need_nothing_that_is_not_in_them() {
    let cloud = Cloud::empty().await;
    let store = S3Objects::new(&cloud.config, cloud.bucket().await);
    let key = ObjectKey::parse("lectures/eu-central-1:3f2a/l1/Woche 3 – 50% (a+b).mp3").unwrap();
    let up = store.upload_url(&key, "audio/mpeg", Some(5), 60).await.unwrap();
    for part in ["X-Amz-Expires=60", "X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost", "X-Amz-Signature="] {
        assert!(up.contains(part), "{part} is not in {up}");
    }
    assert!(!up.contains("checksum"), "a browser would have to know the checksum: {up}");
    // Who else installed one has installed the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::new();
    let sent = http.put(&up).header("content-type", "audio/mpeg").body("sound").send().await.unwrap();
    assert!(sent.status().is_success(), "{}", sent.status());
    let down = store.download_url(&key, 60).await.unwrap();
    assert_eq!(http.get(&down).send().await.unwrap().text().await.unwrap(), "sound");
    assert_eq!(store.head(&key).await.unwrap().unwrap().bytes, 5);
}

#[tokio::test]
async fn a_secret_is_read_by_its_name_and_shown_in_no_log() {
    let cloud = Cloud::empty().await;
    let client = aws_sdk_secretsmanager::Client::new(&cloud.config);
    client.create_secret().name("synapscribe/agent").secret_string("open sesame").send().await.unwrap();
    let secret = secrets::read(&cloud.config, "synapscribe/agent").await.unwrap();
    assert_eq!(secret.reveal(), "open sesame");
    assert!(!format!("{secret:?}").contains("sesame"));
    assert!(secrets::read(&cloud.config, "synapscribe/other").await.is_err());
}

#[tokio::test]
async fn what_opens_a_database_is_read_from_its_secret() {
    let cloud = Cloud::empty().await;
    let client = aws_sdk_secretsmanager::Client::new(&cloud.config);
    let written =
        r#"{"dbClusterIdentifier":"c","password":"open sesame","engine":"postgres","port":5432,"host":"h","username":"ada"}"#;
    client.create_secret().name("whole").secret_string(written).send().await.unwrap();
    let entry = databases::entry(&cloud.config, "whole").await.unwrap();
    assert_eq!((entry.user.as_str(), entry.password.reveal()), ("ada", "open sesame"));
    assert!(!format!("{entry:?}").contains("sesame"));
    client.create_secret().name("bare").secret_string("open sesame").send().await.unwrap();
    let refused = databases::entry(&cloud.config, "bare").await.unwrap_err().to_string();
    assert!(refused.contains("bare is not JSON") && !refused.contains("sesame"), "{refused}");
}

fn session(name: &str) -> Session {
    let (person, lecture) = (PersonId::parse("ada").unwrap(), LectureId::parse("l1").unwrap());
    Session::begin(SessionId::parse(name).unwrap(), person, lecture, Timestamp(1_800_000_000_000))
}
