//! A function asks for its first event when it has spoken to the services that this would wait for.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use synapscribe_rehearsal::models::listen;
use synapscribe_rehearsal::{Function, Scene};

use crate::accounts::FROM;

const TELL: &str = "execute-api:ManageConnections";
const KNOW: &str = "dynamodb:GetItem";
const LOOK: &str = "s3:GetObject";
const LIST: &str = "s3:ListBucket";
const UNLOCK: &str = "secretsmanager:GetSecretValue";
const RING: &str = "sqs:GetQueueAttributes";
const CRY: &str = "events:DescribeEventBus";
const WRITE: &str = "ses:GetEmailIdentity";
const PROVE: &str = "cognito-idp:AdminInitiateAuth";
/// Of the identity pool, which asks nobody for a signature.
const IDENTIFY: &str = "GetCredentialsForIdentity";

/// What each function has asked for by then, and whether it has spoken to AgentCore.
const REACHED: [(&str, &[&str], bool); 7] = [
    ("lambda-websocket", &[TELL, KNOW, UNLOCK, RING], true),
    ("lambda-answer", &[TELL, KNOW, LIST, UNLOCK, RING], true),
    ("lambda-validate-lecture", &[TELL, KNOW, LOOK, UNLOCK, RING, CRY], false),
    ("lambda-library", &[TELL, KNOW, LOOK, UNLOCK], true),
    ("lambda-documents", &[TELL, KNOW, LOOK, UNLOCK, CRY], false),
    ("lambda-accounts", &[TELL, KNOW, LIST, UNLOCK, WRITE, PROVE], false),
    ("lambda-migrate", &[UNLOCK], false),
];

/// An AgentCore that counts who asks for its engines.
async fn agentcore() -> (String, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let ready = async |State(asked): State<Arc<AtomicUsize>>| {
        asked.fetch_add(1, Ordering::Relaxed);
        "{}"
    };
    let routes = Router::new().route("/ready", get(ready)).with_state(Arc::clone(&asked));
    (listen(routes).await.unwrap(), asked)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_first_event_needs_was_reached_before_it_came() {
    let (scene, recorder) = Scene::watched().await.unwrap();
    let (scene, _) = scene.with_accounts(FROM).await.unwrap().with_user_pool().unwrap();
    let (agent, engines) = agentcore().await;
    for (program, reached, asks) in REACHED {
        let mut missed = Vec::new();
        // A start gives up after seconds, in which a busy machine may not come to all of it. The scene has used the functions' own names
        // already.
        for who in [format!("starting-{program}"), format!("starting-{program}-again")] {
            let mut told = scene.variables_of(&who);
            told.push(("SYNAPSCRIBE_AGENT_URL", agent.clone()));
            let function = Function::start(program, &told).await.unwrap();
            function.init().await.unwrap();
            let calls = recorder.calls();
            let own = calls.iter().filter(|call| call["who"] == who.as_str());
            let asked: BTreeSet<&str> = own.filter_map(|call| call["action"].as_str()).collect();
            missed = reached.iter().copied().filter(|action| !asked.contains(action)).collect();
            let engines = engines.swap(0, Ordering::Relaxed);
            assert!(asks || engines == 0, "{program} asks AgentCore");
            if asks && engines == 0 {
                missed.push("AgentCore");
            }
            if missed.is_empty() {
                break;
            }
        }
        assert!(missed.is_empty(), "{program} did not reach {missed:?}");
    }
    let unsigned = recorder.unsigned();
    assert!(
        unsigned.iter().any(|action| action == IDENTIFY),
        "lambda-accounts did not reach the identity pool, but {unsigned:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_starts_where_nobody_answers_but_who_keeps_its_secrets() {
    let scene = Scene::set().await.unwrap().with_accounts(FROM).await.unwrap();
    // Whoever listens there refuses whatever it is asked.
    let refusing = listen(Router::new().fallback(async || StatusCode::FORBIDDEN)).await.unwrap();
    let programs = REACHED.into_iter().map(|(program, ..)| program).filter(|program| *program != "lambda-migrate");
    futures::future::join_all(programs.map(|program| starts_alone(&scene, program, &refusing))).await;
}

async fn starts_alone(scene: &Scene, program: &'static str, refusing: &str) {
    let mut told = scene.variables_of(program);
    told.push(("SYNAPSCRIBE_GATEWAY_URL", refusing.to_owned()));
    told.push(("SYNAPSCRIBE_AGENT_URL", "http://127.0.0.1:9".to_owned()));
    told.push(("SYNAPSCRIBE_DATABASE", "postgres://127.0.0.1:9/lectures".to_owned()));
    told.push(("SYNAPSCRIBE_BUCKET", "nobodys-bucket".to_owned()));
    told.push(("SYNAPSCRIBE_ANSWERS_QUEUE", "http://127.0.0.1:9/nobodys-queue".to_owned()));
    let function = Function::start(program, &told).await.unwrap();
    function.init().await.unwrap_or_else(|fault| panic!("{program}: {fault}"));
}
