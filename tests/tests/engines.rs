//! Engines that hang, break off or talk nonsense end a turn with a reason and in time; the connection lives on, and the next
//! question is answered when the engine has recovered.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use synapscribe_stories::{
    Asked, Host, Peer, Piece, Script, Socket, Tides, answer_in, run, speak, speaks, streams, whole, writes,
};

/// The patience these hosts are given, for the first byte and between any two.
const PATIENCE: &str = "1";
/// A turn that waits for an engine ends within this, on a busy machine too.
const SOON: Duration = Duration::from_secs(10);

fn impatient(command: &mut Command) {
    command.env("SYNAPSCRIBE_ENGINE_FIRST_BYTE_SECONDS", PATIENCE).env("SYNAPSCRIBE_ENGINE_SILENCE_SECONDS", PATIENCE);
}

fn host_with_model(peer: &Peer) -> Host {
    Host::quiet_with(|command| {
        impatient(command);
        command.env("SYNAPSCRIBE_CHAT_URL", peer.url()).env("SYNAPSCRIBE_CHAT_MODEL", "scripted");
    })
    .unwrap()
}

fn well(_: &Asked) -> Script {
    writes("The moon pulls the water [1].")
}

fn words(after: Piece) -> Script {
    streams(["The ", "moon "].map(str::to_owned).into_iter(), Duration::from_millis(5), vec![after])
}

