//! What was recognised on the picture of a page, and the page that is made of it. It knows no engine.

use super::{Area, Block, BlockKind, BlockLine, ReadPage};

/// A line of text on a picture of a page.
#[derive(Debug, Clone, PartialEq)]
pub struct RecognisedLine {
    /// Its words.
    pub text: String,
    /// Where it stands on the page.
    pub area: Area,
    /// How high its letters stand, as a share of the page's height.
    pub height: f32,
    /// How sure the recogniser is of its words, 0 to 1.
    pub confidence: f32,
    /// Which paragraph of the page it belongs to, counted in reading order.
    pub paragraph: u32,
}

/// A page with fewer letters than this says hardly anything: a stamp, or the name of the program that scanned it.
const FEW_LETTERS: usize = 40;
/// What is less sure than this is not text but the pattern of a picture.
const LEAST_SURE: f32 = 0.4;
/// The letters of a heading stand so much higher than those of the text.
const HIGHER: f32 = 1.25;
/// The same for the headings of chapters.
const MUCH_HIGHER: f32 = 1.6;
/// A heading has no more words.
const HEADING_WORDS: usize = 14;

impl ReadPage {
    /// Whether the page is a picture that says next to nothing in letters.
    pub fn is_picture(&self) -> bool {
        says_little(self.blocks.iter().map(|block| block.text.as_str()))
            && self.figures.iter().any(|figure| is_whole_page(&figure.area))
    }

    /// The page with what was recognised on its picture. One that says more by itself stays as it is, and so does one on whose
    /// picture no text stands.
    pub fn with_recognised(mut self, mut lines: Vec<RecognisedLine>) -> Self {
        lines.retain(|line| line.confidence >= LEAST_SURE && line.text.chars().any(char::is_alphanumeric));
        let usual = usual_height(&lines);
        let mut paragraphs: Vec<&[RecognisedLine]> = lines.chunk_by(|a, b| a.paragraph == b.paragraph).collect();
        let printed = [paragraphs.first(), paragraphs.last()].into_iter().flatten().find_map(|edge| page_number(edge));
        if printed.is_some() {
            paragraphs.retain(|paragraph| page_number(paragraph) != printed);
        }
        let blocks: Vec<Block> = paragraphs.into_iter().map(|paragraph| block(paragraph, usual)).collect();
        if letters(&blocks) > letters(&self.blocks) {
            let number = self.number.to_string();
            self.label = self.label.or(printed.filter(|label| *label != number));
            self.blocks = blocks;
            self.figures.retain(|figure| !is_whole_page(&figure.area));
            self.recognised = true;
        }
        self
    }
}

/// Whether the texts of a page say next to nothing.
pub fn says_little<'t>(texts: impl IntoIterator<Item = &'t str>) -> bool {
    letters_of(texts) < FEW_LETTERS
}

fn letters(blocks: &[Block]) -> usize {
    letters_of(blocks.iter().map(|block| block.text.as_str()))
}

fn letters_of<'t>(texts: impl IntoIterator<Item = &'t str>) -> usize {
    texts.into_iter().flat_map(str::chars).filter(|c| c.is_alphanumeric()).count()
}

fn is_whole_page(area: &Area) -> bool {
    (area.right - area.left) * (area.bottom - area.top) > 0.5
}

/// The height of the letters in the middle one of all lines.
fn usual_height(lines: &[RecognisedLine]) -> f32 {
    let mut heights: Vec<f32> = lines.iter().map(|line| line.height).collect();
    heights.sort_by(f32::total_cmp);
    heights.get(heights.len() / 2).copied().unwrap_or(0.0)
}

/// What is printed as the page's number, where a paragraph is nothing else.
fn page_number(paragraph: &[RecognisedLine]) -> Option<String> {
    let [line] = paragraph else { return None };
    let bare = line.text.trim_matches(|c: char| !c.is_alphanumeric());
    let number = !bare.is_empty() && bare.len() <= 4 && bare.bytes().all(|b| b.is_ascii_digit());
    let roman = bare.len() > 1 && bare.len() <= 7 && bare.bytes().all(|b| b"ivxlc".contains(&b));
    (number || roman).then(|| bare.to_owned())
}

