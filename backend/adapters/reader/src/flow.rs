//! Documents without pages of their own: blocks that follow one another, cut into pages of an even length.

use std::collections::HashSet;

use synapscribe_domain::document::{Block, BlockKind, DocumentKind, Examined, Figure, OutlineEntry, ReadPage};

use crate::figures::{self, Picture};
use crate::layout::marks::is_caption;

/// A page has about so many characters, which is what a printed one has.
const PAGE: usize = 3_000;
/// What begins a chapter begins a page, unless there is less than this on the one before.
const LEAST: usize = 600;

/// What a document says, in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Flow {
    /// The title it gives itself.
    pub title: Option<String>,
    /// Who wrote it, as it says itself.
    pub author: Option<String>,
    blocks: Vec<Block>,
    /// The blocks that begin a page, and whether they do in any case.
    breaks: Vec<(usize, bool)>,
    /// Its own table of contents: a level, a title and the block it leads to.
    contents: Vec<(u8, String, usize)>,
    /// Its pictures, each with the block that comes next.
    pictures: Vec<(usize, Picture)>,
}

/// A document that was cut into pages.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bound {
    /// What a look at it tells.
    pub examined: Examined,
    /// Its pages.
    pub pages: Vec<ReadPage>,
    /// For each page the parts of the archive that its figures are.
    pub pictures: Vec<Vec<String>>,
}

impl Flow {
    /// With what a document says of itself.
    pub fn named(title: Option<String>, author: Option<String>) -> Self {
        Self { title, author, ..Self::default() }
    }

    /// Adds a block, unless it says nothing.
    pub fn push(&mut self, kind: BlockKind, text: &str) {
        let text = match kind {
            BlockKind::Table | BlockKind::Code => text.trim_matches('\n').trim_end().to_owned(),
            _ => text.split_whitespace().collect::<Vec<_>>().join(" "),
        };
        let says = text.chars().any(|c| c.is_alphanumeric());
        let text: String = text.chars().filter(|c| !c.is_control() && *c != '\u{AD}' || matches!(c, '\n' | '\t')).collect();
        if says {
            self.blocks.push(Block { kind, text, area: None, lines: Vec::new() });
        }
    }

    /// How many blocks there are.
    pub fn len(&self) -> usize {
        self.blocks.len()
    }

    /// What comes next begins a page; where a chapter begins, only when the page before is long enough.
    pub fn break_page(&mut self, always: bool) {
        self.breaks.push((self.blocks.len(), always));
    }

    /// A line of its own table of contents.
    pub fn contents(&mut self, level: u8, title: String, block: usize) {
        self.contents.push((level, title, block));
    }

    /// A picture, before whatever comes next.
    pub fn picture(&mut self, picture: Picture) {
        self.pictures.push((self.blocks.len(), picture));
    }

    /// What is said of each picture: by the caption below it or, if that is not another's, above it, or else by its maker.
    fn captions(&mut self) -> Vec<Option<String>> {
        let mut taken: HashSet<usize> = HashSet::new();
        let mut captions = Vec::with_capacity(self.pictures.len());
        let mut told: Vec<(usize, String)> = Vec::new();
        for (next, picture) in &self.pictures {
            let is_free = |at: &usize| {
                let is_table = |at: usize| self.blocks.get(at).is_some_and(|block| block.kind == BlockKind::Table);
                let said = |block: &Block| match block.kind {
                    BlockKind::Caption => true,
                    BlockKind::Paragraph => is_caption(&block.text),
                    _ => false,
                };
                !taken.contains(at) && self.blocks.get(*at).is_some_and(said) && !is_table(*at + 1)
            };
            let caption = [Some(*next), next.checked_sub(1)].into_iter().flatten().find(is_free);
            taken.extend(caption);
            let said = picture.said.as_ref().filter(|said| caption.is_none() && said.chars().any(char::is_alphanumeric));
            told.extend(said.map(|said| (*next, said.clone())));
            captions.push(caption.map(|at| self.blocks[at].text.clone()).or_else(|| picture.said.clone()));
        }
        for at in taken {
            self.blocks[at].kind = BlockKind::Caption;
        }
        self.tell(told);
        captions
    }

    /// Puts what makers say of their pictures where these stand, so that it is found as well. They come in order.
    fn tell(&mut self, told: Vec<(usize, String)>) {
        let moved = |at: usize| at + told.partition_point(|(next, _)| *next < at);
        self.breaks.iter_mut().for_each(|(at, _)| *at = moved(*at));
        self.contents.iter_mut().for_each(|(_, _, at)| *at = moved(*at));
        self.pictures.iter_mut().for_each(|(at, _)| *at = moved(*at));
        let mut told = told.into_iter().peekable();
        for (at, block) in std::mem::take(&mut self.blocks).into_iter().enumerate() {
            while let Some((_, said)) = told.next_if(|(next, _)| *next <= at) {
                self.push(BlockKind::Caption, &said);
            }
            self.blocks.push(block);
        }
        told.for_each(|(_, said)| self.push(BlockKind::Caption, &said));
    }

