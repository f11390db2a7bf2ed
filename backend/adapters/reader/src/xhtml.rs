//! The chapters of an electronic book: markup as blocks, and where its anchors are.

use synapscribe_domain::document::BlockKind;

use crate::flow::Flow;
use crate::markup::{Event, Events, Tag};

/// Adds what a chapter says; gives the places of its anchors: a name and the block that follows.
pub(crate) fn read(text: &str, flow: &mut Flow) -> Vec<(String, usize)> {
    let mut chapter =
        Chapter { flow, open: Vec::new(), text: String::new(), in_reference: false, table: None, anchors: Vec::new() };
    for event in Events::of(text) {
        match event {
            Event::Open(tag) => chapter.open(&tag),
            Event::Close(name) => chapter.close(&name),
            Event::Text(text) => chapter.text(&text),
        }
    }
    chapter.finish(None);
    chapter.anchors
}

struct Chapter<'a> {
    flow: &'a mut Flow,
    /// The elements that were not closed yet, as far as they mean something.
    open: Vec<&'static str>,
    text: String,
    /// In the number of a note, which stands in the text and is no part of it.
    in_reference: bool,
    table: Option<Table>,
    anchors: Vec<(String, usize)>,
}

#[derive(Default)]
struct Table {
    rows: Vec<String>,
    cells: Vec<String>,
}

/// Elements that mean something to the text; whatever else there is does not part it.
const MEANT: [&str; 39] = [
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "p",
    "li",
    "pre",
    "td",
    "th",
    "tr",
    "table",
    "figcaption",
    "caption",
    "dt",
    "dd",
    "div",
    "section",
    "article",
    "blockquote",
    "body",
    "ul",
    "ol",
    "dl",
    "head",
    "script",
    "style",
    "nav",
    "svg",
    "math",
    "header",
    "footer",
    "aside",
    "figure",
    "tbody",
    "thead",
    "address",
    "center",
];
/// Elements whose text is not that of the book.
const UNREAD: [&str; 5] = ["head", "script", "style", "nav", "svg"];

