//! Stopping an answer is quick and honest; sessions end, resume and forget as they should.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use synapscribe_stories::{Host, Socket, run};

/// A host whose sample lecture can be asked.
fn host_with_sample() -> Host {
    let host = Host::start().unwrap();
    let until = Instant::now() + Duration::from_secs(180);
    loop {
        let said = run(host.terminal().unwrap().args(["library", "show", "sample", "--json"])).unwrap();
        if said.out.contains("\"ready\"") {
            return host;
        }
        assert!(Instant::now() < until, "the sample lecture did not become ready: {}{}", said.out, said.err);
        std::thread::sleep(Duration::from_millis(300));
    }
}

fn query(id: &str, session: &str, text: &str) -> String {
    json!({ "type": "query", "queryId": id, "sessionId": session, "lectureId": "sample-gradient-descent", "text": text })
        .to_string()
}

#[test]
fn a_stopped_answer_is_silent_at_once_and_remembers_only_what_was_sent() {
    let host = host_with_sample();
    let mut socket = Socket::open(host.address(), None).unwrap();
    socket.say(&query("q1", "s1", "Explain gradient descent, the learning rate and the chain rule."));
    let mut sent = String::new();
    loop {
        let message: Value = serde_json::from_str(&socket.line().unwrap()).unwrap();
        if message["type"] == "answer_text" {
            sent.push_str(message["delta"].as_str().unwrap());
        }
        if message["type"] == "audio_chunk" {
            break;
        }
        assert_ne!(message["type"], "error", "{message}");
    }
    let began = Instant::now();
    socket.say(r#"{"type":"cancel","queryId":"q1"}"#);
    let mut late = 0;
    loop {
        let message: Value = serde_json::from_str(&socket.line().unwrap()).unwrap();
        match message["type"].as_str() {
            Some("answer_text") => sent.push_str(message["delta"].as_str().unwrap()),
            Some("audio_chunk") => late += 1,
            Some("cancelled") | Some("answer_done") => {
                assert_eq!(message["type"], "cancelled", "the answer ended before it could be stopped");
                break;
            }
            _ => {}
        }
    }
    let took = began.elapsed();
    println!("stopped after {} ms and {late} stretches of speech", took.as_millis());
    assert!(took < Duration::from_millis(1_000), "stopping took {took:?}");

    // Asking again under the same name does not answer again: it tells what was sent.
    socket.say(&query("q1", "s1", "Explain gradient descent, the learning rate and the chain rule."));
    assert_eq!(socket.hear("answer_text")["delta"].as_str(), Some(sent.as_str()), "the stored turn is not what was sent");
    socket.hear("cancelled");

    // An ended session takes no more questions; a new one does.
    socket.say(r#"{"type":"end_session","sessionId":"s1"}"#);
    socket.hear("session_ended");
    socket.say(&query("q2", "s1", "What is the loss?"));
    assert_eq!(socket.hear("error")["code"], "session_ended");
    socket.say(&query("q3", "s2", "What is the loss?"));
    let first = socket.hear("answer_done");
    assert_eq!(first["queryId"], "q3");

    // After a reconnect the thread goes on, and the same question is not answered twice.
    let identity = socket.identity.clone();
    drop(socket);
    let mut back = Socket::open(host.address(), Some(&identity)).unwrap();
    back.say(&query("q3", "s2", "What is the loss?"));
    assert_eq!(back.hear("answer_done")["timings"], first["timings"], "it was answered again");
    back.say(&query("q4", "s2", "And why is it squared?"));
    assert_eq!(back.hear("answer_done")["found"], true);
}