    /// Leaves out the pictures that stand there again and again.
    fn drop_ornaments(&mut self) {
        let length: usize = self.blocks.iter().map(|block| block.text.chars().count()).sum();
        let ornaments = figures::ornaments(self.pictures.iter().map(|(_, picture)| picture), length / PAGE);
        self.pictures.retain(|(_, picture)| !ornaments.contains(&picture.part));
    }

    /// Cuts it into pages.
    pub fn bind(mut self, kind: DocumentKind) -> Bound {
        self.drop_ornaments();
        let captions = self.captions();
        let mut pages: Vec<Vec<Block>> = vec![Vec::new()];
        let mut length = 0;
        let mut page_of: Vec<u32> = Vec::with_capacity(self.blocks.len());
        let mut breaks = self.breaks.iter().peekable();
        for (nth, block) in self.blocks.into_iter().enumerate() {
            let mut wanted = false;
            while let Some((_, always)) = breaks.next_if(|(at, _)| *at <= nth) {
                wanted |= *always || length >= LEAST;
            }
            let mut rest = Some(block);
            let mut first = true;
            while let Some(block) = rest.take() {
                let size = block.text.chars().count();
                let full = length >= PAGE || length + size > PAGE + PAGE / 6;
                if length > 0 && (wanted || full) {
                    let before = pages.last_mut().expect("there is a first page");
                    // A heading does not stand at the end of a page, unless the page had to end there.
                    let moved = if wanted { Vec::new() } else { headings_at_end(before) };
                    page_of.iter_mut().rev().take(moved.len()).for_each(|page| *page += 1);
                    length = moved.iter().map(|heading: &Block| heading.text.chars().count()).sum();
                    pages.push(moved);
                }
                wanted = false;
                let (now, later) = cut(block, PAGE + PAGE / 6);
                if std::mem::take(&mut first) {
                    page_of.push(pages.len() as u32);
                }
                length += now.text.chars().count();
                pages.last_mut().expect("there is a first page").push(now);
                rest = later;
            }
        }
        let mut pages: Vec<ReadPage> =
            (1..).zip(pages).map(|(number, blocks)| ReadPage { number, blocks, ..ReadPage::default() }).collect();
        let mut pictures: Vec<Vec<String>> = vec![Vec::new(); pages.len()];
        for ((next, picture), caption) in self.pictures.into_iter().zip(captions) {
            let page = page_of.get(next).or(page_of.last()).map_or(0, |page| *page as usize - 1);
            let of_page = &mut pictures[page];
            if of_page.len() < figures::MOST {
                pages[page].figures.push(Figure { area: figures::area(of_page.len()), caption });
                of_page.push(picture.part);
            }
        }
        let own = self.contents.into_iter().map(|(level, title, block)| {
            let page = page_of.get(block).or(page_of.last()).copied().unwrap_or(1);
            OutlineEntry { level, title, page }
        });
        let mut outline: Vec<OutlineEntry> = own.collect();
        if outline.is_empty() {
            outline = headings(&pages);
        }
        let title =
            self.title.or_else(|| outline.first().filter(|first| first.level == 1 && first.page == 1).map(|e| e.title.clone()));
        let examined =
            Examined { kind, pages: pages.len() as u32, title, author: self.author, outline, scanned: false, cut: false };
        Bound { examined, pages, pictures }
    }
}

/// Takes away the headings at the end of a page; one that holds nothing else keeps them.
fn headings_at_end(page: &mut Vec<Block>) -> Vec<Block> {
    match page.iter().rposition(|block| !matches!(block.kind, BlockKind::Heading(_))) {
        Some(last) => page.split_off(last + 1),
        None => Vec::new(),
    }
}

/// The headings of pages, as a table of contents.
fn headings(pages: &[ReadPage]) -> Vec<OutlineEntry> {
    let of = |page: &ReadPage, block: &Block| match block.kind {
        BlockKind::Heading(level) => Some(OutlineEntry { level, title: block.text.clone(), page: page.number }),
        _ => None,
    };
    pages.iter().flat_map(|page| page.blocks.iter().filter_map(move |block| of(page, block))).collect()
}

