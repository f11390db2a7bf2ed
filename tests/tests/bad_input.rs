//! What goes wrong is told with a stable code and a sentence, nothing is lost, and the connection lives on where it can.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use synapscribe_stories::{Host, SENTENCES, Socket, Tides, bury_in_noise, curl, run, speak};

#[test]
fn files_that_cannot_be_used_get_a_reason() {
    let host = Host::quiet();
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
        let last = said.events().pop().unwrap_or_default();
        assert_eq!(last["error"]["code"], code, "{file}: {}{}", said.out, said.err);
    }
}

#[test]
fn messages_that_make_no_sense_are_answered_and_the_connection_lives_on() {
    let host = Host::quiet();
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
        (r#"{"type":"query","queryId":"q","sessionId":"s","lectureId":"none","text":"why?","playhead":6e60}"#, "bad_message"),
        (r#"{"type":"query","queryId":"q","sessionId":"s","lectureId":"none","text":"why?","playhead":"soon"}"#, "bad_message"),
        (r#"{"type":"end_session","sessionId":"not-mine"}"#, "not_found"),
        (r#"{"type":"request_upload","fileName":"x.mp3","bytes":999999999999}"#, "audio_too_big"),
        (r#"{"type":"request_upload","fileName":"x.mp3","bytes":0}"#, "audio_empty"),
    ] {
        socket.say(message);
        let error = socket.hear("error");
        assert_eq!(error["code"], code, "{message} → {error}");
        assert!(error["message"].as_str().is_some_and(|m| m.len() > 10) && error["retryable"].is_boolean(), "{error}");
    }
    // What is wrong is said in plain words, and under the question's name where it has one.
    for (message, words, query) in [
        (r#"{"type":"query","queryId":"q-7","lectureId":"none"}"#, "`query`: `sessionId` is missing", json!("q-7")),
        (
            r#"{"type":"query","queryId":"q-8","sessionId":"s","text":"why?","playhead":"soon"}"#,
            "`playhead` has to be a number",
            json!("q-8"),
        ),
        (r#"{"type":"cancel","queryId":7}"#, "`queryId` has to be text", Value::Null),
        (r#"{"type":"dance","queryId":"q-9"}"#, "known are request_upload, query", json!("q-9")),
        (r#"{"type":"cancle","queryId":"../q"}"#, "no message type `cancle`", Value::Null),
    ] {
        socket.say(message);
        let error = socket.hear("error");
        assert!(error["message"].as_str().is_some_and(|said| said.contains(words)), "{message} → {error}");
        assert_eq!(error["queryId"], query, "{message} → {error}");
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
fn a_message_in_many_frames_is_taken_up_to_the_gateways_limit() {
    let host = Host::quiet();
    let mut socket = Socket::open(host.address(), None).unwrap();
    socket.say("@parts 4 32768");
    socket.hear("pong");
    socket.say("@parts 5 32768");
    let (code, reason) = socket.closed();
    assert!(code == 1009 && reason.contains("128 KB"), "{code} {reason}");
}

#[test]
fn nobody_comes_in_without_credentials_of_this_host() {
    let (host, other) = (Host::quiet(), Host::quiet());
    let upgrade = [
        "-H",
        "Connection: Upgrade",
        "-H",
        "Upgrade: websocket",
        "-H",
        "Sec-WebSocket-Version: 13",
        "-H",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    ];
    let signature = format!(
        "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=ASIAIOSFODNN7EXAMPLE%2F20260101%2Fus-east-1%2Fexecute-api%2Faws4_request\
         &X-Amz-Date=20260101T000000Z&X-Amz-Expires=300&X-Amz-SignedHeaders=host&X-Amz-Signature={}",
        "0".repeat(64)
    );
    // A live line has the same door.
    for ws in ["/ws", "/ws/audio"].map(|path| format!("{}{path}", host.address())) {
        for address in [&ws, &format!("{ws}{signature}")] {
            let mut arguments = upgrade.to_vec();
            arguments.push(address);
            let refused = curl(&arguments).unwrap();
            assert_eq!(refused.status, 403, "{address}: {}", refused.head);
            let said = refused.json();
            let error = &said["error"];
            assert_eq!((&error["code"], &error["retryable"]), (&json!("unauthorised"), &json!(false)), "{error}");
            assert!(error["message"].as_str().is_some_and(|said| said.contains("sign again")), "{error}");
        }
        let no_socket = curl(&[&ws]).unwrap();
        assert_eq!((no_socket.status, &no_socket.json()["error"]["code"]), (400, &json!("bad_message")), "{ws}");
    }
    let rest = curl(&[&format!("{}/api/lectures", host.address())]).unwrap();
    assert_eq!((rest.status, &rest.json()["error"]["code"]), (401, &json!("unauthorised")));
    // A guest of another host is nobody here.
    let guest = Socket::open(other.address(), None).unwrap();
    let mut stranger = Socket::open(host.address(), Some(&guest.identity)).unwrap();
    stranger.say(r#"{"type":"ping"}"#);
    let said = stranger.line();
    assert_eq!((stranger.identity.as_str(), said), ("", None), "another host's guest was let in");
}

#[test]
fn addresses_at_which_nothing_is_say_so_in_the_form_of_whoever_asks() {
    let host = Host::quiet();
    for (method, path, status, code) in [
        ("GET", "/api/lecture", 404, "not_found"),
        ("GET", "/api/lectures/x/y/z", 404, "not_found"),
        ("POST", "/nowhere", 404, "not_found"),
        ("DELETE", "/health", 405, "not_offered"),
        ("PUT", "/api/openapi.json", 405, "not_offered"),
        ("POST", "/ws", 405, "not_offered"),
        ("POST", "/ws/audio", 405, "not_offered"),
        ("PUT", "/", 405, "not_offered"),
        ("POST", "/assets/page.js", 405, "not_offered"),
        ("GET", "/assets/none.js", 404, "not_found"),
        ("POST", "/agentcore/health", 405, "not_offered"),
    ] {
        let refused = curl(&["-X", method, &format!("{}{path}", host.address())]).unwrap();
        assert_eq!(refused.status, status, "{method} {path}: {}", refused.body);
        let said = refused.json();
        let error = &said["error"];
        assert_eq!(error["code"], code, "{method} {path}: {error}");
        assert!(error["message"].as_str().is_some_and(|said| said.contains("this address")), "{method} {path}: {error}");
    }
    let accounts = curl(&[&format!("{}/api/auth/nowhere", host.address())]).unwrap();
    assert_eq!((accounts.status, &accounts.json()["error_code"]), (404, &json!("not_found")));
    // A client of storage that means another bucket is answered as storage answers.
    let signed = "Authorization: AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20260101/us-east-1/s3/aws4_request, \
                  SignedHeaders=host, Signature=0";
    let bucket = curl(&["-H", signed, &format!("{}/lectures-of-mine/a.mp3", host.address())]).unwrap();
    assert_eq!(bucket.status, 404, "{}", bucket.body);
    assert!(bucket.body.contains("<Code>NoSuchBucket</Code><Message>The specified bucket"), "{}", bucket.body);
    // The root is the page, and to a client of storage the list of buckets.
    let buckets = curl(&["-H", signed, &format!("{}/", host.address())]).unwrap();
    assert_eq!(buckets.status, 403, "{}", buckets.body);
    assert!(buckets.body.contains("<Code>AccessDenied</Code><Message>Buckets are not listed"), "{}", buckets.body);
}

/// Asks for a place and puts a file there as a stock client does, past every check of our own client.
fn put(socket: &mut Socket, file: &Path) -> String {
    let bytes = std::fs::metadata(file).unwrap().len();
    let name = file.file_name().unwrap().to_str().unwrap();
    socket.say(&json!({ "type": "request_upload", "fileName": name, "bytes": bytes }).to_string());
    let place = socket.hear("upload_url");
    let (url, kind) = (place["uploadUrl"].as_str().unwrap(), format!("content-type: {}", place["contentType"].as_str().unwrap()));
    let put = |url: &str| curl(&["-T", file.to_str().unwrap(), "-H", &kind, "-H", "Expect:", url]).unwrap();
    let (head, signature) = url.split_once("X-Amz-Signature=").unwrap();
    let forged = put(&format!("{head}X-Amz-Signature={}{}", if signature.starts_with('0') { '1' } else { '0' }, &signature[1..]));
    assert_eq!(forged.status, 403, "{}", forged.body);
    assert!(forged.body.contains("<Message>The request signature"), "{}", forged.body);
    let elsewhere = put(&url.replace("/lectures/", "/responses/"));
    assert_eq!(elsewhere.status, 403, "{}", elsewhere.body);
    assert_eq!(put(url).status, 200);
    place["lectureId"].as_str().unwrap().to_owned()
}

#[test]
fn the_host_measures_what_it_is_sent_and_its_refusals_name_the_limits_of_its_settings() {
    let host = Host::quiet_with(|command| {
        command.env("SYNAPSCRIBE_LECTURE_MINUTES", "1").env("SYNAPSCRIBE_LECTURE_MB", "1");
    })
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let made = |name: &str, options: &[&str]| {
        let file = folder.path().join(name);
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args(["-v", "error", "-f", "lavfi", "-i"]).args(options).arg(&file);
        run(&mut ffmpeg).unwrap().well();
        file
    };
    let long = made("long.mp3", &["sine=d=70", "-b:a", "32k"]);
    let slow = made("slow.wav", &["sine=r=4000:d=20"]);
    let mut socket = Socket::open(host.address(), None).unwrap();
    for (file, code, names) in [(&long, "audio_too_long", "limit is 1:00"), (&slow, "audio_sample_rate", "4000 Hz")] {
        let lecture = put(&mut socket, file);
        let error = socket.hear("lecture_error");
        assert_eq!((&error["lectureId"], &error["error"]["code"]), (&json!(lecture), &json!(code)), "{error}");
        assert!(error["error"]["message"].as_str().unwrap().contains(names), "{error}");
    }
    socket.say(r#"{"type":"request_upload","fileName":"big.mp3","bytes":1000001}"#);
    let error = socket.hear("error");
    assert!(error["code"] == "audio_too_big" && error["message"].as_str().unwrap().contains("1 MB"), "{error}");
}

#[test]
fn nobody_reaches_what_is_not_theirs() {
    let host = Host::quiet();
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("mine.wav");
    speak("This lecture is mine. Nobody else may hear it. It is about secrets.", "slt", &recording).unwrap();
    std::fs::write(folder.path().join("mine.vtt"), "WEBVTT\n\n00:00.000 --> 00:04.000\nThis lecture is about secrets.\n")
        .unwrap();
    let said = run(host.terminal().unwrap().arg("upload").arg(&recording).args(["--wait", "--json"])).unwrap().well();
    let last: Value = serde_json::from_str(said.out.lines().last().unwrap()).unwrap();
    let lecture = last["lectureId"].as_str().unwrap();
    let asked = run(host.terminal().unwrap().args(["ask", "--lecture", lecture, "--json", "What is it about?"])).unwrap().well();
    let mine = asked.of_type("answer_done")[0]["sessionId"].as_str().unwrap().to_owned();

    let mut stranger = Socket::open(host.address(), None).unwrap();
    let ask = |session: &str| {
        json!({ "type": "query", "queryId": "q1", "sessionId": session, "lectureId": lecture, "text": "What is it about?" })
            .to_string()
    };
    stranger.say(&ask("stranger"));
    assert_eq!(stranger.hear("error")["code"], "not_found");
    stranger.say(&json!({ "type": "end_session", "sessionId": mine }).to_string());
    assert_eq!(stranger.hear("error")["code"], "not_found");

    let elsewhere = tempfile::tempdir().unwrap();
    let mut listing = host.terminal().unwrap();
    listing.env("HOME", elsewhere.path()).args(["library", "show", lecture]);
    assert_eq!(run(&mut listing).unwrap().status.code(), Some(4));
}

#[test]
fn a_recording_that_was_hard_to_hear_says_so_wherever_it_is_looked_at() {
    let host = Host::quiet();
    let folder = tempfile::tempdir().unwrap();
    let terminal = |arguments: &[&str]| run(host.terminal().unwrap().args(arguments)).unwrap();
    for (name, hard) in [("clear", false), ("noisy", true)] {
        let recording = folder.path().join(format!("{name}.wav"));
        speak(&SENTENCES[..2].join(" "), "rms", &recording).unwrap();
        if hard {
            bury_in_noise(&recording).unwrap();
        }
        let uploaded = terminal(&["upload", recording.to_str().unwrap(), "--wait"]).well();
        let shown = terminal(&["library", "show", name]).well();
        for said in [uploaded.err, shown.out] {
            assert_eq!(said.contains("hard to hear; captions would help"), hard, "{name}: {said}");
        }
        assert_eq!(terminal(&["library", "show", name, "--json"]).well().events()[0]["report"]["hardToHear"], hard, "{name}");
    }
}

#[test]
fn captions_that_are_none_leave_no_lecture_behind_and_one_that_is_arriving_says_so() {
    let host = Host::quiet();
    let folder = tempfile::tempdir().unwrap();
    let (recording, notes) = (folder.path().join("tides.wav"), folder.path().join("notes.txt"));
    speak("The moon pulls the water of the ocean.", "slt", &recording).unwrap();
    std::fs::write(&notes, "my notes").unwrap();
    let terminal = |arguments: &[&str]| run(host.terminal().unwrap().args(arguments)).unwrap();
    let said = terminal(&["upload", recording.to_str().unwrap(), "--captions", notes.to_str().unwrap()]);
    assert!(said.status.code() == Some(5) && said.err.contains("“notes.txt” is no caption file"), "{}{}", said.out, said.err);
    assert_eq!(terminal(&["library", "--json"]).well().events().len(), 0, "a lecture without a recording was left behind");

    // The same person asks for a place in another window, and has sent nothing yet.
    let tides = Tides::drop_on(&host).unwrap();
    let mut window = Socket::open(host.address(), Some(&tides.owner)).unwrap();
    window.say(r#"{"type":"request_upload","fileName":"Waves.mp3","bytes":1000}"#);
    let waves = window.hear("upload_url")["lectureId"].as_str().unwrap().to_owned();
    let said = terminal(&["library", "transcript", &waves]);
    assert!(said.status.code() == Some(4) && said.out.is_empty(), "{}{}", said.out, said.err);
    assert!(said.err.contains("“Waves” is arriving") && said.err.contains("no words yet"), "{}", said.err);
}

#[test]
fn what_is_mistyped_is_noticed_and_a_part_of_a_name_is_enough() {
    let host = Host::quiet();
    let (tides, other) = (Tides::drop_on(&host).unwrap(), Tides::drop_on(&host).unwrap());
    let terminal = |arguments: &[&str]| run(host.terminal().unwrap().args(arguments)).unwrap();
    let asked = terminal(&["ask", "--lecture", &tides.lecture, "--json", "What causes the tides?"]).well();
    let session = asked.of_type("answer_done")[0]["sessionId"].as_str().unwrap().to_owned();
    for (arguments, words) in [
        (&["--lecture", "mistyped"][..], "there is no lecture “mistyped”"),
        (&["--lecture", &other.lecture, "--session", &session], "is about another lecture, “tides”"),
        (&["--lecture", &tides.lecture, "--session", "my notes"], "“my notes” cannot name a session"),
        (&["--lecture", &tides.lecture, "--voice", "mistyped"], "choose one of slt"),
        // Two lectures have this title.
        (&["--lecture", "Tides"], &format!("{} (tides, 20", tides.lecture)),
    ] {
        let said = terminal(&[&["ask", "And why is that?"], arguments].concat());
        assert_eq!(said.status.code(), Some(4), "{arguments:?}: {}{}", said.out, said.err);
        assert!(said.err.contains(words) && !said.err.contains("begins it"), "{arguments:?}: {}", said.err);
    }
    let mut aloud = host.terminal().unwrap();
    aloud.args(["ask", "--lecture", &tides.lecture, "--mic"]).env_remove("XDG_RUNTIME_DIR");
    aloud.env("PULSE_SERVER", "unix:/none").env("ALSA_CONFIG_PATH", "/dev/null");
    let said = run(&mut aloud).unwrap();
    assert!(said.status.code() == Some(4) && said.err.contains("microphone"), "{}{}", said.out, said.err);
    let sessions = terminal(&["sessions", "list", "--json"]).well().events();
    assert_eq!(sessions.len(), 1, "a session was begun: {sessions:?}");

    let (first, second) = (&tides.lecture[..tides.lecture.len() - 4], &session[..session.len() - 4]);
    let said = terminal(&["ask", "--lecture", first, "--session", second, "--json", "And why is that?"]).well();
    assert_eq!(said.of_type("answer_done")[0]["sessionId"], session.as_str());
    // One slip keeps everything that was named with it.
    let kept = terminal(&["library", "delete", &other.lecture, "mistyped", "tides"]);
    assert!(kept.status.code() == Some(4) && kept.out.is_empty(), "{}", kept.out);
    for words in ["“mistyped”", "“tides” may be any of 2", "Nothing was deleted"] {
        assert!(kept.err.contains(words), "{words}: {}", kept.err);
    }
    terminal(&["library", "delete", &other.lecture, &other.lecture]).well();
    assert!(terminal(&["library", "transcript", "tides"]).well().out.contains("moon"), "a title that is the only one is enough");
    terminal(&["sessions", "end", "what causes the tides?"]).well();
    assert_eq!(terminal(&["sessions", "list", "--json"]).well().events()[0]["state"], "ended");

    // A place after the end is told, and answered.
    let late = terminal(&["ask", "--lecture", &tides.lecture, "--playhead", "2:00:00", "What did she just say?"]).well();
    assert!(late.out.contains("The lecture is only 0:") && late.out.contains("every day"), "{}", late.out);

    // A name of one's own begins a session, and a slip is noticed by what is said about it.
    let begun = terminal(&["ask", "--lecture", &tides.lecture, "--session", "exam", "What causes the tides?"]).well();
    assert!(begun.err.contains("There is no session “exam” yet"), "{}", begun.err);
    let again = terminal(&["ask", "--lecture", &tides.lecture, "--session", "exam", "And why is that?"]).well();
    assert!(!again.err.contains("There is no session"), "{}", again.err);
}

#[test]
fn a_title_that_is_gone_deletes_no_lecture_whose_identifier_begins_so() {
    let host = Host::quiet();
    let (first, second) = (Tides::drop_on(&host).unwrap(), Tides::drop_on(&host).unwrap());
    let terminal = |arguments: &[&str]| run(host.terminal().unwrap().args(arguments)).unwrap();
    let title = &second.lecture[..2];
    terminal(&["library", "rename", &first.lecture, title]).well();
    terminal(&["library", "rename", &second.lecture, "The other one"]).well();
    let asked = terminal(&["ask", "--lecture", title, "--json", "What causes the tides?"]).well();
    assert_eq!(asked.of_type("answer_done").len(), 1, "a title that only one lecture has is enough: {}", asked.out);
    terminal(&["library", "delete", &first.lecture]).well();
    let said = terminal(&["library", "delete", title]);
    assert_eq!(said.status.code(), Some(4), "{}{}", said.out, said.err);
    assert!(said.err.contains("at least 6 characters"), "{}", said.err);
    let said = terminal(&["library", "delete", &second.lecture[..second.lecture.len() - 1]]).well();
    assert!(said.err.contains("deleting “The other one”"), "{}", said.err);
}

/// A laptop whose battery was empty wakes up in another hour; its person studies all the same, and is told.
#[test]
fn a_machine_whose_clock_is_wrong_is_served_by_the_servers_clock() {
    let host = Host::quiet();
    let tides = Tides::drop_on(&host).unwrap();
    let folder = tempfile::tempdir().unwrap();
    // Longer than one part, so that the client signs for storage itself.
    let long = folder.path().join("long.wav");
    let tone = ["-v", "error", "-f", "lavfi", "-i", "sine=r=44100:d=110", "-ac", "1"];
    run(Command::new("ffmpeg").args(tone).arg(&long)).unwrap().well();
    for (off, word) in [("-200m", "3 hours behind"), ("+40m", "39 minutes ahead of")] {
        let terminal = |arguments: &[&str]| {
            let usual = host.terminal().unwrap();
            let mut command = Command::new("faketime");
            command.args(["-f", off]).arg(usual.get_program()).args(usual.get_args()).args(arguments);
            for (name, value) in usual.get_envs() {
                match value {
                    Some(value) => command.env(name, value),
                    None => command.env_remove(name),
                };
            }
            // What is waited for passes as it does.
            run(command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").stdin(Stdio::null())).unwrap()
        };
        let said = terminal(&["doctor", "--json"]);
        let clock = said.events().into_iter().find(|finding| finding["check"] == "clock").unwrap_or_default();
        // The answer was under way for less than a second, or for a little more.
        let told = clock["message"].as_str().is_some_and(|told| told.contains(word) || told.contains(&word.replace("39", "40")));
        assert!(told && clock["result"] == "missing", "{}{}", said.out, said.err);
        let sent = terminal(&["upload", &long.to_string_lossy(), "--json"]).well();
        assert!(sent.out.contains("lectureId"), "{}", sent.out);
        let said = terminal(&["ask", "--lecture", &tides.lecture, "--json", "What causes the tides?"]).well();
        assert_eq!(said.of_type("answer_done").len(), 1, "{}", said.out);
    }
}
