//! A stretch of a lecture that is found, read and cited as one.

use serde::{Deserialize, Serialize};

use crate::ids::{LectureId, PassageId};
use crate::time::Span;

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
