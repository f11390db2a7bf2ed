//! Work that outlives the process that was asked for it.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use synapscribe_domain::document::Step;
use synapscribe_domain::keys::Place;
use synapscribe_domain::{
    About, ConnectionId, DocumentId, LectureId, Millis, ObjectKey, PersonId, QueryId, Question, SessionId, Timestamp, TraceParent,
};

use crate::narrator::Style;
use crate::world::StoreResult;

/// An object was stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectCreated {
    /// Its key.
    pub key: ObjectKey,
    /// Its size.
    pub bytes: u64,
    /// Orders the events of one key, compared as text.
    pub sequencer: String,
}

/// A piece of work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "job", rename_all = "snake_case")]
pub enum Job {
    /// Look at a new object.
    ObjectCreated(ObjectCreated),
    /// Turn a validated recording into something that answers.
    IngestLecture {
        /// Which one.
        lecture: LectureId,
    },
    /// Do one step from a file to a document that answers.
    MakeDocument {
        /// Which one.
        document: DocumentId,
        /// The step.
        step: Step,
    },
    /// Answer a question that was acknowledged.
    Answer(AnswerOrder),
}

/// Jobs of one kind, which wait for each other and for no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Looking at new objects: soon done.
    Arrivals,
    /// Answering questions: somebody is waiting.
    Answers,
    /// Turning recordings into lectures: may take hours.
    Ingests,
    /// Turning files into documents, step by step.
    Documents,
}

impl Lane {
    /// All of them.
    pub const ALL: [Lane; 4] = [Self::Arrivals, Self::Answers, Self::Ingests, Self::Documents];

    /// Its stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Arrivals => "arrivals",
            Self::Answers => "answers",
            Self::Ingests => "ingests",
            Self::Documents => "documents",
        }
    }
}

impl Job {
    /// Where it waits.
    pub fn lane(&self) -> Lane {
        match self {
            Self::ObjectCreated(_) => Lane::Arrivals,
            Self::Answer(_) => Lane::Answers,
            Self::IngestLecture { .. } => Lane::Ingests,
            Self::MakeDocument { .. } => Lane::Documents,
        }
    }

    /// The lecture that it is about, if it is about one.
    pub fn lecture(&self) -> Option<LectureId> {
        match self {
            Self::Answer(order) => order.about.lecture().cloned(),
            Self::IngestLecture { lecture } => Some(lecture.clone()),
            Self::ObjectCreated(created) => match created.key.place() {
                Place::Lecture(lecture) => Some(lecture),
                Place::Document(_) | Place::Query(_) | Place::Response(_) => None,
            },
            Self::MakeDocument { .. } => None,
        }
    }

    /// The document that it is about, if it is about one.
    pub fn document(&self) -> Option<DocumentId> {
        match self {
            Self::MakeDocument { document, .. } => Some(document.clone()),
            Self::ObjectCreated(created) => match created.key.place() {
                Place::Document(document) => Some(document),
                Place::Lecture(_) | Place::Query(_) | Place::Response(_) => None,
            },
            Self::Answer(_) | Self::IngestLecture { .. } => None,
        }
    }

    /// What is logged with everything about it, the name that whoever asked for it knows: of a question, a lecture or a document.
    pub fn correlation(&self) -> String {
        match self {
            Self::Answer(order) => order.query.to_string(),
            Self::IngestLecture { lecture } => lecture.to_string(),
            Self::MakeDocument { document, .. } => document.to_string(),
            Self::ObjectCreated(created) => created.key.place().name().to_owned(),
        }
    }
}

/// A question that was acknowledged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnswerOrder {
    /// Who asked.
    pub person: PersonId,
    /// Over which connection.
    pub connection: ConnectionId,
    /// The question's name.
    pub query: QueryId,
    /// Its session.
    pub session: SessionId,
    /// What it is asked of.
    #[serde(flatten)]
    pub about: About,
    /// The question.
    pub question: Question,
    /// Where in the lecture the student was.
    pub playhead: Option<Millis>,
    /// The page that the student saw, where one document is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// How to speak the answer, or nothing for text only.
    pub speech: Option<Style>,
    /// What the answer follows on in a trace, where somebody records one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<TraceParent>,
    /// Whether the answer is for this connection alone and stops when it goes, instead of following its person to another.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub here_only: bool,
}

/// A job in somebody's hands.
#[derive(Debug, Clone, PartialEq)]
pub struct Leased {
    /// The queue's name for it.
    pub id: i64,
    /// The work.
    pub job: Job,
    /// 1 the first time; a process that ended in the middle does not count.
    pub attempt: u32,
    /// How often a process ended while it held the job.
    pub interrupted: u32,
}

/// Interruptions after which a job is still due at once.
pub const AT_ONCE: u32 = 3;
/// The first rest of a job that was interrupted oftener; it doubles each time, this often.
pub const REST_MS: i64 = 5_000;
/// How often the rest doubles.
pub const DOUBLINGS: u32 = 6;

/// How long a job rests that was interrupted this often: one that brings its process down leaves the next one time to be of use,
/// and commands that live for a moment only do not take it.
pub fn rest_ms(interrupted: u32) -> i64 {
    if interrupted <= AT_ONCE { 0 } else { REST_MS << (interrupted - AT_ONCE - 1).min(DOUBLINGS) }
}

/// A job that failed for good.
#[derive(Debug, Clone, PartialEq)]
pub struct Buried {
    /// The work.
    pub job: Job,
    /// Why, for a person.
    pub reason: String,
    /// When it was last due.
    pub due: Timestamp,
}

/// A durable queue; a job that is not completed comes back when its lease ends, which counts as an interruption.
#[async_trait]
pub trait Jobs: Send + Sync {
    /// Stores a job before it returns. It is dropped where one with the same key waits; where one runs, which may be past what it
    /// could still see of this, the last such job waits for that one's end.
    async fn enqueue(&self, key: &str, job: &Job, now: Timestamp) -> StoreResult<()>;
    /// Takes the oldest job of a lane that is due.
    async fn lease(&self, lane: Lane, now: Timestamp, until: Timestamp) -> StoreResult<Option<Leased>>;
    /// Keeps a job longer.
    async fn extend(&self, id: i64, until: Timestamp) -> StoreResult<()>;
    /// It is done.
    async fn complete(&self, id: i64) -> StoreResult<()>;
    /// It failed and is due again at `at`.
    async fn retry(&self, id: i64, at: Timestamp, reason: &str) -> StoreResult<()>;
    /// It was not tried after all and is due again at `at`; having been taken does not count as an attempt.
    async fn put_off(&self, id: i64, at: Timestamp, reason: &str) -> StoreResult<()>;
    /// It failed for good and is kept for an operator.
    async fn bury(&self, id: i64, reason: &str) -> StoreResult<()>;
    /// Forgets jobs that were buried and were last due before this moment, and says how many.
    async fn forget(&self, before: Timestamp) -> StoreResult<u64>;
    /// The jobs that failed for good, the latest first, at most so many.
    async fn buried(&self, most: u32) -> StoreResult<Vec<Buried>>;
    /// Makes every leased job due at once, called when the only process using the queue starts. Whoever held them has ended: that
    /// was no attempt, and is counted apart. One that this happened to oftener rests a while first ([`rest_ms`]).
    async fn recover(&self, now: Timestamp) -> StoreResult<u64>;
    /// Resolves when a job of the lane may be due, so that a worker need not poll quickly.
    async fn wait(&self, lane: Lane);
    /// Jobs of all lanes that are waiting, leased and buried.
    async fn depth(&self) -> StoreResult<(u64, u64, u64)>;
}
