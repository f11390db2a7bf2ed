//! Pages into passages: along headings and sentences, whole where they fit, neighbours overlapping by one sentence; each knows the
//! headings it stands under and the pages it is on.

use super::{Block, BlockKind, ReadPage};
use crate::chunker::sentence_ends;
use crate::ids::{DocumentId, PassageId};
use crate::passage::{BELOW, Mark, Pages, Passage, Spot};

/// The size a passage aims at, in characters: what an embedding model reads at once.
pub const TARGET_CHARS: usize = 600;
/// The size no passage exceeds.
pub const MAX_CHARS: usize = 900;
/// Headings of more than this are cut: they were taken for headings by mistake.
const HEADING_CHARS: usize = 160;

/// A sentence, a row of a table or a line of code.
#[derive(Debug, Clone)]
struct Piece {
    text: String,
    /// Where in the text each page begins that it is on; the first begins at 0.
    pages: Vec<(usize, u32)>,
    /// Whether it begins a line of its own.
    breaks: bool,
}

impl Piece {
    fn on(page: u32, text: &str, breaks: bool) -> Self {
        Self { text: text.to_owned(), pages: vec![(0, page)], breaks }
    }

    /// With what goes on with it on another page.
    fn joined(mut self, page: u32, text: &str) -> Self {
        self.text.push(' ');
        self.pages.push((self.text.len(), page));
        self.text.push_str(text);
        self
    }

    /// A part of it.
    fn part(&self, from: usize, text: &str, breaks: bool) -> Self {
        let begun = self.pages.iter().rposition(|(at, _)| *at <= from).unwrap_or(0);
        let touched = self.pages[begun..].iter().take_while(|(at, _)| *at < from + text.len());
        let pages = touched.map(|(at, page)| (at.saturating_sub(from), *page)).collect();
        Self { text: text.to_owned(), pages, breaks }
    }

    fn last_page(&self) -> u32 {
        self.pages.last().map_or(0, |(_, page)| *page)
    }
}

/// Cuts a document's pages into passages as they come; holds no more than a section's unfinished end.
#[derive(Debug)]
pub struct Chunker {
    document: DocumentId,
    made: u32,
    /// The headings the text stands under now, with their levels.
    path: Vec<(u8, String)>,
    /// Where the last heading stands, while nothing stands under it.
    bare: Option<Pages>,
    waiting: Vec<Piece>,
    /// Running text that a page's end may have cut.
    open: Option<Piece>,
}

impl Chunker {
    /// For the first page of a document.
    pub fn new(document: &DocumentId) -> Self {
        Self { document: document.clone(), made: 0, path: Vec::new(), bare: None, waiting: Vec::new(), open: None }
    }

    /// Takes the next page, and gives what is complete.
    pub fn push(&mut self, page: &ReadPage) -> Vec<Passage> {
        let mut out = Vec::new();
        for block in &page.blocks {
            match block.kind {
                BlockKind::Heading(level) => {
                    self.close(&mut out);
                    self.head(level, &block.text, page.number, &mut out);
                }
                BlockKind::Paragraph => self.read(block, page.number),
                _ => {
                    self.end_paragraph();
                    self.lines(block, page.number);
                }
            }
        }
        self.cut(&mut out, false);
        out
    }

    /// What is left after the last page.
    pub fn finish(mut self) -> Vec<Passage> {
        let mut out = Vec::new();
        self.close(&mut out);
        self.tell_bare_heading(&mut out);
        out
    }

    /// A heading ends those of its level and below.
    fn head(&mut self, level: u8, text: &str, page: u32, out: &mut Vec<Passage>) {
        let text = squeezed(text);
        if text.is_empty() {
            return;
        }
        let level = level.max(1);
        if self.path.last().is_some_and(|(above, _)| *above >= level) {
            self.tell_bare_heading(out);
        }
        self.path.retain(|(above, _)| *above < level);
        self.path.push((level, text));
        self.bare = Some(Pages::one(page));
    }

    /// A heading under which nothing stands is a passage by itself, such as the title of a slide that is a picture.
    fn tell_bare_heading(&mut self, out: &mut Vec<Passage>) {
        let Some(pages) = self.bare.take() else { return };
        let Some((_, text)) = self.path.pop() else { return };
        for text in fitting(&text) {
            let passage = self.passage(text.to_owned(), pages);
            out.push(passage);
        }
    }

