//! Words with the seconds they were said in.

use serde::{Deserialize, Serialize};

use crate::time::Span;

/// One recognised word.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// When it was said.
    pub span: Span,
    /// The word.
    pub text: String,
    /// How sure the recogniser is, 0 to 1.
    pub confidence: f32,
}

/// A few seconds of speech: what a caption line holds, or what lies between two pauses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Phrase {
    /// When it was said.
    pub span: Span,
    /// What was said.
    pub text: String,
    /// How sure the recogniser is, 0 to 1; captions are 1.
    pub confidence: f32,
    /// The single words where the recogniser times them; empty for captions.
    pub words: Vec<Word>,
    /// Whether a person put the words right.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub corrected: bool,
}

impl Phrase {
    /// A phrase from a source that is trusted and has no word times, such as captions.
    pub fn trusted(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into(), confidence: 1.0, words: Vec::new(), corrected: false }
    }

    /// The phrase with the words a person heard; nobody has timed these.
    pub fn corrected(&self, text: impl Into<String>) -> Self {
        Self { corrected: true, ..Self::trusted(self.span, text) }
    }
}

/// Confidence below which a phrase is shown as doubtful.
pub const DOUBTFUL: f32 = 0.5;
