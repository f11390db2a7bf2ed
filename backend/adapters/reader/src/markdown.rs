//! Markdown: headings, paragraphs, lists, tables and code, as its authors mark them.

use pulldown_cmark::{Event, HeadingLevel, MetadataBlockKind, Options, Parser, Tag, TagEnd};
use synapscribe_domain::document::BlockKind;

use crate::flow::Flow;

/// The blocks of a text in Markdown.
pub(crate) fn read(text: &str) -> Flow {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut reading = Reading {
        flow: Flow::default(),
        text: String::new(),
        kind: BlockKind::Paragraph,
        cells: Vec::new(),
        rows: Vec::new(),
        quiet: false,
    };
    for event in Parser::new_ext(text, options) {
        reading.take(event);
    }
    reading.finish();
    reading.flow
}

struct Reading {
    flow: Flow,
    text: String,
    kind: BlockKind,
    cells: Vec<String>,
    rows: Vec<String>,
    /// What is read now is about the text and not of it.
    quiet: bool,
}

impl Reading {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.begin(&tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.text.push_str(&text)
            }
            Event::SoftBreak => self.text.push(' '),
            Event::HardBreak => self.text.push('\n'),
            Event::Rule | Event::Html(_) | Event::InlineHtml(_) | Event::FootnoteReference(_) | Event::TaskListMarker(_) => {}
        }
    }

    fn begin(&mut self, tag: &Tag<'_>) {
        let kind = match tag {
            Tag::Heading { level, .. } => BlockKind::Heading(depth(*level)),
            Tag::Item => BlockKind::ListItem,
            Tag::CodeBlock(_) => BlockKind::Code,
            // A paragraph in an entry belongs to it.
            Tag::Paragraph if self.kind == BlockKind::ListItem => return,
            Tag::Paragraph | Tag::FootnoteDefinition(_) => BlockKind::Paragraph,
            Tag::Table(_) => BlockKind::Table,
            Tag::MetadataBlock(_) => {
                self.quiet = true;
                return;
            }
            _ => return,
        };
        self.finish();
        self.kind = kind;
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::TableCell => self.cells.push(std::mem::take(&mut self.text).replace('\n', " ")),
            TagEnd::TableRow | TagEnd::TableHead => self.rows.push(std::mem::take(&mut self.cells).join(" | ")),
            TagEnd::Table => {
                self.text = std::mem::take(&mut self.rows).join("\n");
                self.finish();
            }
            TagEnd::MetadataBlock(MetadataBlockKind::YamlStyle) => {
                let about = std::mem::take(&mut self.text);
                self.quiet = false;
                let said = |key: &str| {
                    let line = about.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
                    let value = line.trim().trim_matches(['"', '\'']);
                    (!value.is_empty()).then(|| value.to_owned())
                };
                (self.flow.title, self.flow.author) = (said("title"), said("author"));
            }
            TagEnd::Heading(_) | TagEnd::Paragraph | TagEnd::CodeBlock | TagEnd::Item | TagEnd::FootnoteDefinition => {
                self.finish()
            }
            _ => {}
        }
    }

    fn finish(&mut self) {
        let text = std::mem::take(&mut self.text);
        if !self.quiet {
            self.flow.push(self.kind, &text);
        }
        self.kind = BlockKind::Paragraph;
    }
}

fn depth(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use synapscribe_domain::document::DocumentKind;

    #[test]
    fn marks_become_kinds_and_leave_the_text() {
        let text = "---\ntitle: \"On Tides\"\nauthor: A. Writer\n---\n# Tides\n\nThe *tide* rises\nand [falls](x).\n\n- ebb\n- flow\n  - neap\n\n\
                    | Port | High |\n|---|---|\n| Dover | 6.8 |\n\n```rust\nif moon {\n    rise();\n}\n```\n\n## Spring\n";
        let bound = read(text).bind(DocumentKind::Markdown);
        let blocks: Vec<_> = bound.pages[0].blocks.iter().map(|b| (b.kind, b.text.as_str())).collect();
        let expected = [
            (BlockKind::Heading(1), "Tides"),
            (BlockKind::Paragraph, "The tide rises and falls."),
            (BlockKind::ListItem, "ebb"),
            (BlockKind::ListItem, "flow"),
            (BlockKind::ListItem, "neap"),
            (BlockKind::Table, "Port | High\nDover | 6.8"),
            (BlockKind::Code, "if moon {\n    rise();\n}"),
            (BlockKind::Heading(2), "Spring"),
        ];
        assert_eq!(blocks, expected);
        assert_eq!((bound.examined.title.as_deref(), bound.examined.author.as_deref()), (Some("On Tides"), Some("A. Writer")));
        assert_eq!(bound.examined.outline.len(), 2);
    }
}
