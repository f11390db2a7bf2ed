//! Slides of PowerPoint: a page for each, with its title, its text, its pictures and the speaker's notes.

use synapscribe_domain::Failure;
use synapscribe_domain::document::{Block, BlockKind, DocumentKind, Examined, Figure, OutlineEntry, ReadPage};

use crate::archive::Archive;
use crate::figures::{self, Picture};
use crate::flow::Bound;
use crate::markup::{Event, Events, Tag};
use crate::office::Relations;
use crate::{office, verdict};

/// More slides than anybody shows.
const MOST_SLIDES: usize = 5_000;

/// The slides in the order in which they are shown.
pub(crate) fn read(archive: &mut Archive) -> Result<Bound, Failure> {
    let start = office::start(archive, "ppt/presentation.xml")?.ok_or_else(verdict::corrupt)?;
    let relations = office::relations(archive, &start)?;
    let order = archive.text(&start)?.ok_or_else(verdict::corrupt)?;
    let ids = Events::of(&order).filter_map(|event| match event {
        Event::Open(tag) if tag.name == "sldId" => tag.get("r:id").map(str::to_owned),
        _ => None,
    });
    let slides: Vec<String> = ids.filter_map(|id| relations.get(&id).map(|(_, part)| part.clone())).collect();
    if slides.is_empty() {
        return Err(verdict::no_text());
    }
    if slides.len() > MOST_SLIDES {
        return Err(verdict::too_long(slides.len() as u32, MOST_SLIDES as u32));
    }
    let mut seen = Vec::with_capacity(slides.len());
    for slide in &slides {
        let text = archive.text(slide)?.ok_or_else(verdict::corrupt)?;
        let relations = office::relations(archive, slide)?;
        let notes = match office::first_of(&relations, "notesSlide") {
            Some(notes) => blocks(&archive.text(notes)?.unwrap_or_default(), true),
            None => Vec::new(),
        };
        seen.push((blocks(&text, false), self::pictures(&text, &relations), notes));
    }
    let ornaments = figures::ornaments(seen.iter().flat_map(|(_, shown, _)| shown), slides.len());
    let (mut pages, mut pictures) = (Vec::with_capacity(slides.len()), Vec::with_capacity(slides.len()));
    for (number, (mut blocks, mut shown, notes)) in (1..).zip(seen) {
        shown.retain(|picture| !ornaments.contains(&picture.part));
        let (mut figures, mut parts) = (Vec::new(), Vec::new());
        for Picture { part, said } in shown.into_iter().take(figures::MOST) {
            blocks.extend(said.iter().map(|said| block(BlockKind::Caption, said.clone())));
            figures.push(Figure { area: figures::area(parts.len()), caption: said });
            parts.push(part);
        }
        blocks.extend(notes);
        pages.push(ReadPage { number, blocks, figures, ..ReadPage::default() });
        pictures.push(parts);
    }
    let headings = pages.iter().filter_map(|page| {
        let title = page.blocks.first().filter(|first| first.kind == BlockKind::Heading(1))?;
        Some(OutlineEntry { level: 1, title: title.text.clone(), page: page.number })
    });
    let outline: Vec<OutlineEntry> = headings.collect();
    let (title, author) = office::names(archive)?;
    // New presentations are called so until somebody names them.
    let title =
        title.filter(|title| title != "PowerPoint Presentation").or_else(|| outline.first().map(|first| first.title.clone()));
    let scanned = pages.iter().all(|page| page.blocks.is_empty());
    let examined =
        Examined { kind: DocumentKind::Slides, pages: pages.len() as u32, title, author, outline, scanned, cut: false };
    Ok(Bound { examined, pages, pictures })
}

/// The pictures on a slide that can be shown, without ornaments.
fn pictures(text: &str, relations: &Relations) -> Vec<Picture> {
    let mut pictures = Vec::new();
    let (mut said, mut part, mut small) = (None, None, false);
    for event in office::events(text) {
        match event {
            Event::Open(tag) => match tag.name.as_str() {
                "pic" => (said, part, small) = (None, None, false),
                "cNvPr" => said = figures::said_of(&tag),
                "blip" => part = tag.get("embed").and_then(|id| office::picture(relations, id)),
                "ext" => small |= figures::is_small(&tag),
                _ => {}
            },
            // What fills another shape is no figure.
            Event::Close(name) if name == "pic" => {
                let part = part.take().filter(|_| !small);
                pictures.extend(part.map(|part| Picture { part, said: said.take() }));
            }
            _ => {}
        }
    }
    pictures
}

