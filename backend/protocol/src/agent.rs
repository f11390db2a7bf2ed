//! What AgentCore takes and what it streams, one JSON object a line.

use serde::{Deserialize, Serialize};

use crate::server::{CitationDto, ErrorDto, SourceDto, SpokenWordDto, UsageDto};

/// The body of `POST /invoke`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InvokeRequest {
    /// Names the work.
    pub work_id: String,
    /// The thread.
    pub session_id: String,
    /// The lecture; left out where the question is asked of something else.
    #[serde(default)]
    pub lecture_id: String,
    /// The document, for a question about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_id: Option<String>,
    /// Several sources at once, and nothing else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<SourceDto>,
    /// The person all of whose sources it is asked of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visible_to: Option<String>,
    /// The question as a stored recording.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub s3_key: Option<String>,
    /// The question as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Where in the lecture the student is, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub playhead: Option<f64>,
    /// The page that the student sees, where one document is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// The session so far, oldest first.
    #[serde(default)]
    pub history: Vec<ExchangeDto>,
    /// Whether and how to speak.
    #[serde(default)]
    pub speech: crate::client::SpeechWish,
}

/// A question and its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExchangeDto {
    /// What was asked.
    pub question: String,
    /// What was answered.
    pub answer: String,
    /// Where in the lecture the student was, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub playhead: Option<f64>,
}

/// The body of `POST /cancel`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CancelRequest {
    /// Which work.
    pub work_id: String,
}

/// The body of `POST /end_session`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EndSessionRequest {
    /// Which session.
    pub session_id: String,
}

/// One line of the stream; `done` or `error` is the last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum AgentLine {
    /// The recording was fetched.
    Heard {},
    /// The question's words.
    QueryText {
        /// The words.
        text: String,
    },
    /// The passages are chosen.
    Retrieved {},
    /// More text.
    AnswerText {
        /// The next characters.
        delta: String,
    },
    /// What the text rests on.
    Citation {
        /// The citation.
        citation: CitationDto,
    },
    /// The next piece of the text begins to be spoken; the speech that follows is its.
    Piece {
        /// Its words.
        text: String,
    },
    /// When words of that piece are spoken, by their characters in it and counted from its first sound.
    Words {
        /// The words, in order.
        words: Vec<SpokenWordDto>,
    },
    /// The next stretch of speech.
    Audio {
        /// `pcm_s16le`.
        format: String,
        /// Samples a second.
        sample_rate: u32,
        /// Base64.
        data: String,
    },
    /// What was asked of engines since this was said last; `done` has it too.
    Spent {
        /// What it cost.
        usage: UsageDto,
    },
    /// The answer cannot be spoken, or not to its end; the text goes on.
    Muted {
        /// Why.
        error: ErrorDto,
    },
    /// The text is complete.
    Written {},
    /// Everything was said.
    Done {
        /// Whether a model wrote it.
        generated: bool,
        /// Whether the sources held an answer.
        found: bool,
        /// What it cost.
        usage: UsageDto,
    },
    /// It could not be answered.
    Error {
        /// Why.
        error: ErrorDto,
    },
    /// What only a newer agent says, whatever else the line holds.
    #[serde(other)]
    Unknown,
}
