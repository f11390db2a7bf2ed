//! The proof of a deployment, asked for by whoever deployed it: one that works is said to work, and of one that does not, the part
//! that is at fault is named with its likely cause.

use serde_json::Value;
use synapscribe_rehearsal::Scene;

use crate::people::People;

const CHECKS: [&str; 9] = ["discovery", "credentials", "rest", "websocket", "page", "upload", "event", "ready", "answer"];

/// What the doctor found, step by step.
async fn examined(scene: &Scene, patience: &[&str]) -> Vec<Value> {
    let said = scene.operates(&[&["doctor"][..], patience].concat()).await;
    let steps = said.events();
    let checks: Vec<&str> = steps.iter().filter_map(|step| step["check"].as_str()).collect();
    assert_eq!(checks, CHECKS, "{}{}", said.out, said.err);
    let well = steps.iter().all(|step| step["result"] == "ok");
    assert_eq!(said.status.success(), well, "{}{}", said.out, said.err);
    steps
}

/// The steps that ended so.
fn ended<'a>(steps: &'a [Value], result: &str) -> Vec<&'a str> {
    steps.iter().filter(|step| step["result"] == result).filter_map(|step| step["check"].as_str()).collect()
}

/// The likely cause of a step that failed.
#[track_caller]
fn cause<'a>(steps: &'a [Value], check: &str) -> &'a str {
    let step = steps.iter().find(|step| step["check"] == check).unwrap();
    step["cause"].as_str().unwrap_or_else(|| panic!("no cause is told: {step}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deployment_that_works_is_proven_from_credentials_to_a_spoken_answer_and_nothing_is_left_behind() {
    let scene = Scene::set().await.unwrap().with_stack().await.unwrap();
    let daemon = scene.daemon(|_| {}).unwrap();
    let _functions = scene.functions(&daemon).await.unwrap();
    scene.cloud.let_page(scene.gateway.address()).await.unwrap();
    let steps = examined(&scene, &[]).await;
    assert_eq!(ended(&steps, "ok"), CHECKS, "{steps:#?}");
    let told = |check: &str| steps.iter().find(|step| step["check"] == check).unwrap()["message"].as_str().unwrap();
    assert!(told("discovery").contains("(aws, us-east-1)"), "{}", told("discovery"));
    assert!(told("answer").contains("with a citation; first sound after"), "{}", told("answer"));
    let left = scene.terminal(&["library", "list", "--json"]).await.well();
    assert!(!left.out.contains("proof"), "{}", left.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_deployment_that_does_not_work_the_part_that_is_broken_is_named_with_its_likely_cause() {
    let scene = Scene::set().await.unwrap().with_stack().await.unwrap();
    // There is nothing behind the gateways.
    let steps = examined(&scene, &[]).await;
    assert_eq!((ended(&steps, "failed"), ended(&steps, "ok").len()), (vec!["discovery"], 0), "{steps:#?}");
    assert!(cause(&steps, "discovery").contains("lambda-library"), "{steps:#?}");

    // So a stage stands after its first deployment: nobody told it of its page, and it has no machine.
    let _functions = scene.functions_alone().await.unwrap();
    let steps = examined(&scene, &["--ready", "2"]).await;
    assert_eq!((ended(&steps, "failed"), ended(&steps, "skipped")), (vec!["page", "ready"], vec!["answer"]), "{steps:#?}");
    assert!(cause(&steps, "page").contains("PageOrigins"), "{steps:#?}");
    assert!(cause(&steps, "ready").contains("there is no GPU host: set HostCount=1"), "{steps:#?}");

    // The machine takes recordings, and the functions do not reach it.
    let _daemon = scene.daemon(|_| {}).unwrap();
    scene.cloud.let_page(scene.gateway.address()).await.unwrap();
    let steps = examined(&scene, &[]).await;
    assert_eq!((ended(&steps, "failed"), ended(&steps, "skipped").len()), (vec!["answer"], 0), "{steps:#?}");
    assert!(cause(&steps, "answer").contains("whether lambda-answer reaches its port"), "{steps:#?}");
    assert!(steps[8]["correlation"].as_str().unwrap().starts_with("q-"), "nobody finds it in the logs: {}", steps[8]);

    // The bucket tells nobody of what is stored.
    scene.cloud.silence().await.unwrap();
    let steps = examined(&scene, &["--event", "2"]).await;
    assert_eq!((ended(&steps, "failed"), ended(&steps, "skipped")), (vec!["event"], vec!["ready", "answer"]), "{steps:#?}");
    assert!(cause(&steps, "event").contains("notification"), "{steps:#?}");
}