fn block(kind: BlockKind, text: String) -> Block {
    Block { kind, text, area: None, lines: Vec::new() }
}

/// A shape on a slide: where it is, and what it says.
#[derive(Default)]
struct Shape {
    role: String,
    place: (i64, i64),
    blocks: Vec<Block>,
}

/// What a slide says, its title first and the rest from top to bottom; of notes only what somebody wrote.
fn blocks(text: &str, notes: bool) -> Vec<Block> {
    let (mut shapes, mut shape): (Vec<Shape>, Option<Shape>) = (Vec::new(), None);
    let mut paragraph = Paragraph::default();
    let mut table: Option<(Vec<String>, Vec<String>)> = None;
    for event in office::events(text) {
        match event {
            Event::Open(tag) => match tag.name.as_str() {
                "sp" | "graphicFrame" => shape = Some(Shape::default()),
                "ph" => {
                    if let Some(shape) = &mut shape {
                        shape.role = tag.get("type").unwrap_or("body").to_owned();
                    }
                }
                "off" => place(&mut shape, &tag),
                "tbl" => table = Some(Default::default()),
                "tc" => {
                    if let Some((_, cells)) = &mut table {
                        cells.push(String::new());
                    }
                }
                _ => paragraph.open(&tag),
            },
            Event::Text(text) => paragraph.text(&text),
            Event::Close(name) => match name.as_str() {
                "p" => {
                    let (text, bullet) = paragraph.end();
                    match (&mut table, &mut shape) {
                        (Some((_, cells)), _) => append(cells.last_mut(), &text),
                        (None, Some(shape)) => shape.paragraph(text, bullet, notes),
                        (None, None) => {}
                    }
                }
                "tr" => {
                    if let Some((rows, cells)) = &mut table {
                        rows.push(std::mem::take(cells).join(" | "));
                    }
                }
                "tbl" => {
                    if let (Some((rows, _)), Some(shape)) = (table.take(), &mut shape) {
                        shape.push(BlockKind::Table, rows.join("\n"));
                    }
                }
                "sp" | "graphicFrame" => shapes.extend(shape.take()),
                name => paragraph.close(name),
            },
        }
    }
    // Numbers, dates and footers are not what the slide says; of notes, the picture of the slide is not.
    shapes.retain(|shape| {
        !matches!(shape.role.as_str(), "sldNum" | "dt" | "ftr" | "hdr" | "sldImg") && (!notes || shape.role == "body")
    });
    shapes.sort_by_key(|shape| (!is_title(&shape.role), shape.place));
    shapes.into_iter().flat_map(|shape| shape.blocks).collect()
}

fn is_title(role: &str) -> bool {
    matches!(role, "title" | "ctrTitle")
}

/// Where a shape is, from the top and then from the left; one without a place of its own has that of the layout, near the top.
fn place(shape: &mut Option<Shape>, tag: &Tag) {
    let number = |name| tag.get(name).and_then(|text| text.parse::<i64>().ok()).unwrap_or(0);
    if let Some(shape) = shape.as_mut().filter(|shape| shape.place == (0, 0)) {
        // Shapes that stand side by side hardly ever stand on the same line exactly.
        shape.place = (number("y") / 360_000, number("x"));
    }
}

fn append(cell: Option<&mut String>, text: &str) {
    if let Some(cell) = cell {
        if !cell.is_empty() && !text.is_empty() {
            cell.push(' ');
        }
        cell.push_str(text);
    }
}

impl Shape {
    fn paragraph(&mut self, text: String, bullet: Option<bool>, notes: bool) {
        let listed = bullet.unwrap_or(matches!(self.role.as_str(), "body" | "obj") && !notes);
        let kind = match self.role.as_str() {
            role if is_title(role) => BlockKind::Heading(1),
            "subTitle" => BlockKind::Paragraph,
            _ if listed => BlockKind::ListItem,
            _ => BlockKind::Paragraph,
        };
        // A title that is broken into paragraphs is one title.
        match self.blocks.last_mut().filter(|_| is_title(&self.role)) {
            Some(title) => append(Some(&mut title.text), &text),
            None => self.push(kind, text),
        }
    }

    fn push(&mut self, kind: BlockKind, text: String) {
        if text.chars().any(char::is_alphanumeric) {
            self.blocks.push(block(kind, text));
        }
    }
}

