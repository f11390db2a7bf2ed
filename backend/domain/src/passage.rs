//! A stretch of a lecture that is found, read and cited as one.

use serde::{Deserialize, Serialize};

use crate::ids::{LectureId, PassageId};
use crate::time::{Millis, Span};

/// A few sentences with the seconds they were said in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Passage {
    /// Its name.
    pub id: PassageId,
    /// The lecture it belongs to.
    pub lecture: LectureId,
    /// Its place in the lecture, from 0.
    pub index: u32,
    /// When it was said.
    pub span: Span,
    /// What was said.
    pub text: String,
}

impl Passage {
    /// When a part of the text was said, by its share of the characters.
    pub fn span_of(&self, part: std::ops::Range<usize>) -> Span {
        let total = self.text.len().max(1) as u64;
        let at = |offset: usize| Millis(self.span.from.0 + self.span.length().0 * offset as u64 / total);
        Span::new(at(part.start), at(part.end))
    }
}
