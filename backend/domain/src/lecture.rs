//! A recording on its way from an upload to something that answers questions.

use serde::{Deserialize, Serialize};

use crate::audio::MediaFacts;
use crate::failure::{Code, Failure};
use crate::ids::{LectureId, PersonId};
use crate::keys::ObjectKey;
use crate::time::Timestamp;

/// How far a lecture has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum LectureState {
    /// The built-in voice is speaking it, which only happens to the sample; `done` of `total` sentences are spoken.
    Making {
        /// Sentences spoken.
        done: u32,
        /// Sentences in all.
        total: u32,
    },
    /// An upload was granted; the object is not there yet.
    Uploading,
    /// The file is being checked.
    Validating,
    /// Speech is being turned into text; `done` of `total` windows are stored.
    Transcribing {
        /// Windows finished.
        done: u32,
        /// Windows in all.
        total: u32,
    },
    /// Passages are being embedded and indexed.
    Indexing,
    /// It can be asked.
    Ready,
    /// It cannot be used, and why.
    Failed {
        /// The reason for a person.
        failure: Failure,
    },
}

impl LectureState {
    /// The state's stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Making { .. } => "making",
            Self::Uploading => "uploading",
            Self::Validating => "validating",
            Self::Transcribing { .. } => "transcribing",
            Self::Indexing => "indexing",
            Self::Ready => "ready",
            Self::Failed { .. } => "failed",
        }
    }

    /// The share of the work done, 0 to 1, for a progress bar over all stages.
    pub fn progress(&self) -> f32 {
        match self {
            Self::Making { done, total } => 0.05 * (*done as f32 / (*total).max(1) as f32),
            Self::Uploading => 0.0,
            Self::Validating => 0.05,
            Self::Transcribing { done, total } => 0.1 + 0.8 * (*done as f32 / (*total).max(1) as f32),
            Self::Indexing => 0.92,
            Self::Ready | Self::Failed { .. } => 1.0,
        }
    }

    /// Whether its recording is still to come.
    pub fn waits_for_recording(&self) -> bool {
        matches!(self, Self::Making { .. } | Self::Uploading)
    }

    /// Whether nothing more will happen by itself.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Ready | Self::Failed { .. })
    }
}

/// Who may see a lecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Its owner only.
    Private,
    /// Everyone on this deployment.
    Public,
}

/// Who owns what came with the product.
pub const HOUSE: &str = "synapscribe";

/// Who added a lecture, as one person sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddedBy {
    /// The person who looks.
    You,
    /// Nobody: it came with the product.
    Sample,
    /// Another person.
    Somebody,
}

/// A recording and what is known of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lecture {
    /// Its name everywhere.
    pub id: LectureId,
    /// Who uploaded it.
    pub owner: PersonId,
    /// Who may see it.
    pub visibility: Visibility,
    /// The title shown to people, made from the file's name until someone changes it.
    pub title: String,
    /// Where the recording is.
    pub key: ObjectKey,
    /// How far it has come.
    pub state: LectureState,
    /// What was measured, once it was validated.
    pub media: Option<MediaFacts>,
    /// Tokens its transcript takes in a model's window, once it is known.
    pub tokens: Option<u32>,
    /// When it was granted.
    pub created: Timestamp,
}

impl Lecture {
    /// Whether this person may see it by themselves; a class may show it to them all the same.
    pub fn is_open_to(&self, person: &PersonId) -> bool {
        self.visibility == Visibility::Public || &self.owner == person
    }

    /// Who added it, for this person.
    pub fn added_by(&self, person: &PersonId) -> AddedBy {
        if &self.owner == person {
            AddedBy::You
        } else if self.owner.as_str() == HOUSE {
            AddedBy::Sample
        } else {
            AddedBy::Somebody
        }
    }
}

/// A title from a file's name: without folders and extension, underscores as spaces, at most 120 characters.
pub fn title_from_file_name(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let stem = match base.rsplit_once('.') {
        Some((stem, ext)) if !stem.is_empty() && ext.len() <= 5 => stem,
        _ => base,
    };
    let spaced: String = stem.chars().map(|c| if c == '_' || c.is_control() { ' ' } else { c }).collect();
    let title = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    let title: String = title.chars().take(TITLE_CHARS).collect();
    if title.is_empty() { "Untitled lecture".into() } else { title }
}

/// The longest title, in characters.
const TITLE_CHARS: usize = 120;

/// A title as a person gives it: one line, without spaces at its ends.
pub fn title_from_person(text: &str) -> Result<String, Failure> {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let title = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    match title.chars().count() {
        0 => Err(Failure::new(Code::BadMessage, "a title has at least one character; give it a name")),
        n if n > TITLE_CHARS => {
            Err(Failure::new(Code::BadMessage, format!("a title has at most {TITLE_CHARS} characters; give a shorter one")))
        }
        _ => Ok(title),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_of_a_person_is_one_line_of_some_length() {
        assert_eq!(title_from_person("  Week 3:\n the “chain” rule ").unwrap(), "Week 3: the “chain” rule");
        for bad in ["", " \t", &"x".repeat(121)] {
            assert_eq!(title_from_person(bad).unwrap_err().code, Code::BadMessage);
        }
        assert_eq!(title_from_person(&"ü".repeat(120)).unwrap().chars().count(), 120);
    }

    #[test]
    fn a_title_is_made_from_any_file_name() {
        for (name, title) in [
            ("Week_3 chain rule.mp3", "Week 3 chain rule"),
            ("../../etc/passwd", "passwd"),
            ("C:\\lectures\\Übung 1.wav", "Übung 1"),
            (".mp3", ".mp3"),
            ("", "Untitled lecture"),
            ("v1.2 notes", "v1.2 notes"),
        ] {
            assert_eq!(title_from_file_name(name), title);
        }
    }
}
