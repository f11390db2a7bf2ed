//! What REST answers about packs: cards for revising, each a question with its answer and what stands behind it.

use serde::{Deserialize, Serialize};

use crate::server::CitationDto;

/// A pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PackDto {
    /// Its name everywhere.
    pub pack_id: String,
    /// What it is called.
    pub title: String,
    /// Whether it is the caller's; others read it and change nothing.
    pub own: bool,
    /// What its owner is called, where they say; nothing of the caller's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_name: Option<String>,
    /// Whether everybody sees it; otherwise its owner does, and the classes that are shown it.
    pub public: bool,
    /// How many cards it holds.
    pub cards: u32,
    /// When it was made.
    pub created: i64,
}

/// `GET /api/packs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PacksDto {
    /// The caller's own, then what classes and everybody are shown; of both the latest made first.
    pub packs: Vec<PackDto>,
}

/// A card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CardDto {
    /// Its name in its pack.
    pub card_id: String,
    /// What is asked.
    pub question: String,
    /// What is to be known.
    pub answer: String,
    /// What stands behind the answer, as far as the caller may open it.
    pub citations: Vec<CitationDto>,
    /// How many citations were left out: what they are of is gone, or somebody keeps it to themselves.
    pub withheld: u32,
    /// When it was kept.
    pub kept: i64,
}

/// `GET /api/packs/{id}`: a pack with its cards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenPackDto {
    /// The pack.
    pub pack: PackDto,
    /// What was kept first first.
    pub cards: Vec<CardDto>,
}

/// `POST /api/packs`: what a pack is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PackTitleDto {
    /// At most 120 characters.
    pub title: String,
}

/// `POST /api/packs/{id}/cards`: either a turn of the caller's, or words of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NewCardDto {
    /// The session of the turn to keep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The turn to keep, by the name of its question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_id: Option<String>,
    /// A question to write down, at most 1,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// Its answer, at most 8,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

/// `PATCH /api/packs/{id}/cards/{card}`: what is to change; its citations stay.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CardChangeDto {
    /// Another question, at most 1,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// Another answer, at most 8,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}
