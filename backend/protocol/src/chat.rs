//! What REST takes to begin a session and to ask in it. The answer comes as the messages of the WebSocket, by server-sent events.

use serde::{Deserialize, Serialize};

use crate::client::SpeechWish;
use crate::server::SourceDto;

/// `POST /api/sessions`: begins a session about exactly one of `lectureId`, `documentId`, `sources` and `everything`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct BeginSessionDto {
    /// The lecture, for a session about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lecture_id: Option<String>,
    /// The document, for a session about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_id: Option<String>,
    /// Several sources at once, and nothing else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<SourceDto>,
    /// Everything that its person may see.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub everything: bool,
    /// What to call it, at most 120 characters; left out, it goes by its first question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// `POST /api/sessions/{id}/turns`: asks what the session is about; either `text` or `s3Key` is given. The answer stops when whoever
/// asked closes the connection.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AskDto {
    /// Chosen by the client, so that the same question is answered once; left out, the server names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_id: Option<String>,
    /// The question as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The question as a stored recording.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub s3_key: Option<String>,
    /// Where in the lecture the student is, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub playhead: Option<f64>,
    /// The page of the document that the student sees, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// How to speak the answer; left out, it is not spoken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speech: Option<SpeechWish>,
}
