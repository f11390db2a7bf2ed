//! The library of a face that stays open: the lists of lectures and documents, kept true by what the server tells. Knows no window.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use synapscribe_protocol::documents::DocumentDto;
use synapscribe_protocol::rest::LectureDto;
use synapscribe_protocol::{ErrorDto, ServerMessage};
use tokio::sync::{broadcast, mpsc, watch};

use crate::client::Client;
use crate::error::Result;
use crate::socket::Connection;

/// News goes to those who added something, and may be missed; so while it is worked on the list is asked for this often.
const ASK: Duration = Duration::from_secs(3);

/// Otherwise every so many times.
const SELDOM: u32 = 10;

/// The list as it is shown.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shelf {
    /// The lectures, newest first; nothing until they are known.
    pub list: Option<Vec<LectureDto>>,
    /// Windows finished and in all, of lectures that are being listened to.
    pub windows: BTreeMap<String, Windows>,
    /// How often words of a lecture were put right while this is open; whoever shows them reads them again when it grows.
    pub corrected: BTreeMap<String, u32>,
    /// Why the list could not be read.
    pub failure: Option<ErrorDto>,
}

/// How far something is that is counted: the recognition of a lecture, the making of the sample, the reading of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Windows {
    /// Windows finished, sentences spoken, pages read or passages embedded.
    pub done: u32,
    /// Those in all.
    pub total: u32,
}

/// The documents as they are shown.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Books {
    /// The documents, newest first; nothing until they are known.
    pub list: Option<Vec<DocumentDto>>,
    /// Pages read or passages embedded, and those in all, of documents that are worked on.
    pub steps: BTreeMap<String, Windows>,
    /// Why the list could not be read.
    pub failure: Option<ErrorDto>,
}

/// A list that keeps itself true until it is dropped.
pub struct Live<L> {
    refresh: mpsc::Sender<()>,
    list: watch::Receiver<L>,
}

/// The lectures of a server.
pub type LiveShelf = Live<Shelf>;
/// The documents of a server.
pub type LiveBooks = Live<Books>;

/// A list of what a server has.
pub trait Listed: Clone + Default + Send + Sync + 'static {
    /// What the server gives when it is asked.
    type Entry: Send;

    /// Asks the server.
    fn ask(client: &Client) -> impl Future<Output = Result<Vec<Self::Entry>>> + Send;

    /// Takes what the server answered.
    fn put(&mut self, answer: Result<Vec<Self::Entry>>);

    /// Takes what the server tells by itself; `false` when the list has to be asked for.
    fn take(&mut self, message: &ServerMessage) -> bool;

    /// Whether the server works on something listed, or nothing is known yet.
    fn is_working(&self) -> bool;
}

impl<L: Listed> Live<L> {
    /// Begins to follow a server.
    pub fn follow(client: Client) -> Self {
        let (refresh, asked) = mpsc::channel(1);
        let (told, list) = watch::channel(L::default());
        tokio::spawn(run(client, asked, told));
        Self { refresh, list }
    }

    /// The list as it is, and whenever it changes.
    pub fn list(&self) -> watch::Receiver<L> {
        self.list.clone()
    }

    /// Asks the server anew.
    pub fn refresh(&self) {
        // One that waits already is enough.
        let _ = self.refresh.try_send(());
    }
}

async fn run<L: Listed>(client: Client, mut asked: mpsc::Receiver<()>, told: watch::Sender<L>) {
    let mut news = client.socket().lectures();
    let mut connection = client.connection();
    let mut ask = tokio::time::interval(ASK);
    ask.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut ticks = 0;
    loop {
        let known = tokio::select! {
            asked = asked.recv() => match asked {
                Some(()) => false,
                None => return,
            },
            _ = ask.tick() => {
                ticks += 1;
                ticks % SELDOM != 1 && !told.borrow().is_working()
            }
            changed = connection.changed() => match changed {
                // Whatever was missed is asked for once there is a line again.
                Ok(()) if *connection.borrow_and_update() == Connection::Open => false,
                Ok(()) => true,
                Err(_) => return,
            },
            message = news.recv() => match message {
                Ok(message) => {
                    let mut known = true;
                    told.send_if_modified(|list| {
                        known = list.take(&message);
                        known
                    });
                    known
                }
                Err(broadcast::error::RecvError::Lagged(_)) => false,
                Err(broadcast::error::RecvError::Closed) => return,
            },
        };
        if !known {
            let answer = L::ask(&client).await;
            told.send_modify(|list| list.put(answer));
        }
    }
}

