//! From what is drawn on the pages of a book to what is read: order, paragraphs, headings, lists, tables, figures. Pure code over
//! positioned signs; it must not know where they come from.

mod columns;
mod fragments;
mod headings;
mod leaf;
mod lines;
pub(crate) mod marks;
mod paragraphs;
mod running;
mod sheet;
mod tables;
mod words;

use synapscribe_domain::document::{Area, Block, BlockKind, BlockLine, Figure, OutlineEntry, ReadPage};

use columns::Stretch;
use fragments::Fragment;
pub use leaf::Leaf;
use paragraphs::{Form, Piece};
pub use sheet::{Face, Frame, Sheet, Sign};
pub(crate) use words::Words;

/// No page has more figures.
const MOST_FIGURES: usize = 100;

/// The pages of a book as they are read, in order; a page's number is its place.
pub fn read(leaves: Vec<Leaf>, outline: &[OutlineEntry]) -> Vec<ReadPage> {
    let running = running::find(&leaves);
    let repeated = repeated_figures(&leaves);
    let mut words = Words::default();
    leaves.iter().flat_map(|leaf| &leaf.fragments).for_each(|fragment| words.learn(&fragment.text));
    let mut pages = Vec::with_capacity(leaves.len());
    let mut labels = Vec::with_capacity(leaves.len());
    let mut looks = Vec::with_capacity(leaves.len());
    for (mut leaf, running) in leaves.into_iter().zip(running) {
        let mut nth = 0;
        leaf.fragments.retain(|_| {
            nth += 1;
            !running.fragments.contains(&(nth - 1))
        });
        // The scanned pages of a book are pictures at the same place, too.
        let (scan, frame) = (leaf.is_scan(), leaf.frame);
        leaf.figures.retain(|figure| (scan && figure.fills(&frame)) || !repeated.contains(&place(&figure.frame)));
        pages.push(pieces(&mut leaf, &words));
        labels.push(running.label);
        // The text has gone into pieces; what is left tells where on the page they are.
        leaf.fragments = Vec::new();
        looks.push(leaf);
    }
    let levels = headings::levels(&pages, outline);
    let all = pages.into_iter().zip(levels).zip(labels).zip(looks);
    (1..).zip(all).map(|(number, (((pieces, levels), label), leaf))| page(number, pieces, &levels, label, &leaf)).collect()
}

/// Pictures that are at the same place of many pages are ornaments.
fn repeated_figures(leaves: &[Leaf]) -> std::collections::HashSet<[i32; 4]> {
    let mut count = std::collections::HashMap::new();
    for leaf in leaves {
        for figure in &leaf.figures {
            *count.entry(place(&figure.frame)).or_insert(0usize) += 1;
        }
    }
    let most = (leaves.len() / 4).max(3);
    count.into_iter().filter(|(_, count)| *count > most).map(|(place, _)| place).collect()
}

fn place(frame: &Frame) -> [i32; 4] {
    [frame.left, frame.top, frame.right, frame.bottom].map(|at| (at / 4.0).round() as i32)
}

/// What a page says, in reading order.
fn pieces(leaf: &mut Leaf, words: &Words) -> Vec<Piece> {
    let scan = leaf.is_scan();
    let fragments = std::mem::take(&mut leaf.fragments);
    let weight: usize = fragments.iter().map(Fragment::weight).sum();
    // A drawing with most of the page's text in it is a page with a frame around; a scan with a stamp on it is none.
    let holds = |frame: &Frame, fragment: &Fragment| {
        frame.holds((fragment.left + fragment.right) / 2.0, fragment.base - fragment.size * 0.3)
    };
    let page = leaf.frame;
    leaf.figures.retain(|figure| {
        let inside: usize = fragments.iter().filter(|fragment| holds(&figure.frame, fragment)).map(Fragment::weight).sum();
        inside * 2 < weight.max(1) || weight == 0 || (scan && figure.fills(&page))
    });
    let drawn = |fragment: &Fragment| leaf.figures.iter().any(|figure| figure.drawn && holds(&figure.frame, fragment));
    let (labels, fragments): (Vec<Fragment>, Vec<Fragment>) = fragments.into_iter().partition(drawn);
    let stretches: Vec<Stretch> = fragments
        .iter()
        .map(|f| Stretch { frame: f.frame(), base: f.base, size: f.size, words: f.text.split_whitespace().count() })
        .collect();
    let mut fragments: Vec<Option<Fragment>> = fragments.into_iter().map(Some).collect();
    let mut pieces: Vec<Piece> = Vec::new();
    for strip in columns::order(&stretches) {
        let strip = strip.into_iter().filter_map(|at| fragments[at].take()).collect();
        for piece in strip_pieces(strip, leaf, words) {
            match pieces.last_mut() {
                Some(before) if paragraphs::goes_over(before, &piece) => {
                    words.append(&mut before.text, &piece.text);
                    let begin = before.text.len() - piece.text.trim().len();
                    before.places.extend(piece.places.into_iter().map(|(at, frame)| (begin + at, frame)));
                }
                _ => pieces.push(piece),
            }
        }
    }
    pieces.extend(labels_piece(&labels));
    let aside = std::mem::take(&mut leaf.aside);
    let rows = lines::rows(aside);
    pieces.extend(rows.iter().map(|row| lines::line(row)).flat_map(|line| paragraphs::of(&[line], words)));
    // Text that is turned has no place in the frame of the rest.
    pieces
}

