//! Documents of Word: paragraphs by their styles, lists, tables, pictures and notes.

use std::collections::HashMap;

use synapscribe_domain::Failure;
use synapscribe_domain::document::BlockKind;

use crate::archive::Archive;
use crate::figures::{self, Picture};
use crate::flow::Flow;
use crate::markup::{Event, Events, Tag};
use crate::office::Relations;
use crate::{office, verdict};

/// What a document says.
pub(crate) fn read(archive: &mut Archive) -> Result<Flow, Failure> {
    let start = office::start(archive, "word/document.xml")?.ok_or_else(verdict::corrupt)?;
    let relations = office::relations(archive, &start)?;
    let part = |archive: &mut Archive, kind: &str| match office::first_of(&relations, kind) {
        Some(part) => archive.text(part),
        None => Ok(None),
    };
    let styles = Styles::of(&part(archive, "styles")?.unwrap_or_default());
    let (title, author) = office::names(archive)?;
    let mut flow = Flow::named(title, author);
    Writing::follow(&archive.text(&start)?.ok_or_else(verdict::corrupt)?, &styles, &relations, &mut flow);
    for notes in ["footnotes", "endnotes"] {
        if let Some(text) = part(archive, notes)? {
            // What they name they name by themselves.
            Writing::follow(&text, &styles, &Relations::new(), &mut flow);
        }
    }
    if flow.len() == 0 { Err(verdict::no_text()) } else { Ok(flow) }
}

/// What the styles of a document mean, whatever they are called in the writer's language.
#[derive(Default)]
struct Styles {
    /// The name by which all writers know a style, and the style it is made from.
    known: HashMap<String, (String, Option<String>, Option<u8>)>,
}

impl Styles {
    fn of(text: &str) -> Self {
        let mut styles = Self::default();
        let mut id = String::new();
        for event in Events::of(text) {
            let Event::Open(tag) = event else { continue };
            match tag.name.as_str() {
                "style" => {
                    id = tag.get("styleId").unwrap_or_default().to_owned();
                    styles.known.insert(id.clone(), Default::default());
                }
                "name" | "basedOn" | "outlineLvl" => {
                    let (Some(style), Some(value)) = (styles.known.get_mut(&id), tag.get("val")) else { continue };
                    match tag.name.as_str() {
                        "name" => style.0 = value.to_lowercase(),
                        "basedOn" => style.1 = Some(value.to_owned()),
                        _ => style.2 = value.parse::<u8>().ok().filter(|level| *level < 9).map(|level| level + 1),
                    }
                }
                _ => {}
            }
        }
        styles
    }

    /// Whether a paragraph of a style is a line of a table of contents: it says what the headings say once more, with numbers of pages
    /// that are not ours.
    fn is_contents(&self, id: &str) -> bool {
        let name = self.known.get(id).map_or_else(|| id.to_lowercase(), |(name, ..)| name.clone()).replace(' ', "");
        let listed = |rest: &str| rest == "heading" || rest.parse::<u8>().is_ok();
        name == "tableoffigures" || name.strip_prefix("toc").is_some_and(listed)
    }

    /// What a paragraph of a style is; styles inherit from one another.
    fn kind(&self, id: &str) -> Option<BlockKind> {
        let mut id = id;
        for _ in 0..16 {
            let Some((name, base, level)) = self.known.get(id) else { return named(&id.to_lowercase()) };
            if let Some(kind) = named(name).or(level.map(BlockKind::Heading)) {
                return Some(kind);
            }
            id = base.as_deref()?;
        }
        None
    }
}

fn named(name: &str) -> Option<BlockKind> {
    let bare = name.replace(' ', "");
    if let Some(level) = bare.strip_prefix("heading").and_then(|level| level.parse::<u8>().ok()) {
        return Some(BlockKind::Heading(level.clamp(1, 9)));
    }
    match bare.as_str() {
        "title" => Some(BlockKind::Heading(1)),
        "caption" => Some(BlockKind::Caption),
        "listparagraph" => Some(BlockKind::ListItem),
        _ if bare.starts_with("listbullet") || bare.starts_with("listnumber") => Some(BlockKind::ListItem),
        _ if bare.contains("code") || bare.starts_with("htmlpreformatted") => Some(BlockKind::Code),
        _ => None,
    }
}

