//! What the server says over the WebSocket.

use serde::{Deserialize, Serialize};

/// A message to a client; `type` is its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum ServerMessage {
    /// Where to put a recording.
    UploadUrl {
        /// An address that accepts one PUT of the exact size.
        upload_url: String,
        /// The object's key; clients with credentials may upload to it in parts instead.
        s3_key: String,
        /// Seconds the address is good for.
        expires_in: u32,
        /// The lecture's name, empty for anything else.
        lecture_id: String,
        /// The document's name, for a document.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        document_id: Option<String>,
        /// The media type the address was made for.
        content_type: String,
        /// The file's name as asked, so that answers can be matched to requests.
        file_name: String,
    },
    /// A question was taken and will be answered.
    QueryAccepted {
        /// Which one.
        query_id: String,
        /// Its session.
        session_id: String,
    },
    /// An interrupted answer begins again; what was shown of it is void, and its speech goes on where it was.
    AnswerRestarted {
        /// Which one.
        query_id: String,
    },
    /// The question's words.
    QueryText {
        /// Which question.
        query_id: String,
        /// The words.
        text: String,
    },
    /// More of the answer, to be appended.
    AnswerText {
        /// Which question.
        query_id: String,
        /// The next characters.
        delta: String,
    },
    /// What the text so far rests on.
    Citation {
        /// Which question.
        query_id: String,
        /// The citation.
        citation: CitationDto,
    },
    /// The next stretch of the spoken answer.
    AudioChunk {
        /// Which question.
        query_id: String,
        /// From 0 and rising, with gaps after an interruption. Where it goes back, the sound from there on comes again, perhaps cut otherwise.
        index: u32,
        /// `pcm_s16le`: mono, 16 bit, little endian.
        format: String,
        /// Samples a second.
        sample_rate: u32,
        /// Base64.
        data: String,
    },
    /// When words of the answer are spoken, where the voice can tell.
    SpokenWords {
        /// Which question.
        query_id: String,
        /// The number of the `audio_chunk` that their times are counted from; it may have come before.
        index: u32,
        /// The words, in order.
        words: Vec<SpokenWordDto>,
    },
    /// The spoken answer is complete.
    AudioComplete {
        /// Which question.
        query_id: String,
        /// One more than the highest number of a chunk.
        chunks: u32,
        /// Its length in seconds.
        seconds: f64,
        /// Where the whole spoken answer is kept for seven days.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        s3_key: Option<String>,
    },
    /// The answer is complete.
    AnswerDone {
        /// Which question.
        query_id: String,
        /// Its session.
        session_id: String,
        /// Whether a model wrote it; otherwise it is made of the sources' own sentences.
        generated: bool,
        /// Whether the sources held an answer.
        found: bool,
        /// When each stage was reached.
        timings: TimingsDto,
        /// What it cost.
        usage: UsageDto,
    },
    /// A question was stopped.
    Cancelled {
        /// Which one.
        query_id: String,
    },
    /// A session was ended.
    SessionEnded {
        /// Which one.
        session_id: String,
    },
    /// A lecture is being worked on.
    LectureProgress {
        /// Which one.
        lecture_id: String,
        /// The stage: `making` (the sample only), `validating`, `transcribing`, `indexing`.
        state: String,
        /// The share done of all stages, 0 to 1.
        progress: f32,
        /// Sentences spoken while making, windows finished while transcribing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        done: Option<u32>,
        /// Sentences or windows in all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        total: Option<u32>,
    },
    /// A lecture can be asked.
    LectureReady {
        /// Which one.
        lecture_id: String,
        /// Its title.
        title: String,
        /// Its length in seconds.
        duration: f64,
        /// Tokens its transcript takes in a model's window.
        tokens_used: u32,
        /// Passages in the index.
        passages: u32,
    },
    /// A lecture cannot be used.
    LectureError {
        /// Which one.
        lecture_id: String,
        /// Why.
        error: ErrorDto,
    },
    /// A lecture has another title.
    LectureRenamed {
        /// Which one.
        lecture_id: String,
        /// Its title from now on.
        title: String,
    },
    /// Words of a lecture were put right; its transcript is to be read again.
    LectureCorrected {
        /// Which one.
        lecture_id: String,
    },
    /// A document is being worked on, or has another title.
    DocumentProgress {
        /// Which one.
        document_id: String,
        /// Its title.
        title: String,
        /// The step: `extracting`, `chunking`, `embedding` or `indexing`; or where it stands.
        state: String,
        /// The share done of all steps, 0 to 1.
        progress: f32,
        /// Whether it can be asked already, by its words.
        can_be_asked: bool,
        /// Pages read while extracting, passages embedded while embedding.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        done: Option<u32>,
        /// Pages or passages in all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        total: Option<u32>,
    },
    /// All of a document can be asked.
    DocumentReady {
        /// Which one.
        document_id: String,
        /// Its title.
        title: String,
        /// Its pages.
        pages: u32,
        /// Those of them that could not be read.
        failed_pages: u32,
        /// Passages in the index.
        passages: u32,
        /// Tokens its text takes in a model's window.
        tokens_used: u32,
    },
    /// A document cannot be used.
    DocumentError {
        /// Which one.
        document_id: String,
        /// Why.
        error: ErrorDto,
    },
    /// A document is not there any more.
    DocumentDeleted {
        /// Which one.
        document_id: String,
    },
    /// A lecture is not there any more.
    LectureDeleted {
        /// Which one.
        lecture_id: String,
    },
    /// The answer to `ping`.
    Pong {},
    /// Something did not work; the connection lives on.
    Error {
        /// The question that failed, if one did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        query_id: Option<String>,
        /// The question it concerns without ending it: its answer is not spoken, and the text goes on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        about: Option<String>,
        /// What it was.
        #[serde(flatten)]
        error: ErrorDto,
    },
}

