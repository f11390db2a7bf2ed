//! Asked by speaking over a live line, frame by frame as a microphone brings it, and answered aloud; interrupted by speaking again.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use synapscribe_stories::{Asked, Host, Peer, Script, Socket, Tides, answer_in, hear, python, run, share_heard, speak, streams};

const QUESTION: &str = "What happens when the sun and the moon pull in the same direction?";

fn start(lecture: &str) -> String {
    json!({ "type": "start", "lectureId": lecture, "sampleRate": 16_000 }).to_string()
}

/// Speaks into the line, and leaves it to the other side to notice the end.
fn say(line: &mut Socket, question: &Path) {
    line.say(&format!("@play {}", question.display()));
}

#[test]
fn a_question_is_heard_while_it_is_spoken_and_answered_in_words_places_and_sound() {
    let host = Host::quiet();
    let tides = Tides::drop_on(&host).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let question = folder.path().join("question.wav");
    speak(QUESTION, "rms", &question).unwrap();

    // What cannot be used is told, and the line lives on.
    let mut line = Socket::live(host.address(), Some(&tides.owner)).unwrap();
    let other_rate = json!({ "type": "start", "lectureId": tides.lecture, "sampleRate": 44_100 }).to_string();
    for (message, code) in [
        ("nonsense", "bad_message"),
        (r#"{"type":"query"}"#, "unknown_type"),
        (r#"{"type":"end"}"#, "bad_message"),
        (other_rate.as_str(), "bad_message"),
        ("@big 40000", "message_too_large"),
    ] {
        line.say(message);
        assert_eq!(line.hear("error")["code"], code, "{message}");
    }
    // Another person's lecture is one that is not there.
    let mut stranger = Socket::live(host.address(), None).unwrap();
    let [theirs, none] = [tides.lecture.as_str(), "nowhere"].map(|lecture| {
        stranger.say(&start(lecture));
        stranger.hear("error")
    });
    assert_eq!((&theirs["code"], &theirs), (&json!("not_found"), &none));

    line.say(&start(&tides.lecture));
    let session = line.hear("listening")["sessionId"].clone();
    say(&mut line, &question);
    let heard = line.until(&["answer_done", "error"]);
    let place = |kind: &str| {
        heard.iter().position(|message| message["type"] == kind).unwrap_or_else(|| panic!("no {kind} was heard, but: {heard:#?}"))
    };
    assert!(place("speech_started") < place("query_accepted") && place("query_accepted") < place("query_text"));
    let understood = heard[place("query_text")]["text"].as_str().unwrap().to_lowercase();
    assert!(understood.contains("moon") && understood.contains("direction"), "understood as {understood:?}");
    let answer = answer_in(&heard).to_lowercase();
    assert!(answer.contains("spring tide"), "{answer}");
    assert_eq!(heard[place("citation")]["citation"]["lectureId"], tides.lecture);
    assert_eq!(heard[place("answer_done")]["sessionId"], session);
    // Its sound comes as it is, behind a word about it, and all of it.
    let told = &heard[place("audio_start")];
    assert_eq!((&told["format"], &told["queryId"]), (&json!("pcm_s16le"), &heard[place("query_accepted")]["queryId"]));
    assert!(place("audio_start") < place("#sound"));
    let bytes: u64 = heard.iter().filter(|message| message["type"] == "#sound").filter_map(|sound| sound["bytes"].as_u64()).sum();
    let seconds = bytes as f64 / 2.0 / told["sampleRate"].as_f64().unwrap();
    let whole = heard[place("audio_complete")]["seconds"].as_f64().unwrap();
    assert!(seconds > 1.0 && (seconds - whole).abs() < 0.1, "{seconds} of {whole} seconds came");
    assert!(heard.iter().all(|message| message["type"] != "audio_chunk"), "sound came as text");

    // The conversation goes on over a newer line, and the older one is told.
    let mut newer = Socket::live(host.address(), Some(&tides.owner)).unwrap();
    let again = json!({ "type": "start", "lectureId": tides.lecture, "sessionId": session, "sampleRate": 16_000 });
    newer.say(&again.to_string());
    assert_eq!(newer.hear("listening")["sessionId"], session);
    let (code, reason) = line.closed();
    assert!(code == 1008 && reason.contains("another line"), "{code} {reason}");
}

/// What a person is told to save and run.
fn example() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/live-voice.md");
    let page = std::fs::read_to_string(page).unwrap();
    let rest = page.split("```python\n").nth(1).expect("the page has an example");
    rest.split("```").next().unwrap_or_default().to_owned()
}

#[test]
fn the_example_of_the_page_asks_by_a_recording_and_keeps_the_answer_as_another() {
    let host = Host::quiet();
    let tides = Tides::drop_on(&host).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let [script, question, answer] = ["ask.py", "question.wav", "answer.wav"].map(|name| folder.path().join(name));
    std::fs::write(&script, example()).unwrap();
    speak(QUESTION, "rms", &question).unwrap();
    let ask = |whose: Option<&str>| {
        let mut command = Command::new(python());
        command.env("AWS_EC2_METADATA_DISABLED", "true").arg(&script).args([host.address(), tides.lecture.as_str()]);
        run(command.arg(&question).arg(&answer).args(whose)).unwrap()
    };
    let said = ask(Some(&tides.owner)).well();
    let (understood, answered) = said.out.split_once('\n').unwrap();
    assert!(understood.starts_with("Q: ") && understood.contains("moon"), "understood as {understood:?}");
    assert!(answered.to_lowercase().contains("spring tide"), "{answered}");
    let share = share_heard(answered, &hear(&answer).unwrap());
    assert!(share >= 0.4, "only {share:.2} of the answer's words were heard in the file");
    // A guest who is nobody yet is told as everybody else is.
    let refused = ask(None);
    assert!(!refused.status.success() && refused.err.contains("lecture"), "{} {}", refused.out, refused.err);
}

/// An answer that would take for ever.
fn endless(_: &Asked) -> Script {
    streams((0..).map(|n| format!("This is sentence {n}. ")), Duration::from_millis(100), vec![])
}

#[test]
fn speaking_while_the_answer_is_spoken_stops_it_and_asks_anew() {
    let peer = Peer::start(endless).unwrap();
    let host = Host::quiet_with(|command| {
        command.env("SYNAPSCRIBE_CHAT_URL", peer.url()).env("SYNAPSCRIBE_CHAT_MODEL", "scripted");
    })
    .unwrap();
    let tides = Tides::drop_on(&host).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let question = folder.path().join("question.wav");
    speak(QUESTION, "rms", &question).unwrap();
    let mut line = Socket::live(host.address(), Some(&tides.owner)).unwrap();
    line.say(&start(&tides.lecture));
    line.hear("listening");
    say(&mut line, &question);
    let first = line.hear("query_accepted")["queryId"].clone();
    line.hear("#sound");

    say(&mut line, &question);
    line.hear("speech_started");
    let heard = line.until(&["cancelled"]);
    let is = |message: &Value, kind: &str| message["type"] == kind;
    assert!(heard.iter().all(|message| !is(message, "#sound")), "it was spoken on: {heard:#?}");
    assert_eq!(heard.last().unwrap()["queryId"], first);
    peer.hung_up("/chat/completions");
    let second = line.hear("query_accepted")["queryId"].clone();
    assert_ne!(first, second);
    // Stopping needs no voice.
    line.hear("query_text");
    line.say(r#"{"type":"cancel"}"#);
    assert_eq!(line.hear("cancelled")["queryId"], second);
}