/// A paragraph on its way, and the tables it is in.
struct Writing<'a> {
    styles: &'a Styles,
    relations: &'a Relations,
    flow: &'a mut Flow,
    text: String,
    kind: BlockKind,
    in_text: bool,
    in_contents: bool,
    tables: Vec<Table>,
    code: String,
    /// What is said of the drawing it is in; nothing where that is an ornament.
    drawing: Option<Option<String>>,
}

#[derive(Default)]
struct Table {
    rows: Vec<String>,
    cells: Vec<String>,
}

impl<'a> Writing<'a> {
    fn follow(text: &str, styles: &'a Styles, relations: &'a Relations, flow: &'a mut Flow) {
        let mut writing = Self {
            styles,
            relations,
            flow,
            text: String::new(),
            kind: BlockKind::Paragraph,
            in_text: false,
            in_contents: false,
            tables: Vec::new(),
            code: String::new(),
            drawing: None,
        };
        for event in office::events(text) {
            match event {
                Event::Open(tag) => writing.open(&tag),
                Event::Close(name) => writing.close(&name),
                Event::Text(text) if writing.in_text => writing.text.push_str(&text),
                Event::Text(_) => {}
            }
        }
        writing.end_paragraph();
        writing.end_code();
    }

    fn open(&mut self, tag: &Tag) {
        match tag.name.as_str() {
            "drawing" => self.drawing = Some(None),
            "extent" if figures::is_small(tag) => self.drawing = None,
            "docPr" => self.drawing.iter_mut().for_each(|said| *said = figures::said_of(tag)),
            "blip" => self.picture(tag),
            "p" if self.tables.is_empty() => self.end_paragraph(),
            "t" => self.in_text = true,
            "tab" => self.text.push(' '),
            "br" | "cr" => self.text.push(if self.kind == BlockKind::Code { '\n' } else { ' ' }),
            "noBreakHyphen" => self.text.push('-'),
            "pStyle" => {
                let style = tag.get("val").unwrap_or_default();
                self.kind = self.styles.kind(style).unwrap_or(self.kind);
                self.in_contents = self.styles.is_contents(style);
            }
            // A number of zero takes the paragraph out of the list that its style puts it in.
            "numId" if self.kind == BlockKind::Paragraph && tag.get("val") != Some("0") => self.kind = BlockKind::ListItem,
            "outlineLvl" => {
                if let Some(level) = tag.get("val").and_then(|level| level.parse::<u8>().ok()).filter(|level| *level < 9) {
                    self.kind = BlockKind::Heading(level + 1);
                }
            }
            "tbl" => {
                self.end_paragraph();
                self.end_code();
                self.tables.push(Table::default());
            }
            "tc" => {
                if let Some(table) = self.tables.last_mut() {
                    table.cells.push(String::new());
                }
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "drawing" => self.drawing = None,
            "t" => self.in_text = false,
            "p" => self.end_paragraph(),
            "tr" => {
                if let Some(table) = self.tables.last_mut() {
                    let cells = std::mem::take(&mut table.cells);
                    table.rows.push(cells.join(" | "));
                }
            }
            "tbl" => {
                let Some(table) = self.tables.pop() else { return };
                match self.tables.last_mut().and_then(|outer| outer.cells.last_mut()) {
                    // A table in a cell is read as a part of it.
                    Some(cell) => cell.push_str(&table.rows.join("; ")),
                    None => self.flow.push(BlockKind::Table, &table.rows.join("\n")),
                }
            }
            _ => {}
        }
    }

    fn end_paragraph(&mut self) {
        let text = std::mem::take(&mut self.text);
        let kind = std::mem::replace(&mut self.kind, BlockKind::Paragraph);
        if std::mem::take(&mut self.in_contents) {
            return;
        }
        if let Some(cell) = self.tables.last_mut().and_then(|table| table.cells.last_mut()) {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            if !cell.is_empty() && !text.is_empty() {
                cell.push(' ');
            }
            cell.push_str(&text);
            return;
        }
        // Each line of code is a paragraph of its own.
        if kind == BlockKind::Code {
            self.code.push_str(&text);
            self.code.push('\n');
            return;
        }
        if !text.trim().is_empty() {
            self.end_code();
            self.flow.push(kind, &text);
        }
    }

    fn picture(&mut self, blip: &Tag) {
        let part = blip.get("embed").and_then(|id| office::picture(self.relations, id));
        if let (Some(part), Some(said)) = (part, self.drawing.take()) {
            self.flow.picture(Picture { part, said });
        }
    }

    fn end_code(&mut self) {
        let code = std::mem::take(&mut self.code);
        self.flow.push(BlockKind::Code, &code);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use synapscribe_domain::document::DocumentKind;

    #[test]
    fn paragraphs_are_what_their_styles_say() {
        let styles = Styles::of(
            "<w:styles><w:style w:styleId='berschrift2'><w:name w:val='heading 2'/></w:style>\
             <w:style w:styleId='Mine'><w:name w:val='My head'/><w:basedOn w:val='berschrift2'/></w:style>\
             <w:style w:styleId='Verzeichnis1'><w:name w:val='toc 1'/></w:style>\
             <w:style w:styleId='Ring'><w:name w:val='x'/><w:basedOn w:val='Ring'/></w:style></w:styles>",
        );
        let p = |style: &str, text: &str| {
            format!("<w:p><w:pPr><w:pStyle w:val='{style}'/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>")
        };
        let text = [
            p("Title", "Tides"),
            p("TOCHeading", "Contents"),
            p("Verzeichnis1", "Spring 7"),
            p("Mine", "Spring"),
            p("Ring", "The tide rises."),
            "<w:p><w:pPr><w:numPr><w:numId w:val='1'/></w:numPr></w:pPr><w:r><w:t>ebb</w:t></w:r></w:p>".to_owned(),
            "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Port</w:t></w:r></w:p></w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl>".to_owned(),
            "<w:p><mc:AlternateContent><mc:Choice><w:t>once</w:t></mc:Choice><mc:Fallback><w:t>twice</w:t></mc:Fallback></mc:AlternateContent></w:p>".to_owned(),
            "<w:p><w:t>ebb </w:t><mc:Fallback><w:tbl><w:tr><w:tc><w:p><w:t>flow</w:t></w:p></w:tc></w:tr></w:tbl></mc:Fallback><w:t>tide</w:t></w:p>".to_owned(),
            "<w:p><w:moveFrom><w:r><w:t>kept so</w:t></w:r></w:moveFrom></w:p>".to_owned(),
            "<w:p><w:del><w:delText>gone</w:delText></w:del><w:r><w:t>kept</w:t><w:tab/><w:t>so</w:t></w:r></w:p>".to_owned(),
        ];
        let mut flow = Flow::default();
        Writing::follow(&text.concat(), &styles, &Relations::new(), &mut flow);
        let bound = flow.bind(DocumentKind::Word);
        let blocks: Vec<_> = bound.pages[0].blocks.iter().map(|b| (b.kind, b.text.as_str())).collect();
        let expected = [
            (BlockKind::Heading(1), "Tides"),
            (BlockKind::Heading(2), "Spring"),
            (BlockKind::Paragraph, "The tide rises."),
            (BlockKind::ListItem, "ebb"),
            (BlockKind::Table, "Port |"),
            (BlockKind::Paragraph, "once"),
            (BlockKind::Paragraph, "ebb tide"),
            (BlockKind::Paragraph, "kept so"),
        ];
        assert_eq!(blocks, expected);
    }
}
