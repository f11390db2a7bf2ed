//! What a search answers with.

use serde::{Deserialize, Serialize};

use crate::server::CitationDto;

/// A passage that was found. It is told as an answer would cite it, so that whatever opens a citation opens it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct HitDto {
    /// What the lecture or the document is called.
    pub title: String,
    /// The headings it stands under, the highest first, parted by ` › `.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading: Option<String>,
    /// Where it stands, its best words, and how well they fit.
    #[serde(flatten)]
    pub place: CitationDto,
}

/// `GET /api/search?q=…&sources=NAME,NAME&limit=N`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct FoundDto {
    /// The best first.
    pub hits: Vec<HitDto>,
    /// Whether meanings were compared; otherwise only words were.
    pub by_meaning: bool,
}
