//! What stands behind a claim: the lecturer's own seconds.

use serde::{Deserialize, Serialize};

use crate::ids::{LectureId, PassageId};
use crate::passage::Passage;
use crate::time::Span;

/// A reference from an answer to a stretch of a lecture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Citation {
    /// The number the answer's text refers to, from 1.
    pub number: u32,
    /// The lecture.
    pub lecture: LectureId,
    /// The passage it was taken from.
    pub passage: PassageId,
    /// The seconds to play.
    pub span: Span,
    /// The words that support the claim.
    pub excerpt: String,
    /// How well the passage fits the question, 0 to 1.
    pub score: f32,
}

impl Citation {
    /// A citation of a part of a passage; the seconds are narrowed to where the excerpt stands in it.
    pub fn of(number: u32, passage: &Passage, excerpt: &str, score: f32) -> Self {
        let span = match passage.text.find(excerpt) {
            Some(at) => passage.span_of(at..at + excerpt.len()),
            None => passage.span,
        };
        Self { number, lecture: passage.lecture.clone(), passage: passage.id.clone(), span, excerpt: excerpt.to_owned(), score }
    }
}
