//! One upload as it is shown. Does no I/O.

use serde::{Deserialize, Serialize};
use synapscribe_protocol::ErrorDto;

use crate::error::code;
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
    /// Why it cannot go on; of one that is ready, why what its file had become before stays beside it.
    pub failure: Option<ErrorDto>,
    /// Whether it is a book or a paper, which is known once the file was looked at.
    #[serde(skip)]
    pub is_document: bool,
    /// Whether it failed for what passes, a full disk or a server that is away, so that it goes on by itself.
    #[serde(skip)]
    pub waits: bool,
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
            UploadEvent::Kept { error, .. } => self.failure = Some(error),
            UploadEvent::Ready { lecture_id, .. } => {
                // Another document may stand for its file by now.
                self.is_called(lecture_id);
                self.state = ItemState::Ready;
            }
            UploadEvent::Failed { error, .. } | UploadEvent::Interrupted { error, .. } => self.fail(error),
        }
    }

    /// What it becomes has a name.
    fn is_called(&mut self, name: String) {
        *(if self.is_document { &mut self.document_id } else { &mut self.lecture_id }) = Some(name);
    }

    /// It waits for its turn, whatever stood in its way before.
    pub(super) fn wait(&mut self) {
        (self.state, self.failure, self.waits) = (ItemState::Waiting, None, false);
    }

    pub(super) fn fail(&mut self, error: ErrorDto) {
        // What has arrived would have to travel once more at every attempt, unless it is only not known what became of it.
        let again = self.state != ItemState::Processing || error.code == code::UNREACHABLE;
        let passing = passing(&error).filter(|_| again);
        let message = passing.map_or(error.message, str::to_owned);
        (self.state, self.waits) = (ItemState::Failed, passing.is_some());
        self.failure = Some(ErrorDto { message, ..error });
        self.rest();
    }

    /// Nothing travels now.
    pub(super) fn rest(&mut self) {
        (self.speed, self.seconds_left) = (0, None);
    }
}

/// What is said of what passes; nothing where something else is wrong.
fn passing(error: &ErrorDto) -> Option<&'static str> {
    match error.code.as_str() {
        code::SERVER_FULL => Some("the server's disk is full; it goes on by itself when there is room"),
        code::DISK if error.retryable => Some("this machine's disk is full; it goes on by itself when there is room"),
        code::UNREACHABLE => Some("the server does not answer; it goes on by itself when it is back"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ClientError;

    fn item(state: ItemState) -> Item {
        Item {
            id: "u".into(),
            name: "week.ogg".into(),
            bytes: 5,
            state,
            sent: 0,
            speed: 0,
            seconds_left: None,
            captions: None,
            lecture_id: None,
            document_id: None,
            failure: None,
            is_document: false,
            waits: false,
        }
    }

    fn failed(from: ItemState, error: &ClientError) -> Item {
        let mut item = item(from);
        item.fail(error.to_dto());
        item
    }

    #[test]
    fn what_stays_beside_an_upload_that_is_ready_is_said() {
        let mut item = Item { document_id: Some("d0".into()), is_document: true, ..item(ItemState::Processing) };
        let error = ClientError::new(code::FORBIDDEN, "“Tides” stays").to_dto();
        item.take(UploadEvent::Kept { lecture_id: "d2".into(), former: "d1".into(), error });
        let (lecture_id, title) = ("d2".into(), "Tides".into());
        item.take(UploadEvent::Ready { lecture_id, state: "ready", title, duration: 0.0, tokens_used: 1, pages: Some(2) });
        assert_eq!((item.state, item.failure.unwrap().message.as_str()), (ItemState::Ready, "“Tides” stays"));
        assert_eq!((item.document_id.as_deref(), item.lecture_id), (Some("d2"), None));
    }

    #[test]
    fn a_full_disk_on_either_side_and_a_server_that_is_away_are_waited_for_and_nothing_else_is() {
        let of_server = ClientError::passing(code::SERVER_FULL, "free some space there");
        let away = ClientError::unreachable("http://h:1");
        let (full_here, denied) = (ClientError::passing(code::DISK, "no space left"), ClientError::new(code::DISK, "denied"));
        for (from, error, waits) in [
            (ItemState::Sending, &of_server, Some("the server's disk")),
            (ItemState::Checking, &full_here, Some("this machine's disk")),
            (ItemState::Sending, &away, Some("the server does not answer")),
            (ItemState::Processing, &away, Some("the server does not answer")),
            (ItemState::Processing, &of_server, None),
            (ItemState::Checking, &denied, None),
            (ItemState::Sending, &ClientError::passing(code::UPLOAD, "interrupted"), None),
        ] {
            let item = failed(from, error);
            let said = item.failure.unwrap().message;
            assert_eq!((item.state, item.waits), (ItemState::Failed, waits.is_some()), "{error:?}");
            assert!(said.starts_with(waits.unwrap_or(&error.message)), "{said}");
        }
    }
}
