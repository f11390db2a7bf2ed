//! A power cut in the middle of anything loses nothing that was acknowledged.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use synapscribe_stories::{Host, Socket, run, speak};

fn start(data: &Path) -> Host {
    Host::quiet_on(data, |_| {}).unwrap()
}

/// What the terminal shows of something, as JSON.
fn shown(host: &Host, home: &Path, what: &[&str]) -> Value {
    let mut show = host.terminal().unwrap();
    show.env("HOME", home).args(what).arg("--json");
    let said = run(&mut show).unwrap().well();
    said.events().into_iter().next().unwrap_or_else(|| panic!("{what:?} shows nothing"))
}

/// Looks again and again until something is so.
#[track_caller]
fn wait_for<T>(what: &str, look: impl Fn() -> Option<T>) -> T {
    let until = Instant::now() + Duration::from_secs(180);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < until, "{what} was waited for in vain");
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Uploads a recording and returns the lecture's name.
fn upload(host: &Host, home: &Path, recording: &Path) -> String {
    let mut upload = host.terminal().unwrap();
    upload.env("HOME", home).arg("upload").arg(recording).arg("--json");
    let said = run(&mut upload).unwrap().well();
    let last = said.events().pop().unwrap();
    last["lectureId"].as_str().unwrap_or_else(|| panic!("{last}")).to_owned()
}

const SENTENCE: &str = "The moon pulls the water of the ocean and makes the tide rise. The sun pulls as well, but much less. ";

