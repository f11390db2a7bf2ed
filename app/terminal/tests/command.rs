//! The built `synapscribe` as a shell sees it: exit codes, JSON lines, and a host of its own.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

fn synapscribe(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_synapscribe"));
    command.env("HOME", home).env("XDG_DATA_HOME", home.join("share")).env("SYNAPSCRIBE_SAMPLE", "off");
    command.env_remove("SYNAPSCRIBE_SERVER").env_remove("SYNAPSCRIBE_DATA").stdin(Stdio::null());
    command
}

fn run(home: &Path, line: &str) -> Output {
    synapscribe(home).args(line.split_whitespace()).output().unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// State, file and reason in the last word on a file that never became a lecture.
fn ended(line: &Value) -> (&str, &str, &str) {
    assert!(line.get("lectureId") == Some(&Value::Null) && line["error"]["message"].is_string(), "{line}");
    let [state, file, code] = [&line["state"], &line["file"], &line["error"]["code"]].map(|field| field.as_str().unwrap());
    (state, file, code)
}

/// A host that ends with the test.
struct Host {
    child: Child,
    address: String,
}

impl Host {
    fn start(home: &Path) -> Self {
        let mut child = synapscribe(home)
            .args(["serve", "--listen", "127.0.0.1:0", "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(told["type"], "serving");
        Self { child, address: told["address"].as_str().unwrap().to_owned() }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn ends_mean_what_the_help_says() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let code = |line: &str| run(home, line).status.code().unwrap();
    assert_eq!(code("--help"), 0);
    assert_eq!(code("dance"), 2);
    assert_eq!(code("--server ftp://x library"), 2);
    assert_eq!(code("completions bash"), 0);
    assert_eq!(code("talk"), 4, "there is no terminal");
    assert_eq!(code("man"), 0);

    // What could never be done is said before a host is started for it.
    for (line, number, words) in [
        ("--server http://127.0.0.1:1 backup x.tar", 2, "this machine's own host"),
        ("--server http://127.0.0.1:1 restore x.tar", 2, "this machine's own host"),
        ("--server http://127.0.0.1:1 models list", 2, "this machine's own host"),
        ("ask --lecture l why --save no/such/folder/a.wav", 4, "no/such/folder does not exist"),
        ("ask --lecture l why --save .", 4, "is a folder"),
        ("restore none.tar", 4, "there is no file none.tar"),
        ("backup x.tar", 4, "holds no host's data"),
        ("ask --lecture l why --playhead -5", 2, "a lecture begins at 0"),
    ] {
        let output = run(home, line);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(number), "{line}: {told}");
        assert!(told.contains(words) && output.stdout.is_empty(), "{line}: {told}");
        assert!(!home.join("share").exists() && !home.join("no").exists(), "{line} left something behind");
    }

    let output = synapscribe(home).args(["serve", "--listen", "127.0.0.1:0"]).env("SYNAPSCRIBE_RUNNING", "0").output().unwrap();
    assert_eq!(output.status.code(), Some(2), "a setting that cannot be used");
    for (setting, value, words) in [
        ("SYNAPSCRIBE_SPEECH_URL", "foo", "is not a web address"),
        ("SYNAPSCRIBE_CHAT_URL", "http://127.0.0.1:1", "set its name too (SYNAPSCRIBE_CHAT_MODEL)"),
    ] {
        let output = synapscribe(home).args(["library", "--json"]).env(setting, value).output().unwrap();
        let told = lines(&output);
        assert_eq!((output.status.code(), &told[0]["code"]), (Some(2), &"setting".into()), "{setting}: {told:?}");
        assert!(told[0]["message"].as_str().unwrap().contains(words), "{setting}: {told:?}");
    }
    let output = run(home, "models use whisper-tiny.en");
    assert_eq!(output.status.code(), Some(4), "a model that was not fetched: {}", String::from_utf8_lossy(&output.stderr));

    // A port that was just let go of answers nobody.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let output = run(home, &format!("--server http://{closed} library --json"));
    assert_eq!(output.status.code(), Some(3));
    let told = lines(&output);
    assert_eq!(
        (&told[0]["type"], &told[0]["code"], &told[0]["retryable"]),
        (&"error".into(), &"server_unreachable".into(), &true.into())
    );
}

#[test]
fn an_upload_that_never_begins_says_how_every_file_ended() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    // A port that was just let go of answers nobody.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let upload = format!("--server http://{closed} upload a.mp3 week/b.wav --wait");
    let output = run(home, &format!("{upload} --json"));
    let told = lines(&output);
    assert_eq!(output.status.code(), Some(3), "{told:?}");
    let expected = ["a.mp3", "b.wav"].map(|file| ("interrupted", file, "server_unreachable"));
    assert_eq!(told.iter().map(ended).collect::<Vec<_>>(), expected);
    let output = run(home, &upload);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(3) && output.stdout.is_empty(), "{told}");
    assert!(told.starts_with("error: ") && told.contains("does not answer") && told.lines().count() == 1, "{told}");

    let output = run(home, &format!("{upload} --captions a.vtt --json"));
    let told = lines(&output);
    assert_eq!(output.status.code(), Some(2), "{told:?}");
    assert_eq!(told.iter().map(ended).collect::<Vec<_>>(), ["a.mp3", "b.wav"].map(|file| ("failed", file, "usage")));
}

#[cfg(unix)]
#[test]
fn an_upload_that_is_stopped_before_it_begins_says_so() {
    let home = tempfile::tempdir().unwrap();
    // It takes the call and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let server = format!("http://{}", silent.local_addr().unwrap());
    let child = synapscribe(home.path())
        .args(["--server", &server, "upload", "a.mp3", "--wait", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _call = silent.accept().unwrap();
    let asked = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(asked.success());
    let output = child.wait_with_output().unwrap();
    let told = lines(&output);
    assert_eq!((output.status.code(), told.len()), (Some(130), 1), "{told:?}");
    assert_eq!(ended(&told[0]), ("interrupted", "a.mp3", "cancelled"));
}

#[test]
fn a_host_serves_and_is_found() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let host = Host::start(home);
    let server = format!("--server {}", host.address);

    let output = run(home, &format!("{server} library --json"));
    assert_eq!((output.status.code(), lines(&output).len()), (Some(0), 0), "{}", String::from_utf8_lossy(&output.stdout));

    // Without an address the running host is used.
    let output = run(home, "library --json");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));

    let output = run(home, "library show nothing --json");
    assert_eq!((output.status.code(), &lines(&output)[0]["code"]), (Some(4), &"not_found".into()));
    let output = run(home, "library show nothing");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("there is no lecture or document “nothing”") && told.contains("synapscribe library"), "{told}");
    let output = run(home, "sessions end none nor-this --json");
    let codes: Vec<Value> = lines(&output).iter().map(|line| line["code"].clone()).collect();
    assert_eq!((output.status.code(), codes), (Some(4), vec!["not_found".into(), "not_found".into()]), "each is looked at");
    let output = run(home, "ask --lecture nothing why --json");
    assert_eq!(output.status.code(), Some(4), "{}", String::from_utf8_lossy(&output.stdout));
    let output = run(home, "ask --lecture sample why --json");
    assert_eq!(output.status.code(), Some(4), "{}", String::from_utf8_lossy(&output.stdout));

    let text = home.join("notes.mp3");
    std::fs::write(&text, "no recording at all").unwrap();
    let output = run(home, &format!("upload {} --wait --json", text.display()));
    let told = lines(&output);
    let last = told.last().unwrap();
    assert_eq!(
        (output.status.code(), &last["state"], &last["error"]["code"]),
        (Some(5), &"failed".into(), &"audio_unsupported".into())
    );
    assert_eq!(last.get("lectureId"), Some(&Value::Null), "{last}");

    // What is refused before the file is looked at has its last word as well.
    let output = run(home, "upload week.vtt --lecture nothing --wait --json");
    let told = lines(&output);
    assert_eq!((output.status.code(), told.len()), (Some(4), 1), "{told:?}");
    assert_eq!(ended(&told[0]), ("failed", "week.vtt", "not_found"));
    let output = run(home, "upload week.vtt --lecture nothing --wait");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(4) && told.starts_with("error: there is no lecture “nothing”"), "{told}");

    // A wave file that holds nothing but silence travels, and is refused by the server with a reason.
    let silent = home.join("silent.wav");
    let mut bytes = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\x3e\0\0\0\x7d\0\0\x02\0\x10\0data\0\xfa\0\0".to_vec();
    bytes.resize(44 + 64_000, 0);
    bytes[4..8].copy_from_slice(&(36u32 + 64_000).to_le_bytes());
    std::fs::write(&silent, bytes).unwrap();
    let output = run(home, &format!("upload {} --wait --json", silent.display()));
    let told = lines(&output);
    let last = told.last().unwrap();
    assert_eq!((output.status.code(), &last["state"]), (Some(5), &"failed".into()), "{last}");
    assert!(last["lectureId"].is_string() && last["error"]["message"].is_string(), "{last}");

    let output = run(home, "doctor --json");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    for check in ["documents", "connection", "engine", "health"] {
        assert!(lines(&output).iter().any(|finding| finding["check"] == check && finding["result"] == "ok"), "{check}");
    }

    let file = home.join("backup.tar");
    let output = run(home, &format!("backup {} --json", file.display()));
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    let output = run(home, &format!("restore {} --replace --json", file.display()));
    assert_eq!(output.status.code(), Some(4), "a running host's data is not replaced");
    let output = run(home, "restore none.tar");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(4) && told.contains("there is no file none.tar"), "what matters first: {told}");
    drop(host);
    let output = run(home, &format!("restore {} --replace --json", file.display()));
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn a_host_is_started_for_a_command_when_none_runs() {
    let home = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let output = run(home.path(), "library --json");
        assert_eq!(
            output.status.code(),
            Some(0),
            "{} {}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    for line in ["ask --lecture nothing why --json", "library show nothing"] {
        assert_eq!(run(home.path(), line).status.code(), Some(4), "{line}");
        assert!(!home.path().join("share/synapscribe/host/host.json").exists(), "{line} left a note of its host behind");
    }
}

#[cfg(unix)]
#[test]
fn a_host_ends_when_it_is_asked_to() {
    let home = tempfile::tempdir().unwrap();
    let mut host = Host::start(home.path());
    let asked = Command::new("kill").arg(host.child.id().to_string()).status().unwrap();
    assert!(asked.success());
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = host.child.try_wait().unwrap() {
            break status;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "it does not end");
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(status.code(), Some(0));
}
