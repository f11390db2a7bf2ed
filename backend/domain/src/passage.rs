//! A stretch of a lecture or a document that is found, read and cited as one.

use serde::{Deserialize, Serialize};

use crate::ids::{LectureId, PassageId};
use crate::source::Source;
use crate::time::{Millis, Span};

/// A few sentences with the seconds they were said in, or the pages they stand on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Passage {
    /// Its name.
    pub id: PassageId,
    /// What it belongs to.
    #[serde(flatten)]
    pub source: Source,
    /// Its place in the source, from 0.
    pub index: u32,
    /// Where it is.
    #[serde(flatten)]
    pub spot: Spot,
    /// The headings it stands under, the highest first, parted by [`BELOW`]; empty where there are none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub heading: String,
    /// What it says.
    pub text: String,
}

/// What stands between a heading and the one below it.
pub const BELOW: &str = " › ";

/// Where something stands in its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Spot {
    /// In a recording: when it was said.
    #[serde(rename = "span")]
    Said(Span),
    /// In a document: the pages it is on.
    #[serde(rename = "pages")]
    Printed(Pages),
}

/// Pages from one to another, both included; the first page of a document is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Pages {
    /// The first.
    pub from: u32,
    /// The last, never before the first.
    pub to: u32,
}

impl Pages {
    /// The pages between two, in either order.
    pub fn new(a: u32, b: u32) -> Self {
        Self { from: a.min(b), to: a.max(b) }
    }

    /// One page.
    pub fn one(page: u32) -> Self {
        Self { from: page, to: page }
    }
}

impl Spot {
    /// When it was said, in a recording.
    pub fn said(self) -> Option<Span> {
        match self {
            Self::Said(span) => Some(span),
            Self::Printed(_) => None,
        }
    }

    /// The pages it is on, in a document.
    pub fn pages(self) -> Option<Pages> {
        match self {
            Self::Printed(pages) => Some(pages),
            Self::Said(_) => None,
        }
    }
}

impl std::fmt::Display for Spot {
    /// `1:02–1:10`, `page 3` or `pages 3–4`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Said(span) => write!(f, "{}–{}", span.from, span.to),
            Self::Printed(Pages { from, to }) if from == to => write!(f, "page {from}"),
            Self::Printed(Pages { from, to }) => write!(f, "pages {from}–{to}"),
        }
    }
}

impl Passage {
    /// A passage of a lecture.
    pub fn said(lecture: &LectureId, index: u32, span: Span, text: impl Into<String>) -> Self {
        Self {
            id: PassageId::of(lecture, index as usize),
            source: lecture.into(),
            index,
            spot: Spot::Said(span),
            heading: String::new(),
            text: text.into(),
        }
    }

    /// When it was said, if it was said.
    pub fn span(&self) -> Option<Span> {
        self.spot.said()
    }

    /// Where a part of the text stands: of what was said, by its share of the characters.
    pub fn spot_of(&self, part: std::ops::Range<usize>) -> Spot {
        match self.spot {
            Spot::Said(span) => {
                let total = self.text.len().max(1) as u64;
                let at = |offset: usize| Millis(span.from.0 + span.length().0 * offset as u64 / total);
                Spot::Said(Span::new(at(part.start), at(part.end)))
            }
            // Which of two pages a sentence is on is only known while it is cut.
            Spot::Printed(pages) => Spot::Printed(pages),
        }
    }

    /// What is searched by meaning: the text with the headings it stands under.
    pub fn in_context(&self) -> String {
        if self.heading.is_empty() { self.text.clone() } else { format!("{}\n{}", self.heading, self.text) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passage_kept_before_there_were_documents_is_still_read() {
        let old = r#"{"id":"l:00001","lecture":"l","index":1,"span":{"from":1000,"to":2000},"text":"So it is."}"#;
        let passage: Passage = serde_json::from_str(old).unwrap();
        let span = Span::new(Millis(1_000), Millis(2_000));
        assert_eq!(passage, Passage::said(&LectureId::parse("l").unwrap(), 1, span, "So it is."));
        assert_eq!(serde_json::to_string(&passage).unwrap(), old);
    }

    #[test]
    fn a_spot_is_named_as_people_name_it() {
        assert_eq!(Spot::Said(Span::new(Millis(62_000), Millis(70_000))).to_string(), "1:02–1:10");
        assert_eq!(Spot::Printed(Pages::one(3)).to_string(), "page 3");
        assert_eq!(Spot::Printed(Pages::new(4, 3)).to_string(), "pages 3–4");
    }
}
