//! What REST answers with; times in seconds within a recording, milliseconds since 1970 on the wall clock.

use serde::{Deserialize, Serialize};

use crate::discovery::EngineDto;
use crate::server::{CitationDto, ErrorDto, SourceDto, TimingsDto, UsageDto};

/// A lecture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LectureDto {
    /// Its name.
    pub lecture_id: String,
    /// Its title.
    pub title: String,
    /// `making`, `uploading`, `validating`, `transcribing`, `indexing`, `ready` or `failed`.
    pub state: String,
    /// The share done, 0 to 1.
    pub progress: f32,
    /// Its length in seconds, once measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<f64>,
    /// Its size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Its container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Tokens its transcript takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens_used: Option<u32>,
    /// When it was added.
    pub created: i64,
    /// Whether the caller added it.
    pub own: bool,
    /// What its owner is called, where they say; nothing of the caller's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_name: Option<String>,
    /// Whether everybody sees it; otherwise its owner does, and the classes that are shown it.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<bool>", optional))]
    pub public: bool,
    /// Who added it: `you`, `sample` when it came with the product, or `other`.
    #[serde(default)]
    pub added_by: String,
    /// Where the recording is.
    pub s3_key: String,
    /// Why it cannot be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorDto>,
}

/// A list of lectures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LecturesDto {
    /// Newest first.
    pub lectures: Vec<LectureDto>,
}

/// A phrase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PhraseDto {
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// The words.
    pub text: String,
    /// How sure the recogniser was, 0 to 1.
    pub confidence: f32,
    /// Whether a person put the words right.
    #[serde(default)]
    pub corrected: bool,
}

/// `PATCH /api/sessions/{id}`: another title.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RenameDto {
    /// The title, at most 120 characters.
    pub title: String,
}

/// `PATCH /api/lectures/{id}`, `PATCH /api/documents/{id}` and `PATCH /api/packs/{id}`: one thing that is to change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceChangeDto {
    /// Another title, at most 120 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// `public`, to show it to everybody, or `private`, to show it to nobody but its owner and the classes it is shared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<String>,
}

/// `PATCH /api/lectures/{id}/phrases`: what was really said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CorrectionDto {
    /// Where the phrase begins, in seconds, as the transcript says.
    pub from: f64,
    /// The words that are there now; others are answered with the code `conflict`.
    pub expected: String,
    /// The words to be there; none where nothing was said.
    pub text: String,
}

/// `GET /api/lectures/{id}/waveform?points=N`: the outline of a recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct WaveformDto {
    /// The lecture.
    pub lecture_id: String,
    /// Its length in seconds.
    pub duration: f64,
    /// The loudest sample of each of many stretches of equal length, 0 to 255; no more than were asked for.
    pub peaks: Vec<u8>,
}

/// A transcript.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TranscriptDto {
    /// The lecture.
    pub lecture_id: String,
    /// In the order of time.
    pub phrases: Vec<PhraseDto>,
}

/// A stretch of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SpanDto {
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
}

/// What became of a recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReportDto {
    /// The lecture.
    pub lecture_id: String,
    /// `captions` or `recognised`.
    pub source: String,
    /// Its length in seconds.
    pub duration: f64,
    /// The share of it that holds speech, 0 to 1.
    pub speech_share: f32,
    /// Silences of two seconds and more.
    pub silences: Vec<SpanDto>,
    /// Phrases the recogniser was not sure of.
    pub doubtful: Vec<SpanDto>,
    /// Whether these are so much of the speech that captions would help.
    #[serde(default)]
    pub hard_to_hear: bool,
    /// Speech without words.
    pub missing: Vec<SpanDto>,
    /// Stretches that could not be recognised, and why.
    pub skipped: Vec<SkippedDto>,
    /// What a person should know.
    pub notes: Vec<String>,
    /// Whether the latest captions were not used; the notes say why.
    #[serde(default)]
    pub captions_refused: bool,
    /// Words in the transcript.
    pub words: u32,
    /// Passages in the index.
    pub passages: u32,
}

/// A stretch that could not be recognised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SkippedDto {
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// Why.
    pub reason: String,
}

/// An address to play or fetch something from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LinkDto {
    /// The address.
    pub url: String,
    /// Seconds it is good for.
    pub expires_in: u32,
}

/// A session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SessionDto {
    /// Its name.
    pub session_id: String,
    /// Its lecture; empty where it is about something else.
    #[serde(default)]
    pub lecture_id: String,
    /// The document, for a session about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_id: Option<String>,
    /// Several sources at once, and nothing else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<SourceDto>,
    /// Everything that its person may see.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub everything: bool,
    /// `open` or `ended`.
    pub state: String,
    /// When it began.
    pub created: i64,
    /// When something last happened.
    pub active: i64,
    /// When it is deleted.
    pub expires: i64,
    /// What to call it: the title it was given, or its first question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// How many questions were asked in it.
    #[serde(default)]
    pub turn_count: u32,
    /// Its turns, oldest first; left out in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turns: Option<Vec<TurnDto>>,
}

/// A list of sessions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionsDto {
    /// The latest first.
    pub sessions: Vec<SessionDto>,
}

/// A question and its answer as stored: only what was sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TurnDto {
    /// The question's name.
    pub query_id: String,
    /// When it was asked.
    pub asked: i64,
    /// The question.
    pub question: String,
    /// The answer as far as it was sent.
    pub answer: String,
    /// The citations sent.
    pub citations: Vec<CitationDto>,
    /// Where it stands.
    pub state: String,
    /// Whether a model wrote it.
    pub generated: bool,
    /// Whether its sources held an answer.
    pub found: bool,
    /// Seconds of speech sent.
    pub spoken: f64,
    /// When each stage was reached.
    pub timings: TimingsDto,
    /// What it cost.
    pub usage: UsageDto,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorDto>,
}

/// `GET /api/storage`: bytes that are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StorageDto {
    /// The caller's recordings and their captions.
    pub lectures: u64,
    /// Their spoken questions.
    pub queries: u64,
    /// The spoken answers they were given.
    pub responses: u64,
    /// Model files, which everybody on the server shares.
    pub models: u64,
}

/// `GET /api/engines`: what does the work, and where it sends data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EnginesDto {
    /// One for each role.
    pub engines: Vec<EngineDto>,
}

/// `GET /api/engines/servers`: the servers behind engines, each after it was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EngineServersDto {
    /// One for each role that a server fills.
    pub servers: Vec<EngineServerDto>,
}

/// A server behind an engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EngineServerDto {
    /// The engine's role.
    pub role: String,
    /// Its address.
    pub server: String,
    /// Why it cannot be used now; left out where it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorDto>,
}

/// `GET /api/voices`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VoicesDto {
    /// The usual one first.
    pub voices: Vec<VoiceDto>,
    /// Whether the engine may have voices beyond these.
    #[serde(default)]
    pub others: bool,
}

/// A voice to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VoiceDto {
    /// The name to ask for.
    pub name: String,
    /// A few words for people.
    pub description: String,
}

/// An error answer of REST.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrorBody {
    /// What it was.
    pub error: ErrorDto,
}

/// `GET /health`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HealthDto {
    /// `ok` or `degraded`.
    pub status: String,
    /// The server's version.
    pub version: String,
    /// What is not well, in words.
    pub problems: Vec<String>,
}
