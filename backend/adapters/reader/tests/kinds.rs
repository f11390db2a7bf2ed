//! Books, texts of Word, slides, Markdown and plain text as the usual programs write them, under any name.

mod support;

use support::{Press, all_of, examine, told, whole};
use synapscribe_domain::document::{BlockKind, DocumentKind, OutlineEntry};

#[tokio::test]
async fn a_text_of_word() {
    let press = Press::new();
    let script = r#"
import docx
d = docx.Document()
d.core_properties.title, d.core_properties.author = "Ebb & Flow", "O'Hara & Sons"
d.add_heading("Of tides", 0)
d.add_heading("Spring", 1)
d.add_paragraph("The tide rises.")
d.add_paragraph("by the moon", style="List Bullet")
d.add_paragraph("by the sun", style="List Number")
table = d.add_table(rows=2, cols=2)
for cell, text in zip([c for row in table.rows for c in row.cells], ["Port", "High", "Dover", "6.8"]):
    cell.text = text
d.add_heading("Neap", 2)
for _ in range(30):
    d.add_paragraph(prose())
d.save("book.docx")
"#;
    let path = press.python(script, "book.docx");
    let examined = examine(&path).await.unwrap();
    let names = (examined.title.as_deref(), examined.author.as_deref());
    assert_eq!((examined.kind, names), (DocumentKind::Word, (Some("Ebb & Flow"), Some("O'Hara & Sons"))));
    let pages = whole(&path).await;
    assert!(pages.len() > 2, "a long text has pages: {}", pages.len());
    assert_eq!(pages.len() as u32, examined.pages);
    let expected = [
        (BlockKind::Heading(1), "Of tides"),
        (BlockKind::Heading(1), "Spring"),
        (BlockKind::Paragraph, "The tide rises."),
        (BlockKind::ListItem, "by the moon"),
        (BlockKind::ListItem, "by the sun"),
        (BlockKind::Table, "Port | High\nDover | 6.8"),
        (BlockKind::Heading(2), "Neap"),
    ];
    assert_eq!(told(&pages[0])[..7], expected);
    let levels: Vec<_> = examined.outline.iter().map(|entry| (entry.level, entry.title.as_str())).collect();
    assert_eq!(levels, [(1, "Of tides"), (1, "Spring"), (2, "Neap")]);
}

#[tokio::test]
async fn slides_with_notes() {
    let press = Press::new();
    let script = r#"
import pptx
p = pptx.Presentation()
for n in range(3):
    slide = p.slides.add_slide(p.slide_layouts[1])
    slide.shapes.title.text = "Tide %d" % n
    slide.placeholders[1].text = "by the moon\nby the sun"
    slide.notes_slide.notes_text_frame.text = "Say this slowly."
table = p.slides[2].shapes.add_table(2, 2, 914400, 4000000, 3000000, 800000).table
for (row, column), text in {(0, 0): "Port", (0, 1): "High", (1, 0): "Dover", (1, 1): "6.8"}.items():
    table.cell(row, column).text = text
p.save("talk.pptx")
"#;
    let path = press.python(script, "talk.pptx");
    let examined = examine(&path).await.unwrap();
    assert_eq!((examined.kind, examined.pages, examined.outline.len()), (DocumentKind::Slides, 3, 3));
    let pages = whole(&path).await;
    let expected = [
        (BlockKind::Heading(1), "Tide 2"),
        (BlockKind::ListItem, "by the moon"),
        (BlockKind::ListItem, "by the sun"),
        (BlockKind::Table, "Port | High\nDover | 6.8"),
        (BlockKind::Paragraph, "Say this slowly."),
    ];
    assert_eq!(told(&pages[2]), expected);
}

