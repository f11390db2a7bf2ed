//! Follows a lecture or a document from the server's news until it can be asked. Sends nothing but questions for its state.

use std::time::{Duration, Instant};

use synapscribe_protocol::ServerMessage;
use synapscribe_protocol::documents::DocumentDto;
use synapscribe_protocol::rest::LectureDto;
use tokio::sync::{broadcast, mpsc};

use super::{Kind, UploadEvent, tell};
use crate::client::Client;
use crate::error::{ClientError, Result, code};

/// News may be missed while the connection is made again, so the state is also asked for this often.
const ASK: Duration = Duration::from_secs(3);

/// A server that does not notice a recording for this long will not.
const UNNOTICED: Duration = Duration::from_secs(120);

/// A server that cannot be reached for this long is given up; the work on it goes on.
const UNREACHABLE: Duration = Duration::from_secs(120);

/// Captions whose words are there already make no news; whoever sent them does not wait longer for some.
const BEGUN: Duration = Duration::from_secs(5);

/// Waits until the server works on a lecture that was ready before.
pub(super) async fn until_begun(id: &str, news: &mut broadcast::Receiver<ServerMessage>) {
    let begun = async {
        // What was missed may have been it.
        while news.recv().await.is_ok_and(|message| from_news(id, message).is_none()) {}
    };
    let _ = tokio::time::timeout(BEGUN, begun).await;
}

/// Tells of every step until the lecture is ready, which is left to the caller to tell, or fails with the server's reason.
pub(super) async fn until_ready(
    client: &Client,
    kind: Kind,
    id: &str,
    mut news: broadcast::Receiver<ServerMessage>,
    events: &mpsc::Sender<UploadEvent>,
) -> Result<UploadEvent> {
    let begun = Instant::now();
    let mut reached = Instant::now();
    let mut told: Option<UploadEvent> = None;
    let mut ask = tokio::time::interval(ASK);
    ask.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let step = tokio::select! {
            message = news.recv() => match message {
                Ok(message) => from_news(id, message),
                // Too much news at once; the next question for the state catches up.
                Err(broadcast::error::RecvError::Lagged(_)) => None,
                Err(broadcast::error::RecvError::Closed) => {
                    tokio::time::sleep(ASK).await;
                    None
                }
            },
            _ = ask.tick() => match asked(client, kind, id).await {
                Ok(step) => {
                    reached = Instant::now();
                    if step.is_none() && begun.elapsed() > UNNOTICED {
                        return Err(ClientError::passing(code::UPLOAD, "the server has the file but does not begin to work on it; look at its log"));
                    }
                    step
                }
                Err(error) if error.code == code::UNREACHABLE || error.retryable => {
                    if reached.elapsed() > UNREACHABLE {
                        return Err(error);
                    }
                    None
                }
                // Another program has taken the server's place; waiting for it leads nowhere.
                Err(error) if error.code == code::NOT_SYNAPSCRIBE => return Err(error),
                Err(error) if begun.elapsed() > UNNOTICED || error.code == code::CREDENTIALS => return Err(error),
                // Right after the upload a server may not know the lecture yet.
                Err(_) => None,
            },
        };
        match step {
            None => {}
            Some(Step::Failed(error)) => return Err(error),
            Some(Step::Event(event)) => {
                if matches!(event, UploadEvent::Ready { .. }) {
                    return Ok(event);
                }
                if is_news(told.as_ref(), &event) {
                    tell(events, event.clone()).await;
                    told = Some(event);
                }
            }
        }
    }
}

enum Step {
    Event(UploadEvent),
    Failed(ClientError),
}

/// How it stands, when the server is asked; nothing while its file is not noticed.
async fn asked(client: &Client, kind: Kind, id: &str) -> Result<Option<Step>> {
    Ok(match kind {
        Kind::Lecture => from_state(client.lecture(id).await?),
        Kind::Document => from_document(client.document(id).await?),
    })
}

