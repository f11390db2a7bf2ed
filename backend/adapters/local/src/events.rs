//! Events on one machine: a file that programs follow, with a line of JSON for each. It must not know what they say.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use serde_json::{Value, json};
use synapscribe_ports::{Bus, BusError};

/// Events in a file. A line is what a rule of EventBridge leads on, without what names an account.
#[derive(Debug, Clone)]
pub struct EventFile {
    path: PathBuf,
    turn: Arc<Mutex<()>>,
}

impl EventFile {
    /// Events in this file, which is made where it is missing. It may be moved away at any time: the next event makes another.
    pub fn open(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        opened(&path)?;
        Ok(Self { path, turn: Arc::default() })
    }
}

#[async_trait]
impl Bus for EventFile {
    async fn put(&self, kind: &str, detail: &str) -> Result<(), BusError> {
        let detail: Value = serde_json::from_str(detail).map_err(|error| BusError(error.to_string()))?;
        let line = format!("{}\n", json!({ "source": "synapscribe", "detail-type": kind, "detail": detail }));
        let (path, turn) = (self.path.clone(), Arc::clone(&self.turn));
        let adding = tokio::task::spawn_blocking(move || {
            let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
            add(&path, &line)
        });
        let added = adding.await.map_err(|error| BusError(error.to_string()))?;
        added.map_err(|error| BusError(error.to_string()))
    }
}

/// Half a line would spoil the next one too, so a full disk leaves nothing of it.
fn add(path: &Path, line: &str) -> io::Result<()> {
    let mut file = opened(path)?;
    let before = file.metadata()?.len();
    file.write_all(line.as_bytes()).inspect_err(|_| drop(file.set_len(before)))
}

fn opened(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The kind and the detail of every event in a file.
    fn lines(path: &Path) -> Vec<(String, String)> {
        let text = std::fs::read_to_string(path).unwrap();
        let event = |line: &str| {
            let event: Value = serde_json::from_str(line).unwrap();
            assert_eq!(event["source"], "synapscribe");
            (event["detail-type"].as_str().unwrap().to_owned(), event["detail"].to_string())
        };
        text.lines().map(event).collect()
    }

    #[tokio::test]
    async fn it_carries_events() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("events.jsonl");
        let file = EventFile::open(&path).unwrap();
        synapscribe_ports::conformance::herald::bus(&file, async || lines(&path)).await;
    }

    #[tokio::test]
    async fn what_is_there_stays_and_a_file_that_was_moved_away_is_made_again() {
        let scratch = tempfile::tempdir().unwrap();
        let (path, older) = (scratch.path().join("events.jsonl"), scratch.path().join("events.jsonl.1"));
        EventFile::open(&path).unwrap().put("first", "{}").await.unwrap();
        let file = EventFile::open(&path).unwrap();
        file.put("second", "{}").await.unwrap();
        std::fs::rename(&path, &older).unwrap();
        file.put("third", "{}").await.unwrap();
        let kinds = |path: &Path| lines(path).into_iter().map(|(kind, _)| kind).collect::<Vec<_>>();
        assert_eq!((kinds(&older), kinds(&path)), (vec!["first".to_owned(), "second".into()], vec!["third".to_owned()]));
        assert!(file.put("fourth", "no JSON").await.is_err());
        assert_eq!(kinds(&path).len(), 1, "a line is an event");
        assert!(EventFile::open(scratch.path()).is_err(), "a folder is no file");
    }
}
