//! AgentCore as a daemon of its own: asked by stock clients over its routes, and by a host that was told where it is.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use synapscribe_stories::{Asked, Daemon, Host, Peer, Script, Socket, Tides, answer_in, curl, streams, writes};

const TOKEN: &str = "between-us";
const ENDED: &str = "synapscribe_turns_ended_total";
const ANY_PORT: &str = "127.0.0.1:0";

/// A host's data folder with the lecture about tides in it, and no host any more.
fn library(data: &std::path::Path) -> Tides {
    let host = Host::quiet_on(data, |_| {}).unwrap();
    let tides = Tides::drop_on(&host).unwrap();
    assert!(host.stop(Duration::from_secs(20)), "the host did not stop when asked");
    tides
}

fn question(tides: &Tides, work: &str) -> Value {
    json!({ "workId": work, "sessionId": "s", "lectureId": tides.lecture, "text": "What causes the tides?" })
}

fn invoke(daemon: &Daemon, body: &str) -> synapscribe_stories::Reply {
    let token = format!("authorization: Bearer {TOKEN}");
    curl(&["--header", &token, "--header", "content-type: application/json", "--data", body, &daemon.at("/invoke")]).unwrap()
}

/// An answer that would take for ever.
fn endless(_: &Asked) -> Script {
    streams((0..).map(|n| format!("word{n} ")), Duration::from_millis(30), vec![])
}

fn well(_: &Asked) -> Script {
    writes("The moon pulls the water [1].")
}

fn with_model(command: &mut Command, peer: &Peer) {
    command.env("SYNAPSCRIBE_CHAT_URL", peer.url()).env("SYNAPSCRIBE_CHAT_MODEL", "scripted");
}

