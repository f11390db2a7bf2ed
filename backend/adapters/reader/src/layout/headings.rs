//! Tells headings from paragraphs, and their levels, by what is usual in the whole book and by its table of contents.

use std::collections::HashMap;

use synapscribe_domain::document::OutlineEntry;

use super::marks;
use super::paragraphs::{Form, Piece};

/// Longer ones are text in large letters.
const LONGEST: usize = 160;
/// More lines of a table of contents do not lead to one page.
const MOST_ON_PAGE: usize = 100;
/// Levels beyond are not told apart.
const DEEPEST: u8 = 6;

/// How headings look, in half points and by weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Style {
    size: u32,
    bold: bool,
}

/// What is usual in a book.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Body {
    /// The size of most of its text.
    pub size: f32,
    /// Whether most of it is bold.
    pub bold: bool,
}

impl Body {
    /// By how much of the text has which size.
    pub fn of(pages: &[Vec<Piece>]) -> Self {
        let mut sizes: HashMap<Style, usize> = HashMap::new();
        for piece in pages.iter().flatten().filter(|piece| piece.form != Form::Table) {
            *sizes.entry(style(piece)).or_default() += piece.text.len();
        }
        let most = sizes.into_iter().max_by_key(|(style, count)| (*count, *style)).map(|(style, _)| style);
        let Style { size, bold } = most.unwrap_or(Style { size: 20, bold: false });
        Self { size: size as f32 / 2.0, bold }
    }
}

fn style(piece: &Piece) -> Style {
    Style { size: (piece.size * 2.0).round() as u32, bold: piece.face.bold }
}

/// The level of each piece that is a heading, page by page.
pub fn levels(pages: &[Vec<Piece>], outline: &[OutlineEntry]) -> Vec<Vec<Option<u8>>> {
    let body = Body::of(pages);
    let named = named(pages, outline);
    let mut by_style: HashMap<Style, Vec<u8>> = HashMap::new();
    for ((page, nth), level) in &named {
        by_style.entry(style(&pages[*page][*nth])).or_default().push(*level);
    }
    // Styles that are those of most text say nothing.
    let usual = |style: &Style| (style.size as f32 / 2.0 / body.size - 1.0).abs() < 0.05 && style.bold == body.bold;
    let known: HashMap<Style, u8> = by_style
        .into_iter()
        .filter(|(style, _)| !usual(style))
        .map(|(style, mut levels)| {
            levels.sort_unstable();
            (style, levels[levels.len() / 2])
        })
        .collect();
    let mut styles: Vec<Style> =
        pages.iter().flatten().filter(|piece| is_heading(piece, &body)).map(style).chain(known.keys().copied()).collect();
    styles.sort_unstable_by(|a, b| b.cmp(a));
    styles.dedup();
    let ranks = ranks(&styles, &known);
    let level_of = |page: usize, nth: usize, piece: &Piece| {
        let level = named.get(&(page, nth)).copied();
        level.or_else(|| is_heading(piece, &body).then(|| ranks.get(&style(piece)).copied().unwrap_or(1)))
    };
    let of_page = |(page, pieces): (usize, &Vec<Piece>)| {
        pieces.iter().enumerate().map(|(nth, piece)| level_of(page, nth, piece).map(|level| level.clamp(1, DEEPEST))).collect()
    };
    pages.iter().enumerate().map(of_page).collect()
}

