//! Questions into answers, in the domain's language.

use async_trait::async_trait;
use futures::stream::BoxStream;
use synapscribe_domain::aim::Aim;
use synapscribe_domain::retrieval::Ranked;
use synapscribe_domain::source::Matter;
use synapscribe_domain::vocabulary::Reading;
use synapscribe_domain::{Failure, Millis, Usage};

use crate::embedder::Beside;
use crate::engine::{EngineCard, Reached};

/// A question asked earlier in the session, and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exchange {
    /// What was asked.
    pub question: String,
    /// What was answered, as far as it was sent.
    pub answer: String,
    /// Where in the lecture the student was.
    pub playhead: Option<Millis>,
}

/// Sentences of the passages beside the question, word by word.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Compared {
    /// The question as it was compared.
    pub question: String,
    /// The sentences.
    pub sentences: Vec<String>,
    /// How near each of them is.
    pub beside: Beside,
}

/// Everything an answer is made from.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AnswerRequest {
    /// What the answer is taken from.
    pub matter: Matter,
    /// Its title.
    pub title: String,
    /// The question, to be understood without the session.
    pub question: String,
    /// What it is after.
    pub aim: Aim,
    /// Words of it that the sources spell otherwise.
    pub readings: Vec<Reading>,
    /// Where in the lecture the student is.
    pub playhead: Option<Millis>,
    /// The session so far, oldest first.
    pub history: Vec<Exchange>,
    /// The passages to answer from: for a subject the best first, else those that are asked for in order; when `whole` is set, the
    /// whole of one source in order.
    pub passages: Vec<Ranked>,
    /// Whether `passages` is the whole of it.
    pub whole: bool,
    /// The sentences of `passages` that are nearest in meaning, where an engine compared them word by word.
    pub compared: Option<Compared>,
}

/// A part of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum AnswerPiece {
    /// More text, to be appended as it is.
    Text(String),
    /// The text just written rests on this passage of the request.
    Cite {
        /// The passage's place in [`AnswerRequest::passages`].
        passage: usize,
        /// The words of it that support the claim.
        excerpt: String,
    },
    /// The answer is complete.
    End {
        /// Whether a model wrote it; otherwise it is made of the sources' own sentences.
        generated: bool,
        /// Whether the passages held an answer.
        found: bool,
        /// What it cost.
        usage: Usage,
    },
}

/// An answer as it is written; dropping it stops the work.
pub type AnswerStream = BoxStream<'static, Result<AnswerPiece, Failure>>;

/// Answers questions from passages.
#[async_trait]
pub trait Tutor: Send + Sync {
    /// What it is and where it sends text.
    fn card(&self) -> EngineCard;

    /// Tries the server behind it, within seconds; nothing where there is none.
    async fn reach(&self) -> Option<Reached> {
        None
    }

    /// Tokens of context it can read, or none when it works on single passages only.
    fn window(&self) -> Option<u32>;

    /// The question so that it can be understood, and searched for, without the session.
    async fn standalone(&self, question: &str, history: &[Exchange]) -> Result<String, Failure>;

    /// Answers; the last piece is [`AnswerPiece::End`].
    async fn answer(&self, request: AnswerRequest) -> Result<AnswerStream, Failure>;
}
