//! Figures of documents whose pages have no picture. Each is a picture of its own in the archive, and its area only says which of them
//! it is: they are thought of as standing one below the other, so that a figure is asked for as a part of its page everywhere.

use std::collections::{HashMap, HashSet};

use synapscribe_domain::document::Area;

use crate::markup::Tag;

/// No page has more. As none of them is the half of its page, no page is taken for a scan.
pub(crate) const MOST: usize = 32;
/// What is smaller than this from side to side or from top to bottom is an ornament, in the units of Word and PowerPoint: a centimetre.
const SMALLEST: i64 = 360_000;

/// A picture in a document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Picture {
    /// The part of the archive that it is.
    pub part: String,
    /// What its maker says of it for who cannot see it.
    pub said: Option<String>,
}

/// The area of a page's nth figure, from 0.
pub(crate) fn area(nth: usize) -> Area {
    let edge = |nth: usize| nth as f32 / MOST as f32;
    Area { left: 0.0, top: edge(nth), right: 1.0, bottom: edge(nth + 1) }
}

/// Which figure of a page has this area.
pub(crate) fn nth_of(area: &Area) -> usize {
    (area.top * MOST as f32).round() as usize
}

/// Whether a part is a picture that can be shown.
pub(crate) fn is_shown(part: &str) -> bool {
    let ending = part.rsplit('.').next().unwrap_or_default().to_lowercase();
    matches!(ending.as_str(), "png" | "jpg" | "jpeg" | "jpe")
}

/// Whether this is the size of an ornament.
pub(crate) fn is_small(size: &Tag) -> bool {
    let small = |name| size.get(name).and_then(|length| length.parse::<i64>().ok()).is_some_and(|length| length < SMALLEST);
    small("cx") || small("cy")
}

/// The pictures that stand on so many pages that they are ornaments, as a logo is. They are told by the parts that they are.
pub(crate) fn ornaments<'a>(pictures: impl Iterator<Item = &'a Picture>, pages: usize) -> HashSet<String> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for picture in pictures {
        *counts.entry(picture.part.as_str()).or_default() += 1;
    }
    let most = (pages / 4).max(3);
    counts.into_iter().filter(|(_, count)| *count > most).map(|(part, _)| part.to_owned()).collect()
}

/// What somebody says of a picture; names of files and what programs guess are nobody's words.
pub(crate) fn said_of(picture: &Tag) -> Option<String> {
    let said = picture.get("descr")?.split_whitespace().collect::<Vec<_>>().join(" ");
    let guessed = said.contains("automatically generated") || said.contains("AI-generated");
    let named = !said.contains(' ') && said.contains('.');
    (!said.is_empty() && !guessed && !named).then_some(said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markup::{Event, Events};

    #[test]
    fn a_figure_is_found_by_its_area_and_none_is_half_a_page() {
        for nth in 0..MOST {
            let area = area(nth);
            assert_eq!(nth_of(&area), nth);
            assert!(area.bottom <= 1.0 && area.bottom - area.top < 0.5);
        }
        assert_eq!(nth_of(&Area { top: f32::NAN, ..area(3) }), 0);
    }

    #[test]
    fn what_stands_on_more_than_three_pages_and_a_quarter_of_them_is_an_ornament() {
        let times = |part: &str, count: usize| vec![Picture { part: part.to_owned(), said: None }; count];
        let pictures = [times("logo.png", 6), times("sea.png", 3), times("moon.png", 5)].concat();
        let found = |pages: usize| {
            let mut found: Vec<String> = ornaments(pictures.iter(), pages).into_iter().collect();
            found.sort();
            found
        };
        assert_eq!(found(8), ["logo.png", "moon.png"]);
        assert_eq!(found(20), ["logo.png"]);
    }

    #[test]
    fn only_a_person_says_something_of_a_picture() {
        let said = |text: &str| {
            let text = format!("<p:cNvPr id='4' name='Picture 3' descr='{text}'/>");
            let Some(Event::Open(tag)) = Events::of(&text).next() else { panic!("a tag") };
            said_of(&tag)
        };
        assert_eq!(said("The moon \n pulls").as_deref(), Some("The moon pulls"));
        for nothing in ["", "tides.png", "A picture containing water. Description automatically generated"] {
            assert_eq!(said(nothing), None, "{nothing}");
        }
    }
}
