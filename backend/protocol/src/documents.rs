//! What REST answers about documents; pages are counted from 1, places on a page are shares of its width and height.

use serde::{Deserialize, Serialize};

use crate::server::ErrorDto;

/// A document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DocumentDto {
    /// Its name.
    pub document_id: String,
    /// Its title.
    pub title: String,
    /// Who wrote it, where the file says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// `pdf`, `epub`, `word`, `slides`, `markdown` or `text`, once it was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// `uploading`, `extracting`, `chunking`, `embedding`, `indexing`, `ready` or `failed`.
    pub state: String,
    /// The share done, 0 to 1.
    pub progress: f32,
    /// Whether it can be asked: by its words as soon as it is cut, by meaning once it is ready.
    pub can_be_asked: bool,
    /// Its pages, once it was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<u32>,
    /// Those of them that could not be read.
    #[serde(default)]
    pub failed_pages: u32,
    /// Whether its pages can be shown as pictures.
    #[serde(default)]
    pub has_pictures: bool,
    /// Whether it may have a cover; a book may bring none.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<bool>", optional))]
    pub has_cover: bool,
    /// Its passages, once it was cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passages: Option<u32>,
    /// Tokens its text takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens_used: Option<u32>,
    /// Its size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// What a person should know of it.
    pub notes: Vec<String>,
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
    /// Where the file is.
    pub s3_key: String,
    /// Why it cannot be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorDto>,
}

/// `GET /api/documents`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DocumentsDto {
    /// Newest first.
    pub documents: Vec<DocumentDto>,
}

/// A line of a table of contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutlineEntryDto {
    /// How deep it stands, from 1.
    pub level: u8,
    /// Its words.
    pub title: String,
    /// The page it leads to.
    pub page: u32,
}

/// `GET /api/documents/{id}/outline`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OutlineDto {
    /// The document.
    pub document_id: String,
    /// In order.
    pub entries: Vec<OutlineEntryDto>,
}

/// A part of a page, from its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AreaDto {
    /// The left edge, 0 to 1.
    pub left: f32,
    /// The upper edge, 0 to 1.
    pub top: f32,
    /// The right edge, 0 to 1.
    pub right: f32,
    /// The lower edge, 0 to 1.
    pub bottom: f32,
}

/// A line of a part of a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlockLineDto {
    /// Where its words begin in the text, in UTF-16 units.
    pub from: u32,
    /// Where it stands.
    pub area: AreaDto,
}

/// A part of a page that is read as one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlockDto {
    /// `heading`, `paragraph`, `listitem`, `table`, `caption` or `code`.
    pub kind: String,
    /// The level of a heading, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
    /// Its text; the rows of a table are lines with ` | ` between cells.
    pub text: String,
    /// Where it stands, on a page that has a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<AreaDto>,
    /// Its lines on such a page, where there are several and they are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<BlockLineDto>,
}

/// A figure on a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FigureDto {
    /// Where it stands.
    pub area: AreaDto,
    /// What is said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PageDto {
    /// Its place, from 1.
    pub number: u32,
    /// What is printed on it as its number, where that differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What it says, in reading order.
    pub blocks: Vec<BlockDto>,
    /// Its figures.
    pub figures: Vec<FigureDto>,
    /// Why it could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorDto>,
}

/// `GET /api/documents/{id}/pages?from=N&to=N`: no more than 50 at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PagesReadDto {
    /// The document.
    pub document_id: String,
    /// Those that are read by now, in order.
    pub pages: Vec<PageDto>,
}

/// `POST /api/documents`: asks for an address to upload a document to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NewDocumentDto {
    /// The file's name, for the title.
    pub file_name: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// Where to put a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UploadDto {
    /// The document's name.
    pub document_id: String,
    /// An address that accepts one PUT of the exact size.
    pub upload_url: String,
    /// The object's key; clients with credentials may upload to it in parts instead.
    pub s3_key: String,
    /// Seconds the address is good for.
    pub expires_in: u32,
    /// The media type the address was made for.
    pub content_type: String,
}

/// `GET /api/documents/{id}/status`: how far a document is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DocumentStatusDto {
    /// The document.
    pub document_id: String,
    /// `uploading`, `extracting`, `chunking`, `embedding`, `indexing`, `ready` or `failed`.
    pub state: String,
    /// The share done, 0 to 1.
    pub progress: f32,
    /// Pages read while extracting, passages embedded while embedding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<u32>,
    /// Pages or passages in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u32>,
    /// The pages that could not be read; the others are kept.
    pub failed_pages: Vec<FailedPageDto>,
    /// Why it cannot be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorDto>,
}

/// A page that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FailedPageDto {
    /// Its place, from 1.
    pub number: u32,
    /// Why.
    pub error: ErrorDto,
}

/// `GET /api/documents/{id}/figures`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct FiguresDto {
    /// The document.
    pub document_id: String,
    /// In the order of pages.
    pub figures: Vec<PlacedFigureDto>,
}

/// A figure with the page it is on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlacedFigureDto {
    /// The page, from 1.
    pub page: u32,
    /// Where it stands on it, and what is said of it.
    #[serde(flatten)]
    pub figure: FigureDto,
}
