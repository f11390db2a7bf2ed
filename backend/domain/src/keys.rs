//! Where objects live: `lectures/`, `documents/`, `queries/` and `responses/`, each below the person who owns them.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::ids::{DocumentId, LectureId, PersonId, QueryId};

/// What kind of object a key names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A recording: `lectures/{person}/{lecture}/{file}`.
    Lecture(LectureId),
    /// A book or a paper: `documents/{person}/{document}/{file}`.
    Document(DocumentId),
    /// A spoken question: `queries/{person}/{query}.{ext}`.
    Query(QueryId),
    /// A spoken answer: `responses/{person}/{query}.{ext}`.
    Response(QueryId),
}

impl Place {
    /// The name of the lecture, the document or the question that it belongs to.
    pub fn name(&self) -> &str {
        match self {
            Self::Lecture(lecture) => lecture.as_str(),
            Self::Document(document) => document.as_str(),
            Self::Query(query) | Self::Response(query) => query.as_str(),
        }
    }
}

/// The key does not follow the layout.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "an object key is lectures/PERSON/LECTURE/FILE, documents/PERSON/DOCUMENT/FILE, queries/PERSON/QUERY.EXT or \
     responses/PERSON/QUERY.EXT"
)]
pub struct InvalidKey;

/// A checked object key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ObjectKey(String);

impl ObjectKey {
    /// Checks a key from outside.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidKey> {
        let text = text.into();
        split(&text)?;
        Ok(Self(text))
    }

    /// The key of a recording; the file's name is made safe, and never that of captions, which lie beside it: what a recording
    /// is, its content says.
    pub fn lecture(person: &PersonId, lecture: &LectureId, file_name: &str) -> Self {
        let key = Self(format!("lectures/{person}/{lecture}/{}", safe_file_name(file_name)));
        if key.is_captions() { Self(format!("{key}.recording")) } else { key }
    }

    /// The key of a book or a paper; the file's name is made safe.
    pub fn document(person: &PersonId, document: &DocumentId, file_name: &str) -> Self {
        Self(format!("documents/{person}/{document}/{}", safe_file_name(file_name)))
    }

    /// Whether it names captions rather than the recording they lie beside.
    pub fn is_captions(&self) -> bool {
        let lower = self.file_name().to_lowercase();
        lower.ends_with(".srt") || lower.ends_with(".vtt")
    }

    /// The key of a spoken question.
    pub fn query(person: &PersonId, query: &QueryId, extension: &str) -> Self {
        Self(format!("queries/{person}/{query}.{}", safe_extension(extension)))
    }

    /// The key of a spoken answer.
    pub fn response(person: &PersonId, query: &QueryId, extension: &str) -> Self {
        Self(format!("responses/{person}/{query}.{}", safe_extension(extension)))
    }

    /// The key of another file beside this one, such as the captions of a recording.
    pub fn beside(&self, extension: &str) -> Self {
        let stem = match self.0.rsplit_once('.') {
            Some((stem, ext)) if !ext.contains('/') => stem,
            _ => &self.0,
        };
        Self(format!("{stem}.{}", safe_extension(extension)))
    }

    /// What it names.
    pub fn place(&self) -> Place {
        split(&self.0).expect("a key is checked when it is made").1
    }

    /// Whose it is.
    pub fn owner(&self) -> PersonId {
        split(&self.0).expect("a key is checked when it is made").0
    }

    /// The last part.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ObjectKey {
    type Error = InvalidKey;
    fn try_from(text: String) -> Result<Self, InvalidKey> {
        Self::parse(text)
    }
}

