//! A short lecture of known words, ready to be asked: spoken by flite, with captions so that nothing has to be recognised.

use serde_json::Value;
use tempfile::TempDir;

use crate::{Host, StoryError, run, speak};

/// What the lecture says.
pub const SENTENCES: [&str; 4] = [
    "Tides are caused by the pull of the moon on the water of the ocean.",
    "The sun also pulls on the water, but much less.",
    "A spring tide happens when the sun and the moon pull in the same direction.",
    "In most places there are two high tides every day.",
];

/// Speech at 16 kHz in 16 bit behind a header.
const HEADER: usize = 44;
const BYTES_A_MS: usize = 32;

/// The lecture on one host.
#[derive(Debug)]
pub struct Tides {
    /// Its name.
    pub lecture: String,
    /// Who dropped it.
    pub owner: String,
}

impl Tides {
    /// Drops the lecture as the host's own terminal user and waits until it can be asked.
    pub fn drop_on(host: &Host) -> Result<Self, StoryError> {
        let folder = TempDir::new().map_err(failed)?;
        let recording = folder.path().join("tides.wav");
        speak(&SENTENCES.join(" "), "slt", &recording)?;
        let length = (std::fs::metadata(&recording).map_err(failed)?.len() as usize).saturating_sub(HEADER) / BYTES_A_MS;
        std::fs::write(recording.with_extension("vtt"), captions(length)).map_err(failed)?;
        let said = run(host.terminal()?.arg("upload").arg(&recording).args(["--wait", "--json"]))?.well();
        let last: Value = said.events().pop().unwrap_or_default();
        assert_eq!(last["state"], "ready", "the lecture did not become ready: {}", said.out);
        let lecture = last["lectureId"].as_str().unwrap_or_default().to_owned();
        let shown = run(host.terminal()?.args(["library", "show", &lecture, "--json"]))?.well().events();
        let key = shown.iter().find_map(|event| event["s3Key"].as_str().or(event["lecture"]["s3Key"].as_str()));
        let owner = key.and_then(|key| key.split('/').nth(1)).expect("a lecture is shown with its key").to_owned();
        Ok(Self { lecture, owner })
    }

    /// A question about it, as a message.
    pub fn question(&self, query: &str, session: &str, text: &str) -> String {
        let lecture = &self.lecture;
        serde_json::json!({ "type": "query", "queryId": query, "sessionId": session, "lectureId": lecture, "text": text })
            .to_string()
    }
}

/// The sentences spread evenly over the recording.
fn captions(length_ms: usize) -> String {
    let at = |n: usize| {
        let ms = length_ms * n / SENTENCES.len();
        format!("{:02}:{:02}.{:03}", ms / 60_000, ms / 1000 % 60, ms % 1000)
    };
    let cues = SENTENCES.iter().enumerate().map(|(n, sentence)| format!("{} --> {}\n{sentence}\n", at(n), at(n + 1)));
    format!("WEBVTT\n\n{}", cues.collect::<Vec<_>>().join("\n"))
}

fn failed(source: std::io::Error) -> StoryError {
    StoryError::Process { what: "making the lecture about tides".to_owned(), source }
}
