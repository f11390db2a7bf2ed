//! Notices as messages over whatever keeps the connections.

use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use synapscribe_domain::audio::pcm_s16le;
use synapscribe_domain::document::DocumentState;
use synapscribe_domain::keys::Place;
use synapscribe_domain::{ConnectionId, LectureState};
use synapscribe_ports::{Audience, Connections, Notice, SendError};
use synapscribe_protocol::ServerMessage;

use crate::dto;

/// Tells people by messages of the protocol.
#[derive(Clone)]
pub struct Announcer {
    connections: Arc<dyn Connections>,
}

impl Announcer {
    /// An announcer over these connections.
    pub fn new(connections: Arc<dyn Connections>) -> Self {
        Self { connections }
    }
}

#[async_trait]
impl Audience for Announcer {
    async fn tell(&self, to: &ConnectionId, notice: &Notice) -> Result<(), SendError> {
        self.connections.send(to, &message(notice).to_json()).await
    }
}

/// A notice as a message of the protocol.
pub fn message(notice: &Notice) -> ServerMessage {
    match notice {
        Notice::QueryAccepted { query, session } => {
            ServerMessage::QueryAccepted { query_id: query.to_string(), session_id: session.to_string() }
        }
        Notice::AnswerRestarted(query) => ServerMessage::AnswerRestarted { query_id: query.to_string() },
        Notice::QueryText(query, text) => ServerMessage::QueryText { query_id: query.to_string(), text: text.clone() },
        Notice::AnswerText(query, delta) => ServerMessage::AnswerText { query_id: query.to_string(), delta: delta.clone() },
        Notice::Cited(query, citation) => {
            ServerMessage::Citation { query_id: query.to_string(), citation: dto::citation(citation) }
        }
        Notice::Audio { query, index, speech } => ServerMessage::AudioChunk {
            query_id: query.to_string(),
            index: *index,
            format: "pcm_s16le".into(),
            sample_rate: speech.rate,
            data: STANDARD.encode(pcm_s16le(&speech.samples).collect::<Vec<u8>>()),
        },
        Notice::Words { query, index, words } => ServerMessage::SpokenWords {
            query_id: query.to_string(),
            index: *index,
            words: words.iter().map(dto::spoken_word).collect(),
        },
        Notice::AudioComplete { query, chunks, length, key } => ServerMessage::AudioComplete {
            query_id: query.to_string(),
            chunks: *chunks,
            seconds: length.seconds(),
            s3_key: key.as_ref().map(ToString::to_string),
        },
        Notice::AnswerDone(turn) => ServerMessage::AnswerDone {
            query_id: turn.query.to_string(),
            session_id: turn.session.to_string(),
            generated: turn.generated,
            found: turn.found,
            timings: dto::timings(&turn.timings),
            usage: dto::usage(&turn.usage),
        },
        Notice::Cancelled(query) => ServerMessage::Cancelled { query_id: query.to_string() },
        Notice::SessionEnded(session) => ServerMessage::SessionEnded { session_id: session.to_string() },
        Notice::LectureProgress(lecture) => {
            let (done, total) = match lecture.state {
                LectureState::Making { done, total } | LectureState::Transcribing { done, total } => (Some(done), Some(total)),
                _ => (None, None),
            };
            ServerMessage::LectureProgress {
                lecture_id: lecture.id.to_string(),
                state: lecture.state.name().into(),
                progress: dto::share(lecture.state.progress()),
                done,
                total,
            }
        }
        Notice::LectureReady { lecture, passages } => ServerMessage::LectureReady {
            lecture_id: lecture.id.to_string(),
            title: lecture.title.clone(),
            duration: lecture.media.as_ref().map_or(0.0, |m| m.duration.seconds()),
            tokens_used: lecture.tokens.unwrap_or(0),
            passages: *passages,
        },
        Notice::LectureFailed(lecture) => ServerMessage::LectureError {
            lecture_id: lecture.id.to_string(),
            error: match &lecture.state {
                LectureState::Failed { failure } => dto::error(failure).about(lecture.id.as_str()),
                _ => dto::error(&synapscribe_domain::Failure::internal()).about(lecture.id.as_str()),
            },
        },
        Notice::LectureRenamed(lecture) => {
            ServerMessage::LectureRenamed { lecture_id: lecture.id.to_string(), title: lecture.title.clone() }
        }
        Notice::LectureCorrected(lecture) => ServerMessage::LectureCorrected { lecture_id: lecture.to_string() },
        Notice::DocumentProgress(document) => {
            let (done, total) = document.state.counted().unzip();
            ServerMessage::DocumentProgress {
                document_id: document.id.to_string(),
                title: document.title.clone(),
                state: document.state.name().into(),
                progress: dto::share(document.state.progress()),
                can_be_asked: document.state.can_be_asked(),
                done,
                total,
            }
        }
        Notice::DocumentReady(document) => ServerMessage::DocumentReady {
            document_id: document.id.to_string(),
            title: document.title.clone(),
            pages: document.pages.unwrap_or(0),
            failed_pages: document.failed_pages,
            passages: document.passages.unwrap_or(0),
            tokens_used: document.tokens.unwrap_or(0),
        },
        Notice::DocumentFailed(document) => ServerMessage::DocumentError {
            document_id: document.id.to_string(),
            error: match &document.state {
                DocumentState::Failed { failure } => dto::error(failure).about(document.id.as_str()),
                _ => dto::error(&synapscribe_domain::Failure::internal()).about(document.id.as_str()),
            },
        },
        Notice::DocumentDeleted(document) => ServerMessage::DocumentDeleted { document_id: document.to_string() },
        Notice::LectureDeleted(lecture) => ServerMessage::LectureDeleted { lecture_id: lecture.to_string() },
        Notice::UploadUrl { url, key, expires_in, content_type, file_name } => ServerMessage::UploadUrl {
            upload_url: url.clone(),
            s3_key: key.to_string(),
            expires_in: *expires_in,
            lecture_id: match key.place() {
                Place::Lecture(id) => id.to_string(),
                Place::Document(_) | Place::Query(_) | Place::Response(_) => String::new(),
            },
            document_id: match key.place() {
                Place::Document(id) => Some(id.to_string()),
                Place::Lecture(_) | Place::Query(_) | Place::Response(_) => None,
            },
            content_type: content_type.clone(),
            file_name: file_name.clone(),
        },
        Notice::Pong => ServerMessage::Pong {},
        Notice::Muted(query, failure) => {
            let error = dto::error(failure).about(query.as_str());
            ServerMessage::Error { query_id: None, about: Some(query.to_string()), error }
        }
        Notice::Failed(Some(query), failure) => {
            let error = dto::error(failure).about(query.as_str());
            ServerMessage::Error { query_id: Some(query.to_string()), about: None, error }
        }
        Notice::Failed(None, failure) => ServerMessage::Error { query_id: None, about: None, error: dto::error(failure) },
    }
}

#[cfg(test)]
mod tests {
    use synapscribe_ports::conformance::audience;
    use synapscribe_ports::conformance::connections::Peer;
    use synapscribe_ports::fakes::{Mailbox, MemoryConnections};

    use super::*;

    struct Letters(Mailbox);

    #[async_trait]
    impl Peer for Letters {
        async fn next(&mut self) -> Option<String> {
            self.0.next().await
        }
    }

    #[tokio::test]
    async fn it_behaves_as_everything_that_tells_people() {
        let connections = Arc::new(MemoryConnections::default());
        let announcer = Announcer::new(Arc::clone(&connections) as Arc<dyn Connections>);
        audience::suite(&announcer, |connection| Box::new(Letters(connections.attach(connection)))).await;
    }
}
