//! What reading a file gives: what it is, and its pages as blocks in the order a person reads them.

use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// What a file is, by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DocumentKind {
    /// A PDF.
    Pdf,
    /// An electronic book.
    Epub,
    /// A text document of Word.
    Word,
    /// Slides of PowerPoint; a page is a slide.
    Slides,
    /// Markdown.
    Markdown,
    /// Plain text.
    Text,
}

impl DocumentKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [Self::Pdf, Self::Epub, Self::Word, Self::Slides, Self::Markdown, Self::Text];

    /// The kind's stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Epub => "epub",
            Self::Word => "word",
            Self::Slides => "slides",
            Self::Markdown => "markdown",
            Self::Text => "text",
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether its pages can be shown as pictures.
    pub fn has_pictures(self) -> bool {
        self == Self::Pdf
    }

    /// Whether figures on its pages can be shown.
    pub fn has_figures(self) -> bool {
        matches!(self, Self::Pdf | Self::Word | Self::Slides)
    }

    /// Whether one may have a cover: its first page, or a picture that it brings.
    pub fn has_cover(self) -> bool {
        self.has_pictures() || self == Self::Epub
    }
}

/// What a look at a file tells, without reading all of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Examined {
    /// What it is.
    pub kind: DocumentKind,
    /// How many pages it has.
    pub pages: u32,
    /// The title it gives itself.
    pub title: Option<String>,
    /// Who wrote it, as it says itself.
    pub author: Option<String>,
    /// Its table of contents, in order; empty where it has none.
    pub outline: Vec<OutlineEntry>,
    /// Whether the pages that were looked at hold pictures and no text: it was scanned.
    pub scanned: bool,
    /// Whether the end of the file is missing, and maybe pages with it.
    pub cut: bool,
}

/// A line of the table of contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutlineEntry {
    /// How deep it stands, from 1.
    pub level: u8,
    /// Its words.
    pub title: String,
    /// The page it leads to, from 1.
    pub page: u32,
}

/// A page that was read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ReadPage {
    /// Its place in the file, from 1.
    pub number: u32,
    /// What is printed on it as its number (`xii`), where that differs from its place.
    pub label: Option<String>,
    /// What it says, in reading order, without running headers and footers.
    pub blocks: Vec<Block>,
    /// Its figures.
    pub figures: Vec<Figure>,
    /// Whether its text was recognised on its picture, so that words may be wrong.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recognised: bool,
}

/// A page that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedPage {
    /// Its place in the file, from 1.
    pub number: u32,
    /// Why, for a person.
    pub failure: Failure,
}

/// A part of a page that is read as one; hyphens at the ends of lines are joined, and lines are joined by spaces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Its text. The rows of a table and the lines of code are lines; cells are parted by ` | `.
    pub text: String,
    /// Where it stands, on a page that has a picture.
    pub area: Option<Area>,
    /// Its lines on such a page, in order, where there are several and they are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<BlockLine>,
}

/// A line of a block.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BlockLine {
    /// At which byte of the block's text its words begin.
    pub at: u32,
    /// Where it stands.
    pub area: Area,
}

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BlockKind {
    /// A heading of this level, from 1, the highest.
    Heading(u8),
    /// Running text.
    Paragraph,
    /// One entry of a list, without its bullet; a number stays, since somebody may ask for the third.
    ListItem,
    /// A table.
    Table,
    /// What is said of a figure or a table.
    Caption,
    /// Code, or anything else whose lines must stay.
    Code,
}

/// A figure on a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Where it stands. On a page without a picture it only tells one figure from another.
    pub area: Area,
    /// What is said of it.
    pub caption: Option<String>,
}

/// A part of a page in shares of its width and height, from its upper left corner, so that it can be cut from a picture of any size.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Area {
    /// The left edge, 0 to 1.
    pub left: f32,
    /// The upper edge, 0 to 1.
    pub top: f32,
    /// The right edge, not left of `left`.
    pub right: f32,
    /// The lower edge, not above `top`.
    pub bottom: f32,
}

impl ReadPage {
    /// All it says: blocks as lines, parted by an empty line.
    pub fn text(&self) -> String {
        self.blocks.iter().map(|block| block.text.as_str()).collect::<Vec<_>>().join("\n\n")
    }
}
