//! A power cut in each of the steps from a file to a document that answers: the next start goes on, and the document is the same as
//! one that was never cut off.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use synapscribe_stories::{Host, Member, Peer, Piece, python, whole};

/// Tries to end a host within one step, each with a document of its own: some steps are over in a moment.
const TRIES: usize = 40;

/// A host that finds by words and by what is built in, so that no step takes long.
fn start(data: &Path) -> Host {
    let plain = |command: &mut Command| {
        command.env_remove("SYNAPSCRIBE_MINILM").env_remove("SYNAPSCRIBE_MINILM_DIR");
    };
    Host::quiet_on(data, |command| plain(command)).unwrap()
}

/// A book of many pages.
fn book() -> String {
    let page = |n: usize| {
        let line = |m: usize| {
            format!("Tide {n} of harbour {m} rises when the moon stands over the water, and falls {} hours later.", n % 12)
        };
        format!("Chapter {n}\n\n{}", (0..8).map(line).collect::<Vec<_>>().join(" "))
    };
    (1..=120).map(page).collect::<Vec<_>>().join("\u{c}")
}

/// Waits for a moment in which to end the host.
fn watch(host: &Host, title: &str, state: &str) -> (Child, BufReader<std::process::ChildStdout>) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/cut.py");
    let mut command = Command::new(python());
    command.arg(script).arg(host.data().join("synapscribe.db")).args([title, state, &host.pid().to_string()]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert_eq!(line.trim(), "watching");
    (child, said)
}

/// The state that the host left the document in.
fn left(watching: (Child, BufReader<std::process::ChildStdout>)) -> String {
    let (mut child, mut said) = watching;
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    child.wait().unwrap();
    line.trim().to_owned()
}

/// What there is of a document, without its names and times.
fn made(member: &Member, document: &str) -> Value {
    let status = member.made(document);
    assert_eq!(status["state"], "ready", "{status}");
    let record = member.get(&format!("/api/documents/{document}")).json();
    let kept = ["pages", "failedPages", "passages", "tokensUsed", "notes", "kind"].map(|field| record[field].clone());
    let pages = |from: usize| member.get(&format!("/api/documents/{document}/pages?from={from}")).json()["pages"].clone();
    let outline = member.get(&format!("/api/documents/{document}/outline")).json()["entries"].clone();
    // How near a passage comes hangs on the title as well.
    let found = member.get(&format!("/api/search?q=harbour%20of%20tide%2057&sources={document}&limit=5")).json();
    json!([kept, pages(1), pages(51), pages(101), outline, found["hits"].as_array().unwrap().len(), found["byMeaning"]])
}

#[test]
fn a_document_that_is_cut_off_in_a_step_that_takes_long_is_made_all_the_same() {
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let text = book();
    let file = |name: &str| {
        let path = folder.path().join(format!("{name}.txt"));
        std::fs::write(&path, &text).unwrap();
        path
    };
    let mut host = start(data.path());
    let mut ada = Member::join(&host, "ada@example.org");
    let whole = made(&ada, &ada.upload(&file("whole")));
    for step in ["extracting", "embedding"] {
        let mut cut = false;
        for attempt in 0..TRIES {
            let title = format!("{step} {attempt}");
            let watching = watch(&host, &title, step);
            let document = ada.upload(&file(&title));
            let state = left(watching);
            if !["ready", "failed"].contains(&state.as_str()) {
                host.kill();
                host = start(data.path());
                ada.moved_to(&host);
            }
            assert!(made(&ada, &document) == whole, "{document} is not what it would have been, cut off while {state}");
            if state == step {
                cut = true;
                break;
            }
        }
        assert!(cut, "the host was never ended while {step}");
    }
}

#[test]
fn a_document_that_is_deleted_while_it_is_made_ends_its_work_and_leaves_nothing() {
    // The embedding engine takes the first batch and says nothing, so that the document is in the middle for as long as it has to be.
    let engine = Peer::start(|_| Box::new([Piece::Hang].into_iter())).unwrap();
    let host = Host::quiet_with(|command| {
        command.env("SYNAPSCRIBE_EMBED_URL", engine.url()).env("SYNAPSCRIBE_EMBED_MODEL", "scripted");
        command.env("SYNAPSCRIBE_EMBED_DIMENSION", "3");
    })
    .unwrap();
    let ada = Member::join(&host, "ada@example.org");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Tides.txt");
    std::fs::write(&file, "The spring tide is the highest tide of all.").unwrap();
    let document = ada.upload(&file);
    let at = format!("/api/documents/{document}");
    let until = std::time::Instant::now() + std::time::Duration::from_secs(120);
    while engine.asked().iter().all(|asked| !asked.path.ends_with("/embeddings")) {
        assert!(std::time::Instant::now() < until, "nothing was embedded: {}", ada.get(&at).body);
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let status = ada.get(&format!("{at}/status")).json();
    assert_eq!((&status["state"], &status["done"]), (&json!("embedding"), &json!(0)), "{status}");
    assert!(ada.get(&at).json()["canBeAsked"].as_bool().unwrap(), "it is found by its words by now");

    assert_eq!(ada.call("DELETE", &at, None).status, 204);
    assert_eq!(ada.get(&at).status, 404);
    assert_eq!(ada.get("/api/search?q=tide").json()["hits"], json!([]));
    // The engine comes to: what it says now is about nothing any more, and brings nothing back.
    engine.change(|asked| {
        let texts = asked.body["input"].as_array().map_or(1, Vec::len);
        let data: Vec<Value> = (0..texts).map(|n| json!({ "index": n, "embedding": [1.0, 0.0, 0.0] })).collect();
        whole(200, "application/json", &json!({ "object": "list", "data": data }).to_string())
    });
    let other = ada.upload(&file);
    assert_eq!(ada.made(&other)["state"], "ready");
    let listed = ada.get("/api/documents").json();
    assert_eq!(listed["documents"].as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(ada.get("/api/search?q=tide").json()["hits"].as_array().unwrap().len(), 1);
}
