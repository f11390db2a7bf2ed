//! What REST answers about classes. Nobody's identity is told to anybody: a member is named by their membership.

use serde::{Deserialize, Serialize};

use crate::packs::PackDto;
use crate::server::SourceDto;

/// A class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ClassDto {
    /// Its name everywhere.
    pub class_id: String,
    /// What it is called.
    pub name: String,
    /// Whether the caller teaches it.
    pub teaching: bool,
    /// What its teacher is called, where they say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub teacher: Option<String>,
    /// The code that lets somebody in, for its teacher.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// How many are in it besides its teacher.
    pub members: u32,
    /// How many lectures, documents and packs it is shown.
    pub sources: u32,
    /// When it was made.
    pub created: i64,
}

/// `GET /api/classes`: those that the caller teaches or is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClassesDto {
    /// The latest made first.
    pub classes: Vec<ClassDto>,
}

/// A class with who is in it and what it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RoomDto {
    /// The class.
    pub class: ClassDto,
    /// Who came first first, for its teacher.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<Vec<MemberDto>>,
    /// What it is shown, the latest first.
    pub shown: Vec<ShownDto>,
    /// Which packs it is shown, the latest first.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<Vec<PackDto>>", optional))]
    pub packs: Vec<PackDto>,
}

/// Somebody in a class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MemberDto {
    /// The membership.
    pub member_id: String,
    /// What they are called, where they say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Since when they are in it.
    pub joined: i64,
}

/// Something that is shown to a class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ShownDto {
    /// What.
    pub source: SourceDto,
    /// Its title.
    pub title: String,
    /// Whether it is the caller's.
    pub own: bool,
    /// Since when.
    pub since: i64,
}

/// `POST /api/classes` and `PATCH /api/classes/{id}`: what a class is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClassNameDto {
    /// At most 80 characters.
    pub name: String,
}

/// `POST /api/classes/join`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JoinDto {
    /// The class's code, as somebody typed it.
    pub code: String,
    /// What its teacher is to read in the list of members; an account's name if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}
