//! Documents as the protocol's data.

use synapscribe_domain::document::{Area, Block, BlockKind, Document, DocumentState, FailedPage, Figure, OutlineEntry, ReadPage};
use synapscribe_domain::{DocumentId, PersonId, Visibility};
use synapscribe_ports::PageRead;
use synapscribe_protocol::ErrorDto;
use synapscribe_protocol::documents::{
    AreaDto, BlockDto, BlockLineDto, DocumentDto, DocumentStatusDto, FailedPageDto, FigureDto, FiguresDto, OutlineDto,
    OutlineEntryDto, PageDto, PagesReadDto, PlacedFigureDto,
};

use crate::dto::{error, share};

/// A document as `viewer` sees it, without its owner's name, which is kept elsewhere.
pub fn document(d: &Document, viewer: &PersonId) -> DocumentDto {
    DocumentDto {
        document_id: d.id.to_string(),
        title: d.title.clone(),
        author: d.author.clone(),
        kind: d.kind.map(|kind| kind.name().into()),
        state: d.state.name().into(),
        progress: share(d.state.progress()),
        can_be_asked: d.state.can_be_asked(),
        pages: d.pages,
        failed_pages: d.failed_pages,
        has_pictures: d.kind.is_some_and(|kind| kind.has_pictures()),
        has_cover: d.kind.is_some_and(|kind| kind.has_cover()),
        passages: d.passages,
        tokens_used: d.tokens,
        bytes: d.bytes,
        notes: d.notes.clone(),
        created: d.created.0,
        own: &d.owner == viewer,
        owner_name: None,
        public: d.visibility == Visibility::Public,
        s3_key: d.key.to_string(),
        error: why(d),
    }
}

fn why(d: &Document) -> Option<ErrorDto> {
    match &d.state {
        DocumentState::Failed { failure } => Some(error(failure).about(d.id.as_str())),
        _ => None,
    }
}

/// How far a document is, with the pages that could not be read.
pub fn status(d: &Document, failed: &[FailedPage]) -> DocumentStatusDto {
    let (done, total) = d.state.counted().unzip();
    let page = |page: &FailedPage| FailedPageDto { number: page.number, error: error(&page.failure) };
    DocumentStatusDto {
        document_id: d.id.to_string(),
        state: d.state.name().into(),
        progress: share(d.state.progress()),
        done,
        total,
        failed_pages: failed.iter().map(page).collect(),
        error: why(d),
    }
}

/// Figures, each with its page.
pub fn figures(id: &DocumentId, figures: &[(u32, Figure)]) -> FiguresDto {
    let placed = |(page, placed): &(u32, Figure)| PlacedFigureDto { page: *page, figure: figure(placed) };
    FiguresDto { document_id: id.to_string(), figures: figures.iter().map(placed).collect() }
}

/// A table of contents.
pub fn outline(id: &DocumentId, entries: &[OutlineEntry]) -> OutlineDto {
    let entry = |e: &OutlineEntry| OutlineEntryDto { level: e.level, title: e.title.clone(), page: e.page };
    OutlineDto { document_id: id.to_string(), entries: entries.iter().map(entry).collect() }
}

/// Pages, those that could not be read as well.
pub fn pages(id: &DocumentId, pages: &[PageRead]) -> PagesReadDto {
    PagesReadDto { document_id: id.to_string(), pages: pages.iter().map(page).collect() }
}

fn page(page: &PageRead) -> PageDto {
    match page {
        Ok(ReadPage { number, label, blocks, figures, recognised: _ }) => PageDto {
            number: *number,
            label: label.clone(),
            blocks: blocks.iter().map(block).collect(),
            figures: figures.iter().map(figure).collect(),
            error: None,
        },
        Err(FailedPage { number, failure }) => {
            PageDto { number: *number, label: None, blocks: Vec::new(), figures: Vec::new(), error: Some(error(failure)) }
        }
    }
}

fn block(block: &Block) -> BlockDto {
    let (kind, level) = match block.kind {
        BlockKind::Heading(level) => ("heading", Some(level)),
        BlockKind::Paragraph => ("paragraph", None),
        BlockKind::ListItem => ("listitem", None),
        BlockKind::Table => ("table", None),
        BlockKind::Caption => ("caption", None),
        BlockKind::Code => ("code", None),
    };
    let lines = block.lines.iter().map(|line| BlockLineDto { from: units(&block.text, line.at), area: area(line.area) });
    BlockDto { kind: kind.into(), level, text: block.text.clone(), area: block.area.map(area), lines: lines.collect() }
}

/// A place in a text as browsers count it.
fn units(text: &str, at: u32) -> u32 {
    text.get(..at as usize).map_or(0, |before| before.encode_utf16().count() as u32)
}

fn figure(figure: &Figure) -> FigureDto {
    FigureDto { area: area(figure.area), caption: figure.caption.clone() }
}

fn area(area: Area) -> AreaDto {
    AreaDto { left: area.left, top: area.top, right: area.right, bottom: area.bottom }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_a_text_are_told_as_browsers_count_them() {
        assert_eq!([0, 1, 5, 6].map(|at| units("a🌊b", at)), [0, 1, 3, 4]);
        assert_eq!(units("a", 9), 0, "no place of this text");
    }
}
