//! What people are told while things happen, in the domain's words; the wire form is made by the implementation.

use async_trait::async_trait;
use synapscribe_domain::document::Document;
use synapscribe_domain::{
    Citation, ConnectionId, DocumentId, Failure, Lecture, LectureId, Millis, ObjectKey, QueryId, SessionId, Turn,
};

use crate::connections::SendError;
use crate::narrator::{Speech, SpokenWord};

/// Something to tell.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// A question was taken.
    QueryAccepted {
        /// Which one.
        query: QueryId,
        /// Its session.
        session: SessionId,
    },
    /// An interrupted answer begins again.
    AnswerRestarted(QueryId),
    /// The question's words.
    QueryText(QueryId, String),
    /// More text of the answer.
    AnswerText(QueryId, String),
    /// What the text rests on.
    Cited(QueryId, Citation),
    /// The next stretch of speech.
    Audio {
        /// Which question.
        query: QueryId,
        /// From 0 and rising, with gaps after an interruption. Where it goes back, the same words come again.
        index: u32,
        /// The sound.
        speech: Speech,
    },
    /// When words of the answer are spoken.
    Words {
        /// Which question.
        query: QueryId,
        /// The number of the stretch that their times are counted from.
        index: u32,
        /// The words, by their characters in the answer.
        words: Vec<SpokenWord>,
    },
    /// The spoken answer is complete.
    AudioComplete {
        /// Which question.
        query: QueryId,
        /// One more than the highest number of a stretch.
        chunks: u32,
        /// Its length.
        length: Millis,
        /// Where it is kept.
        key: Option<ObjectKey>,
    },
    /// The answer is complete.
    AnswerDone(Box<Turn>),
    /// A question was stopped.
    Cancelled(QueryId),
    /// A session was ended.
    SessionEnded(SessionId),
    /// A lecture moved on.
    LectureProgress(Box<Lecture>),
    /// A lecture can be asked.
    LectureReady {
        /// Which one.
        lecture: Box<Lecture>,
        /// Passages in its index.
        passages: u32,
    },
    /// A lecture cannot be used; its state holds the reason.
    LectureFailed(Box<Lecture>),
    /// A lecture has another title.
    LectureRenamed(Box<Lecture>),
    /// Words of a lecture were put right.
    LectureCorrected(LectureId),
    /// A lecture is not there any more.
    LectureDeleted(LectureId),
    /// A document moved on, or has another title.
    DocumentProgress(Box<Document>),
    /// All of a document can be asked.
    DocumentReady(Box<Document>),
    /// A document cannot be used; its state holds the reason.
    DocumentFailed(Box<Document>),
    /// A document is not there any more.
    DocumentDeleted(DocumentId),
    /// Where to upload to.
    UploadUrl {
        /// The address.
        url: String,
        /// The object's key.
        key: ObjectKey,
        /// Seconds the address is good for.
        expires_in: u32,
        /// The media type it was made for.
        content_type: String,
        /// The file's name as asked.
        file_name: String,
    },
    /// The answer to a ping.
    Pong,
    /// The rest of an answer is not spoken; its text goes on.
    Muted(QueryId, Failure),
    /// Something did not work.
    Failed(Option<QueryId>, Failure),
}

/// Tells people.
#[async_trait]
pub trait Audience: Send + Sync {
    /// Tells one connection.
    async fn tell(&self, to: &ConnectionId, notice: &Notice) -> Result<(), SendError>;
}