fn from_document(document: DocumentDto) -> Option<Step> {
    match document.state.as_str() {
        "uploading" => None,
        "ready" => Some(Step::Event(UploadEvent::Ready {
            lecture_id: document.document_id,
            state: "ready",
            title: document.title,
            duration: 0.0,
            tokens_used: document.tokens_used.unwrap_or(0),
            pages: document.pages,
        })),
        "failed" => Some(Step::Failed(document.error.map_or_else(
            || ClientError::new("document_failed", "the server could not use this document and gave no reason"),
            ClientError::from,
        ))),
        _ => Some(Step::Event(UploadEvent::Processing {
            lecture_id: document.document_id,
            state: document.state,
            progress: document.progress,
            done: None,
            total: None,
        })),
    }
}

fn from_news(id: &str, message: ServerMessage) -> Option<Step> {
    match message {
        ServerMessage::LectureProgress { lecture_id, state, progress, done, total } if lecture_id == id => {
            Some(Step::Event(UploadEvent::Processing { lecture_id, state, progress, done, total }))
        }
        ServerMessage::LectureReady { lecture_id, title, duration, tokens_used, .. } if lecture_id == id => {
            Some(Step::Event(UploadEvent::Ready { lecture_id, state: "ready", title, duration, tokens_used, pages: None }))
        }
        ServerMessage::DocumentProgress { document_id, state, progress, done, total, .. } if document_id == id => {
            Some(Step::Event(UploadEvent::Processing { lecture_id: document_id, state, progress, done, total }))
        }
        ServerMessage::DocumentReady { document_id, title, pages, tokens_used, .. } if document_id == id => {
            let (lecture_id, pages) = (document_id, Some(pages));
            Some(Step::Event(UploadEvent::Ready { lecture_id, state: "ready", title, duration: 0.0, tokens_used, pages }))
        }
        ServerMessage::DocumentError { document_id, error } if document_id == id => Some(Step::Failed(error.into())),
        ServerMessage::DocumentDeleted { document_id } if document_id == id => {
            Some(Step::Failed(ClientError::new("not_found", "the document was deleted while it was being prepared")))
        }
        ServerMessage::LectureError { lecture_id, error } if lecture_id == id => Some(Step::Failed(error.into())),
        ServerMessage::LectureDeleted { lecture_id } if lecture_id == id => {
            Some(Step::Failed(ClientError::new("not_found", "the lecture was deleted while it was being prepared")))
        }
        _ => None,
    }
}

fn from_state(lecture: LectureDto) -> Option<Step> {
    match lecture.state.as_str() {
        "uploading" => None,
        "ready" => Some(Step::Event(UploadEvent::Ready {
            lecture_id: lecture.lecture_id,
            state: "ready",
            title: lecture.title,
            duration: lecture.duration.unwrap_or(0.0),
            tokens_used: lecture.tokens_used.unwrap_or(0),
            pages: None,
        })),
        "failed" => Some(Step::Failed(lecture.error.map_or_else(
            || ClientError::new("lecture_failed", "the server could not use this recording and gave no reason"),
            ClientError::from,
        ))),
        _ => Some(Step::Event(UploadEvent::Processing {
            lecture_id: lecture.lecture_id,
            state: lecture.state,
            progress: lecture.progress,
            done: None,
            total: None,
        })),
    }
}

/// News that arrives twice, or a stored state that is behind the news, is not told again.
fn is_news(told: Option<&UploadEvent>, event: &UploadEvent) -> bool {
    match (told, event) {
        (Some(UploadEvent::Processing { progress: before, state: old, .. }), UploadEvent::Processing { progress, state, .. }) => {
            progress > before || (old != state && progress >= before)
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_never_runs_backwards() {
        let at = |state: &str, progress| UploadEvent::Processing {
            lecture_id: "l".into(),
            state: state.into(),
            progress,
            done: None,
            total: None,
        };
        assert!(is_news(None, &at("validating", 0.0)));
        assert!(!is_news(Some(&at("transcribing", 0.5)), &at("transcribing", 0.5)));
        assert!(!is_news(Some(&at("transcribing", 0.5)), &at("validating", 0.1)));
        assert!(is_news(Some(&at("transcribing", 0.5)), &at("indexing", 0.9)));
    }
}
