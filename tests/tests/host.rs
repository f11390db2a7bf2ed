//! The host as an operator and the faces that are open see it: one on a folder, nothing lost to a newer program's data, news of
//! what was changed elsewhere.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::json;
use synapscribe_stories::{Host, Said, Socket, Tides, curl, program, python, run};

fn quiet(data: &Path) -> Host {
    Host::quiet_on(data, |_| {}).unwrap()
}

fn synapscribe(data: &Path, arguments: &[&str]) -> Said {
    let mut command = Command::new(program("synapscribe").unwrap());
    command.arg("--data").arg(data).args(arguments).env("HOME", data).env("SYNAPSCRIBE_SAMPLE", "off");
    run(&mut command).unwrap()
}

/// As a program to come would leave a database.
fn mark_as_newer(database: &Path) {
    let mark = "import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.execute(\"INSERT INTO _sqlx_migrations \
                (version, description, success, checksum, execution_time) VALUES (9001, 'to come', 1, x'00', 1)\"); d.commit()";
    run(Command::new(python()).args(["-c", mark]).arg(database)).unwrap().well();
}

#[test]
fn a_second_host_on_a_folder_is_refused_with_a_sentence_and_the_first_goes_on() {
    let data = tempfile::tempdir().unwrap();
    let host = quiet(data.path());
    let second = synapscribe(data.path(), &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.status.code(), Some(4), "{}", second.out);
    assert!(
        second.err.contains("a host is using") && second.err.contains(host.address()) && second.err.contains("--data"),
        "{}",
        second.err
    );
    let elsewhere = tempfile::tempdir().unwrap();
    let taken = synapscribe(elsewhere.path(), &["serve", "--listen", host.address().trim_start_matches("http://")]);
    assert_eq!(taken.status.code(), Some(4), "{}", taken.out);
    assert!(taken.err.contains("another program listens at") && taken.err.contains("--listen"), "{}", taken.err);
    let health = curl(&[&format!("{}/health", host.address())]).unwrap();
    assert_eq!((health.status, health.json()["status"].as_str()), (200, Some("ok")));
    // Its note is its own still, so that commands without an address find it.
    let found = synapscribe(data.path(), &["library", "--json"]);
    assert!(found.status.success(), "{}", found.err);
    let help = synapscribe(data.path(), &["serve", "--help"]).well();
    assert!(help.out.contains("127.0.0.1:"), "it is not said to listen on this machine alone: {}", help.out);
}

#[test]
fn what_a_newer_program_wrote_is_refused_with_a_sentence_and_what_is_there_stays() {
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let host = quiet(data.path());
    let tides = Tides::drop_on(&host).unwrap();
    assert!(host.stop(Duration::from_secs(20)), "the host did not stop when asked");

    let (backup, newer) = (folder.path().join("backup.tar"), folder.path().join("newer.tar"));
    synapscribe(data.path(), &["backup", backup.to_str().unwrap()]).well();
    let unpacked = folder.path().join("unpacked");
    std::fs::create_dir(&unpacked).unwrap();
    run(Command::new("tar").arg("-xf").arg(&backup).arg("-C").arg(&unpacked)).unwrap().well();
    mark_as_newer(&unpacked.join("synapscribe.db"));
    run(Command::new("tar").arg("-cf").arg(&newer).arg("-C").arg(&unpacked).args(["synapscribe.db", "host.key", "objects"]))
        .unwrap()
        .well();

    let refused = synapscribe(data.path(), &["restore", newer.to_str().unwrap(), "--replace"]);
    assert!(!refused.status.success(), "{}", refused.out);
    assert!(refused.err.contains("newer version of this program"), "{}", refused.err);
    std::fs::write(&newer, &std::fs::read(&backup).unwrap()[..4_000]).unwrap();
    let refused = synapscribe(data.path(), &["restore", newer.to_str().unwrap(), "--replace"]);
    assert!(!refused.status.success() && refused.err.contains("backup"), "{}", refused.err);
    let host = quiet(data.path());
    let listed = run(host.terminal().unwrap().args(["library", "--json"])).unwrap().well();
    assert!(listed.out.contains(&tides.lecture), "a backup that was refused has cost the lecture: {}", listed.out);
    assert!(host.stop(Duration::from_secs(20)), "the host did not stop when asked");

    mark_as_newer(&data.path().join("synapscribe.db"));
    let before = std::fs::read(data.path().join("synapscribe.db")).unwrap();
    let refused = synapscribe(data.path(), &["serve", "--listen", "127.0.0.1:0"]);
    assert!(!refused.status.success(), "{}", refused.out);
    assert!(refused.err.contains("newer version of this program"), "{}", refused.err);
    assert!(std::fs::read(data.path().join("synapscribe.db")).unwrap() == before, "the newer database was changed");
    // The way back is a backup.
    synapscribe(data.path(), &["restore", backup.to_str().unwrap(), "--replace"]).well();
    let host = quiet(data.path());
    let listed = run(host.terminal().unwrap().args(["library", "--json"])).unwrap().well();
    assert!(listed.out.contains(&tides.lecture), "{}", listed.out);
}

