//! A student who knows one address.

use std::time::{Duration, Instant};

use serde_json::Value;
use synapscribe_rehearsal::Scene;
use synapscribe_stories::{SENTENCES, speak};

use crate::people::{People, done, text_of};

/// What nobody waits for is told by then.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_student_who_knows_the_address_uploads_a_lecture_and_asks_it_in_writing_and_out_loud() {
    let scene = Scene::set().await.unwrap();
    let listener = scene.cloud.listener().await.unwrap();
    let daemon = scene.daemon(|_| {}).unwrap();
    let _functions = scene.functions(&daemon).await.unwrap();

    let lecture = scene.lecture(&scene.recording("About tides.wav", &SENTENCES.join(" "))).await;
    // Other systems hear of it, too, and of no more than its name.
    let event = ready(&scene, &listener).await;
    assert_eq!(event["source"], "synapscribe", "{event}");
    assert_eq!((&event["detail"]["lectureId"], &event["detail"]["state"]), (&lecture.as_str().into(), &"ready".into()));
    assert!(!event.to_string().contains("About"), "what it is called is nobody else's: {event}");
    let shown = scene.terminal(&["library", "show", &lecture, "--json"]).await.well();
    assert!(shown.out.contains("recognised") && shown.out.contains("About tides"), "{}", shown.out);
    // The operator sees of it what CloudWatch makes metrics of.
    let measured = daemon.log().into_iter().filter_map(|line| serde_json::from_str::<Value>(&line).ok());
    let measured = measured.into_iter().find(|line| line["operation"] == "ingest").expect("an ingest is measured");
    assert_eq!((&measured["deployment"], &measured["correlation"]), (&scene.cloud.name().into(), &lecture.as_str().into()));
    let named = measured["_aws"]["CloudWatchMetrics"][0]["Metrics"].to_string();
    assert!(["ingest.ms", "lecture.ms", "failed.count"].iter().all(|name| named.contains(name)), "{measured}");

    let saved = scene.folder.path().join("answer.wav");
    let saved = saved.to_string_lossy();
    let asked = ["ask", "--lecture", &lecture, "--session", "s1", "--json", "What happens in a spring tide?", "--save", &saved];
    let said = scene.terminal(&asked).await.well();
    // The lecture was recognised, so single words of it may be wrong.
    assert!(text_of(&said).to_lowercase().contains("spring tide"), "{}", text_of(&said));
    assert_eq!((&done(&said)["generated"], &done(&said)["found"]), (&false.into(), &true.into()));
    assert_eq!(said.of_type("citation")[0]["citation"]["lectureId"], lecture.as_str());
    assert!(std::fs::metadata(&*saved).unwrap().len() > 16_000, "the answer is hardly spoken");

    let question = scene.folder.path().join("question.wav");
    speak("How many high tides are there every day?", "rms", &question).unwrap();
    let asked = ["ask", "--lecture", &lecture, "--session", "s1", "--json", "--audio", &question.to_string_lossy()];
    let said = scene.terminal(&asked).await.well();
    let understood = said.of_type("query_text")[0]["text"].as_str().unwrap_or_default().to_lowercase();
    assert!(understood.contains("tides"), "{understood}");
    assert_eq!(done(&said)["found"], true, "{}", text_of(&said));

    let session = scene.terminal(&["sessions", "show", "s1", "--json"]).await.well();
    assert!(session.out.contains("spring tide"), "{}", session.out);
    scene.terminal(&["library", "delete", &lecture]).await.well();
    let left = scene.terminal(&["library", "list", "--json"]).await.well();
    assert!(!left.out.contains(&lecture), "{}", left.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn services_that_throttle_slow_down_and_break_now_and_then_change_nothing_that_a_student_notices() {
    let scene = Scene::on_a_bad_day().await.unwrap();
    let daemon = scene.daemon(|_| {}).unwrap();
    let _functions = scene.functions(&daemon).await.unwrap();
    let lecture = scene.lecture(&scene.recording("tides.wav", &SENTENCES.join(" "))).await;
    let asked = ["ask", "--lecture", &lecture, "--json", "What happens in a spring tide?"];
    let said = scene.terminal(&asked).await.well();
    assert!(text_of(&said).to_lowercase().contains("spring tide"), "{}", text_of(&said));
    let refused = scene.line.as_ref().map_or(0, |line| line.refused());
    assert!(refused >= 5, "only {refused} calls were refused");
}

/// What other systems are told of a lecture that can be asked.
async fn ready(scene: &Scene, listener: &str) -> Value {
    let begun = Instant::now();
    loop {
        // Each look waits for some seconds itself.
        match scene.cloud.delivery(listener).await {
            Ok(heard) => {
                let bodies = heard["Records"].as_array().into_iter().flatten().filter_map(|record| record["body"].as_str());
                let mut events = bodies.filter_map(|body| serde_json::from_str::<Value>(body).ok());
                if let Some(event) = events.find(|event| event["detail-type"] == "lecture_ready") {
                    return event;
                }
            }
            Err(fault) => assert!(fault.to_string().starts_with("nothing lies in"), "{fault}"),
        }
        assert!(begun.elapsed() < PATIENCE, "nobody is told that the lecture is ready");
    }
}
