//! What the programs ask of AWS is what the template's roles allow, and what the roles allow is asked for.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use synapscribe_domain::LectureId;
use synapscribe_ports::Library;
use synapscribe_rehearsal::models::{MODEL, Models};
use synapscribe_rehearsal::scene::ACCOUNTS_SECRET;
use synapscribe_rehearsal::{REGION, Scene, signed_post};
use synapscribe_stories::{SENTENCES, python, speak};

use crate::accounts::{ADA, FROM};
use crate::library;
use crate::people::People;

/// More than goes up in one part.
const PARTS: usize = 9 * 1024 * 1024;

/// What the check finds, a line each.
fn findings(calls: &[Value], made: &Value) -> Vec<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/checks/permissions.py");
    let mut command = Command::new(python());
    command.arg(script).args(["dev", REGION]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let asked = json!({ "calls": calls, "made": made });
    child.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
    let said = child.wait_with_output().unwrap();
    assert!(said.status.success(), "the check itself fails");
    String::from_utf8(said.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// A recording of several parts, which the captions beside it spare the recogniser.
fn captioned(scene: &Scene) -> PathBuf {
    let short = std::fs::read(scene.recording("tides.wav", &SENTENCES.join(" "))).unwrap();
    let (mut wav, sound) = (short[..44].to_vec(), &short[44..]);
    let times = PARTS / sound.len() + 1;
    wav.extend(sound.repeat(times));
    for (at, bytes) in [(4, wav.len() - 8), (40, wav.len() - 44)] {
        wav[at..at + 4].copy_from_slice(&(bytes as u32).to_le_bytes());
    }
    let seconds = sound.len() / 32_000;
    let time = |at: usize| format!("00:{:02}:{:02}.000", at / 60, at % 60);
    let cues = (0..times)
        .map(|n| format!("{} --> {}\n{}\n\n", time(n * seconds), time(n * seconds + 2), SENTENCES[n % SENTENCES.len()]));
    let captions = format!("WEBVTT\n\n{}", cues.collect::<String>());
    let path = scene.folder.path().join("week of tides.wav");
    std::fs::write(path.with_extension("vtt"), captions).unwrap();
    std::fs::write(&path, wav).unwrap();
    path
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_call_is_allowed_by_the_role_of_its_program_and_no_role_allows_more() {
    let (scene, recorder) = Scene::watched().await.unwrap();
    let models = Models::start().await.unwrap();
    let services = recorder.before(&models.address).await.unwrap();
    let (scene, people) = scene.with_titan_at(&services).with_accounts(FROM).await.unwrap().with_user_pool().unwrap();
    let daemon = scene
        .daemon(|command| {
            command.env("AWS_ENDPOINT_URL_POLLY", &services);
            command.env("SYNAPSCRIBE_BEDROCK_MODEL", MODEL).env("SYNAPSCRIBE_POLLY_VOICE", "Amy");
        })
        .unwrap();
    let functions = scene.functions(&daemon).await.unwrap();

    // A student does whatever a student can do, with a recording that goes up in parts and has captions.
    let lecture = scene.lecture(&captioned(&scene)).await;
    scene.terminal(&["ask", "--lecture", &lecture, "--session", "s1", "--json", "What causes the tides?"]).await.well();
    let question = scene.folder.path().join("question.wav");
    speak("How many high tides are there every day?", "rms", &question).unwrap();
    let audio = question.to_string_lossy().into_owned();
    scene.terminal(&["ask", "--lecture", &lecture, "--session", "s1", "--json", "--audio", &audio]).await.well();
    let asker = library(&scene).lecture(&LectureId::parse(lecture.clone()).unwrap()).await.unwrap().unwrap().owner;
    let aloud = json!({ "text": "What causes the tides?", "speech": {} });
    let streamed = functions.chat.invoke(signed_post(asker.as_str(), "api", "/sessions/s1/turns", &aloud)).await;
    let streamed = streamed.unwrap().unwrap();
    assert!(streamed["body"].as_str().unwrap().contains("event: answer_done"), "{streamed}");
    scene.terminal(&["sessions", "list", "--json"]).await.well();
    scene.terminal(&["sessions", "show", "s1", "--json"]).await.well();
    scene.terminal(&["library", "show", &lecture, "--json"]).await.well();
    scene.terminal(&["sessions", "delete", "s1"]).await.well();
    scene.terminal(&["library", "delete", &lecture]).await.well();
    let book = scene.folder.path().join("waves.md");
    std::fs::write(&book, "# Waves\n\nThe wind makes waves.").unwrap();
    let book = scene.lecture(&book).await;
    scene.terminal(&["library", "delete", &book]).await.well();
    scene.person("").signs_up_and_in(ADA, &[]).await;
    scene.terminal(&["sessions", "list", "--json"]).await.well();

    let calls = recorder.calls();
    let mut made = scene.cloud.made();
    made["Data.AccountsSecret"] = json!(ACCOUNTS_SECRET);
    made["Identity.People"] = json!(people);
    let found = findings(&calls, &made);
    assert!(found.is_empty(), "{}\n{}", found.join("\n"), json!(calls));

    // The check sees what it is there to see.
    let told = findings(
        &[&calls[..], &[json!({ "who": "lambda-websocket", "action": "s3:DeleteObject", "resource": calls[0]["resource"] })]]
            .concat(),
        &made,
    );
    assert!(told.len() == 1 && told[0].contains("lambda-websocket may not s3:DeleteObject"), "{told:?}");
    let silent: Vec<Value> = calls.iter().filter(|call| call["action"] != "polly:SynthesizeSpeech").cloned().collect();
    assert!(findings(&silent, &made)[0].contains("nobody asked for polly:SynthesizeSpeech"));
}