    /// Running text; what a page's end cut goes on with the next page's first words.
    fn read(&mut self, block: &Block, page: u32) {
        let text = squeezed(&block.text);
        if text.is_empty() {
            return;
        }
        self.bare = None;
        let goes_on = text.starts_with(|c: char| c.is_lowercase() || c.is_ascii_digit());
        let before = match self.open.take() {
            Some(open) if goes_on && open.last_page() < page && open.text.len() < MAX_CHARS => Some(open),
            Some(open) => {
                self.add(open);
                None
            }
            None => None,
        };
        let mut breaks = before.is_none();
        let mut start = 0;
        let mut carried = before;
        let ends = sentence_ends(&text);
        for (n, end) in ends.iter().copied().enumerate() {
            let sentence = text[start..end].trim();
            start = end;
            if sentence.is_empty() {
                continue;
            }
            let piece = match carried.take() {
                Some(open) => open.joined(page, sentence),
                None => Piece::on(page, sentence, breaks),
            };
            breaks = false;
            if n + 1 == ends.len() && !sentence.ends_with(['.', '!', '?', '…', ':', ';', '"', '”', ')']) {
                self.open = Some(piece);
            } else {
                self.add(piece);
            }
        }
        if let Some(open) = carried {
            self.add(open);
        }
    }

    /// Text whose lines stay: a list's entry, a table, a caption, code.
    fn lines(&mut self, block: &Block, page: u32) {
        for line in block.text.lines() {
            let line = if block.kind == BlockKind::Code { line.trim_end().to_owned() } else { squeezed(line) };
            if line.trim().is_empty() {
                continue;
            }
            self.bare = None;
            let ends = if matches!(block.kind, BlockKind::ListItem | BlockKind::Caption) {
                sentence_ends(&line)
            } else {
                vec![line.len()]
            };
            let (mut start, mut breaks) = (0, true);
            for end in ends {
                let text = if block.kind == BlockKind::Code { &line[start..end] } else { line[start..end].trim() };
                start = end;
                if !text.trim().is_empty() {
                    self.add(Piece::on(page, text, breaks));
                    breaks = false;
                }
            }
        }
    }

    /// A sentence that is too long for any passage is cut between its words.
    fn add(&mut self, piece: Piece) {
        for (n, text) in fitting(&piece.text).enumerate() {
            let from = text.as_ptr() as usize - piece.text.as_ptr() as usize;
            self.waiting.push(piece.part(from, text, piece.breaks && n == 0));
        }
    }

    fn end_paragraph(&mut self) {
        if let Some(open) = self.open.take() {
            self.add(open);
        }
    }

    /// The section ends here.
    fn close(&mut self, out: &mut Vec<Passage>) {
        self.end_paragraph();
        self.cut(out, true);
    }

    /// Makes passages of what waits: of all of it, or of what no later sentence changes.
    fn cut(&mut self, out: &mut Vec<Passage>, all: bool) {
        let mut first = 0;
        while first < self.waiting.len() {
            let mut last = first;
            let mut size = self.waiting[first].text.len();
            while let Some(next) = self.waiting.get(last + 1) {
                if size >= TARGET_CHARS || size + 1 + next.text.len() > MAX_CHARS {
                    break;
                }
                last += 1;
                size += 1 + next.text.len();
            }
            let Some(next) = self.waiting.get(last + 1) else {
                // What comes may still belong to it.
                if all {
                    let run = first..self.waiting.len();
                    self.emit(run, out);
                    first = self.waiting.len();
                }
                break;
            };
            let ending = &self.waiting[last];
            // One short sentence of overlap keeps a thought that straddles two passages findable.
            let overlaps =
                last > first && ending.text.len() * 3 < TARGET_CHARS && ending.text.len() + 1 + next.text.len() <= MAX_CHARS;
            self.emit(first..last + 1, out);
            first = if overlaps { last } else { last + 1 };
        }
        self.waiting.drain(..first);
    }

    fn emit(&mut self, run: std::ops::Range<usize>, out: &mut Vec<Passage>) {
        let mut text = String::new();
        let mut begun: Vec<(usize, u32)> = Vec::new();
        for piece in &self.waiting[run] {
            if !text.is_empty() {
                text.push(if piece.breaks { '\n' } else { ' ' });
            }
            begun.extend(piece.pages.iter().map(|(at, page)| (text.len() + at, *page)));
            text.push_str(&piece.text);
        }
        begun.dedup_by_key(|(_, page)| *page);
        if let Some(pages) = begun.iter().map(|(_, page)| Pages::one(*page)).reduce(Pages::around) {
            let marks = begun.iter().map(|(at, page)| Mark { at: *at, spot: Spot::Printed(Pages::one(*page)) });
            let passage = self.passage(text, pages).marked(marks.collect());
            out.push(passage);
        }
    }

