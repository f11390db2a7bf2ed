//! A function asks for its first event when it has spoken to the services that this would wait for.

use std::collections::BTreeSet;

use synapscribe_rehearsal::Function;

use crate::accounts::FROM;
use crate::scene::Scene;

const TELL: &str = "execute-api:ManageConnections";
const FORGET: &str = "dynamodb:DeleteItem";
const LOOK: &str = "s3:GetObject";
const UNLOCK: &str = "secretsmanager:GetSecretValue";
const RING: &str = "sqs:GetQueueAttributes";

/// What each function has asked for by then.
const REACHED: [(&str, &[&str]); 7] = [
    ("lambda-websocket", &[TELL, FORGET, UNLOCK, RING]),
    ("lambda-answer", &[TELL, FORGET, UNLOCK]),
    ("lambda-validate-lecture", &[TELL, FORGET, LOOK, UNLOCK, RING]),
    ("lambda-library", &[LOOK, UNLOCK]),
    ("lambda-documents", &[TELL, FORGET, LOOK, UNLOCK]),
    ("lambda-accounts", &[UNLOCK]),
    ("lambda-migrate", &[UNLOCK]),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_first_event_needs_was_reached_before_it_came() {
    let (scene, recorder) = Scene::watched().await;
    let scene = scene.with_accounts(FROM).await;
    for (program, reached) in REACHED {
        // The scene has used the functions' own names already.
        let who = format!("starting-{program}");
        let mut told = scene.variables_of(&who);
        told.push(("SYNAPSCRIBE_AGENT_URL", "http://127.0.0.1:9".to_owned()));
        let function = Function::start(program, &told).await.unwrap();
        function.init().await.unwrap();
        let calls = recorder.calls();
        let own = calls.iter().filter(|call| call["who"] == who.as_str());
        let asked: BTreeSet<&str> = own.filter_map(|call| call["action"].as_str()).collect();
        let missed: Vec<_> = reached.iter().filter(|action| !asked.contains(*action)).collect();
        assert!(missed.is_empty(), "{program} did not reach {missed:?}, but {asked:?}");
    }
}