fn block(paragraph: &[RecognisedLine], usual: f32) -> Block {
    let mut text = String::new();
    let mut lines = Vec::new();
    for line in paragraph {
        let words = line.text.trim();
        append(&mut text, words);
        lines.push(BlockLine { at: (text.len() - words.len()) as u32, area: line.area });
    }
    if lines.len() == 1 {
        lines.clear();
    }
    let height = paragraph.iter().map(|line| line.height).fold(f32::MAX, f32::min);
    let short = paragraph.len() <= 2 && text.split_whitespace().count() <= HEADING_WORDS && !text.ends_with(['.', ',', ';']);
    let kind = match short && usual > 0.0 {
        true if height > usual * MUCH_HIGHER => BlockKind::Heading(1),
        true if height > usual * HIGHER => BlockKind::Heading(2),
        _ => BlockKind::Paragraph,
    };
    Block { kind, text, area: paragraph.iter().map(|line| line.area).reduce(around), lines }
}

/// Adds a line to a text. A hyphen at its end goes where a small letter follows: how the book writes the word elsewhere is not known.
fn append(text: &mut String, line: &str) {
    let broken = text.strip_suffix(['-', '\u{AD}', '\u{2010}']).filter(|before| before.ends_with(char::is_alphabetic));
    match broken.map(str::len) {
        Some(end) if line.starts_with(char::is_lowercase) => text.truncate(end),
        _ if text.is_empty() => {}
        _ => text.push(' '),
    }
    text.push_str(line);
}

fn around(a: Area, b: Area) -> Area {
    Area { left: a.left.min(b.left), top: a.top.min(b.top), right: a.right.max(b.right), bottom: a.bottom.max(b.bottom) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Figure;

    fn line(text: &str, paragraph: u32, height: f32) -> RecognisedLine {
        let top = paragraph as f32 / 10.0;
        let area = Area { left: 0.1, top, right: 0.9, bottom: top + height };
        RecognisedLine { text: text.into(), area, height, confidence: 0.9, paragraph }
    }

    fn scan(text: &str) -> ReadPage {
        let paper = Figure { area: Area { left: 0.0, top: 0.0, right: 1.0, bottom: 1.0 }, caption: None };
        let stamp = Figure { area: Area { left: 0.0, top: 0.0, right: 0.2, bottom: 0.2 }, caption: None };
        let blocks = vec![Block { kind: BlockKind::Paragraph, text: text.into(), area: None, lines: Vec::new() }];
        ReadPage { number: 3, blocks, figures: vec![paper, stamp], ..ReadPage::default() }
    }

    #[test]
    fn a_picture_that_fills_the_page_is_one_unless_the_page_says_something() {
        assert!(scan("").is_picture() && scan("Scanned by a phone").is_picture());
        assert!(!scan("The moon pulls the water of the ocean and makes it rise.").is_picture());
        let mut page = scan("");
        page.figures.remove(0);
        assert!(!page.is_picture(), "an ornament is no page");
    }

    #[test]
    fn lines_become_headings_paragraphs_and_the_number_of_the_page() {
        let mut lines = vec![
            line("Tides", 0, 0.03),
            line("The spring tide is the high-", 1, 0.01),
            line("est tide of all, a well-", 1, 0.01),
            line("Known one.", 1, 0.01),
            line("Spring tides", 2, 0.014),
            line("It comes twice.", 3, 0.011),
            line("|{~", 4, 0.01),
            line("- xvii -", 5, 0.01),
        ];
        lines.push(RecognisedLine { confidence: 0.1, ..line("Shadows of a picture", 6, 0.01) });
        let page = scan("Scanned").with_recognised(lines);
        let said: Vec<(BlockKind, &str)> = page.blocks.iter().map(|block| (block.kind, block.text.as_str())).collect();
        assert_eq!(
            said,
            [
                (BlockKind::Heading(1), "Tides"),
                (BlockKind::Paragraph, "The spring tide is the highest tide of all, a well- Known one."),
                (BlockKind::Heading(2), "Spring tides"),
                (BlockKind::Paragraph, "It comes twice."),
            ]
        );
        assert_eq!((page.label.as_deref(), page.recognised, page.figures.len()), (Some("xvii"), true, 1));
        let area = page.blocks[1].area.unwrap();
        assert!((area.top, area.right) == (0.1, 0.9), "{area:?}");
    }

    #[test]
    fn a_page_on_whose_picture_nothing_stands_stays_as_it_is() {
        let photograph = scan("A photograph");
        assert_eq!(photograph.clone().with_recognised(Vec::new()), photograph);
        assert_eq!(photograph.clone().with_recognised(vec![line("Fig", 0, 0.01)]), photograph);
    }
}
