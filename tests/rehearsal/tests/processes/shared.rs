//! The functions on a database that they share: it is migrated by a function, opened by a secret, and serves the others.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use synapscribe_domain::{Lecture, LectureId, LectureState, ObjectKey, PersonId, Timestamp, Visibility};
use synapscribe_ports::Library;
use synapscribe_rehearsal::{Cloud, Function, Gateway, request};
use synapscribe_sql::{Address, PostgresLibrary};
use synapscribe_stories::{PASSWORD, Postgres};

use crate::agent::Agent;

const GUEST: &str = "us-east-1:2f0f7a3c-0000-4000-8000-00000000cafe";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn functions_share_a_database_that_one_of_them_brings_up_to_date() {
    let (cloud, data) = (Cloud::start().await.unwrap(), tempfile::tempdir().unwrap());
    let (gateway, agent) = (Gateway::start(&cloud).await.unwrap(), Agent::start().await);
    let url = Postgres::shared().database().unwrap();
    // As the template writes it: who connects is the secret's affair.
    let place = format!("postgres://{}", url.rsplit('@').next().unwrap());
    let written =
        json!({ "username": "synapscribe", "password": PASSWORD, "engine": "postgres", "port": Postgres::shared().port() });
    cloud.secret("synapscribe/database", &written.to_string()).await.unwrap();
    let mut variables = cloud.variables(data.path(), &gateway);
    variables.push(("SYNAPSCRIBE_AGENT_URL", agent.url.clone()));
    variables.retain(|(name, _)| *name != "SYNAPSCRIBE_DATABASE");
    variables.push(("SYNAPSCRIBE_DATABASE", place));
    variables.push(("SYNAPSCRIBE_DATABASE_SECRET", "synapscribe/database".into()));

    let library = Function::start("lambda-library", &variables).await.unwrap();
    let early = library.invoke(request(Some(GUEST), "GET", "/api/lectures", None)).await.unwrap().unwrap();
    assert_eq!(early["statusCode"], 500, "nothing is made in passing: {early}");

    let only = variables.iter().filter(|(name, _)| name.starts_with("AWS_") || name.starts_with("SYNAPSCRIBE_DATABASE"));
    let migrate = Function::start("lambda-migrate", &only.cloned().collect::<Vec<_>>()).await.unwrap();
    let report = migrate.invoke(json!({})).await.unwrap().unwrap();
    assert_eq!((&report["from"], &report["applied"][0]), (&json!(0), &json!("1 library")), "{report}");
    let again = migrate.invoke(json!({ "whatever": ["is", "said"] })).await.unwrap().unwrap();
    assert_eq!(again, json!({ "from": report["to"], "to": report["to"], "applied": [], "settled": [] }));
    let log = migrate.log();
    assert!(log.iter().any(|line| line.contains("\"correlation\":\"1\"")), "what was done is logged by its request: {log:#?}");

    let address = Address::parse(&url).unwrap();
    let login = address.login().unwrap();
    let store = PostgresLibrary::at(address, Arc::new(login), Duration::from_secs(60));
    let (owner, id) = (PersonId::parse(GUEST).unwrap(), LectureId::parse("week-3").unwrap());
    let lecture = Lecture {
        key: ObjectKey::lecture(&owner, &id, "lecture.mp3"),
        id,
        owner,
        visibility: Visibility::Private,
        title: "The chain rule".into(),
        state: LectureState::Uploading,
        media: None,
        tokens: None,
        created: Timestamp(1),
    };
    store.add_lecture(&lecture).await.unwrap();
    let listed = library.invoke(request(Some(GUEST), "GET", "/api/lectures", None)).await.unwrap().unwrap();
    assert_eq!(listed["statusCode"], 200, "the same process works once the database does: {listed}");
    assert!(listed["body"].as_str().unwrap().contains("The chain rule"), "{listed}");
}