/// A block of at most so many characters and what is left of it, cut behind a sentence, a line or a word where there is one.
fn cut(block: Block, most: usize) -> (Block, Option<Block>) {
    let Some((end, _)) = block.text.char_indices().nth(most) else { return (block, None) };
    let head = &block.text[..end];
    let half = head.len() / 2;
    let behind = |pattern: &str| head.rfind(pattern).map(|at| at + pattern.len()).filter(|at| *at > half);
    let at = behind("\n").or_else(|| behind(". ")).or_else(|| behind(" ")).unwrap_or(end);
    let (now, later) = block.text.split_at(at);
    let part = |text: &str| Block { kind: block.kind, text: text.trim_end().to_owned(), area: None, lines: Vec::new() };
    let (now, later) = (part(now), part(later.trim_start_matches(' ')));
    (now, (!later.text.is_empty()).then_some(later))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_cut_between_blocks_and_long_blocks_between_sentences() {
        let mut flow = Flow::default();
        for n in 0..10 {
            flow.push(BlockKind::Heading(1), &format!("Chapter {n}"));
            flow.push(BlockKind::Paragraph, &"The tide rises. ".repeat(60));
        }
        flow.push(BlockKind::Paragraph, &"The tide falls. ".repeat(600));
        let bound = flow.clone().bind(DocumentKind::Text);
        let long = bound.pages.iter().map(|page| page.text().chars().count()).max().unwrap();
        assert!(long < 4_000, "{long}");
        let headed = |page: &ReadPage| matches!(page.blocks.last().map(|block| block.kind), Some(BlockKind::Heading(_)));
        assert!(!bound.pages.iter().any(headed), "no heading stands at the end of a page");
        let all: String = bound.pages.iter().map(|page| page.text().replace(char::is_whitespace, "")).collect();
        assert_eq!(all.matches("Thetidefalls.").count(), 600, "nothing is lost");
        assert_eq!((bound.examined.title.as_deref(), bound.examined.outline.len()), (Some("Chapter 0"), 10));
        assert_eq!(bound.examined.pages as usize, bound.pages.len());
    }

    #[test]
    fn a_word_longer_than_a_page_is_cut_anywhere() {
        let mut flow = Flow::default();
        flow.push(BlockKind::Paragraph, &"ä".repeat(20_000));
        assert!(flow.bind(DocumentKind::Text).pages.len() > 4);
    }

    #[test]
    fn a_picture_stands_on_the_page_of_what_follows_with_the_caption_next_to_it() {
        let mut flow = Flow::default();
        let picture = |name: &str| Picture { part: format!("{name}.png"), said: Some(format!("{name} in short")) };
        flow.push(BlockKind::Paragraph, "The tide rises.");
        flow.picture(picture("one"));
        flow.push(BlockKind::Caption, "Tides of a day");
        flow.picture(picture("two"));
        flow.push(BlockKind::Paragraph, "Figure 2: Tides of a month");
        flow.picture(picture("three"));
        flow.push(BlockKind::Caption, "Table 1: Ports");
        flow.push(BlockKind::Table, "Dover | 6.8");
        flow.break_page(true);
        flow.picture(picture("four"));
        flow.push(BlockKind::Paragraph, "The tide falls.");
        flow.picture(picture("five"));
        let bound = flow.bind(DocumentKind::Word);
        assert_eq!(bound.pictures, [vec!["one.png", "two.png", "three.png"], vec!["four.png", "five.png"]]);
        let captions = |page: &ReadPage| page.figures.iter().map(|figure| figure.caption.clone().unwrap()).collect::<Vec<_>>();
        assert_eq!(captions(&bound.pages[0]), ["Tides of a day", "Figure 2: Tides of a month", "three in short"]);
        assert_eq!(captions(&bound.pages[1]), ["four in short", "five in short"]);
        assert_eq!(bound.pages[0].blocks[2].kind, BlockKind::Caption);
    }

    #[test]
    fn what_is_said_of_a_picture_is_read_where_it_stands_and_ornaments_are_not_there() {
        let mut flow = Flow::default();
        let picture = |name: &str| Picture { part: format!("{name}.png"), said: Some(format!("{name} in short")) };
        for day in 0..4 {
            flow.picture(picture("logo"));
            flow.push(BlockKind::Paragraph, &format!("Day {day}"));
        }
        flow.break_page(true);
        flow.contents(1, "The sea".to_owned(), flow.len());
        flow.picture(picture("sea"));
        flow.push(BlockKind::Paragraph, "The tide rises.");
        flow.picture(picture("shore"));
        let bound = flow.bind(DocumentKind::Word);
        let texts = |page: &ReadPage| page.blocks.iter().map(|block| block.text.clone()).collect::<Vec<_>>();
        assert_eq!(texts(&bound.pages[0]), ["Day 0", "Day 1", "Day 2", "Day 3"]);
        assert_eq!(texts(&bound.pages[1]), ["sea in short", "The tide rises.", "shore in short"]);
        assert_eq!(bound.pages[1].blocks[0].kind, BlockKind::Caption);
        assert_eq!(bound.pictures, [vec![], vec!["sea.png", "shore.png"]]);
        assert_eq!(bound.examined.outline[0].page, 2);
    }

    #[test]
    fn nothing_is_one_empty_page() {
        assert_eq!(Flow::default().bind(DocumentKind::Text).pages.len(), 1);
    }
}