#[tokio::test]
async fn an_electronic_book() {
    let press = Press::new();
    let script = r#"
from ebooklib import epub
b = epub.EpubBook()
b.set_title("Ebb & Flow")
b.add_author("O'Hara & Sons")
chapters = []
for n in range(3):
    c = epub.EpubHtml(title="Part %d" % n, file_name="text/c %d.xhtml" % n)
    c.content = "<h1>Part %d</h1><p>%s</p><h2 id='more'>More of %d</h2><p>%s &amp; so on</p>" % (n, prose(30), n, prose(20))
    b.add_item(c)
    chapters.append(c)
links = [epub.Link("text/c 1.xhtml#more", "More of 1", "m")]
b.toc = (chapters[0], (epub.Section("Part 1", "text/c 1.xhtml"), links), chapters[2])
b.spine = chapters
b.add_item(epub.EpubNcx())
b.add_item(epub.EpubNav())
epub.write_epub("book.epub", b)
"#;
    let path = press.python(script, "book.epub");
    let examined = examine(&path).await.unwrap();
    assert_eq!((examined.title.as_deref(), examined.author.as_deref()), (Some("Ebb & Flow"), Some("O'Hara & Sons")));
    let pages = whole(&path).await;
    assert_eq!(all_of(&pages, BlockKind::Heading(1)), ["Part 0", "Part 1", "Part 2"]);
    let page_of = |title: &str| pages.iter().find(|page| page.blocks.iter().any(|block| block.text == title)).unwrap().number;
    let entry = |level, title: &str| OutlineEntry { level, title: title.into(), page: page_of(title) };
    assert_eq!(examined.outline, [entry(1, "Part 0"), entry(1, "Part 1"), entry(2, "More of 1"), entry(1, "Part 2")]);
    assert_eq!(page_of("Part 1"), 3, "a chapter begins a page");
}

#[tokio::test]
async fn a_name_decides_nothing_but_whether_text_is_markdown() {
    let press = Press::new();
    let text = "# Tides\n\nThe *tide* rises.\n";
    assert_eq!(told(&whole(&press.write("a.md", text)).await[0])[1], (BlockKind::Paragraph, "The tide rises."));
    assert_eq!(told(&whole(&press.write("a.txt", text)).await[0])[1], (BlockKind::Paragraph, "The *tide* rises."));
    press.python("import docx; d = docx.Document(); d.add_paragraph('The tide rises.'); d.save('a.docx')", "a.docx");
    let word = std::fs::read(press.path("a.docx")).unwrap();
    for name in ["book.pdf", "notes.md", "noname", "talk.pptx"] {
        let path = press.write(name, &word);
        assert_eq!(examine(&path).await.unwrap().kind, DocumentKind::Word, "{name}");
        assert_eq!(whole(&path).await[0].text(), "The tide rises.");
    }
    let (western, pages) = (b"Gr\xF6\xDFe der Flut".to_vec(), press.path("w.txt"));
    std::fs::write(&pages, western).unwrap();
    assert_eq!(whole(&pages).await[0].text(), "Größe der Flut");
}

#[tokio::test]
async fn a_pdf_is_told_from_text_that_speaks_of_one_and_from_an_archive_that_holds_one() {
    let press = Press::new();
    for text in ["A file that begins with %PDF- is a PDF.", "Two marks: PK and %PDF-1.7.\n\nBoth are four letters."] {
        assert_eq!(whole(&press.write("marks.txt", text)).await[0].text().lines().next(), text.lines().next());
    }
    press.python(
        "from fpdf import FPDF; b = FPDF(); b.add_page(); b.set_font('times'); b.text(9, 9, 'Ebb'); b.output('a.pdf')",
        "a.pdf",
    );
    let plain = std::fs::read(press.path("a.pdf")).unwrap();
    for before in [b"\xEF\xBB\xBF".as_slice(), b"Content-Type: application/pdf\r\n\r\n", b"\0\x07a.pdf\0\0"] {
        let path = press.write("sent.pdf", [before, plain.as_slice()].concat());
        assert_eq!(whole(&path).await[0].text(), "Ebb", "{before:?}");
    }
    press.python("import zipfile; z = zipfile.ZipFile('books.zip', 'w'); z.write('a.pdf'); z.close()", "books.zip");
    assert!(examine(&press.path("books.zip")).await.unwrap_err().message.contains("an archive"), "a PDF in it is not read");
}