    fn passage(&mut self, text: String, pages: Pages) -> Passage {
        let headings = self.path.iter().map(|(_, text)| match text.char_indices().nth(HEADING_CHARS) {
            Some((at, _)) => &text[..at],
            None => text,
        });
        let index = self.made;
        self.made += 1;
        Passage {
            id: PassageId::of(&self.document, index as usize),
            source: (&self.document).into(),
            index,
            spot: Spot::Printed(pages),
            heading: headings.collect::<Vec<_>>().join(BELOW),
            text,
            marks: Vec::new(),
        }
    }
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text in parts that fit into a passage, cut between words where there are any.
fn fitting(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if rest.len() <= MAX_CHARS {
            return Some(std::mem::take(&mut rest));
        }
        let most = rest.floor_char_boundary(MAX_CHARS);
        let at = rest[..most].rfind(char::is_whitespace).filter(|at| *at > 0).unwrap_or(most);
        let (part, after) = rest.split_at(at);
        rest = after.trim_start();
        Some(part)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn document() -> DocumentId {
        DocumentId::parse("d").unwrap()
    }

    fn block(kind: BlockKind, text: &str) -> Block {
        Block { kind, text: text.into(), area: None, lines: Vec::new() }
    }

    fn cut(pages: &[Vec<Block>]) -> Vec<Passage> {
        let mut chunker = Chunker::new(&document());
        let mut out = Vec::new();
        for (number, blocks) in (1..).zip(pages) {
            out.extend(chunker.push(&ReadPage { number, blocks: blocks.clone(), ..ReadPage::default() }));
        }
        out.extend(chunker.finish());
        out
    }

    fn told(passages: &[Passage]) -> Vec<(&str, &str, u32, u32)> {
        let pages = |p: &Passage| p.spot.pages().expect("it is printed");
        passages.iter().map(|p| (p.heading.as_str(), p.text.as_str(), pages(p).from, pages(p).to)).collect()
    }

    #[test]
    fn a_passage_knows_the_headings_above_it_and_stops_at_the_next() {
        use BlockKind::{Caption, Heading, ListItem, Paragraph, Table};
        let pages = [
            vec![block(Heading(1), "Tides"), block(Heading(2), "Why"), block(Paragraph, "The moon pulls. So does the sun.")],
            vec![block(Heading(2), "When"), block(Paragraph, "Twice a day."), block(ListItem, "high"), block(ListItem, "low")],
            vec![block(Heading(1), "Waves"), block(Table, "wind | height\n3 | 0.6 m"), block(Caption, "Table 1. Waves.")],
        ];
        assert_eq!(
            told(&cut(&pages)),
            [
                ("Tides › Why", "The moon pulls. So does the sun.", 1, 1),
                ("Tides › When", "Twice a day.\nhigh\nlow", 2, 2),
                ("Waves", "wind | height\n3 | 0.6 m\nTable 1. Waves.", 3, 3),
            ]
        );
    }

    #[test]
    fn a_sentence_that_a_page_s_end_cuts_is_one() {
        let pages =
            [vec![block(BlockKind::Paragraph, "It rises. The water")], vec![block(BlockKind::Paragraph, "falls again. Slowly.")]];
        assert_eq!(told(&cut(&pages)), [("", "It rises. The water falls again. Slowly.", 1, 2)]);
        let apart = [vec![block(BlockKind::Paragraph, "No stop here")], vec![block(BlockKind::Paragraph, "Another thought.")]];
        assert_eq!(told(&cut(&apart)), [("", "No stop here\nAnother thought.", 1, 2)]);
    }

    #[test]
    fn a_sentence_is_on_its_page_and_not_on_that_of_its_neighbour() {
        let page = |text| vec![block(BlockKind::Paragraph, text)];
        let passages = cut(&[page("It rises. The water"), page("falls again. Slowly."), page("Twice a day.")]);
        assert_eq!(told(&passages), [("", "It rises. The water falls again. Slowly.\nTwice a day.", 1, 3)]);
        let on = |words: &str| {
            let at = passages[0].text.find(words).unwrap();
            passages[0].spot_of(at..at + words.len()).pages().unwrap()
        };
        assert_eq!(on("It rises."), Pages::one(1));
        assert_eq!(on("The water falls again."), Pages::new(1, 2));
        assert_eq!([on("falls again."), on("Slowly.")], [Pages::one(2); 2]);
        assert_eq!(on("Twice a day."), Pages::one(3));
        assert_eq!(cut(&[page("It rises. Slowly.")])[0].marks, [], "there is nothing to tell apart on one page");
    }

    #[test]
    fn a_heading_with_nothing_under_it_is_not_lost() {
        let heading = |level, text| block(BlockKind::Heading(level), text);
        let pages = [vec![heading(1, "Outlook")], vec![heading(1, "Thanks")], vec![heading(1, "Part"), heading(2, "Last")]];
        assert_eq!(told(&cut(&pages)), [("", "Outlook", 1, 1), ("", "Thanks", 2, 2), ("Part", "Last", 3, 3)]);
    }

    fn kinds() -> impl Strategy<Value = BlockKind> {
        prop_oneof![
            1 => (1u8..4).prop_map(BlockKind::Heading),
            6 => Just(BlockKind::Paragraph),
            1 => Just(BlockKind::ListItem),
            1 => Just(BlockKind::Table),
            1 => Just(BlockKind::Code),
        ]
    }

    /// A kind of block, and its stretches of so many words that end so.
    type Drawn = (BlockKind, Vec<(usize, &'static str)>);

    /// Pages of blocks; words are numbered later.
    fn pages() -> impl Strategy<Value = Vec<Vec<Drawn>>> {
        let end = prop_oneof![12 => Just(" "), 2 => Just(". "), 1 => Just("? "), 1 => Just("\n"), 1 => Just(".\n")];
        let words = prop::collection::vec((0..30usize, end), 1..90);
        prop::collection::vec(prop::collection::vec((kinds(), words), 0..6), 1..8)
    }

    fn numbers(text: &str) -> Vec<usize> {
        let number = |word: &str| word.trim_matches(|c: char| !c.is_ascii_digit()).parse().ok();
        text.split_whitespace().filter_map(number).collect()
    }

    proptest! {
        #[test]
        fn no_word_is_lost_or_moved_whatever_the_pages(shape in pages()) {
            let (mut n, mut pages, mut page_of, mut headings) = (0usize, Vec::new(), Vec::new(), Vec::new());
            for (at, blocks) in shape.iter().enumerate() {
                let blocks = blocks.iter().map(|(kind, words)| {
                    let mut text = String::new();
                    for (length, end) in words {
                        text.push_str(&format!("{n}{}{end}", "x".repeat(*length)));
                        page_of.push(at as u32 + 1);
                        headings.push(matches!(kind, BlockKind::Heading(_)));
                        n += 1;
                    }
                    block(*kind, &text)
                });
                pages.push(blocks.collect::<Vec<_>>());
            }
            let passages = cut(&pages);
            let mut seen = vec![false; n];
            let mut before: Option<usize> = None;
            for (index, passage) in passages.iter().enumerate() {
                prop_assert_eq!((passage.index as usize, &passage.id), (index, &PassageId::of(&document(), index)));
                prop_assert!(passage.text.len() <= MAX_CHARS, "{} characters", passage.text.len());
                let here = numbers(&passage.text);
                prop_assert!(here.windows(2).all(|pair| pair[0] < pair[1]), "in their order, each once: {:?}", here);
                let pages = passage.spot.pages().unwrap();
                for word in &here {
                    prop_assert!(pages.from <= page_of[*word] && page_of[*word] <= pages.to, "word {word} is on page {}", page_of[*word]);
                    seen[*word] = true;
                }
                for part in crate::sentences::of(&passage.text) {
                    let words = numbers(&passage.text[part.clone()]);
                    if let (Some(first), Some(last)) = (words.first(), words.last()) {
                        let on = passage.spot_of(part).pages().unwrap();
                        prop_assert_eq!(on, Pages::new(page_of[*first], page_of[*last]), "words {} to {}", first, last);
                    }
                }
                if let (Some(before), Some(first)) = (before, here.first()) {
                    // What is there twice is the end of the passage before.
                    prop_assert!(here.iter().any(|word| *word > before), "a passage that says nothing new: {first}");
                }
                before = here.last().copied().or(before);
                // Its headings come before it.
                prop_assert!(numbers(&passage.heading).iter().all(|word| here.first().is_none_or(|first| word < first)));
            }
            for word in numbers(&passages.iter().map(|p| p.heading.as_str()).collect::<Vec<_>>().join(" ")) {
                seen[word] = true;
            }
            for (word, seen) in seen.iter().enumerate() {
                // Of a heading that is longer than headings are, only the beginning is kept above what stands under it.
                prop_assert!(*seen || headings[word], "word {word} is lost");
            }
        }
    }
}
