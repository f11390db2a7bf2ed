//! A WebSocket client nobody here wrote (Python's `websockets`, signed by botocore), driven line by line.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::StoryError;

/// A message is waited for this long.
const PATIENCE: Duration = Duration::from_secs(60);

/// An open connection of a guest.
pub struct Socket {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    /// Who the guest is.
    pub identity: String,
}

/// The Python of the folder that the set-up made for tests.
pub fn python() -> String {
    let venv = std::env::var("SYNAPSCRIBE_TEST_VENV").unwrap_or_else(|_| {
        let cache =
            std::env::var("XDG_CACHE_HOME").unwrap_or_else(|_| format!("{}/.cache", std::env::var("HOME").unwrap_or_default()));
        format!("{cache}/synapscribe/test-venv")
    });
    format!("{venv}/bin/python")
}

impl Socket {
    /// Connects as a new guest, or as one known from before.
    pub fn open(server: &str, identity: Option<&str>) -> Result<Self, StoryError> {
        Self::open_at("", server, identity)
    }

    /// The same over a live line, where one speaks.
    pub fn live(server: &str, identity: Option<&str>) -> Result<Self, StoryError> {
        Self::open_at("/audio", server, identity)
    }

    fn open_at(path: &str, server: &str, identity: Option<&str>) -> Result<Self, StoryError> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/guest.py");
        let mut command = Command::new(python());
        command.arg(script).args([server, path]).args(identity);
        command.env("AWS_EC2_METADATA_DISABLED", "true");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let failed = |source| StoryError::Process {
            what: "starting the stock WebSocket client (run `make test` once)".to_owned(),
            source,
        };
        let mut child = command.spawn().map_err(failed)?;
        let output = child.stdout.take().ok_or_else(|| failed(std::io::Error::other("it has no output")))?;
        let input = child.stdin.take();
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let mut socket = Self { child, input, lines, identity: String::new() };
        let first = socket.line().unwrap_or_default();
        let said: Value = serde_json::from_str(&first).unwrap_or_default();
        socket.identity = said["identity"].as_str().unwrap_or_default().to_owned();
        Ok(socket)
    }

    /// Sends one line as a message.
    pub fn say(&mut self, message: &str) {
        if let Some(input) = &mut self.input {
            // A connection that has ended shows in what is heard next.
            let _ = writeln!(input, "{message}");
            let _ = input.flush();
        }
    }

    /// The next line, or nothing when the client has ended or stays silent for too long.
    pub fn line(&mut self) -> Option<String> {
        self.lines.recv_timeout(PATIENCE).ok()
    }

    /// All that comes until `time` has passed.
    pub fn listen(&mut self, time: Duration) -> Vec<Value> {
        let until = Instant::now() + time;
        let mut heard = Vec::new();
        while let Ok(line) = self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            heard.push(serde_json::from_str(&line).unwrap_or_default());
        }
        heard
    }

    /// Every message up to and with the first of one of these types.
    #[track_caller]
    pub fn until(&mut self, kinds: &[&str]) -> Vec<Value> {
        let mut heard: Vec<Value> = Vec::new();
        while let Some(line) = self.line() {
            heard.push(serde_json::from_str(&line).unwrap_or_default());
            if heard.last().and_then(|message| message["type"].as_str()).is_some_and(|kind| kinds.contains(&kind)) {
                return heard;
            }
        }
        panic!("none of {kinds:?} was heard, but: {heard:#?}");
    }

    /// The next message of this type; others are passed over.
    #[track_caller]
    pub fn hear(&mut self, kind: &str) -> Value {
        let until = Instant::now() + PATIENCE;
        let mut passed = Vec::new();
        while Instant::now() < until {
            let Some(line) = self.line() else { break };
            let message: Value = serde_json::from_str(&line).unwrap_or_default();
            if message["type"] == kind {
                return message;
            }
            passed.push(line.chars().take(200).collect::<String>());
        }
        panic!("no {kind} was heard, but: {passed:#?}");
    }

    /// How the connection ended: the close code and the reason.
    #[track_caller]
    pub fn closed(&mut self) -> (u16, String) {
        while let Some(line) = self.line() {
            if let Some(rest) = line.strip_prefix("#closed ") {
                let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
                return (code.parse().unwrap_or(0), reason.to_owned());
            }
        }
        panic!("the connection was not closed");
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        drop(self.input.take());
        // It is ours, and ends by itself unless the connection hangs.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
