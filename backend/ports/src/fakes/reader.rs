//! Plain text as a document: pages are parted by form feeds, lines that begin with `#` are headings, empty lines part paragraphs.

use std::path::Path;

use async_trait::async_trait;
use synapscribe_domain::document::{Area, Block, BlockKind, DocumentKind, Examined, FailedPage, Figure, OutlineEntry, ReadPage};
use synapscribe_domain::{Code, Failure};
use tokio::sync::mpsc;

use crate::{PageRead, Reader};

/// A page with this on it cannot be read.
pub const TORN: &str = "\u{1}torn";

/// A page that begins so is a picture of the text behind it, and the picture is that text.
pub const SCANNED: &str = "\u{1}scanned";

/// Reads plain text.
#[derive(Debug, Clone, Copy, Default)]
pub struct TextReader;

fn read(file: &Path) -> Result<String, Failure> {
    let bytes = std::fs::read(file).map_err(|_| Failure::not_found("document"))?;
    if bytes.is_empty() {
        return Err(Failure::new(Code::DocumentEmpty, "the file is empty"));
    }
    let text = String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
    text.ok_or_else(|| Failure::new(Code::DocumentUnsupported, "the file is no plain text"))
}

fn block(text: &str) -> Option<Block> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let hashes = text.bytes().take_while(|b| *b == b'#').count();
    let (kind, text) = match hashes {
        0 => (BlockKind::Paragraph, text.as_str()),
        level => (BlockKind::Heading(level as u8), text[level..].trim()),
    };
    (!text.is_empty()).then(|| Block { kind, text: text.to_owned(), area: None, lines: Vec::new() })
}

fn page(number: u32, text: &str) -> PageRead {
    if text.contains(TORN) {
        return Err(FailedPage { number, failure: Failure::new(Code::PageUnreadable, "the page is torn") });
    }
    if text.starts_with(SCANNED) {
        let paper = Figure { area: Area { left: 0.0, top: 0.0, right: 1.0, bottom: 1.0 }, caption: None };
        return Ok(ReadPage { number, figures: vec![paper], ..ReadPage::default() });
    }
    let blocks = text.split("\n\n").filter_map(block).collect();
    Ok(ReadPage { number, blocks, ..ReadPage::default() })
}

fn pages(text: &str) -> impl Iterator<Item = PageRead> {
    (1..).zip(text.split('\u{c}')).map(|(number, text)| page(number, text))
}

/// The picture of a page.
fn scanned(text: &str, number: u32) -> Vec<u8> {
    let page = text.split('\u{c}').nth(number as usize - 1).and_then(|page| page.strip_prefix(SCANNED));
    page.unwrap_or_default().as_bytes().to_vec()
}

fn outline(text: &str) -> Vec<OutlineEntry> {
    let headings = |page: ReadPage| {
        page.blocks.into_iter().filter_map(move |block| match block.kind {
            BlockKind::Heading(level) => Some(OutlineEntry { level, title: block.text, page: page.number }),
            _ => None,
        })
    };
    pages(text).flatten().flat_map(headings).collect()
}

#[async_trait]
impl Reader for TextReader {
    fn can_read(&self, kind: DocumentKind) -> Result<(), Failure> {
        match kind {
            DocumentKind::Text | DocumentKind::Markdown => Ok(()),
            _ => Err(Failure::new(Code::EngineMissing, "only plain text can be read here")),
        }
    }

    async fn examine(&self, file: &Path, name: &str) -> Result<Examined, Failure> {
        let text = read(file)?;
        let kind = if name.to_lowercase().ends_with(".md") { DocumentKind::Markdown } else { DocumentKind::Text };
        let outline = outline(&text);
        let title = outline.first().filter(|first| first.level == 1).map(|first| first.title.clone());
        Ok(Examined { kind, pages: pages(&text).count() as u32, title, author: None, outline, scanned: false, cut: false })
    }

    async fn pages(&self, file: &Path, _name: &str, from: u32, sink: mpsc::Sender<PageRead>) -> Result<(), Failure> {
        for page in pages(&read(file)?).skip(from.saturating_sub(1) as usize) {
            if sink.send(page).await.is_err() {
                break;
            }
        }
        Ok(())
    }

    async fn picture(&self, file: &Path, page: u32, _part: Option<Area>, _width: u32) -> Result<Vec<u8>, Failure> {
        let text = read(file)?;
        match pages(&text).nth(page.saturating_sub(1) as usize) {
            None => Err(Failure::not_found("page")),
            Some(Ok(page)) if page.is_picture() => Ok(scanned(&text, page.number)),
            Some(_) => Err(Failure::new(Code::DocumentUnsupported, "pages of plain text have no picture")),
        }
    }
}
