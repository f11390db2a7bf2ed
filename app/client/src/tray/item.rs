//! One upload as it is shown. Does no I/O.

use serde::{Deserialize, Serialize};
use synapscribe_protocol::ErrorDto;

use crate::sniff::Format;
use crate::upload::UploadEvent;

/// How an upload stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ItemState {
    /// The file is being looked at.
    Checking,
    /// Others go first.
    Waiting,
    /// Bytes travel.
    Sending,
    /// A person stopped it for now.
    Paused,
    /// The server works on it.
    Processing,
    /// It can be asked.
    Ready,
    /// It cannot be used, or did not get there.
    Failed,
    /// The file is not where it was.
    Lost,
}

impl ItemState {
    /// Whether nothing more happens by itself.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Ready | Self::Failed | Self::Lost)
    }
}

/// One upload.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// Its name within the list.
    pub id: String,
    /// The file's name.
    pub name: String,
    /// The file's size.
    pub bytes: u64,
    /// How it stands.
    pub state: ItemState,
    /// Bytes that left.
    pub sent: u64,
    /// Bytes a second over the last seconds.
    pub speed: u64,
    /// Seconds left at that speed.
    pub seconds_left: Option<u64>,
    /// The file name of the captions sent along.
    pub captions: Option<String>,
    /// The lecture it becomes.
    pub lecture_id: Option<String>,
    /// The document it becomes.
    pub document_id: Option<String>,
    /// Why it cannot go on.
    pub failure: Option<ErrorDto>,
    /// Whether it is a book or a paper, which is known once the file was looked at.
    #[serde(skip)]
    pub is_document: bool,
}

impl Item {
    /// Takes what an upload tells.
    pub(super) fn take(&mut self, event: UploadEvent) {
        match event {
            UploadEvent::Checked { bytes, format } => (self.bytes, self.is_document) = (bytes, format == Format::Document.name()),
            UploadEvent::Started { lecture_id, resumed } => {
                (self.state, self.sent) = (ItemState::Sending, resumed);
                self.is_called(lecture_id);
            }
            UploadEvent::Captions { file } => self.captions = Some(file),
            UploadEvent::Progress { bytes, total, bytes_per_second, seconds_left } => {
                (self.sent, self.bytes, self.speed, self.seconds_left) = (bytes, total, bytes_per_second, seconds_left);
            }
            UploadEvent::Uploaded { lecture_id, .. } | UploadEvent::AlreadyThere { lecture_id } => {
                self.is_called(lecture_id);
                (self.state, self.sent) = (ItemState::Processing, self.bytes);
                self.rest();
            }
            // The connection's own state is shown beside the list.
            UploadEvent::Unreachable { .. } | UploadEvent::Reachable {} => {}
            UploadEvent::Processing { .. } => self.state = ItemState::Processing,
            UploadEvent::Ready { .. } => self.state = ItemState::Ready,
            UploadEvent::Failed { error, .. } | UploadEvent::Interrupted { error, .. } => self.fail(error),
        }
    }

    /// What it becomes has a name.
    fn is_called(&mut self, name: String) {
        *(if self.is_document { &mut self.document_id } else { &mut self.lecture_id }) = Some(name);
    }

    pub(super) fn fail(&mut self, error: ErrorDto) {
        (self.state, self.failure) = (ItemState::Failed, Some(error));
        self.rest();
    }

    /// Nothing travels now.
    pub(super) fn rest(&mut self) {
        (self.speed, self.seconds_left) = (0, None);
    }
}