fn strip_pieces(strip: Vec<Fragment>, leaf: &Leaf, words: &Words) -> Vec<Piece> {
    let rows = lines::rows(strip);
    let mut pieces = Vec::new();
    let mut at = 0;
    let text = |rows: &[lines::Row]| {
        let mut lines: Vec<lines::Line> = rows.iter().map(|row| lines::line(row)).collect();
        lines.iter_mut().for_each(|line| lines::mark(line, &leaf.dots));
        paragraphs::of(&lines, words)
    };
    for table in tables::find(&rows, &leaf.rules) {
        pieces.extend(text(&rows[at..table.from]));
        let size = rows[table.from][0].size;
        let lines = table.to - table.from;
        let (face, places) = (Face::default(), Vec::new());
        pieces.push(Piece { form: Form::Table, text: table.text, frame: table.frame, size, face, lines, places });
        at = table.to;
    }
    pieces.extend(text(&rows[at..]));
    pieces
}

/// The words in a drawing, where there are enough to say something.
fn labels_piece(labels: &[Fragment]) -> Option<Piece> {
    let worded = |label: &&Fragment| label.text.chars().filter(|c| c.is_alphabetic()).count() > 2;
    let texts: Vec<&str> = labels.iter().filter(worded).map(|label| label.text.as_str()).collect();
    if texts.iter().map(|text| text.split_whitespace().count()).sum::<usize>() < 8 {
        return None;
    }
    let frame = labels.iter().map(Fragment::frame).reduce(|a, b| a.union(&b))?;
    let size = labels[0].size.min(6.0);
    let (face, places) = (Face::default(), Vec::new());
    Some(Piece { form: Form::Code, text: texts.join("\n"), frame, size, face, lines: texts.len(), places })
}

fn page(number: u32, pieces: Vec<Piece>, levels: &[Option<u8>], label: Option<String>, leaf: &Leaf) -> ReadPage {
    let captions: Vec<(Frame, &str)> =
        pieces.iter().filter(|piece| piece.form == Form::Caption).map(|piece| (piece.frame, piece.text.as_str())).collect();
    let figures = figures(leaf, captions);
    let block = |(piece, level): (Piece, &Option<u8>)| {
        let kind = match (piece.form, level) {
            (Form::Text | Form::Entry, Some(level)) => BlockKind::Heading(*level),
            (Form::Text, None) => BlockKind::Paragraph,
            (Form::Entry, None) => BlockKind::ListItem,
            (Form::Table, _) => BlockKind::Table,
            (Form::Caption, _) => BlockKind::Caption,
            (Form::Code, _) => BlockKind::Code,
        };
        let line = |(at, frame): &(usize, Frame)| BlockLine { at: *at as u32, area: coarse(leaf.area(frame)) };
        let lines = if piece.places.len() > 1 { piece.places.iter().map(line).collect() } else { Vec::new() };
        Block { kind, area: Some(leaf.area(&piece.frame)), lines, text: piece.text }
    };
    ReadPage { number, label, blocks: pieces.into_iter().zip(levels).map(block).collect(), figures, recognised: false }
}

/// As exact as a screen shows it: there are many lines, and all of them are stored.
fn coarse(area: Area) -> Area {
    let [left, top, right, bottom] = [area.left, area.top, area.right, area.bottom].map(|at| (at * 10_000.0).round() / 10_000.0);
    Area { left, top, right, bottom }
}

/// The figures of a page, each with the caption next to it; a caption is given to one figure.
fn figures(leaf: &Leaf, mut captions: Vec<(Frame, &str)>) -> Vec<Figure> {
    let mut figures: Vec<leaf::Figure> = leaf.figures.iter().copied().take(MOST_FIGURES).collect();
    captions.truncate(MOST_FIGURES);
    figures.sort_by(|a, b| a.frame.top.total_cmp(&b.frame.top).then(a.frame.left.total_cmp(&b.frame.left)));
    let mut said: Vec<Option<String>> = vec![None; figures.len()];
    let reach = leaf.frame.height() * 0.12;
    loop {
        // The closest pair first, so that a caption between two figures goes to the right one.
        let pairs = figures.iter().enumerate().filter(|(nth, _)| said[*nth].is_none()).flat_map(|(nth, figure)| {
            captions.iter().enumerate().filter_map(move |(at, (frame, _))| {
                let beside = frame.right.min(figure.frame.right) - frame.left.max(figure.frame.left);
                let below = (frame.top - figure.frame.bottom).max(-4.0);
                let above = (figure.frame.top - frame.bottom).max(-4.0);
                // Most captions are below.
                let gap = if below > above { below } else { above * 1.5 };
                (beside > 0.0 && gap <= reach).then_some((gap, nth, at))
            })
        });
        let Some((_, nth, at)) = pairs.min_by(|a, b| a.0.total_cmp(&b.0)) else { break };
        said[nth] = Some(captions.remove(at).1.to_owned());
    }
    figures.iter().zip(said).map(|(figure, caption)| Figure { area: leaf.area(&figure.frame), caption }).collect()
}
