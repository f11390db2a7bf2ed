//! Engines as an operator chose them: services of AWS, seen from a question to its answer.

use synapscribe_rehearsal::Scene;
use synapscribe_rehearsal::models::{MODEL, Models};
use synapscribe_stories::{SENTENCES, curl};

use crate::people::{People, done, text_of};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_on_bedrock_writes_polly_speaks_titan_compares_and_the_lecture_stays_first() {
    let (scene, models) = (Scene::set().await.unwrap(), Models::start().await.unwrap());
    let daemon = scene
        .daemon(|command| {
            command.env("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", &models.address).env("AWS_ENDPOINT_URL_POLLY", &models.address);
            command.env("SYNAPSCRIBE_BEDROCK_MODEL", MODEL).env("SYNAPSCRIBE_POLLY_VOICE", "Amy");
            command.env("SYNAPSCRIBE_POLLY_MARKS", "true").env("SYNAPSCRIBE_TITAN_DIMENSION", "256");
        })
        .unwrap();
    let _functions = scene.functions(&daemon).await.unwrap();
    let url = daemon.at("/ready");
    let ready = tokio::task::spawn_blocking(move || curl(&[&url]).unwrap().json()).await.unwrap();
    for (role, model) in [("answers", MODEL), ("speech", "Amy"), ("meaning", "amazon.titan-embed-text-v2:0/256")] {
        assert_eq!(ready["engines"][role]["model"], model, "{ready}");
        assert!(ready["engines"][role]["sends_to"].is_string(), "it is said where {role} send what they are given: {ready}");
    }

    // A student is told as well, by the one address.
    let address = format!("{}/.well-known/synapscribe.json", scene.gateway.address());
    let told = tokio::task::spawn_blocking(move || curl(&[&address]).unwrap().json()).await.unwrap();
    let told = told["engines"].as_array().unwrap();
    let sends = |role: &str| told.iter().find(|engine| engine["role"] == role).unwrap()["sendsTo"].is_string();
    assert_eq!(
        (sends("answers"), sends("speech"), sends("meaning"), sends("recognition")),
        (true, true, true, false),
        "{told:?}"
    );

    let lecture = scene.lecture(&scene.recording("tides.wav", &SENTENCES.join(" "))).await;
    let embedded = models.asked();
    assert!(embedded.iter().any(|asked| asked["inputText"].is_string()), "{embedded:?}");

    let ask = async |question: &str| {
        let said = scene.terminal(&["ask", "--lecture", &lecture, "--session", "s1", "--json", question]).await.well();
        assert_eq!((text_of(&said).as_str(), &done(&said)["generated"]), ("The gradient points uphill “↑”.", &true.into()));
        assert_eq!(done(&said)["usage"]["tokensIn"], 1_012, "what the service counted is told");
        assert!(!said.of_type("audio_chunk").is_empty(), "{}", said.out);
        let words = said.of_type("spoken_words").pop().unwrap_or_else(|| panic!("{}", said.out));
        assert_eq!((&words["index"], &words["words"][1]["from"], &words["words"][1]["to"]), (&0.into(), &4.into(), &12.into()));
        models.asked()
    };
    let (first, second) = (ask("What causes the tides?").await, ask("What is a spring tide?").await);
    // A question that leans on an earlier one is first written out, which is asked apart.
    let is_answer = |asked: &&serde_json::Value| asked["system"][0]["text"].as_str().is_some_and(|text| text.contains("tutor"));
    let told = |asked: &[serde_json::Value]| asked.iter().find(is_answer).cloned().expect("the model is asked");
    let (first, second) = (told(&first), told(&second));
    assert_eq!(first["system"], second["system"], "what was read for one question need not be read for the next");
    assert!(first["system"][1]["cachePoint"].is_object(), "{first}");
    // What was recognised of it may lack one word or another.
    let read = first["system"][0]["text"].as_str().unwrap();
    assert!(["moon", "tide", "water", "beach"].iter().any(|word| read.contains(word)), "the lecture is not in it: {read}");
    let last = second["messages"].as_array().unwrap().last().unwrap();
    assert!(last["content"][0]["text"].as_str().unwrap().contains("spring tide") || last["role"] == "user", "{last}");
}
