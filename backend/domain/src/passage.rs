//! A stretch of a lecture or a document that is found, read and cited as one.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::chunker::BREAK;
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
    /// Where each part of the text stands, in the order of the text; empty where all of it stands in one place, and where nobody
    /// knows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
}

/// Where a part of a passage stands: what begins here and goes on to the next mark, or to the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Where in the text the part begins, in bytes.
    pub at: usize,
    /// When it was said, or the pages it is on.
    #[serde(flatten)]
    pub spot: Spot,
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

    /// The fewest pages that hold both.
    pub fn around(self, other: Self) -> Self {
        Self { from: self.from.min(other.from), to: self.to.max(other.to) }
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

    /// The least that holds both; of a recording and a document, the first.
    fn around(self, other: Self) -> Self {
        match (self, other) {
            (Self::Said(one), Self::Said(other)) => Self::Said(one.around(other)),
            (Self::Printed(one), Self::Printed(other)) => Self::Printed(one.around(other)),
            (one, _) => one,
        }
    }

    /// Where a part of the text stands of which this is the spot: of what was said, by its share of the characters.
    fn share(self, whole: Range<usize>, part: &Range<usize>) -> Self {
        match self {
            Self::Said(span) => {
                let length = whole.len().max(1) as u64;
                let inside = |offset: usize| offset.saturating_sub(whole.start).min(whole.len()) as u64;
                let at = |offset: usize| Millis(span.from.0 + span.length().0 * inside(offset) / length);
                Self::Said(Span::new(at(part.start), at(part.end)))
            }
            // Which of two pages half of a part is on nobody knows.
            Self::Printed(pages) => Self::Printed(pages),
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
            marks: Vec::new(),
        }
    }

    /// The same with where each part of it stands, which a single mark does not tell better than the spot of the whole.
    pub fn marked(self, marks: Vec<Mark>) -> Self {
        Self { marks: if marks.len() > 1 { marks } else { Vec::new() }, ..self }
    }

    /// When it was said, if it was said.
    pub fn span(&self) -> Option<Span> {
        self.spot.said()
    }

    /// Whether it goes on where another one ends: it is the next of its source, and no long silence lies between them.
    pub fn follows(&self, before: &Self) -> bool {
        let silence = match (before.spot, self.spot) {
            (Spot::Said(before), Spot::Said(here)) => here.from.0.saturating_sub(before.to.0),
            _ => 0,
        };
        self.source == before.source && before.index.checked_add(1) == Some(self.index) && silence < BREAK
    }

    /// Where a part of the text stands, by the marks of what it touches; where there are none, by its share of the whole.
    pub fn spot_of(&self, part: Range<usize>) -> Spot {
        let whole = [Mark { at: 0, spot: self.spot }];
        let marks = if self.marks.is_empty() { &whole[..] } else { &self.marks[..] };
        let holding = |at: usize| marks.partition_point(|mark| mark.at <= at).saturating_sub(1);
        let first = holding(part.start);
        let last = holding(part.end.saturating_sub(1)).max(first);
        let spots = (first..=last).map(|n| marks[n].spot.share(self.held(marks, n), &part));
        spots.reduce(Spot::around).unwrap_or(self.spot)
    }

    /// What of it stands on a page, by its marks; nothing where none of it does.
    pub fn on(self, page: u32) -> Option<Self> {
        let holds = |spot: Spot| spot.pages().is_some_and(|pages| (pages.from..=pages.to).contains(&page));
        if self.marks.is_empty() {
            return holds(self.spot).then_some(self);
        }
        let first = self.marks.iter().position(|mark| holds(mark.spot))?;
        let last = self.marks.iter().rposition(|mark| holds(mark.spot))?;
        let from = if first == 0 { 0 } else { self.marks[first].at };
        let text = self.text.get(from..self.held(&self.marks, last).end)?.to_owned();
        let marks: Vec<Mark> =
            self.marks[first..=last].iter().map(|mark| Mark { at: mark.at.saturating_sub(from), ..*mark }).collect();
        let spot = marks.iter().map(|mark| mark.spot).reduce(Spot::around)?;
        Some(Self { spot, text, ..self }.marked(marks))
    }

    /// What a mark stands for, without the space before the next.
    fn held(&self, marks: &[Mark], n: usize) -> Range<usize> {
        let from = marks[n].at;
        let to = marks.get(n + 1).map_or(self.text.len(), |next| next.at);
        from..self.text.get(from..to).map_or(from, |held| from + held.trim_end().len())
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

    fn said(from: u64, to: u64) -> Spot {
        Spot::Said(Span::new(Millis(from), Millis(to)))
    }

    /// Where these words of a passage stand.
    fn of(passage: &Passage, words: &str) -> Spot {
        let at = passage.text.find(words).unwrap();
        passage.spot_of(at..at + words.len())
    }

    #[test]
    fn a_part_stands_where_its_marks_say_and_without_marks_by_its_share() {
        let lecture = LectureId::parse("l").unwrap();
        let text = "Rivers carry sand. Glaciers are ice.";
        let plain = Passage::said(&lecture, 0, Span::new(Millis(0), Millis(64_000)), text);
        let marks = vec![Mark { at: 0, spot: said(0, 2_000) }, Mark { at: 19, spot: said(62_000, 64_000) }];
        let marked = plain.clone().marked(marks);
        assert_eq!(of(&marked, "Rivers carry sand."), said(0, 2_000));
        assert_eq!(of(&marked, "Glaciers are ice."), said(62_000, 64_000));
        assert_eq!(of(&marked, "are ice."), said(63_058, 64_000), "a part of a phrase is told by its share");
        assert_eq!(of(&marked, text), said(0, 64_000));
        assert_eq!(of(&plain, "Glaciers are ice."), said(33_777, 64_000));
        let read: Passage = serde_json::from_str(&serde_json::to_string(&marked).unwrap()).unwrap();
        assert_eq!(read, marked);
    }

    #[test]
    fn a_passage_after_a_long_silence_does_not_go_on_with_the_one_before() {
        let lecture = LectureId::parse("l").unwrap();
        let passage = |index, from, to| Passage::said(&lecture, index, Span::new(Millis(from), Millis(to)), "So.");
        let first = passage(0, 0, 2_000);
        assert!(passage(1, 6_900, 8_000).follows(&first) && passage(1, 1_000, 8_000).follows(&first));
        assert!(!passage(1, 7_000, 8_000).follows(&first) && !passage(2, 2_000, 8_000).follows(&first));
        let page = Passage { spot: Spot::Printed(Pages::one(9)), ..passage(1, 0, 0) };
        assert!(page.follows(&Passage { spot: Spot::Printed(Pages::one(1)), ..first }));
    }

    #[test]
    fn of_a_passage_over_two_pages_each_page_has_its_own_words() {
        let text = "The tide rises. The moon pulls. The sun pulls, too. Then it falls.";
        let on = |page| Spot::Printed(Pages::one(page));
        let marks = [(0, on(3)), (16, Spot::Printed(Pages::new(3, 4))), (32, on(4)), (52, on(4))];
        let marks = marks.map(|(at, spot)| Mark { at, spot }).to_vec();
        let whole = Span::new(Millis(0), Millis(0));
        let plain =
            Passage { spot: Spot::Printed(Pages::new(3, 4)), ..Passage::said(&LectureId::parse("l").unwrap(), 0, whole, text) };
        let passage = plain.clone().marked(marks);
        assert_eq!(passage.clone().on(3).unwrap().text, "The tide rises. The moon pulls.");
        let next = passage.clone().on(4).unwrap();
        assert_eq!(next.text, "The moon pulls. The sun pulls, too. Then it falls.");
        assert_eq!((of(&next, "The sun pulls, too."), of(&next, "The moon pulls.")), (on(4), Spot::Printed(Pages::new(3, 4))));
        assert_eq!((passage.on(5), plain.clone().on(4)), (None, Some(plain)), "without marks nobody knows which half is where");
    }

    #[test]
    fn marks_that_do_not_fit_the_text_do_no_harm() {
        let lecture = LectureId::parse("l").unwrap();
        let whole = Span::new(Millis(0), Millis(9_000));
        let marks = [9, 3, 900].map(|at| Mark { at, spot: said(1_000, 2_000) }).to_vec();
        let passage = Passage { marks, ..Passage::said(&lecture, 0, whole, "Öde. So.") };
        for part in [0..0, 0..5, 3..9, 9..9, 50..70] {
            let span = passage.spot_of(part).said().unwrap();
            assert!(span.from >= Millis(1_000) && span.to <= Millis(2_000), "{span:?}");
        }
        let marks = [9, 3, 900].map(|at| Mark { at, spot: Spot::Printed(Pages::one(2)) }).to_vec();
        assert!(Passage { marks, ..passage }.on(2).is_none_or(|on| "Öde. So.".contains(&on.text)));
    }

    #[test]
    fn a_spot_is_named_as_people_name_it() {
        assert_eq!(Spot::Said(Span::new(Millis(62_000), Millis(70_000))).to_string(), "1:02–1:10");
        assert_eq!(Spot::Printed(Pages::one(3)).to_string(), "page 3");
        assert_eq!(Spot::Printed(Pages::new(4, 3)).to_string(), "pages 3–4");
    }
}