/// Whether nothing more is done with what is in this state.
fn is_final(state: &str) -> bool {
    matches!(state, "ready" | "failed")
}

/// Notes how far something is that is counted.
fn count(counted: &mut BTreeMap<String, Windows>, id: &str, done: Option<u32>, total: Option<u32>) {
    match (done, total) {
        (Some(done), Some(total)) => drop(counted.insert(id.to_owned(), Windows { done, total })),
        _ => drop(counted.remove(id)),
    }
}

impl Listed for Shelf {
    type Entry = LectureDto;

    async fn ask(client: &Client) -> Result<Vec<LectureDto>> {
        client.lectures().await
    }

    fn put(&mut self, answer: Result<Vec<LectureDto>>) {
        match answer {
            Ok(list) => {
                let counted = |l: &LectureDto| matches!(l.state.as_str(), "making" | "transcribing");
                self.windows.retain(|id, _| list.iter().any(|l| &l.lecture_id == id && counted(l)));
                self.corrected.retain(|id, _| list.iter().any(|l| &l.lecture_id == id));
                (self.list, self.failure) = (Some(list), None);
            }
            Err(error) => self.failure = Some(error.to_dto()),
        }
    }

    fn is_working(&self) -> bool {
        self.list.as_ref().is_none_or(|list| list.iter().any(|l| !is_final(&l.state)))
    }

    fn take(&mut self, message: &ServerMessage) -> bool {
        let (lecture_id, state, progress, done, total) = match message {
            ServerMessage::LectureProgress { lecture_id, state, progress, done, total } => {
                (lecture_id, state, progress, done, total)
            }
            ServerMessage::LectureRenamed { lecture_id, title } => {
                let known = self.list.iter_mut().flatten().find(|l| &l.lecture_id == lecture_id);
                return known.map(|lecture| lecture.title.clone_from(title)).is_some();
            }
            ServerMessage::LectureCorrected { lecture_id } => {
                *self.corrected.entry(lecture_id.clone()).or_default() += 1;
                return true;
            }
            ServerMessage::LectureDeleted { lecture_id } => {
                self.list.iter_mut().for_each(|list| list.retain(|l| &l.lecture_id != lecture_id));
                return true;
            }
            other => return is_about_documents(other),
        };
        let Some(lecture) = self.list.iter_mut().flatten().find(|l| &l.lecture_id == lecture_id) else { return false };
        lecture.state.clone_from(state);
        lecture.progress = *progress;
        count(&mut self.windows, lecture_id, *done, *total);
        true
    }
}

impl Listed for Books {
    type Entry = DocumentDto;

    async fn ask(client: &Client) -> Result<Vec<DocumentDto>> {
        client.documents().await
    }

    fn put(&mut self, answer: Result<Vec<DocumentDto>>) {
        match answer {
            Ok(list) => {
                self.steps.retain(|id, _| list.iter().any(|d| &d.document_id == id && !is_final(&d.state)));
                (self.list, self.failure) = (Some(list), None);
            }
            Err(error) => self.failure = Some(error.to_dto()),
        }
    }

    fn is_working(&self) -> bool {
        self.list.as_ref().is_none_or(|list| list.iter().any(|d| !is_final(&d.state)))
    }

    fn take(&mut self, message: &ServerMessage) -> bool {
        match message {
            ServerMessage::DocumentProgress { document_id, title, state, progress, can_be_asked, done, total } => {
                let Some(document) = self.list.iter_mut().flatten().find(|d| &d.document_id == document_id) else { return false };
                document.title.clone_from(title);
                document.state.clone_from(state);
                (document.progress, document.can_be_asked) = (*progress, *can_be_asked);
                count(&mut self.steps, document_id, *done, *total);
                true
            }
            ServerMessage::DocumentDeleted { document_id } => {
                self.list.iter_mut().for_each(|list| list.retain(|d| &d.document_id != document_id));
                true
            }
            // What else is to be known of one that is ready, or failed, only the list tells.
            other => !is_about_documents(other),
        }
    }
}

