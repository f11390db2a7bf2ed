//! What is kept of a document, and how far it has come.

use serde::{Deserialize, Serialize};

use super::DocumentKind;
use crate::failure::{Code, Failure};
use crate::ids::{DocumentId, PersonId};
use crate::keys::ObjectKey;
use crate::lecture::Visibility;
use crate::time::Timestamp;

/// How far a document has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum DocumentState {
    /// An upload was granted; the file is not there yet.
    Uploading,
    /// Its pages are being read; `done` of `total` are stored.
    Extracting {
        /// Pages stored.
        done: u32,
        /// Pages in all.
        total: u32,
    },
    /// Its text is being cut into passages.
    Chunking,
    /// Its passages are found by words, and are being embedded; `done` of `total` are.
    Embedding {
        /// Passages embedded.
        done: u32,
        /// Passages in all.
        total: u32,
    },
    /// Its vectors are being indexed.
    Indexing,
    /// All of it is found by words and by meaning.
    Ready,
    /// It cannot be used, and why.
    Failed {
        /// The reason for a person.
        failure: Failure,
    },
}

impl DocumentState {
    /// The state's stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Uploading => "uploading",
            Self::Extracting { .. } => "extracting",
            Self::Chunking => "chunking",
            Self::Embedding { .. } => "embedding",
            Self::Indexing => "indexing",
            Self::Ready => "ready",
            Self::Failed { .. } => "failed",
        }
    }

    /// The share of the work done, 0 to 1, for a progress bar over all steps.
    pub fn progress(&self) -> f32 {
        let share = |done: u32, total: u32| (done as f32 / total.max(1) as f32).min(1.0);
        match self {
            Self::Uploading => 0.0,
            Self::Extracting { done, total } => 0.02 + 0.38 * share(*done, *total),
            Self::Chunking => 0.4,
            Self::Embedding { done, total } => 0.42 + 0.53 * share(*done, *total),
            Self::Indexing => 0.96,
            Self::Ready | Self::Failed { .. } => 1.0,
        }
    }

    /// Pages read or passages embedded, and those in all, in the steps that count them.
    pub fn counted(&self) -> Option<(u32, u32)> {
        match self {
            Self::Extracting { done, total } | Self::Embedding { done, total } => Some((*done, *total)),
            _ => None,
        }
    }

    /// Whether nothing more will happen by itself.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Ready | Self::Failed { .. })
    }

    /// Whether it can be asked: as soon as its passages are found by words.
    pub fn can_be_asked(&self) -> bool {
        matches!(self, Self::Embedding { .. } | Self::Indexing | Self::Ready)
    }
}

/// A book or a paper and what is known of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Its name everywhere.
    pub id: DocumentId,
    /// Who uploaded it.
    pub owner: PersonId,
    /// Who may see it.
    pub visibility: Visibility,
    /// The title shown to people: its own, or one made from the file's name.
    pub title: String,
    /// Who wrote it, where the file says so.
    pub author: Option<String>,
    /// Where the file is.
    pub key: ObjectKey,
    /// How far it has come.
    pub state: DocumentState,
    /// What it is, once it was looked at.
    pub kind: Option<DocumentKind>,
    /// How many pages it has, once it was looked at.
    pub pages: Option<u32>,
    /// How many of them could not be read.
    #[serde(default)]
    pub failed_pages: u32,
    /// How many passages its text makes, once it was cut.
    pub passages: Option<u32>,
    /// Tokens its text takes in a model's window, once it was cut.
    pub tokens: Option<u32>,
    /// The file's size.
    pub bytes: Option<u64>,
    /// What a person should know of it.
    #[serde(default)]
    pub notes: Vec<String>,
    /// When it was granted.
    pub created: Timestamp,
}

impl Document {
    /// A document that was granted and is still to come.
    pub fn granted(id: DocumentId, owner: PersonId, key: ObjectKey, title: String, now: Timestamp) -> Self {
        Self {
            id,
            owner,
            visibility: Visibility::Private,
            title,
            author: None,
            key,
            state: DocumentState::Uploading,
            kind: None,
            pages: None,
            failed_pages: 0,
            passages: None,
            tokens: None,
            bytes: None,
            notes: Vec::new(),
            created: now,
        }
    }

    /// Whether this person may see it by themselves; a class may show it to them all the same.
    pub fn is_open_to(&self, person: &PersonId) -> bool {
        self.visibility == Visibility::Public || &self.owner == person
    }
}

/// What a document may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentLimits {
    /// The largest file.
    pub bytes: u64,
    /// The most pages.
    pub pages: u32,
}

impl DocumentLimits {
    /// Of every document.
    pub const USUAL: Self = Self { bytes: 500 * 1024 * 1024, pages: 5_000 };

    /// Whether a file of this size may be a document.
    pub fn check_size(&self, bytes: u64) -> Result<(), Failure> {
        if bytes == 0 {
            return Err(Failure::new(Code::DocumentEmpty, "the file is empty; choose another one"));
        }
        if bytes > self.bytes {
            let most = self.bytes / (1024 * 1024);
            return Err(Failure::new(Code::DocumentTooBig, format!("a document has at most {most} MB; split the file")));
        }
        Ok(())
    }
}
