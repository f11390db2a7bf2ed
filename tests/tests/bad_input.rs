//! What goes wrong is told with a stable code and a sentence, nothing is lost, and the connection lives on where it can.

use std::process::Command;

use serde_json::{Value, json};
use synapscribe_stories::{Host, Socket, run, speak};

fn quiet_host() -> Host {
    Host::start_with(|c| {
        c.env("SYNAPSCRIBE_SAMPLE", "off");
    })
    .unwrap()
}

#[test]
fn files_that_cannot_be_used_get_a_reason() {
    let host = quiet_host();
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("empty.mp3"), b"").unwrap();
    std::fs::write(at("essay.mp3"), "This is an essay, not a recording. ".repeat(200)).unwrap();
    run(Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono", "-t", "5"])
        .arg(at("silent.wav")))
    .unwrap()
    .well();
    run(Command::new("ffmpeg").args(["-v", "error", "-f", "lavfi", "-i", "sine=r=16000:d=20"]).arg(at("whole.wav")))
        .unwrap()
        .well();
    let whole = std::fs::read(at("whole.wav")).unwrap();
    std::fs::write(at("cut.wav"), &whole[..whole.len() / 2]).unwrap();
    for (file, code) in [
        ("empty.mp3", "audio_empty"),
        ("essay.mp3", "audio_unsupported"),
        ("silent.wav", "audio_silent"),
        ("cut.wav", "audio_corrupt"),
    ] {
        let said = run(host.terminal().unwrap().arg("upload").arg(at(file)).args(["--wait", "--json"])).unwrap();
        assert!(!said.status.success(), "{file} was taken");
        let all = format!("{}{}", said.out, said.err);
        let named = [code.to_owned(), code.replace("audio_", "file_")];
        assert!(named.iter().any(|code| all.contains(code)), "{file}: {all}");
    }
}

#[test]
fn messages_that_make_no_sense_are_answered_and_the_connection_lives_on() {
    let host = quiet_host();
    let mut socket = Socket::open(host.address(), None).unwrap();
    for (message, code) in [
        ("nonsense", "bad_message"),
        ("[]", "bad_message"),
        (r#"{"type":"dance"}"#, "unknown_type"),
        (r#"{"type":"query"}"#, "bad_message"),
        (r#"{"type":"query","queryId":"q","sessionId":"s","lectureId":"../../etc","text":"why?"}"#, "bad_message"),
        (r#"{"type":"query","queryId":"q","sessionId":"s","lectureId":"none","text":"why?"}"#, "not_found"),
        (r#"{"type":"query","queryId":"q","sessionId":"s","lectureId":"none","s3Key":"queries/somebody/q.wav"}"#, "not_found"),
        (r#"{"type":"query","queryId":"q","sessionId":"s","lectureId":"none","s3Key":"/etc/passwd"}"#, "bad_message"),
        (r#"{"type":"end_session","sessionId":"not-mine"}"#, "not_found"),
        (r#"{"type":"request_upload","fileName":"x.mp3","bytes":999999999999}"#, "audio_too_big"),
        (r#"{"type":"request_upload","fileName":"x.mp3","bytes":0}"#, "audio_empty"),
    ] {
        socket.say(message);
        let error = socket.hear("error");
        assert_eq!(error["code"], code, "{message} → {error}");
        assert!(error["message"].as_str().is_some_and(|m| m.len() > 10) && error["retryable"].is_boolean(), "{error}");
    }
    socket.say(r#"{"type":"ping"}"#);
    socket.hear("pong");

    // Names with tricks in them become names.
    socket.say(&json!({ "type": "request_upload", "fileName": "../../../etc/pass wd\u{0}.mp3", "bytes": 5 }).to_string());
    let granted = socket.hear("upload_url");
    let key = granted["s3Key"].as_str().unwrap();
    assert!(key.starts_with(&format!("lectures/{}/", socket.identity)) && !key.contains(".."), "{key}");

    // A frame beyond the gateway's limit ends the connection with the code for it.
    socket.say("@big 60000");
    assert_eq!(socket.closed().0, 1009);
}

#[test]
fn nobody_reaches_what_is_not_theirs() {
    let host = quiet_host();
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("mine.wav");
    speak("This lecture is mine. Nobody else may hear it. It is about secrets.", "slt", &recording).unwrap();
    std::fs::write(folder.path().join("mine.vtt"), "WEBVTT\n\n00:00.000 --> 00:04.000\nThis lecture is about secrets.\n")
        .unwrap();
    let said = run(host.terminal().unwrap().arg("upload").arg(&recording).args(["--wait", "--json"])).unwrap().well();
    let last: Value = serde_json::from_str(said.out.lines().last().unwrap()).unwrap();
    let lecture = last["lectureId"].as_str().unwrap();
    run(host.terminal().unwrap().args(["ask", "--lecture", lecture, "--session", "mine", "What is it about?"])).unwrap().well();

    let mut stranger = Socket::open(host.address(), None).unwrap();
    let ask = |session: &str| {
        json!({ "type": "query", "queryId": "q1", "sessionId": session, "lectureId": lecture, "text": "What is it about?" })
            .to_string()
    };
    stranger.say(&ask("stranger"));
    assert_eq!(stranger.hear("error")["code"], "not_found");
    stranger.say(r#"{"type":"end_session","sessionId":"mine"}"#);
    assert_eq!(stranger.hear("error")["code"], "not_found");

    let elsewhere = tempfile::tempdir().unwrap();
    let mut listing = host.terminal().unwrap();
    listing.env("HOME", elsewhere.path()).args(["library", "show", lecture]);
    assert_eq!(run(&mut listing).unwrap().status.code(), Some(4));
}