type Fault = (&'static str, fn(&Asked) -> Script, &'static str, &'static str);

#[test]
fn a_language_model_that_fails_in_any_way_ends_the_turn_with_a_reason_and_the_next_question_is_answered() {
    // What goes wrong, how, the code a program acts on, and what the student had read until then.
    const FAULTS: [Fault; 9] = [
        ("it says nothing", |_| Box::new([Piece::Hang].into_iter()), "engine_timeout", ""),
        (
            "it falls silent before its first word",
            |_| Box::new([Piece::Head(200, "text/event-stream"), Piece::Hang].into_iter()),
            "engine_timeout",
            "",
        ),
        ("it falls silent in the middle", |_| words(Piece::Hang), "engine_timeout", "The moon "),
        ("it breaks off", |_| words(Piece::Cut), "engine_failed", "The moon "),
        ("it talks nonsense", |_| words(Piece::Bytes(b"data: <html>\n\n".to_vec())), "engine_failed", "The moon "),
        ("it is another server", |_| whole(200, "text/html", "<h1>Welcome</h1>"), "engine_failed", ""),
        ("it has an error", |_| whole(500, "application/json", r#"{"error":{"code":"boom"}}"#), "engine_failed", ""),
        ("it is busy", |_| whole(503, "text/plain", "later"), "busy", ""),
        ("it closes at once", |_| Box::new([Piece::Cut].into_iter()), "engine_failed", ""),
    ];
    let peer = Peer::start(well).unwrap();
    let host = host_with_model(&peer);
    let tides = Tides::drop_on(&host).unwrap();
    let mut socket = Socket::open(host.address(), Some(&tides.owner)).unwrap();
    for (n, (what, script, code, until_then)) in FAULTS.into_iter().enumerate() {
        let ask = tides.question(&format!("q{n}"), &format!("s{n}"), "What causes the tides?");
        peer.change(script);
        let began = Instant::now();
        socket.say(&ask);
        let heard = socket.until(&["error", "answer_done"]);
        let error = heard.last().unwrap();
        assert_eq!((&error["code"], &error["retryable"]), (&json!(code), &json!(true)), "{what}: {error}");
        assert!(error["message"].as_str().is_some_and(|sentence| sentence.contains("language model")), "{what}: {error}");
        assert!(began.elapsed() < SOON, "{what}: the turn took {:?}", began.elapsed());
        // The last words may wait for what follows them, so that marks of citations are never shown in halves.
        assert!(until_then.starts_with(answer_in(&heard).as_str()), "{what}: {heard:?}");
        assert_eq!(answer_in(&heard).is_empty(), until_then.is_empty(), "{what}: what came before is lost");
        socket.say(r#"{"type":"ping"}"#);
        socket.hear("pong");

        // The engine recovers: the same question is answered over the same connection.
        peer.change(well);
        socket.say(&ask);
        let heard = socket.until(&["error", "answer_done"]);
        assert_eq!(heard.last().unwrap()["type"], "answer_done", "after {what}: {heard:?}");
        assert_eq!(answer_in(&heard).trim_end(), "The moon pulls the water.", "after {what}");
    }
}

type Mute = (&'static str, fn(&Asked) -> Script, &'static str, bool);

#[test]
fn a_voice_that_fails_mutes_the_answer_and_the_text_goes_on() {
    // What the voice does, the code, and whether something was heard before.
    const FAULTS: [Mute; 4] = [
        ("it says nothing", |_| Box::new([Piece::Hang].into_iter()), "engine_timeout", false),
        (
            "it falls silent in the middle",
            |_| Box::new(speaks(3, Duration::from_millis(1)).chain([Piece::Hang])),
            "engine_timeout",
            true,
        ),
        ("it sends text", |_| whole(200, "text/html", "<h1>Welcome</h1>"), "engine_failed", false),
        ("it has an error", |_| whole(500, "text/plain", "boom"), "engine_failed", false),
    ];
    let peer = Peer::start(|_| speaks(5, Duration::from_millis(1))).unwrap();
    let host = Host::quiet_with(|command| {
        impatient(command);
        command.env("SYNAPSCRIBE_SPEECH_URL", peer.url());
    })
    .unwrap();
    let tides = Tides::drop_on(&host).unwrap();
    let mut socket = Socket::open(host.address(), Some(&tides.owner)).unwrap();
    let mut ask = |query: &str| {
        socket.say(&tides.question(query, query, "What causes the tides?"));
        let heard = socket.until(&["answer_done"]);
        assert!(answer_in(&heard).contains("moon"), "the text was held back: {heard:?}");
        heard
    };
    for (n, (what, script, code, audible)) in FAULTS.into_iter().enumerate() {
        peer.change(script);
        let began = Instant::now();
        let heard = ask(&format!("q{n}"));
        assert!(began.elapsed() < SOON, "{what}: the turn took {:?}", began.elapsed());
        let errors: Vec<&Value> = heard.iter().filter(|message| message["type"] == "error").collect();
        assert_eq!(errors.len(), 1, "{what}: {heard:?}");
        assert_eq!(errors[0]["code"], code, "{what}");
        // It belongs to no question: the question itself does not fail.
        assert!(errors[0]["queryId"].is_null(), "{what}: {}", errors[0]);
        assert_eq!(heard.iter().any(|message| message["type"] == "audio_chunk"), audible, "{what}");
        assert!(heard.last().unwrap()["timings"]["doneMs"].is_u64(), "{what}: {heard:?}");
    }
    peer.change(|_| speaks(5, Duration::from_millis(1)));
    let heard = ask("after");
    assert!(heard.iter().any(|message| message["type"] == "audio_complete"), "the voice did not come back: {heard:?}");
    assert!(heard.iter().all(|message| message["type"] != "error"), "{heard:?}");
}

#[test]
fn a_voice_that_is_away_is_told_of_and_nothing_is_said_to_be_saved() {
    // A port that was just let go of.
    let away = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let host = Host::quiet_with(|command| {
        command.env("SYNAPSCRIBE_SPEECH_URL", format!("http://{away}"));
    })
    .unwrap();
    let tides = Tides::drop_on(&host).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("answer.wav");
    let ask = || {
        let mut ask = host.terminal().unwrap();
        ask.args(["ask", "--lecture", &tides.lecture, "What causes the tides?"]);
        ask
    };
    let said = run(ask().arg("--save").arg(&saved)).unwrap();
    assert_eq!(said.status.code(), Some(1), "{}{}", said.out, said.err);
    assert!(said.out.contains("moon"), "the text was held back: {}", said.out);
    assert!(said.err.contains("was not written") && said.err.contains(&away.to_string()), "{}", said.err);
    assert!(!saved.exists());
    // Whoever only reads gets what they asked for, and a word about it.
    let said = run(&mut ask()).unwrap().well();
    assert!(said.err.contains("not spoken") && said.err.contains(&away.to_string()), "{}", said.err);

    let said = run(host.terminal().unwrap().args(["doctor", "--json"])).unwrap();
    assert_eq!(said.status.code(), Some(1), "{}", said.out);
    let failed: Vec<Value> = said.events().into_iter().filter(|finding| finding["result"] == "failed").collect();
    assert!(
        matches!(&failed[..], [one] if one["check"] == "engine" && one["message"].as_str().unwrap().contains(&away.to_string())),
        "{failed:?}"
    );
}

#[test]
fn an_ear_that_hangs_fails_the_spoken_question_in_time_and_typing_still_works() {
    let peer = Peer::start(|_| Box::new([Piece::Hang].into_iter())).unwrap();
    let host = Host::quiet_with(|command| {
        impatient(command);
        command.env("SYNAPSCRIBE_TRANSCRIBE_URL", peer.url());
    })
    .unwrap();
    let tides = Tides::drop_on(&host).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let question = folder.path().join("question.wav");
    speak("What causes the tides?", "rms", &question).unwrap();
    let ask = || {
        let mut ask = host.terminal().unwrap();
        ask.args(["ask", "--json", "--lecture", &tides.lecture]);
        ask
    };
    let began = Instant::now();
    let said = run(ask().arg("--audio").arg(&question)).unwrap();
    assert_eq!(said.status.code(), Some(1), "{}{}", said.out, said.err);
    let error = said.of_type("error").pop().expect("the failure is told as an event");
    assert_eq!(error["code"], "engine_timeout", "{error}");
    assert!(began.elapsed() < SOON + SOON, "it took {:?}", began.elapsed());
    let typed = run(ask().arg("What causes the tides?")).unwrap().well();
    assert_eq!(typed.of_type("answer_done").len(), 1, "{}", typed.out);
}

#[test]
fn without_its_vectors_a_lecture_is_still_found_by_words_and_the_report_says_so() {
    let peer = Peer::start(|_| Box::new([Piece::Hang].into_iter())).unwrap();
    let host = Host::quiet_with(|command| {
        impatient(command);
        command.env("SYNAPSCRIBE_EMBED_URL", peer.url()).env("SYNAPSCRIBE_EMBED_MODEL", "scripted");
    })
    .unwrap();
    let tides = Tides::drop_on(&host).unwrap();
    let shown = run(host.terminal().unwrap().args(["library", "show", &tides.lecture])).unwrap().well();
    assert!(shown.out.contains("search by meaning is off"), "{}", shown.out);
    let mut socket = Socket::open(host.address(), Some(&tides.owner)).unwrap();
    socket.say(&tides.question("q", "s", "What is a spring tide?"));
    let heard = socket.until(&["answer_done", "error"]);
    assert_eq!(heard.last().unwrap()["found"], true, "{heard:?}");
    assert!(answer_in(&heard).contains("spring tide"), "{heard:?}");
}
