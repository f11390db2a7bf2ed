//! Captions for a recording: found, checked before anything is said to the server, and sent ahead of the recording. What they say is
//! the server's to read.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use synapscribe_protocol::client::{ClientMessage, UploadPurpose};
use tokio::sync::mpsc;

use super::put::{Content, put_url};
use super::saved::{Saved, Slot};
use super::{UploadEvent, tell};
use crate::client::Client;
use crate::error::{ClientError, Result, code};

/// Captions are text; larger files of that name are something else.
const LARGEST: u64 = 8_000_000;

/// What stands between the two times of a caption, in either format.
const ARROW: &[u8] = b"-->";

/// Captions as they are sent.
pub(super) struct Captions {
    file: String,
    bytes: Bytes,
}

impl Captions {
    /// Those that a person named, or those that lie beside the recording. The server would refuse what is no caption file only
    /// after it had made a lecture, which would be left behind without a recording.
    pub async fn read(named: Option<&Path>, recording: &Path) -> Result<Option<Self>> {
        let Some(path) = named.map(Path::to_owned).or_else(|| beside(recording)) else { return Ok(None) };
        let file = path.file_name().map_or_else(|| "captions.srt".into(), |name| name.to_string_lossy().into_owned());
        let refused = |why: &str| Err(ClientError::new(code::CAPTIONS, format!("“{file}” {why}")));
        let unreadable = |error: std::io::Error| ClientError::unreadable(&path.display().to_string(), &error);
        let size = tokio::fs::metadata(&path).await.map_err(unreadable)?.len();
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
        if !matches!(extension.as_deref(), Some("srt" | "vtt")) {
            return refused("is no caption file; name one that ends in .srt or .vtt");
        }
        if size > LARGEST {
            return refused("is too large for captions; captions are text of at most 8 MB");
        }
        let bytes = Bytes::from(tokio::fs::read(&path).await.map_err(unreadable)?);
        if bytes.is_empty() {
            return refused("is empty; export the captions again, or take the file away to have the recording listened to");
        }
        if named.is_some() && !bytes.windows(ARROW.len()).any(|three| three == ARROW) {
            return refused("holds no captions; export it as SRT or VTT again");
        }
        Ok(Some(Self { file, bytes }))
    }

    /// Their file's name.
    pub fn name(&self) -> &str {
        &self.file
    }

    /// Brings them to a lecture.
    pub async fn deliver(&self, client: &Client, lecture: &str) -> Result<()> {
        let message = ClientMessage::RequestUpload {
            file_name: self.file.clone(),
            bytes: self.bytes.len() as u64,
            purpose: UploadPurpose::Captions,
            query_id: None,
            lecture_id: Some(lecture.to_owned()),
        };
        let place = client.socket().place(message).await?;
        put_url(client.net(), &place.url, &place.content_type, &Content::Memory(self.bytes.clone())).await
    }

    /// Sends them, unless these very words were sent before.
    pub async fn send(
        self,
        client: &Client,
        saved: &mut Saved,
        slot: &mut Slot,
        events: &mpsc::Sender<UploadEvent>,
    ) -> Result<()> {
        let fingerprint = hex::encode(Sha256::digest(&self.bytes));
        if saved.captions_sent.as_ref() == Some(&fingerprint) {
            return Ok(());
        }
        self.deliver(client, &saved.lecture).await?;
        saved.captions_sent = Some(fingerprint);
        slot.keep(saved)?;
        tell(events, UploadEvent::Captions { file: self.file }).await;
        Ok(())
    }
}

/// Captions of the same name beside the recording.
fn beside(recording: &Path) -> Option<PathBuf> {
    ["srt", "vtt", "SRT", "VTT"].iter().map(|extension| recording.with_extension(extension)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captions_of_the_same_name_are_found() {
        let dir = tempfile::tempdir().unwrap();
        let recording = dir.path().join("Week 3.final.mp3");
        assert_eq!(beside(&recording), None);
        std::fs::write(dir.path().join("Week 3.final.vtt"), "WEBVTT").unwrap();
        assert_eq!(beside(&recording), Some(dir.path().join("Week 3.final.vtt")));
    }

    #[tokio::test]
    async fn what_is_no_caption_file_is_refused_with_its_reason() {
        let dir = tempfile::tempdir().unwrap();
        let recording = dir.path().join("week.mp3");
        for (name, content, words) in [
            ("notes.txt", "00:00.000 --> 00:01.000", ".srt or .vtt"),
            ("none", "x", ".srt or .vtt"),
            ("empty.srt", "", "is empty"),
            ("essay.vtt", "An essay about tides.", "holds no captions"),
        ] {
            let path = dir.path().join(name);
            std::fs::write(&path, content).unwrap();
            let error = Captions::read(Some(&path), &recording).await.err().unwrap();
            assert!(error.code == code::CAPTIONS && error.message.contains(words) && error.message.contains(name), "{error}");
        }
        let missing = Captions::read(Some(&dir.path().join("missing.srt")), &recording).await.err().unwrap();
        assert_eq!(missing.code, code::FILE);
        assert!(Captions::read(None, &recording).await.unwrap().is_none());
        std::fs::write(dir.path().join("week.srt"), "").unwrap();
        assert_eq!(Captions::read(None, &recording).await.err().unwrap().code, code::CAPTIONS, "it is found by itself and empty");
    }
}
