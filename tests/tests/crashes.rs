//! A power cut in the middle of anything loses nothing that was acknowledged.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use synapscribe_stories::{Host, Socket, run, speak};

fn start(data: &std::path::Path) -> Host {
    Host::start_on(data, |c| {
        c.env("SYNAPSCRIBE_SAMPLE", "off");
    })
    .unwrap()
}

/// Waits until a lecture is in one of the states, and returns it.
fn wait_for(host: &Host, home: &std::path::Path, lecture: &str, states: &[&str]) -> Value {
    let until = Instant::now() + Duration::from_secs(180);
    loop {
        let mut show = host.terminal().unwrap();
        show.env("HOME", home).args(["library", "list", "--json"]);
        let said = run(&mut show).unwrap();
        let found = said.out.lines().filter_map(|l| serde_json::from_str::<Value>(l).ok()).find_map(|v| {
            let all = v["lectures"].as_array().cloned().unwrap_or_else(|| vec![v.clone()]);
            all.into_iter().find(|l| l["lectureId"] == lecture)
        });
        if let Some(found) = found
            && states.iter().any(|s| found["state"] == *s)
        {
            return found;
        }
        assert!(Instant::now() < until, "{lecture} is not {states:?}: {}{}", said.out, said.err);
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_lecture_survives_a_kill_in_the_middle_of_its_ingest_and_an_answer_one_in_its_middle() {
    let data = tempfile::tempdir().unwrap();
    let home = tempfile::tempdir().unwrap();
    let recording = home.path().join("long.wav");
    let sentence = "The moon pulls the water of the ocean and makes the tide rise. The sun pulls as well, but much less. ";
    speak(&sentence.repeat(12), "slt", &recording).unwrap();

    let host = start(data.path());
    let mut upload = host.terminal().unwrap();
    upload.env("HOME", home.path()).arg("upload").arg(&recording).arg("--json");
    let said = run(&mut upload).unwrap().well();
    let last: Value = serde_json::from_str(said.out.lines().last().unwrap()).unwrap();
    let lecture = last["lectureId"].as_str().unwrap().to_owned();
    wait_for(&host, home.path(), &lecture, &["transcribing", "indexing", "ready"]);
    host.kill();

    let host = start(data.path());
    wait_for(&host, home.path(), &lecture, &["ready"]);

    // A question that was acknowledged is answered by the next host.
    let identity = {
        let mut who = host.terminal().unwrap();
        who.env("HOME", home.path()).args(["library", "show", &lecture, "--json"]);
        let said = run(&mut who).unwrap().well();
        let shown: Value = said.out.lines().find_map(|l| serde_json::from_str(l).ok()).unwrap();
        let key = shown["s3Key"].as_str().or(shown["lecture"]["s3Key"].as_str()).unwrap().to_owned();
        key.split('/').nth(1).unwrap().to_owned()
    };
    let ask =
        json!({ "type": "query", "queryId": "q1", "sessionId": "s1", "lectureId": lecture, "text": "What makes the tide rise?" });
    let mut socket = Socket::open(host.address(), Some(&identity)).unwrap();
    socket.say(&ask.to_string());
    socket.hear("query_accepted");
    host.kill();
    let host = start(data.path());
    let mut socket = Socket::open(host.address(), Some(&identity)).unwrap();
    socket.say(&ask.to_string());
    assert_eq!(socket.hear("answer_done")["queryId"], "q1");
}

#[test]
fn an_upload_that_was_cut_off_goes_on_where_it_stopped() {
    let data = tempfile::tempdir().unwrap();
    let home = tempfile::tempdir().unwrap();
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
    {
        use std::io::{BufRead, BufReader};
        // The first progress with bytes on the other side is the moment to pull the plug.
        let mut seen = false;
        for line in BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok) {
            let event: Value = serde_json::from_str(&line).unwrap_or_default();
            if event["bytes"].as_u64().is_some_and(|b| b > 0) && event["total"].as_u64() > event["bytes"].as_u64() {
                seen = true;
                break;
            }
        }
        assert!(seen, "the upload ended before it could be cut off");
    }
    host.kill();
    let _ = child.kill();
    let _ = child.wait();

    let host = start(data.path());
    let mut again = host.terminal().unwrap();
    again.env("HOME", home.path()).arg("upload").arg(&recording).arg("--json");
    let said = run(&mut again).unwrap().well();
    let first = said.out.lines().filter_map(|l| serde_json::from_str::<Value>(l).ok()).find(|e| e["bytes"].is_u64());
    assert!(first.is_some(), "{}", said.out);
    let last: Value = serde_json::from_str(said.out.lines().last().unwrap()).unwrap();
    assert!(last["lectureId"].is_string(), "{last}");
}