/// A failure across processes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ErrorDto {
    /// The stable code.
    pub code: String,
    /// A sentence a person can act on.
    pub message: String,
    /// Whether doing the same again may work.
    pub retryable: bool,
    /// The name under which an operator finds it in the logs: that of the question, the lecture or the request it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<String>,
}

impl ErrorDto {
    /// The same failure, about something with a name.
    pub fn about(mut self, name: impl Into<String>) -> Self {
        self.correlation = Some(name.into());
        self
    }
}

/// A lecture or a document; exactly one of the two is given.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SourceDto {
    /// The lecture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lecture_id: Option<String>,
    /// The document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_id: Option<String>,
}

/// Pages of a document, both included; the first page is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PagesDto {
    /// The first.
    pub from: u32,
    /// The last.
    pub to: u32,
}

/// A citation across processes: a lecture with times in seconds, or a document with pages.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CitationDto {
    /// From 1 within the answer.
    pub number: u32,
    /// The lecture; empty where a document is cited.
    #[serde(default)]
    pub lecture_id: String,
    /// The document, where one is cited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_id: Option<String>,
    /// The passage.
    pub passage_id: String,
    /// Where the lecturer's words begin; 0 in a document.
    #[serde(default)]
    pub from: f64,
    /// Where they end; 0 in a document.
    #[serde(default)]
    pub to: f64,
    /// The pages to open, in a document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<PagesDto>,
    /// The words.
    pub excerpt: String,
    /// How well they fit, 0 to 1.
    pub score: f32,
}

/// When each stage was reached, in milliseconds since the question was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TimingsDto {
    /// The question's words were known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub understood_ms: Option<u64>,
    /// The passages were chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retrieved_ms: Option<u64>,
    /// The first text was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_text_ms: Option<u64>,
    /// The first sound was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_audio_ms: Option<u64>,
    /// Everything was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_ms: Option<u64>,
}

/// What an answer cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UsageDto {
    /// Tokens read by a language model.
    pub tokens_in: u64,
    /// Tokens written by a language model.
    pub tokens_out: u64,
    /// Milliseconds of audio recognised.
    pub audio_in_ms: u64,
    /// Characters spoken.
    pub characters_spoken: u64,
}

/// When a word is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SpokenWordDto {
    /// Milliseconds since the first sound.
    pub at_ms: u64,
    /// The characters of the text before it.
    pub from: u32,
    /// The characters up to its end.
    pub to: u32,
}

impl ServerMessage {
    /// The message as it goes over the wire.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("messages hold only strings, numbers and options, which JSON can always write")
    }

    /// Whether nothing more will be said about the question it belongs to.
    pub fn ends_query(&self) -> bool {
        matches!(self, Self::AnswerDone { .. } | Self::Cancelled { .. } | Self::Error { query_id: Some(_), .. })
    }

    /// The question it belongs to.
    pub fn query_id(&self) -> Option<&str> {
        match self {
            Self::QueryAccepted { query_id, .. }
            | Self::AnswerRestarted { query_id }
            | Self::QueryText { query_id, .. }
            | Self::AnswerText { query_id, .. }
            | Self::Citation { query_id, .. }
            | Self::AudioChunk { query_id, .. }
            | Self::SpokenWords { query_id, .. }
            | Self::AudioComplete { query_id, .. }
            | Self::AnswerDone { query_id, .. }
            | Self::Cancelled { query_id } => Some(query_id),
            Self::Error { query_id, .. } => query_id.as_deref(),
            _ => None,
        }
    }

    /// The question it tells something of, also where the answer goes on all the same.
    pub fn concerns(&self) -> Option<&str> {
        match self {
            Self::Error { about: Some(about), .. } => Some(about),
            other => other.query_id(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_form_is_stable() {
        let error = ServerMessage::Error {
            query_id: None,
            about: None,
            error: ErrorDto { code: "bad_message".into(), message: "m".into(), retryable: false, correlation: None },
        };
        assert_eq!(error.to_json(), r#"{"type":"error","code":"bad_message","message":"m","retryable":false}"#);
        let delta = ServerMessage::AnswerText { query_id: "q".into(), delta: "Hi".into() };
        assert_eq!(delta.to_json(), r#"{"type":"answer_text","queryId":"q","delta":"Hi"}"#);
        let again: ServerMessage = serde_json::from_str(&error.to_json()).unwrap();
        assert_eq!(again, error);
    }
}
