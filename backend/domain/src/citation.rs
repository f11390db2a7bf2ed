//! What stands behind a claim: the lecturer's own seconds, or the page of a document.

use serde::{Deserialize, Serialize};

use crate::ids::PassageId;
use crate::passage::{Passage, Spot};
use crate::source::Source;

/// A reference from an answer to a stretch of a lecture or a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Citation {
    /// The number the answer's text refers to, from 1.
    pub number: u32,
    /// What it is taken from.
    #[serde(flatten)]
    pub source: Source,
    /// The passage it was taken from.
    pub passage: PassageId,
    /// The seconds to play, or the pages to open.
    #[serde(flatten)]
    pub spot: Spot,
    /// The words that support the claim.
    pub excerpt: String,
    /// How well the passage fits the question, 0 to 1.
    pub score: f32,
}

impl Citation {
    /// A citation of a part of a passage; the seconds or the pages are narrowed to where the excerpt stands in it.
    pub fn of(number: u32, passage: &Passage, excerpt: &str, score: f32) -> Self {
        let spot = match passage.text.find(excerpt) {
            Some(at) => passage.spot_of(at..at + excerpt.len()),
            None => passage.spot,
        };
        Self { number, source: passage.source.clone(), passage: passage.id.clone(), spot, excerpt: excerpt.to_owned(), score }
    }

    /// The seconds to play, if there are any.
    pub fn span(&self) -> Option<crate::time::Span> {
        self.spot.said()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passage::{Mark, Pages};
    use crate::{DocumentId, LectureId, Millis, Span};

    #[test]
    fn a_citation_kept_before_there_were_documents_is_still_read() {
        let old = r#"{"number":1,"lecture":"l","passage":"l:00000","span":{"from":0,"to":2000},"excerpt":"So","score":0.5}"#;
        let passage = Passage::said(&LectureId::parse("l").unwrap(), 0, Span::new(Millis(0), Millis(2_000)), "So");
        let read: Citation = serde_json::from_str(old).unwrap();
        assert_eq!(read, Citation::of(1, &passage, "So", 0.5));
        assert_eq!(serde_json::to_string(&read).unwrap(), old);
    }

    #[test]
    fn a_citation_of_a_document_names_its_pages() {
        let document = DocumentId::parse("d").unwrap();
        let passage = Passage {
            id: PassageId::of(&document, 0),
            source: (&document).into(),
            index: 0,
            spot: Spot::Printed(Pages::new(3, 4)),
            heading: "Tides".into(),
            text: "The moon pulls. So does the sun.".into(),
            marks: [(0, 3), (16, 4)].map(|(at, page)| Mark { at, spot: Spot::Printed(Pages::one(page)) }).to_vec(),
        };
        let cited = Citation::of(1, &passage, "So does", 0.5);
        assert_eq!((cited.spot, cited.span()), (Spot::Printed(Pages::one(4)), None));
        let unmarked = Citation::of(1, &Passage { marks: Vec::new(), ..passage }, "So does", 0.5);
        assert_eq!(unmarked.spot, Spot::Printed(Pages::new(3, 4)));
        assert_eq!(serde_json::from_str::<Citation>(&serde_json::to_string(&cited).unwrap()).unwrap(), cited);
    }
}