impl From<ObjectKey> for String {
    fn from(key: ObjectKey) -> String {
        key.0
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn split(text: &str) -> Result<(PersonId, Place), InvalidKey> {
    if text.len() > 900 || text.chars().any(char::is_control) || text.contains('\\') {
        return Err(InvalidKey);
    }
    let parts: Vec<&str> = text.split('/').collect();
    let person = PersonId::parse(*parts.get(1).ok_or(InvalidKey)?).map_err(|_| InvalidKey)?;
    let query = |file: &str| {
        let (stem, ext) = file.rsplit_once('.').ok_or(InvalidKey)?;
        if ext.is_empty() || !ext.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(InvalidKey);
        }
        QueryId::parse(stem).map_err(|_| InvalidKey)
    };
    let place = match parts.as_slice() {
        ["lectures", _, lecture, file] if !file.is_empty() && *file != "." && *file != ".." => {
            Place::Lecture(LectureId::parse(*lecture).map_err(|_| InvalidKey)?)
        }
        ["documents", _, document, file] if !file.is_empty() && *file != "." && *file != ".." => {
            Place::Document(DocumentId::parse(*document).map_err(|_| InvalidKey)?)
        }
        ["queries", _, file] => Place::Query(query(file)?),
        ["responses", _, file] => Place::Response(query(file)?),
        _ => return Err(InvalidKey),
    };
    Ok((person, place))
}

/// Keeps letters of any script, digits, spaces and a few marks; everything else becomes `-`. The ending of a long name stays: nothing
/// else tells one kind of text from another.
fn safe_file_name(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or("");
    let safe: String = base.chars().map(|c| if c.is_alphanumeric() || " ._-()".contains(c) { c } else { '-' }).collect();
    let safe = safe.trim().trim_start_matches('.');
    let (stem, ending) = match safe.rfind('.') {
        Some(at) if safe.len() - at <= ENDING_BYTES => safe.split_at(at),
        _ => (safe, ""),
    };
    let kept: String = stem.chars().take(NAME_CHARS - ending.chars().count()).collect();
    let safe = format!("{kept}{ending}").trim_end().to_owned();
    if safe.is_empty() { "recording".into() } else { safe }
}

/// The longest name of a file, in characters.
const NAME_CHARS: usize = 120;
/// The longest ending that tells a kind, with its point; what stands behind a point further back is words.
const ENDING_BYTES: usize = 10;

fn safe_extension(extension: &str) -> String {
    let safe: String = extension.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
    if safe.is_empty() { "bin".into() } else { safe.to_ascii_lowercase() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_file_name_becomes_a_key_that_parses_and_stays_in_its_folder(name in ".{0,200}") {
            let (person, lecture) = (PersonId::parse("r:1").unwrap(), LectureId::parse("l1").unwrap());
            let key = ObjectKey::lecture(&person, &lecture, &name);
            let again = ObjectKey::parse(key.as_str()).unwrap();
            prop_assert_eq!(again.place(), Place::Lecture(lecture));
            prop_assert_eq!(again.owner(), person);
            prop_assert_eq!(key.as_str().matches('/').count(), 3);
            prop_assert!(!key.is_captions());
            let document = DocumentId::parse("d1").unwrap();
            let key = ObjectKey::parse(ObjectKey::document(&key.owner(), &document, &name).as_str()).unwrap();
            prop_assert_eq!(key.place(), Place::Document(document));
            prop_assert_eq!(key.as_str().matches('/').count(), 3);
        }

        #[test]
        fn parsing_never_panics(text in ".{0,300}") {
            let _ = ObjectKey::parse(text);
        }
    }

    #[test]
    fn tricks_are_refused() {
        for bad in [
            "lectures/../x/y",
            "lectures/a/b",
            "lectures/a/b/..",
            "documents/a/b/..",
            "documents/a/b",
            "queries/a/b",
            "/etc/passwd",
            "other/a/b.wav",
            "queries/a/../b.wav",
        ] {
            assert!(ObjectKey::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let (person, document) = (PersonId::parse("p").unwrap(), DocumentId::parse("d").unwrap());
        let named = |name: &str| ObjectKey::document(&person, &document, name).file_name().to_owned();
        let long = named(&format!("{}.md", "é".repeat(300)));
        assert_eq!(long.chars().count(), 120);
        assert!(long.ends_with("é.md"), "{long}");
        let words = named(&format!("1. {}", "a ".repeat(200)));
        assert!(words.chars().count() <= 120 && words.ends_with('a'), "{words}");
        for short in ["Week 3.mp3", "notes", "1.5 and more", "a.b.c"] {
            assert_eq!(named(short), short);
        }
    }

    #[test]
    fn captions_stand_beside_the_recording() {
        let key = ObjectKey::parse("lectures/p/l/Week 3.mp3").unwrap();
        assert_eq!(key.beside("vtt").as_str(), "lectures/p/l/Week 3.vtt");
        assert!(key.beside("vtt").is_captions() && key.beside("SRT").is_captions() && !key.is_captions());
        let (person, lecture) = (PersonId::parse("p").unwrap(), LectureId::parse("l").unwrap());
        for misnamed in ["week.vtt", "week.SRT", ".srt"] {
            let recording = ObjectKey::lecture(&person, &lecture, misnamed);
            assert!(!recording.is_captions() && recording != recording.beside("vtt"), "{recording}");
        }
    }
}