#[test]
fn the_daemon_answers_as_json_lines_tells_how_it_is_and_keeps_strangers_out() {
    let data = tempfile::tempdir().unwrap();
    let tides = library(data.path());
    let daemon = Daemon::start(data.path(), ANY_PORT, |command| {
        command.env("SYNAPSCRIBE_AGENT_TOKEN", TOKEN);
    })
    .unwrap();

    // Whoever watches needs no token.
    let health = curl(&[&daemon.at("/health")]).unwrap();
    assert_eq!((health.status, health.json()["status"].as_str()), (200, Some("ok")));
    let ready = curl(&[&daemon.at("/ready")]).unwrap();
    assert_eq!((ready.status, ready.json()["status"].as_str()), (200, Some("ready")));
    assert!(ready.json()["engines"]["answers"]["name"].is_string(), "{}", ready.body);
    let metrics = curl(&[&daemon.at("/metrics")]).unwrap();
    assert!(metrics.header("content-type").is_some_and(|kind| kind.starts_with("text/plain")), "{}", metrics.head);
    assert!(metrics.body.contains("# TYPE synapscribe_turns_taken_total counter"), "{}", metrics.body);

    // Whoever asks needs it.
    let body = question(&tides, "w1").to_string();
    for token in [None, Some("authorization: Bearer guessed"), Some("authorization: Basic YTpi")] {
        for path in ["/invoke", "/cancel", "/end_session"] {
            let url = daemon.at(path);
            let mut arguments = vec!["--data", &body, &url];
            arguments.extend(token.iter().flat_map(|token| ["--header", token]));
            let refused = curl(&arguments).unwrap();
            assert_eq!((refused.status, &refused.json()["error"]["code"]), (401, &json!("unauthorised")), "{path} {token:?}");
        }
    }

    let answer = invoke(&daemon, &body);
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/x-ndjson")));
    let lines = answer.lines();
    let kinds: Vec<&str> = lines.iter().filter_map(|line| line["type"].as_str()).collect();
    let place = |kind: &str| kinds.iter().position(|k| *k == kind).unwrap_or_else(|| panic!("no {kind} among {kinds:?}"));
    assert!(place("retrieved") < place("answer_text") && place("answer_text") < place("written"), "{kinds:?}");
    assert!(place("citation") < place("written"), "{kinds:?}");
    assert_eq!(kinds.last(), Some(&"done"));
    let said = answer_in(&lines);
    assert!(said.contains("moon"), "{said}");
    let sound = lines.iter().filter(|line| line["type"] == "audio").map(|line| STANDARD.decode(line["data"].as_str().unwrap()));
    assert!(sound.map(|bytes| bytes.unwrap().len()).sum::<usize>() > 16_000, "the answer is hardly spoken");
    let silent = question(&tides, "w2").as_object().cloned().map(|mut body| {
        body.insert("speech".into(), json!({ "speak": false }));
        Value::Object(body).to_string()
    });
    assert!(invoke(&daemon, &silent.unwrap()).lines().iter().all(|line| line["type"] != "audio"), "it spoke though asked not to");

    // What is wrong is told in the body's own form, and nothing of it counts as a turn.
    for (body, code) in [("nonsense", "bad_message"), ("{}", "bad_message")] {
        let refused = invoke(&daemon, body);
        assert_eq!((refused.status, &refused.json()["error"]["code"]), (400, &json!(code)), "{body}");
    }
    let elsewhere = json!({ "workId": "w3", "sessionId": "s", "lectureId": "nowhere", "text": "why?" });
    assert_eq!(invoke(&daemon, &elsewhere.to_string()).lines()[0]["error"]["code"], "not_found");

    let post = |path: &str, body: &str| {
        let token = format!("authorization: Bearer {TOKEN}");
        curl(&["--header", &token, "--data", body, &daemon.at(path)]).unwrap()
    };
    assert_eq!(post("/end_session", r#"{"sessionId":"s"}"#).status, 204);
    assert_eq!(post("/end_session", r#"{"sessionId":"../s"}"#).status, 400);
    assert_eq!(post("/cancel", r#"{"workId":"nobody"}"#).json(), json!({ "running": false }));

    assert_eq!(daemon.metric("synapscribe_turns_taken_total"), 3);
    assert_eq!(daemon.metric(&format!("{ENDED}{{end=\"done\"}}")), 2);
    assert_eq!(daemon.metric(&format!("{ENDED}{{end=\"failed\"}}")), 1);
    daemon.wait_for("synapscribe_turns_running", 0);
    assert_eq!(daemon.metric("synapscribe_first_audio_milliseconds_count"), 1);
}

/// A client that listens to an answer while it is written, and can go away.
struct Listener {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Listener {
    fn ask(daemon: &Daemon, body: &Value) -> Self {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--no-buffer", "--data", &body.to_string(), &daemon.at("/invoke")]);
        let mut child = curl.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines }
    }

    /// Waits for a line of this type.
    fn hear(&mut self, kind: &str) {
        let mut line = String::new();
        while self.lines.read_line(&mut line).unwrap() > 0 {
            let said: Value = serde_json::from_str(&line).unwrap();
            if said["type"] == kind {
                return;
            }
            line.clear();
        }
        panic!("the answer ended without {kind}");
    }

    fn go_away(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[test]
fn a_full_daemon_says_when_to_come_back_and_whoever_goes_away_frees_their_place() {
    let data = tempfile::tempdir().unwrap();
    let tides = library(data.path());
    let peer = Peer::start(endless).unwrap();
    let daemon = Daemon::start(data.path(), ANY_PORT, |command| {
        command.args(["--running", "1", "--waiting", "1"]);
        with_model(command, &peer);
    })
    .unwrap();

    let mut first = Listener::ask(&daemon, &question(&tides, "w1"));
    first.hear("answer_text");
    let second = Listener::ask(&daemon, &question(&tides, "w2"));
    daemon.wait_for("synapscribe_turns_waiting", 1);

    let third = curl(&["--data", &question(&tides, "w3").to_string(), &daemon.at("/invoke")]).unwrap();
    assert_eq!((third.status, &third.json()["error"]["code"]), (503, &json!("busy")));
    assert_eq!(third.json()["error"]["retryable"], true);
    assert!(third.header("retry-after").and_then(|s| s.parse::<u32>().ok()).is_some_and(|s| s > 0), "{}", third.head);
    assert_eq!(daemon.metric("synapscribe_turns_refused_total"), 1);
    assert_eq!(curl(&[&daemon.at("/health")]).unwrap().status, 200, "a full daemon is a healthy one");

    // The one who waits gives up.
    second.go_away();
    daemon.wait_for("synapscribe_turns_waiting", 0);
    let fourth = Listener::ask(&daemon, &question(&tides, "w4"));
    daemon.wait_for("synapscribe_turns_waiting", 1);
    // The one who is being answered goes away: the engine is stopped, and the next one's turn comes.
    first.go_away();
    peer.hung_up("/chat/completions");
    daemon.wait_for("synapscribe_turns_waiting", 0);
    daemon.wait_for("synapscribe_turns_running", 1);
    fourth.go_away();
    daemon.wait_for("synapscribe_turns_running", 0);
    daemon.wait_for(&format!("{ENDED}{{end=\"cancelled\"}}"), 3);

    peer.change(well);
    let after = curl(&["--data", &question(&tides, "w5").to_string(), &daemon.at("/invoke")]).unwrap();
    assert_eq!(after.lines().last().unwrap()["type"], "done", "{}", after.body);
}

#[test]
fn a_host_answers_through_the_daemon_and_says_so_when_it_is_down() {
    let data = tempfile::tempdir().unwrap();
    let tides = library(data.path());
    let peer = Peer::start(well).unwrap();
    let settle = |command: &mut Command| {
        command.env("SYNAPSCRIBE_AGENT_TOKEN", TOKEN);
        with_model(command, &peer);
    };
    let daemon = Daemon::start(data.path(), ANY_PORT, settle).unwrap();
    let listen = daemon.listen().to_owned();
    let host = Host::quiet_on(data.path(), |command| {
        command.env("SYNAPSCRIBE_AGENT_URL", format!("http://{listen}")).env("SYNAPSCRIBE_AGENT_TOKEN", TOKEN);
    })
    .unwrap();
    let mut socket = Socket::open(host.address(), Some(&tides.owner)).unwrap();

    socket.say(&tides.question("q1", "s1", "What causes the tides?"));
    let heard = socket.until(&["answer_done", "error"]);
    let done = heard.last().unwrap();
    assert_eq!((&done["type"], &done["generated"]), (&json!("answer_done"), &json!(true)), "{done}");
    assert!(heard.iter().any(|message| message["type"] == "audio_chunk"), "the answer was not spoken");
    assert!(heard.iter().any(|message| message["type"] == "citation"), "the answer cites nothing");
    assert_eq!(daemon.metric(&format!("{ENDED}{{end=\"done\"}}")), 1, "the daemon did not answer it");

    // Stopping reaches the engine behind the daemon.
    peer.change(endless);
    socket.say(&tides.question("q2", "s1", "And the sun?"));
    socket.hear("answer_text");
    socket.say(r#"{"type":"cancel","queryId":"q2"}"#);
    socket.hear("cancelled");
    daemon.wait_for(&format!("{ENDED}{{end=\"cancelled\"}}"), 1);
    peer.hung_up("/chat/completions");

    // The daemon dies in the middle of an answer, and then it is not there at all.
    socket.say(&tides.question("q3", "s2", "What is a spring tide?"));
    socket.hear("answer_text");
    daemon.kill();
    socket.say(&tides.question("q4", "s3", "How many high tides are there?"));
    for query in ["q3", "q4"] {
        let error = socket.hear("error");
        assert_eq!(
            (&error["queryId"], &error["code"], &error["retryable"]),
            (&json!(query), &json!("engine_failed"), &json!(true))
        );
        let sentence = error["message"].as_str().unwrap();
        assert!(sentence.contains("answering service") && !sentence.contains("127.0.0.1"), "{sentence}");
    }
    socket.say(r#"{"type":"end_session","sessionId":"s1"}"#);
    socket.hear("session_ended");
    socket.say(r#"{"type":"ping"}"#);
    socket.hear("pong");

    // It comes back, and the same question is answered over the same connection.
    peer.change(well);
    let _daemon = Daemon::start(data.path(), &listen, settle).unwrap();
    socket.say(&tides.question("q4", "s3", "How many high tides are there?"));
    assert_eq!(socket.hear("answer_done")["queryId"], "q4");
}

#[test]
fn a_student_is_not_blamed_when_the_host_has_the_wrong_token() {
    let data = tempfile::tempdir().unwrap();
    let tides = library(data.path());
    let daemon = Daemon::start(data.path(), ANY_PORT, |command| {
        command.env("SYNAPSCRIBE_AGENT_TOKEN", TOKEN);
    })
    .unwrap();
    let host = Host::quiet_on(data.path(), |command| {
        command.env("SYNAPSCRIBE_AGENT_URL", daemon.at("")).env("SYNAPSCRIBE_AGENT_TOKEN", "outdated");
    })
    .unwrap();
    let mut socket = Socket::open(host.address(), Some(&tides.owner)).unwrap();
    socket.say(&tides.question("q1", "s1", "What causes the tides?"));
    let error = socket.hear("error");
    // The student's own credentials are good: telling them to sign in again would lead nowhere.
    assert_eq!(error["code"], "engine_missing", "{error}");
    assert!(error["message"].as_str().unwrap().contains("SYNAPSCRIBE_AGENT_TOKEN"), "{error}");
}
