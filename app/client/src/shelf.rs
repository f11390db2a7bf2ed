//! The library of a face that stays open: the list of lectures, kept true by what the server tells. Knows no window.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use synapscribe_protocol::rest::LectureDto;
use synapscribe_protocol::{ErrorDto, ServerMessage};
use tokio::sync::{broadcast, mpsc, watch};

use crate::client::Client;
use crate::socket::Connection;

/// News goes to those who added a lecture, and may be missed; so while one is worked on the list is asked for this often.
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

/// How far the recognition of a lecture is, or the making of the sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Windows {
    /// Windows finished, or sentences spoken.
    pub done: u32,
    /// Those in all.
    pub total: u32,
}

/// A shelf that keeps itself true until it is dropped.
pub struct LiveShelf {
    refresh: mpsc::Sender<()>,
    shelf: watch::Receiver<Shelf>,
}

impl LiveShelf {
    /// Begins to follow a server's lectures.
    pub fn follow(client: Client) -> Self {
        let (refresh, asked) = mpsc::channel(1);
        let (told, shelf) = watch::channel(Shelf::default());
        tokio::spawn(run(client, asked, told));
        Self { refresh, shelf }
    }

    /// The list as it is, and whenever it changes.
    pub fn shelf(&self) -> watch::Receiver<Shelf> {
        self.shelf.clone()
    }

    /// Asks the server anew.
    pub fn refresh(&self) {
        // One that waits already is enough.
        let _ = self.refresh.try_send(());
    }
}

async fn run(client: Client, mut asked: mpsc::Receiver<()>, told: watch::Sender<Shelf>) {
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
                    told.send_if_modified(|shelf| {
                        known = shelf.take(&message);
                        known
                    });
                    known
                }
                Err(broadcast::error::RecvError::Lagged(_)) => false,
                Err(broadcast::error::RecvError::Closed) => return,
            },
        };
        if !known {
            let answer = client.lectures().await;
            told.send_modify(|shelf| match answer {
                Ok(list) => {
                    let counted = |l: &LectureDto| matches!(l.state.as_str(), "making" | "transcribing");
                    shelf.windows.retain(|id, _| list.iter().any(|l| &l.lecture_id == id && counted(l)));
                    shelf.corrected.retain(|id, _| list.iter().any(|l| &l.lecture_id == id));
                    (shelf.list, shelf.failure) = (Some(list), None);
                }
                Err(error) => shelf.failure = Some(error.to_dto()),
            });
        }
    }
}

impl Shelf {
    /// Whether the server works on a lecture, or nothing is known yet.
    fn is_working(&self) -> bool {
        self.list.as_ref().is_none_or(|list| list.iter().any(|l| l.state != "ready" && l.state != "failed"))
    }

    /// Takes what the server tells; `false` when the list has to be asked for.
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
            _ => return false,
        };
        let Some(lecture) = self.list.iter_mut().flatten().find(|l| &l.lecture_id == lecture_id) else { return false };
        lecture.state.clone_from(state);
        lecture.progress = *progress;
        match (done, total) {
            (Some(done), Some(total)) => drop(self.windows.insert(lecture_id.clone(), Windows { done: *done, total: *total })),
            _ => drop(self.windows.remove(lecture_id)),
        }
        true
    }
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
    }
}
