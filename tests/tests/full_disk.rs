//! A disk without room: an upload that does not fit is refused with a code and a sentence, the host lives on, and what was
//! acknowledged stays. Room is taken away by the limit on the size of a file, which every user may set for their own programs.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;
use synapscribe_stories::{Host, Socket, Tides, curl, run};

/// Enough for the database with its log, and for a spoken answer; not for a recording of any length, nor for a part of one.
const ROOM: u64 = 6 << 20;

/// The host's own writes fail beyond `room` bytes of one file, as they do on a full disk, instead of ending it.
fn confine(command: &mut Command, room: u64) {
    // SAFETY: only two system calls are made between fork and exec, both allowed there.
    unsafe {
        command.pre_exec(move || {
            let limit = libc::rlimit { rlim_cur: room, rlim_max: room };
            let ignored = libc::signal(libc::SIGXFSZ, libc::SIG_IGN) != libc::SIG_ERR;
            if ignored && libc::setrlimit(libc::RLIMIT_FSIZE, &limit) == 0 {
                Ok(())
            } else {
                Err(std::io::Error::last_os_error())
            }
        });
    }
}

fn start(data: &Path, room: Option<u64>) -> Host {
    Host::quiet_on(data, |command| {
        if let Some(room) = room {
            confine(command, room);
        }
    })
    .unwrap()
}

/// Every file below a folder with its size.
fn files(folder: &Path) -> Vec<(String, u64)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let meta = entry.metadata().unwrap();
        if meta.is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push((entry.path().display().to_string(), meta.len()));
        }
    }
    found
}

#[test]
fn an_upload_that_does_not_fit_is_refused_and_everything_else_goes_on() {
    let data = tempfile::tempdir().unwrap();
    let host = start(data.path(), Some(ROOM));
    let tides = Tides::drop_on(&host).unwrap();

    // One recording that goes up in parts, and one that goes up in one piece.
    let folder = tempfile::tempdir().unwrap();
    for (name, seconds) in [("parts.wav", "600"), ("piece.wav", "220")] {
        let recording = folder.path().join(name);
        let source = format!("anoisesrc=d={seconds}:r=16000:a=0.05");
        run(Command::new("ffmpeg").args(["-v", "error", "-f", "lavfi", "-i", &source, "-ac", "1"]).arg(&recording))
            .unwrap()
            .well();
        assert!(std::fs::metadata(&recording).unwrap().len() > ROOM);
        let began = Instant::now();
        let said = run(host.terminal().unwrap().arg("upload").arg(&recording).args(["--wait", "--json"])).unwrap();
        assert_eq!(said.status.code(), Some(1), "{name}: {}{}", said.out, said.err);
        let last: Value = serde_json::from_str(said.out.lines().last().unwrap()).unwrap();
        assert_eq!((&last["state"], &last["file"]), (&"failed".into(), &name.into()), "{last}");
        let error = &last["error"];
        assert_eq!(error["code"], "disk_full", "{name}: {}{}", said.out, said.err);
        let sentence = error["message"].as_str().unwrap();
        assert!(sentence.contains("disk is full") && sentence.contains("free"), "{name}: {sentence}");
        // Trying again at once would not help, so it is told at once.
        assert!(began.elapsed() < Duration::from_secs(20), "{name}: it took {:?}", began.elapsed());
    }
    let left: Vec<_> = files(&data.path().join("objects")).into_iter().filter(|(_, bytes)| *bytes >= ROOM).collect();
    assert!(left.is_empty(), "what did not fit still takes room: {left:?}");

    // The host lives on, and what is small still works.
    assert_eq!(curl(&[&format!("{}/health", host.address())]).unwrap().status, 200);
    let mut socket = Socket::open(host.address(), Some(&tides.owner)).unwrap();
    socket.say(&tides.question("q1", "s1", "What causes the tides?"));
    let heard = socket.until(&["answer_done", "error"]);
    assert_eq!(heard.last().unwrap()["found"], true, "{heard:?}");
    assert!(heard.iter().any(|message| message["type"] == "audio_complete"), "{heard:?}");
    drop(socket);
    host.kill();

    // With room again, all that was acknowledged is there, and the lecture that did not fit fits.
    let host = start(data.path(), None);
    let session = run(host.terminal().unwrap().args(["sessions", "show", "s1", "--json"])).unwrap().well();
    assert!(session.out.contains("moon"), "{}", session.out);
    let listed = run(host.terminal().unwrap().args(["library", "show", &tides.lecture, "--json"])).unwrap().well();
    assert!(listed.out.contains("\"ready\""), "{}", listed.out);
    let said = run(host.terminal().unwrap().arg("upload").arg(folder.path().join("parts.wav")).arg("--json")).unwrap().well();
    let last: Value = serde_json::from_str(said.out.lines().last().unwrap()).unwrap();
    assert!(last["lectureId"].is_string(), "{last}");
}

#[test]
fn when_even_the_database_cannot_grow_a_question_is_refused_with_the_reason_and_what_was_stored_stays() {
    let data = tempfile::tempdir().unwrap();
    let host = start(data.path(), None);
    let tides = Tides::drop_on(&host).unwrap();
    let mut socket = Socket::open(host.address(), Some(&tides.owner)).unwrap();
    socket.say(&tides.question("q1", "s1", "What causes the tides?"));
    let before = socket.hear("answer_done");
    drop(socket);
    assert!(host.stop(Duration::from_secs(20)), "the host did not stop when asked");

    // The database itself fits; its log holds a few changes and then no more.
    let database = std::fs::metadata(data.path().join("synapscribe.db")).unwrap().len();
    let host = start(data.path(), Some(database.max(64 << 10)));
    let mut socket = Socket::open(host.address(), Some(&tides.owner)).unwrap();
    let mut refused = None;
    for n in 2..60 {
        socket.say(&tides.question(&format!("q{n}"), &format!("s{n}"), "What is a spring tide?"));
        let heard = socket.until(&["answer_done", "error"]);
        let last = heard.last().unwrap();
        if last["type"] == "error" {
            refused = Some(last.clone());
            break;
        }
    }
    let refused = refused.expect("the log never filled up");
    assert_eq!(
        (refused["code"].as_str(), refused["retryable"].as_bool()),
        (Some("disk_full"), Some(true)),
        "{refused} {}",
        host.log().join("\n")
    );
    socket.say(r#"{"type":"ping"}"#);
    socket.hear("pong");
    drop(socket);
    host.kill();

    let host = start(data.path(), None);
    let mut socket = Socket::open(host.address(), Some(&tides.owner)).unwrap();
    socket.say(&tides.question("q1", "s1", "What causes the tides?"));
    assert_eq!(socket.hear("answer_done")["timings"], before["timings"], "what was answered is lost");
    let id = refused["queryId"].as_str().unwrap();
    socket.say(&tides.question(id, id, "What is a spring tide?"));
    assert_eq!(socket.hear("answer_done")["queryId"], id);
}