impl Chapter<'_> {
    fn open(&mut self, tag: &Tag) {
        let name = tag.name.to_lowercase();
        let known = MEANT.iter().find(|known| **known == name);
        if known.is_some_and(|known| *known != "math") {
            self.finish(None);
        }
        if let Some(id) = tag.get("id") {
            self.anchors.push((id.to_owned(), self.flow.len()));
        }
        if name == "a" {
            self.in_reference = tag.get("type") == Some("noteref") || tag.get("role") == Some("doc-noteref");
        }
        if name == "br" {
            self.text.push(if self.is_in("pre") { '\n' } else { ' ' });
        }
        let Some(known) = known else { return };
        self.open.push(known);
        match *known {
            "table" => self.table = Some(Table::default()),
            "tr" => self.end_row(),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        let name = name.to_lowercase();
        self.in_reference &= name != "a";
        let Some(at) = self.open.iter().rposition(|open| **open == name) else { return };
        if name != "math" {
            self.finish(Some(&name));
        }
        self.open.truncate(at);
        match name.as_str() {
            "tr" => self.end_row(),
            "table" => {
                self.end_row();
                if let Some(table) = self.table.take() {
                    self.flow.push(BlockKind::Table, &table.rows.join("\n"));
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if !self.in_reference && !self.open.iter().any(|open| UNREAD.contains(open)) {
            self.text.push_str(text);
        }
    }

    fn is_in(&self, name: &str) -> bool {
        self.open.contains(&name)
    }

    /// Ends the block that is being written; `closed` is the element that ends it, if one does.
    fn finish(&mut self, closed: Option<&str>) {
        let text = std::mem::take(&mut self.text);
        self.in_reference = false;
        let cell = closed.is_some_and(|name| name == "td" || name == "th");
        if let Some(table) = &mut self.table {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let inside = self.open.iter().any(|open| *open == "td" || *open == "th");
            if self.open.last() == Some(&"caption") {
                self.flow.push(BlockKind::Caption, &text);
            } else if !text.is_empty() && inside {
                match table.cells.last_mut().filter(|last| last.ends_with('\u{1}')) {
                    Some(last) => *last = format!("{}{text}\u{1}", last.replace('\u{1}', " ")),
                    None => table.cells.push(format!("{text}\u{1}")),
                }
            }
            if cell {
                match table.cells.last_mut().filter(|last| last.ends_with('\u{1}')) {
                    Some(last) => *last = last.replace('\u{1}', ""),
                    None => table.cells.push(String::new()),
                }
            }
            return;
        }
        let heading = self.open.iter().find_map(|open| open.strip_prefix('h').and_then(|level| level.parse().ok()));
        let kind = match heading {
            Some(level) => BlockKind::Heading(level),
            None if self.is_in("pre") => BlockKind::Code,
            None if self.is_in("figcaption") => BlockKind::Caption,
            None if self.is_in("li") => BlockKind::ListItem,
            None => BlockKind::Paragraph,
        };
        self.flow.push(kind, &text);
    }

    fn end_row(&mut self) {
        if let Some(table) = &mut self.table {
            let cells = std::mem::take(&mut table.cells);
            if cells.iter().any(|cell| !cell.trim().is_empty()) {
                table.rows.push(cells.join(" | ").replace('\u{1}', ""));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use synapscribe_domain::document::DocumentKind;

    fn check(text: &str, expected: &[(BlockKind, &str)]) {
        let mut flow = Flow::default();
        read(text, &mut flow);
        let bound = flow.bind(DocumentKind::Epub);
        let blocks: Vec<_> = bound.pages[0].blocks.iter().map(|b| (b.kind, b.text.as_str())).collect();
        assert_eq!(blocks, expected);
    }

    #[test]
    fn elements_become_blocks() {
        check(
            "<html><head><title>no</title></head><body><h1>On <i>Tides</i></h1><p>The tide<br/>rises.</p>loose<ul><li>ebb<li>flow</ul>\
             <figure><img src='x'/><figcaption>The moon</figcaption></figure><pre>if moon {\n  rise\n}</pre></body></html>",
            &[
                (BlockKind::Heading(1), "On Tides"),
                (BlockKind::Paragraph, "The tide rises."),
                (BlockKind::Paragraph, "loose"),
                (BlockKind::ListItem, "ebb"),
                (BlockKind::ListItem, "flow"),
                (BlockKind::Caption, "The moon"),
                (BlockKind::Code, "if moon {\n  rise\n}"),
            ],
        );
    }

    #[test]
    fn the_numbers_of_notes_are_no_part_of_a_word() {
        check(
            "<p>The tide<a epub:type='noteref' href='#n1'><sup>1</sup></a> rises<a role='doc-noteref' href='#n2'>[2]</a>; see <a \
             href='#c'>Kent</a><a epub:type='noteref'>3</p><p>It falls.</p>",
            &[(BlockKind::Paragraph, "The tide rises; see Kent"), (BlockKind::Paragraph, "It falls.")],
        );
    }

    #[test]
    fn tables_keep_their_cells() {
        check(
            "<table><caption>Ports</caption><tr><th>Port</th><th>High</th></tr><tr><td><p>Dover</p><p>Kent</p></td><td></td></tr></table>",
            &[(BlockKind::Caption, "Ports"), (BlockKind::Table, "Port | High\nDover Kent |")],
        );
    }

    #[test]
    fn anchors_lead_to_the_block_that_follows() {
        let mut flow = Flow::default();
        let anchors = read("<p>one</p><h2 id='b'>two</h2><p>th<a id='c'/>ree</p>", &mut flow);
        assert_eq!(anchors, [("b".to_owned(), 1), ("c".to_owned(), 2)]);
    }
}
