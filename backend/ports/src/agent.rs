//! The one that hears, thinks and speaks: in this process or on the GPU host.

use async_trait::async_trait;
use futures::stream::BoxStream;
use synapscribe_domain::{Citation, Failure, Millis, Question, SessionId, TraceParent, Usage, WorkId};

use crate::library::Scope;
use crate::narrator::{Speech, SpokenWord, Style};
use crate::tutor::Exchange;

/// One question with everything needed to answer it.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentRequest {
    /// Names the work, so that it can be stopped.
    pub work: WorkId,
    /// The session it belongs to.
    pub session: SessionId,
    /// Where answers may come from.
    pub scope: Scope,
    /// The question.
    pub question: Question,
    /// Where in the lecture the student was.
    pub playhead: Option<Millis>,
    /// The page that the student saw, where one document is asked.
    pub page: Option<u32>,
    /// The session so far, oldest first.
    pub history: Vec<Exchange>,
    /// How to speak the answer, or nothing for text only.
    pub speech: Option<Style>,
    /// What it follows on in a trace, where somebody records one.
    pub trace: Option<TraceParent>,
}

/// What the whole answer came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Whether a model wrote the answer.
    pub generated: bool,
    /// Whether the sources held an answer.
    pub found: bool,
    /// What it cost.
    pub usage: Usage,
}

/// What happens while a question is answered, in order; `Done` or `Failed` is the last.
#[derive(Debug, Clone, PartialEq)]
pub enum AgentEvent {
    /// The recording was fetched.
    Heard,
    /// The question's words.
    Understood(String),
    /// The passages are chosen.
    Retrieved,
    /// More text of the answer.
    Wrote(String),
    /// What the text rests on.
    Cited(Citation),
    /// The next piece of the text begins to be spoken; the stretches that follow are its.
    Piece(String),
    /// When words of that piece are spoken, counted from its first stretch, which may have come before.
    Words(Vec<SpokenWord>),
    /// The next stretch of speech.
    Spoke(Speech),
    /// What was asked of engines since this was said last, as far as it is known while they work. [`Summary::usage`] holds it too.
    Spent(Usage),
    /// The answer cannot be spoken, or not to its end; the text goes on.
    Muted(Failure),
    /// The text is complete.
    Written,
    /// Everything was said.
    Done(Summary),
    /// It could not be answered.
    Failed(Failure),
}

/// Answers questions.
#[async_trait]
pub trait Agent: Send + Sync {
    /// Starts answering; dropping the stream stops the work.
    async fn invoke(&self, request: AgentRequest) -> Result<BoxStream<'static, AgentEvent>, Failure>;
    /// Stops the work on a question and says whether it was running; work that begins soon after is stopped as well.
    async fn cancel(&self, work: &WorkId) -> Result<bool, Failure>;
    /// Told that a session has ended, for an agent that keeps anything between its questions to let go of it.
    async fn end_session(&self, session: &SessionId) -> Result<(), Failure>;
}
