//! The steps from a file to a document, in their order.

use serde::{Deserialize, Serialize};

use super::DocumentState;

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// The file's pages are read.
    Extract,
    /// Their text is cut into passages, and found by words.
    Chunk,
    /// Passages become vectors.
    Embed,
    /// Vectors become part of the index.
    Store,
}

impl Step {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Extract, Self::Chunk, Self::Embed, Self::Store];

    /// Its stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Extract => "extract",
            Self::Chunk => "chunk",
            Self::Embed => "embed",
            Self::Store => "store",
        }
    }

    /// The one after it.
    pub fn next(self) -> Option<Self> {
        Self::ALL.into_iter().find(|step| *step > self)
    }

    /// Whether a document in this state has it behind it.
    pub fn is_behind(self, state: &DocumentState) -> bool {
        let reached = match state {
            DocumentState::Uploading | DocumentState::Extracting { .. } => Self::Extract,
            DocumentState::Chunking => Self::Chunk,
            DocumentState::Embedding { .. } => Self::Embed,
            DocumentState::Indexing => Self::Store,
            DocumentState::Ready | DocumentState::Failed { .. } => return true,
        };
        self < reached
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_follow_each_other_and_are_behind_once_the_next_began() {
        let order: Vec<Step> = std::iter::successors(Some(Step::Extract), |step| step.next()).collect();
        assert_eq!(order, Step::ALL);
        let embedding = DocumentState::Embedding { done: 1, total: 9 };
        assert_eq!(Step::ALL.map(|step| step.is_behind(&embedding)), [true, true, false, false]);
        assert_eq!(Step::ALL.map(|step| step.is_behind(&DocumentState::Uploading)), [false; 4]);
        assert_eq!(Step::ALL.map(|step| step.is_behind(&DocumentState::Ready)), [true; 4]);
    }
}
