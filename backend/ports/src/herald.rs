//! What other systems are told when something happened, in the domain's words, and what carries it to them. The wire form is made by the
//! implementation.

use async_trait::async_trait;
use synapscribe_domain::{Code, DocumentId, LectureId};
use thiserror::Error;

/// Something that happened and that other systems may build on: no more than which thing it is about, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// A lecture can be asked.
    LectureReady(LectureId),
    /// A lecture cannot be used, for this reason.
    LectureFailed(LectureId, Code),
    /// All of a document can be asked.
    DocumentReady(DocumentId),
    /// A document cannot be used, for this reason.
    DocumentFailed(DocumentId, Code),
}

impl Happening {
    /// The stable text of what happened.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::LectureReady(_) => "lecture_ready",
            Self::LectureFailed(..) => "lecture_failed",
            Self::DocumentReady(_) => "document_ready",
            Self::DocumentFailed(..) => "document_failed",
        }
    }

    /// The name of what it happened to.
    pub fn name(&self) -> &str {
        match self {
            Self::LectureReady(lecture) | Self::LectureFailed(lecture, _) => lecture.as_str(),
            Self::DocumentReady(document) | Self::DocumentFailed(document, _) => document.as_str(),
        }
    }
}

/// An event was not taken.
#[derive(Debug, Error)]
#[error("the bus did not take an event: {0}")]
pub struct BusError(pub String);

/// Tells other systems.
#[async_trait]
pub trait Herald: Send + Sync {
    /// Tells whoever listens, of whom nothing is known: there may be nobody.
    async fn tell(&self, happening: &Happening) -> Result<(), BusError>;
}

/// Carries events to whoever listens.
#[async_trait]
pub trait Bus: Send + Sync {
    /// Takes an event: the name of its kind, by which listeners choose, and the rest as an object of JSON.
    async fn put(&self, kind: &str, detail: &str) -> Result<(), BusError>;
}

/// Tells nobody, where there is no bus.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unheard;

#[async_trait]
impl Herald for Unheard {
    async fn tell(&self, _: &Happening) -> Result<(), BusError> {
        Ok(())
    }
}