/// The pieces that the table of contents names, on the page to which it leads.
fn named(pages: &[Vec<Piece>], outline: &[OutlineEntry]) -> HashMap<(usize, usize), u8> {
    let mut named = HashMap::new();
    let mut on_page: HashMap<u32, usize> = HashMap::new();
    for entry in outline {
        let page = entry.page.saturating_sub(1) as usize;
        let count = on_page.entry(entry.page).or_default();
        *count += 1;
        if *count > MOST_ON_PAGE {
            continue;
        }
        let title = plain(&entry.title);
        if title.is_empty() {
            continue;
        }
        let pieces = pages.get(page).map(Vec::as_slice).unwrap_or_default();
        let found = pieces.iter().enumerate().find(|(nth, piece)| {
            let text = plain(&piece.text);
            let form = matches!(piece.form, Form::Text | Form::Entry) && piece.lines <= 4 && piece.text.len() <= 2 * LONGEST;
            // The number of a chapter may be in one of the two only.
            let same = text == title || text.ends_with(&title) && text.len() <= title.len() + 14;
            let same = same || title.ends_with(&text) && text.len() > 3 && title.len() <= text.len() + 14;
            form && same && !named.contains_key(&(page, *nth))
        });
        if let Some((nth, _)) = found {
            named.insert((page, nth), entry.level);
        }
    }
    named
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Larger styles are higher; those that the table of contents knows keep the level it gives.
fn ranks(styles: &[Style], known: &HashMap<Style, u8>) -> HashMap<Style, u8> {
    let mut ranks: HashMap<Style, u8> = HashMap::new();
    let mut above: Option<(u32, u8)> = None;
    for style in styles {
        let level = known.get(style).copied().unwrap_or_else(|| match above {
            None => 1,
            // Half a point is no difference that anybody means.
            Some((size, level)) if size <= style.size + 1 => level,
            Some((_, level)) => level + 1,
        });
        ranks.insert(*style, level);
        above = Some((style.size, level.min(DEEPEST)));
    }
    ranks
}

/// Whether a piece looks like a heading.
fn is_heading(piece: &Piece, body: &Body) -> bool {
    let text = piece.text.trim();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let numbered = marks::numbered_depth(text).is_some();
    let form = piece.form == Form::Text || piece.form == Form::Entry && numbered && piece.face.bold;
    if !form
        || letters < 2
        || text.chars().count() > LONGEST
        || piece.lines > 3
        || text.chars().filter(|c| c.is_ascii_digit()).count() > letters * 2
    {
        return false;
    }
    if piece.size >= body.size * 1.15 {
        return true;
    }
    let ends = text.ends_with(['.', ',', ';', ':']) && !numbered;
    if piece.face.bold && !body.bold && piece.size >= body.size * 0.94 && !ends && piece.lines <= 2 {
        return true;
    }
    let first = text.split_whitespace().next().unwrap_or_default().to_lowercase();
    let part = ["chapter", "part", "section", "appendix", "kapitel", "teil", "anhang", "chapitre"].contains(&first.as_str());
    let short = piece.lines == 1 && text.chars().count() <= 60 && piece.size >= body.size * 0.94;
    let capitals = letters >= 4 && text.chars().all(|c| !c.is_lowercase()) && text.split_whitespace().any(|word| word.len() > 3);
    short && !ends && (part && text.split_whitespace().count() > 1 || capitals)
}

#[cfg(test)]
mod tests {
    use super::super::sheet::{Face, Frame};
    use super::*;

    fn piece(text: &str, size: f32, bold: bool) -> Piece {
        let lines = 1 + text.len() / 90;
        Piece {
            form: Form::Text,
            text: text.to_owned(),
            frame: Frame::default(),
            size,
            face: Face { bold, ..Face::default() },
            lines,
            places: Vec::new(),
        }
    }

    fn body() -> Piece {
        piece(&"The tide rises and falls twice a day, by the moon. ".repeat(8), 10.0, false)
    }

    fn check(pieces: Vec<Piece>, outline: &[OutlineEntry], expected: &[Option<u8>]) {
        assert_eq!(levels(&[pieces], outline), [expected]);
    }

    #[test]
    fn larger_is_higher_and_bold_is_lowest() {
        check(
            vec![piece("On Tides", 20.0, false), body(), piece("Spring", 14.0, true), piece("The moon", 10.0, true), body()],
            &[],
            &[Some(1), None, Some(2), Some(3), None],
        );
    }

    #[test]
    fn the_table_of_contents_decides() {
        let entry = |level, title: &str| OutlineEntry { level, title: title.to_owned(), page: 1 };
        check(
            vec![
                piece("Title", 24.0, true),
                piece("Spring tides", 10.0, false),
                body(),
                piece("2 Neap", 14.0, true),
                piece("Ebb", 14.0, true),
            ],
            &[entry(1, "Spring Tides"), entry(2, "Neap")],
            &[Some(1), Some(1), None, Some(2), Some(2)],
        );
    }

    #[test]
    fn sentences_numbers_and_long_texts_are_no_headings() {
        check(
            vec![
                body(),
                piece("He said no.", 10.0, true),
                piece("12 34 56 78 a b", 20.0, false),
                piece(&"Large ".repeat(40), 20.0, false),
            ],
            &[],
            &[None, None, None, None],
        );
    }

    #[test]
    fn capitals_and_chapters_in_the_size_of_text_are_headings() {
        check(
            vec![body(), piece("CHAPTER I", 10.0, false), piece("Chapter 2 Ebb", 10.0, false), body()],
            &[],
            &[None, Some(1), Some(1), None],
        );
    }
}
