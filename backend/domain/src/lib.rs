//! What things are: lectures, passages, questions, turns. Pure rules only; no I/O, no clock, no async, no wire formats.

pub mod aim;
pub mod audio;
pub mod captions;
pub mod chunker;
pub mod citation;
pub mod failure;
pub mod ids;
pub mod ingest;
pub mod keys;
pub mod lecture;
pub mod notes;
pub mod passage;
pub mod phrase;
pub mod pieces;
pub mod retrieval;
pub mod session;
pub mod terms;
pub mod time;
pub mod turn;
pub mod usage;
pub mod vocabulary;
pub mod waveform;

pub use audio::{AudioFormat, AudioLimits, MediaFacts, Pcm};
pub use citation::Citation;
pub use failure::{Code, Failure};
pub use ids::{ConnectionId, LectureId, PassageId, PersonId, QueryId, SessionId, WorkId};
pub use ingest::{DoubtfulSpan, IngestReport, TranscriptSource};
pub use keys::ObjectKey;
pub use lecture::{Lecture, LectureState, Visibility};
pub use passage::Passage;
pub use phrase::{Phrase, Word};
pub use session::{Session, SessionState, SessionSummary};
pub use time::{Millis, Span, Timestamp};
pub use turn::{Question, Turn, TurnEvent, TurnMachine, TurnState};
pub use usage::Usage;
pub use waveform::Waveform;