fn is_about_documents(message: &ServerMessage) -> bool {
    matches!(
        message,
        ServerMessage::DocumentProgress { .. }
            | ServerMessage::DocumentReady { .. }
            | ServerMessage::DocumentError { .. }
            | ServerMessage::DocumentDeleted { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_shown_as_it_comes_and_strangers_are_asked_for() {
        let lecture = serde_json::from_str(
            r#"{"lectureId":"l","title":"T","state":"validating","progress":0.0,"created":0,"own":true,"s3Key":"k"}"#,
        );
        let mut shelf = Shelf { list: Some(vec![lecture.unwrap()]), ..Shelf::default() };
        let progress = |id: &str, windows: Option<(u32, u32)>| ServerMessage::LectureProgress {
            lecture_id: id.into(),
            state: "transcribing".into(),
            progress: 0.5,
            done: windows.map(|w| w.0),
            total: windows.map(|w| w.1),
        };
        assert!(shelf.take(&progress("l", Some((1, 4)))));
        assert_eq!(shelf.list.as_ref().unwrap()[0].state, "transcribing");
        assert_eq!(shelf.windows["l"], Windows { done: 1, total: 4 });
        assert!(shelf.take(&progress("l", None)) && shelf.windows.is_empty());
        assert!(!shelf.take(&progress("new", None)));
        assert!(!shelf.take(&ServerMessage::Pong {}));
        let renamed = |id: &str| ServerMessage::LectureRenamed { lecture_id: id.into(), title: "Tides".into() };
        assert!(shelf.take(&renamed("l")) && !shelf.take(&renamed("new")));
        assert_eq!(shelf.list.as_ref().unwrap()[0].title, "Tides");
        assert!(shelf.take(&ServerMessage::LectureCorrected { lecture_id: "l".into() }));
        assert_eq!(shelf.corrected["l"], 1);
        assert!(shelf.take(&ServerMessage::LectureDeleted { lecture_id: "l".into() }));
        assert_eq!(shelf.list.as_deref(), Some(&[][..]));
        assert!(shelf.take(&ServerMessage::DocumentDeleted { document_id: "d".into() }), "documents are none of its business");
    }

    #[test]
    fn the_steps_of_a_document_are_shown_as_they_come_and_the_rest_is_asked_for() {
        let document = serde_json::from_str(
            r#"{"documentId":"d","title":"T","state":"uploading","progress":0.0,"canBeAsked":false,"notes":[],"created":0,"own":true,"s3Key":"k"}"#,
        );
        let mut books = Books { list: Some(vec![document.unwrap()]), ..Books::default() };
        let progress = |id: &str, pages: Option<(u32, u32)>| ServerMessage::DocumentProgress {
            document_id: id.into(),
            title: "Tides".into(),
            state: "extracting".into(),
            progress: 0.25,
            can_be_asked: false,
            done: pages.map(|p| p.0),
            total: pages.map(|p| p.1),
        };
        assert!(books.take(&progress("d", Some((3, 12)))) && !books.take(&progress("new", None)));
        let shown = &books.list.as_ref().unwrap()[0];
        assert_eq!(
            (shown.title.as_str(), shown.state.as_str(), books.steps["d"]),
            ("Tides", "extracting", Windows { done: 3, total: 12 })
        );
        let error = ErrorDto { code: "c".into(), message: "m".into(), retryable: false, correlation: None };
        assert!(!books.take(&ServerMessage::DocumentError { document_id: "d".into(), error }));
        assert!(books.take(&ServerMessage::LectureDeleted { lecture_id: "d".into() }), "lectures are none of its business");
        assert!(books.take(&ServerMessage::DocumentDeleted { document_id: "d".into() }) && books.list == Some(Vec::new()));
    }
}