/// A paragraph on its way.
#[derive(Default)]
struct Paragraph {
    text: String,
    in_text: bool,
    in_field: bool,
    /// Whether it says itself that it has a bullet.
    bullet: Option<bool>,
}

impl Paragraph {
    fn open(&mut self, tag: &Tag) {
        match tag.name.as_str() {
            "t" => self.in_text = true,
            "br" => self.text.push(' '),
            "fld" => self.in_field = tag.get("type") == Some("slidenum"),
            "buNone" => self.bullet = Some(false),
            "buChar" | "buAutoNum" => self.bullet = Some(true),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "t" => self.in_text = false,
            "fld" => self.in_field = false,
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.in_text && !self.in_field {
            self.text.push_str(text);
        }
    }

    fn end(&mut self) -> (String, Option<bool>) {
        let done = std::mem::take(self);
        (done.text.split_whitespace().collect::<Vec<_>>().join(" "), done.bullet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(role: &str, y: i64, text: &str) -> String {
        format!(
            "<p:sp><p:nvPr><p:ph type='{role}'/></p:nvPr><a:xfrm><a:off x='0' y='{y}'/></a:xfrm><p:txBody><a:p><a:r><a:t>{text}</a:t>\
             </a:r></a:p></p:txBody></p:sp>"
        )
    }

    #[test]
    fn the_title_comes_first_and_the_rest_from_top_to_bottom() {
        let slide =
            [shape("body", 5_000_000, "ebb"), shape("ftr", 9_000_000, "2026"), shape("title", 8_000_000, "Tides")].concat();
        let told: Vec<_> = blocks(&slide, false).into_iter().map(|block| (block.kind, block.text)).collect();
        assert_eq!(told, [(BlockKind::Heading(1), "Tides".to_owned()), (BlockKind::ListItem, "ebb".to_owned())]);
        assert_eq!(blocks(&shape("body", 0, "say this slowly"), true)[0].kind, BlockKind::Paragraph);
        assert!(blocks(&shape("sldImg", 0, "x1"), true).is_empty());
    }

    #[test]
    fn pictures_that_can_be_shown_are_figures() {
        let image = |id: &str, part: &str| (id.to_owned(), ("image".to_owned(), part.to_owned()));
        let relations = Relations::from([image("r1", "ppt/media/tide.png"), image("r2", "ppt/media/old.emf")]);
        let pic = |id: &str, width: u32, said: &str| {
            format!(
                "<p:pic><p:nvPicPr><p:cNvPr id='4' descr='{said}'/></p:nvPicPr><p:blipFill><a:blip r:embed='{id}'/></p:blipFill>\
                 <p:spPr><a:xfrm><a:ext cx='{width}' cy='900000'/></a:xfrm></p:spPr></p:pic>"
            )
        };
        let slide =
            [pic("r1", 900_000, "The moon pulls"), pic("r1", 90_000, "dot"), pic("r2", 900_000, "x"), pic("r3", 900_000, "x")];
        let fill = "<p:sp><p:spPr><a:blipFill><a:blip r:embed='r1'/></a:blipFill></p:spPr></p:sp>";
        let tide = Picture { part: "ppt/media/tide.png".into(), said: Some("The moon pulls".into()) };
        assert_eq!(pictures(&format!("{fill}{}", slide.concat()), &relations), [tide]);
    }

    #[test]
    fn what_is_there_in_two_forms_is_read_once() {
        let [new, old] = ["new", "old"].map(|text| shape("body", 0, text));
        let slide =
            format!("<mc:AlternateContent><mc:Choice>{new}</mc:Choice><mc:Fallback>{old}</mc:Fallback></mc:AlternateContent>");
        let told: Vec<String> = blocks(&slide, false).into_iter().map(|block| block.text).collect();
        assert_eq!(told, ["new"]);
    }

    #[test]
    fn tables_are_rows_of_cells() {
        let cell = |text: &str| format!("<a:tc><a:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></a:txBody></a:tc>");
        let row = |cells: &[&str]| format!("<a:tr>{}</a:tr>", cells.iter().map(|text| cell(text)).collect::<String>());
        let slide =
            format!("<p:graphicFrame><a:tbl>{}{}</a:tbl></p:graphicFrame>", row(&["Port", "High"]), row(&["Dover", "6.8"]));
        assert_eq!(blocks(&slide, false)[0].text, "Port | High\nDover | 6.8");
    }
}