#[test]
fn a_lecture_survives_a_kill_in_the_middle_of_its_ingest_and_keeps_what_was_heard_of_it() {
    let (data, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let recording = home.path().join("long.wav");
    // Some minutes, so that there are several windows to hear.
    speak(&SENTENCE.repeat(30), "slt", &recording).unwrap();

    let host = start(data.path());
    let lecture = upload(&host, home.path(), &recording);
    let look = |host: &Host| -> (String, f64) {
        let lecture = shown(host, home.path(), &["library", "show", &lecture]);
        let lecture = lecture.get("lecture").unwrap_or(&lecture);
        (lecture["state"].as_str().unwrap().to_owned(), lecture["progress"].as_f64().unwrap())
    };
    // A tenth is the share of what comes before the first window.
    let heard = wait_for("the first window", || Some(look(&host).1).filter(|progress| *progress > 0.11));
    let (state, _) = look(&host);
    assert_eq!(state, "transcribing", "the lecture was ready before it could be cut off");
    host.kill();

    let host = start(data.path());
    let again = wait_for("the rest", || {
        let (state, progress) = look(&host);
        assert!(progress >= heard - 1e-6, "{progress} of the work was done after the restart, and {heard} before");
        (state == "ready").then_some(progress)
    });
    assert!(again > heard);
}

#[test]
fn questions_that_were_acknowledged_are_answered_after_a_kill_without_being_asked_again() {
    const QUESTIONS: usize = 24;
    let (data, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let recording = home.path().join("short.wav");
    speak(SENTENCE, "slt", &recording).unwrap();
    let captions = "WEBVTT\n\n00:00.000 --> 00:03.000\nThe moon pulls the water of the ocean and makes the tide rise.\n\n\
        00:03.000 --> 00:05.000\nThe sun pulls as well, but much less.\n";
    std::fs::write(home.path().join("short.vtt"), captions).unwrap();

    let host = start(data.path());
    let lecture = upload(&host, home.path(), &recording);
    let lecture = wait_for("the lecture", || {
        let shown = shown(&host, home.path(), &["library", "show", &lecture]);
        let shown = shown.get("lecture").unwrap_or(&shown).clone();
        (shown["state"] == "ready").then_some(shown)
    });
    // The guest that the terminal is: recordings lie below their owner's name.
    let guest = lecture["s3Key"].as_str().unwrap().split('/').nth(1).unwrap().to_owned();

    let mut socket = Socket::open(host.address(), Some(&guest)).unwrap();
    for n in 0..QUESTIONS {
        let ask = json!({
            "type": "query", "queryId": format!("q{n}"), "sessionId": "s1", "lectureId": lecture["lectureId"],
            "text": "What makes the tide rise?",
        });
        socket.say(&ask.to_string());
    }
    let (mut accepted, mut answered) = (0, 0);
    let mut count = |line: &str| {
        let message: Value = serde_json::from_str(line).unwrap_or_default();
        accepted += usize::from(message["type"] == "query_accepted");
        answered += usize::from(message["type"] == "answer_done");
        accepted
    };
    while count(&socket.line().expect("the questions were not taken")) < QUESTIONS {}
    host.kill();
    while let Some(line) = socket.line().filter(|line| !line.starts_with("#closed")) {
        count(&line);
    }
    assert!(answered < QUESTIONS, "all was answered before it could be cut off");

    let host = start(data.path());
    // The student is back, and says nothing.
    let _listening = Socket::open(host.address(), Some(&guest)).unwrap();
    let turns = wait_for("the answers", || {
        let turns = shown(&host, home.path(), &["sessions", "show", "s1"])["turns"].as_array().cloned().unwrap_or_default();
        let done = turns.iter().filter(|turn| turn["state"] == "done").count();
        (done == QUESTIONS).then_some(turns)
    });
    for turn in &turns {
        assert!(turn["answer"].as_str().unwrap().to_lowercase().contains("moon"), "{turn}");
    }
}

#[test]
fn an_upload_that_was_cut_off_goes_on_where_it_stopped() {
    const CUT_AT: u64 = 80_000_000;
    let (data, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let recording = home.path().join("big.wav");
    // Long enough for many parts: 230 MB of speech-like sound.
    let made = std::process::Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", "anoisesrc=d=1200:r=48000:a=0.05", "-ac", "2"])
        .arg(&recording)
        .stdin(Stdio::null())
        .status()
        .unwrap();
    assert!(made.success());
    let host = start(data.path());
    let mut upload = host.terminal().unwrap();
    upload.env("HOME", home.path()).arg("upload").arg(&recording).arg("--json").stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = upload.spawn().unwrap();
    let mut lecture = Value::Null;
    let mut cut = false;
    // By then some parts are whole on the other side, and more are to come.
    for line in BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok) {
        let event: Value = serde_json::from_str(&line).unwrap_or_default();
        if event["type"] == "started" {
            assert_eq!(event["resumed"], 0, "{event}");
            lecture = event["lectureId"].clone();
        }
        if event["type"] == "progress" && event["bytes"].as_u64() >= Some(CUT_AT) {
            cut = event["total"].as_u64() > event["bytes"].as_u64();
            break;
        }
    }
    assert!(cut, "the upload ended before it could be cut off");
    host.kill();
    let _ = child.kill();
    let _ = child.wait();

    let host = start(data.path());
    let mut again = host.terminal().unwrap();
    again.env("HOME", home.path()).arg("upload").arg(&recording).arg("--json");
    let said = run(&mut again).unwrap().well();
    let started = said.of_type("started").pop().unwrap_or_else(|| panic!("{}", said.out));
    assert!(started["resumed"].as_u64() > Some(0) && started["lectureId"] == lecture, "it began anew: {started}");
    let last = said.events().pop().unwrap();
    assert_eq!((&last["state"], &last["lectureId"]), (&"uploaded".into(), &lecture), "{last}");
    // The parts of both runs stand in their places.
    let sent = std::fs::read(&recording).unwrap();
    let kept = largest_below(data.path()).unwrap();
    assert!(std::fs::read(&kept).unwrap() == sent, "{} is not what was sent", kept.display());
}

/// The largest file of a folder and its folders.
fn largest_below(folder: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let files = entries.filter_map(|path| if path.is_dir() { largest_below(&path) } else { Some(path) });
    files.max_by_key(|path| path.metadata().map_or(0, |file| file.len()))
}
