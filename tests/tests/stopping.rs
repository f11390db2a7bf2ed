//! Stopping an answer is quick and honest; sessions end, resume and forget as they should.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use synapscribe_stories::{Host, Member, Peer, Socket, Tides, answer_in, speaks, streams};

fn query(id: &str, session: &str, text: &str) -> String {
    json!({ "type": "query", "queryId": id, "sessionId": session, "lectureId": "sample-gradient-descent", "text": text })
        .to_string()
}

#[test]
fn a_stopped_answer_ends_soon_and_remembers_only_what_was_sent() {
    let host = Host::with_sample();
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

#[test]
fn stopping_reaches_the_engines_at_once_and_nothing_is_heard_after_it() {
    // Engines that would write and speak for ever.
    let model = Peer::start(|_| {
        let words = (0..).map(|n| format!("Word {n} stands in a sentence of its own. "));
        streams(words, Duration::from_millis(40), vec![])
    })
    .unwrap();
    let voice = Peer::start(|_| speaks(usize::MAX, Duration::from_millis(30))).unwrap();
    let host = Host::quiet_with(|command| {
        command.env("SYNAPSCRIBE_CHAT_URL", model.url()).env("SYNAPSCRIBE_CHAT_MODEL", "scripted");
        command.env("SYNAPSCRIBE_SPEECH_URL", voice.url());
    })
    .unwrap();
    let tides = Tides::drop_on(&host).unwrap();
    let mut socket = Socket::open(host.address(), Some(&tides.owner)).unwrap();
    for round in 1..=3 {
        let ask = tides.question(&format!("q{round}"), &format!("s{round}"), "What causes the tides?");
        socket.say(&ask);
        // Both engines are at work.
        let mut heard = socket.until(&["audio_chunk"]);
        heard.extend(socket.until(&["answer_text"]));
        let began = Instant::now();
        socket.say(&format!(r#"{{"type":"cancel","queryId":"q{round}"}}"#));
        heard.extend(socket.until(&["cancelled"]));
        let told = began.elapsed();
        let engines = [model.hung_up("/chat/completions"), voice.hung_up("/audio/speech")].map(|at| at.duration_since(began));
        println!("cancelled: the student knew after {told:?}, the model and the voice were stopped after {engines:?}");
        // The way of the word through the stock client is in these figures, and so is whatever else this machine does.
        assert!(told < Duration::from_millis(500), "the student waited {told:?}");
        assert!(engines.iter().all(|time| *time < Duration::from_millis(500)), "the engines went on for {engines:?}");

        let late = socket.listen(Duration::from_millis(300));
        assert!(late.is_empty(), "after `cancelled` came {late:?}");
        // What is kept is what was sent.
        socket.say(&ask);
        let again = socket.until(&["cancelled", "answer_done", "error"]);
        assert_eq!(again.last().unwrap()["type"], "cancelled");
        assert_eq!(answer_in(&again), answer_in(&heard), "the stored turn is not what was sent");
    }
    assert_eq!(model.asked().len(), 3, "a question that was stopped was asked again");
}

#[test]
fn whoever_closes_a_streamed_answer_stops_it_down_to_the_model() {
    let model = Peer::start(|_| {
        let words = (0..).map(|n| format!("Word {n} stands in a sentence of its own. "));
        streams(words, Duration::from_millis(40), vec![])
    })
    .unwrap();
    let host = Host::quiet_with(|command| {
        command.env("SYNAPSCRIBE_CHAT_URL", model.url()).env("SYNAPSCRIBE_CHAT_MODEL", "scripted");
    })
    .unwrap();
    let ada = Member::join(&host, "ada@example.org");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Tides.md");
    std::fs::write(&file, "# Tides\n\nThe moon pulls the water of the ocean.\n").unwrap();
    let book = ada.upload(&file);
    assert_eq!(ada.made(&book)["state"], "ready");
    let session = ada.call("POST", "/api/sessions", Some(&json!({ "documentId": book }))).json();
    let session = session["sessionId"].as_str().unwrap();
    let mut asking = Command::new("curl")
        .args(["--silent", "--no-buffer", "-H", &ada.bearer, "-H", "content-type: application/json", "-d"])
        .arg(json!({ "text": "What does the moon pull?" }).to_string())
        .arg(format!("{}/api/sessions/{session}/turns", host.address()))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(asking.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut written = lines.filter(|line| line == "event: answer_text");
    assert!(written.next().is_some() && written.next().is_some(), "the answer does not come while it is written");
    asking.kill().unwrap();
    asking.wait().unwrap();
    model.hung_up("/chat/completions");
    let until = Instant::now() + Duration::from_secs(60);
    let turn = loop {
        let turn = ada.get(&format!("/api/sessions/{session}")).json()["turns"][0].clone();
        if turn["state"] == "cancelled" {
            break turn;
        }
        assert!(Instant::now() < until, "{turn}");
        std::thread::sleep(Duration::from_millis(50));
    };
    assert!(turn["answer"].as_str().unwrap().starts_with("Word 0 stands"), "{turn}");
}