#[test]
fn an_open_face_hears_what_another_one_deleted() {
    let data = tempfile::tempdir().unwrap();
    let host = quiet(data.path());
    let tides = Tides::drop_on(&host).unwrap();
    let mut owner = Socket::open(host.address(), Some(&tides.owner)).unwrap();
    let mut stranger = Socket::open(host.address(), None).unwrap();
    for socket in [&mut owner, &mut stranger] {
        socket.say(r#"{"type":"ping"}"#);
        socket.hear("pong");
    }
    run(host.terminal().unwrap().args(["library", "delete", &tides.lecture])).unwrap().well();
    assert_eq!(owner.hear("lecture_deleted")["lectureId"], tides.lecture.as_str());
    stranger.say(r#"{"type":"ping"}"#);
    let heard = stranger.until(&["pong"]);
    assert_eq!(heard.len(), 1, "it is nobody else's business: {heard:?}");
}

#[test]
fn the_agent_within_the_host_answers_whoever_has_its_token_and_nobody_else() {
    let host = Host::quiet_with(|command| {
        command.env("SYNAPSCRIBE_AGENT_TOKEN", "between-us");
    })
    .unwrap();
    let tides = Tides::drop_on(&host).unwrap();
    let at = |path: &str| format!("{}/agentcore{path}", host.address());
    assert_eq!(curl(&[&at("/health")]).unwrap().status, 200);
    assert_eq!(curl(&[&at("/ready")]).unwrap().json()["status"], "ready");
    let body =
        json!({ "workId": "w1", "sessionId": "s", "lectureId": tides.lecture, "text": "What causes the tides?" }).to_string();
    assert_eq!(curl(&["--data", &body, &at("/invoke")]).unwrap().status, 401);
    let answer = curl(&["--header", "authorization: Bearer between-us", "--data", &body, &at("/invoke")]).unwrap();
    assert_eq!(answer.lines().last().unwrap()["type"], "done", "{}", answer.body);

    // Without a token of the operator's it is closed to everybody.
    let closed = Host::quiet();
    let url = format!("{}/agentcore/invoke", closed.address());
    for token in ["authorization: Bearer ", "authorization: Bearer between-us"] {
        assert_eq!(curl(&["--header", token, "--data", &body, &url]).unwrap().status, 401);
    }
}

#[test]
fn a_host_on_every_address_serves_each_at_the_address_it_was_asked_at() {
    let host = Host::open_to_all().unwrap();
    let address = host.address();
    // Through storage and the WebSocket, as from another machine.
    let tides = Tides::drop_on(&host).unwrap();
    let asked = run(host.terminal().unwrap().args(["ask", "--lecture", &tides.lecture, "--json", "What causes the tides?"]));
    let asked = asked.unwrap().well();
    assert_eq!(asked.of_type("answer_done").len(), 1, "{}", asked.out);

    let said = curl(&[&format!("{address}/.well-known/synapscribe.json")]).unwrap().json();
    for (field, rest) in [("s3Endpoint", ""), ("cognitoEndpoint", ""), ("restUrl", "/api")] {
        assert_eq!(said[field], format!("{address}{rest}"), "{said}");
    }
    assert_eq!(said["websocketUrl"], format!("{}/ws", address.replacen("http", "ws", 1)), "{said}");
    assert_eq!(said["accounts"]["url"], format!("{address}/api/auth"), "{said}");
    let mut socket = Socket::open(address, None).unwrap();
    socket.say(r#"{"type":"request_upload","fileName":"x.mp3","bytes":5}"#);
    let url = socket.hear("upload_url")["uploadUrl"].as_str().unwrap_or_default().to_owned();
    assert!(url.starts_with(&format!("{address}/")), "{url}");
    let page = curl(&[address]).unwrap();
    assert!(page.head.contains(&format!("connect-src 'self' {address} ")), "{}", page.head);
    let forged = curl(&["-H", "Host: a/b", &format!("{address}/.well-known/synapscribe.json")]).unwrap();
    assert!(!forged.body.contains("a/b"), "{}", forged.body);
}
