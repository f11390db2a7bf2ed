//! What is remembered of an object beside its bytes. The description names the bytes it was written for, so that after a
//! crash between the two writes the old description is never taken for the new bytes.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use synapscribe_domain::ObjectKey;

/// The description of one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The key, which a hashed file name does not tell.
    pub key: ObjectKey,
    /// The size of the bytes it describes.
    pub bytes: u64,
    /// When those bytes were written, in nanoseconds since 1970.
    pub written: u64,
    /// The entity tag, without quotes.
    pub etag: String,
    /// Orders the versions of one key.
    pub sequencer: String,
    /// The multipart upload it was assembled from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<String>,
    /// What the uploader said of it.
    #[serde(default)]
    pub headers: ObjectHeaders,
    /// Checksums by their S3 name, in base 64.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub checksums: BTreeMap<String, String>,
}

/// The headers an object is stored and served with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectHeaders {
    /// The media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// How to show or name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_disposition: Option<String>,
    /// How the bytes are encoded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_encoding: Option<String>,
    /// The language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_language: Option<String>,
    /// How long it may be cached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_control: Option<String>,
    /// The uploader's own pairs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
}

impl About {
    /// Whether it describes the file with these facts.
    pub fn describes(&self, file: &Metadata) -> bool {
        self.bytes == file.len() && self.written == written(file)
    }
}

/// When a file's content was last written, in nanoseconds since 1970.
pub fn written(file: &Metadata) -> u64 {
    let since = file.modified().ok().and_then(|moment| moment.duration_since(UNIX_EPOCH).ok());
    since.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}

/// The media type that a file name suggests, for objects whose description was lost.
pub fn content_type_by_name(name: &str) -> &'static str {
    let extension = name.rsplit_once('.').map(|(_, ext)| ext.to_ascii_lowercase()).unwrap_or_default();
    match extension.as_str() {
        "mp3" => "audio/mpeg",
        "wav" => "audio/wav",
        "m4a" | "mp4" => "audio/mp4",
        "ogg" | "opus" | "oga" => "audio/ogg",
        "flac" => "audio/flac",
        "webm" => "audio/webm",
        "vtt" => "text/vtt",
        "srt" => "application/x-subrip",
        "json" => "application/json",
        "txt" => "text/plain",
        "pdf" => "application/pdf",
        _ => "application/octet-stream",
    }
}
