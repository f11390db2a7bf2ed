//! PDFs as several programs make them: the text comes in the order in which a person reads it, without what only belongs to paper.

mod support;

use support::{Press, all_of, examine, told, whole};
use synapscribe_domain::document::{Block, BlockKind, BlockLine, OutlineEntry};

#[tokio::test]
async fn a_book_with_two_columns_headers_and_a_table_of_contents() {
    let press = Press::new();
    let script = r#"
from reportlab.platypus import *
from reportlab.lib.styles import getSampleStyleSheet, ParagraphStyle
from reportlab.lib.units import cm
from reportlab.lib import colors
from reportlab.graphics.shapes import Drawing, Rect
styles = getSampleStyleSheet()
body = ParagraphStyle("b", parent=styles["BodyText"], alignment=4)
def paper(c, d):
    c.setFont("Helvetica", 8)
    c.drawString(2 * cm, 28.4 * cm, "On Tides, second edition")
    c.drawCentredString(10.5 * cm, 1.2 * cm, "page %d" % d.page)
class Book(BaseDocTemplate):
    def afterFlowable(self, f):
        if isinstance(f, Paragraph) and f.style.name.startswith("Heading"):
            key = str(id(f))
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(f.getPlainText(), key, int(f.style.name[-1]) - 1, 0)
book = Book("a.pdf", title="On Tides", author="A Writer")
frames = [Frame(2 * cm, 2 * cm, 8.2 * cm, 25.5 * cm), Frame(10.8 * cm, 2 * cm, 8.2 * cm, 25.5 * cm)]
book.addPageTemplates([PageTemplate("p", frames, onPage=paper)])
story, n = [], 0
for chapter in range(3):
    story.append(Paragraph("%d Chapter" % (chapter + 1), styles["Heading1"]))
    for section in range(2):
        story.append(Paragraph("%d.%d Section" % (chapter + 1, section + 1), styles["Heading2"]))
        for _ in range(4):
            story.append(Paragraph("Paragraph %d begins. %s" % (n, prose(5)), body))
            n += 1
        story.append(ListFlowable([ListItem(Paragraph("Entry %s" % sentence(), body)) for _ in range(2)], bulletType="bullet"))
    grid = [("GRID", (0, 0), (-1, -1), 0.5, colors.black)]
    story.append(Table([["Port", "High (m)", "Low (m)"], ["Dover", "6.8", "0.8"], ["Brest", "7.1", "1.2"]], style=grid))
    drawing = Drawing(200, 110)
    for bar in range(12):
        drawing.add(Rect(10 + bar * 15, 5, 10, 30 + bar * 6))
    story.append(drawing)
    story.append(Paragraph("Figure %d: The tide of a day" % (chapter + 1), styles["BodyText"]))
book.build(story)
"#;
    let path = press.python(script, "a.pdf");
    let examined = examine(&path).await.unwrap();
    assert_eq!((examined.title.as_deref(), examined.author.as_deref()), (Some("On Tides"), Some("A Writer")));
    assert_eq!(examined.outline.len(), 9);
    assert_eq!(examined.outline[0], OutlineEntry { level: 1, title: "1 Chapter".into(), page: 1 });
    assert!(!examined.scanned);

    let pages = whole(&path).await;
    assert_eq!(pages.len() as u32, examined.pages);
    let text: String = pages.iter().map(|page| page.text() + "\n").collect();
    assert!(!text.contains("second edition") && !text.contains("page 1"), "what runs over all pages is left out");
    let lined = |block: &&Block| block.text.starts_with("Paragraph ") && block.lines.len() > 2;
    let lined: Vec<&Block> = pages.iter().flat_map(|page| &page.blocks).filter(lined).collect();
    assert!(lined.len() > 12, "the lines of {} paragraphs are known", lined.len());
    for block in lined {
        let begins_a_word = |at: u32| at == 0 || block.text[..at as usize].ends_with([' ', '-']);
        assert!(block.lines.iter().all(|line| begins_a_word(line.at)), "{block:?}");
        assert!(block.lines.is_sorted_by_key(|line| line.at), "{block:?}");
        let high = |line: &BlockLine| line.area.bottom - line.area.top;
        assert!(block.lines.iter().all(|line| high(line) > 0.005 && high(line) < 0.03), "each is as high as a line: {block:?}");
    }
    let mut at = 0;
    for n in 0..24 {
        let begins = format!("Paragraph {n} begins.");
        at += text[at..].find(&begins).unwrap_or_else(|| panic!("{begins:?} is missing or moved"));
    }
    assert_eq!(all_of(&pages, BlockKind::Heading(1)), ["1 Chapter", "2 Chapter", "3 Chapter"]);
    assert_eq!(all_of(&pages, BlockKind::Heading(2)).len(), 6);
    let entries = all_of(&pages, BlockKind::ListItem);
    assert_eq!(entries.len(), 12);
    assert!(entries.iter().all(|entry| entry.starts_with("Entry ") && entry.ends_with('.')), "{entries:?}");
    assert_eq!(all_of(&pages, BlockKind::Table), ["Port | High (m) | Low (m)\nDover | 6.8 | 0.8\nBrest | 7.1 | 1.2"; 3]);
    let figures: Vec<_> =
        pages.iter().flat_map(|page| &page.figures).map(|figure| figure.caption.as_deref().unwrap_or("")).collect();
    assert_eq!(figures, ["Figure 1: The tide of a day", "Figure 2: The tide of a day", "Figure 3: The tide of a day"]);
}

#[tokio::test]
async fn a_paper_set_by_typst_with_hyphens_ligatures_and_code() {
    let press = Press::new();
    let script = r##"
import typst
open("a.typ", "w").write('''
#set document(title: "Of Moons")
#set page(width: 14cm, height: 18cm, numbering: "1", header: [Journal of Tides #h(1fr) Volume 7])
#set par(justify: true)
#set text(lang: "en", hyphenate: true, size: 10pt)
#set heading(numbering: "1.1")
= Gravitation
The extraordinarily efficient gravitational configuration of neighbouring celestial bodies notwithstanding, oceanographers
traditionally differentiate semidiurnal constituents; a well-known difficulty is the offshore amplification.
== Configuration
''' + prose(40) + '''

+ First the ebb
+ Then the flow

- A bullet
- Another bullet

```rust
fn rise(moon: Moon) {
    water.pull(moon);
}
```

#figure(table(columns: 2, [Port], [Height], [Dover], [6.8], [Brest], [7.1]), caption: [Heights])
= Conclusion
''' + prose(30))
typst.compile("a.typ", output="a.pdf")
"##;
    let pages = whole(&press.python(script, "a.pdf")).await;
    let text: String = pages.iter().map(|page| page.text() + "\n").collect();
    for word in [
        "extraordinarily efficient gravitational configuration",
        "well-known difficulty",
        "oceanographers traditionally differentiate",
        "offshore",
    ] {
        assert!(text.contains(word), "{word:?} is broken in {text}");
    }
    assert!(!text.contains("Journal of Tides"), "{text}");
    assert_eq!(all_of(&pages, BlockKind::Heading(1)), ["1 Gravitation", "2 Conclusion"]);
    assert_eq!(all_of(&pages, BlockKind::Heading(2)), ["1.1 Configuration"]);
    assert_eq!(all_of(&pages, BlockKind::ListItem), ["1. First the ebb", "2. Then the flow", "A bullet", "Another bullet"]);
    assert_eq!(all_of(&pages, BlockKind::Code), ["fn rise(moon: Moon) {\n    water.pull(moon);\n}"]);
    assert_eq!(all_of(&pages, BlockKind::Table), ["Port | Height\nDover | 6.8\nBrest | 7.1"]);
    assert_eq!(all_of(&pages, BlockKind::Caption), ["Table 1: Heights"]);
}

#[tokio::test]
async fn a_page_printed_by_a_browser() {
    let press = Press::new();
    let html = "<html lang=en><head><meta charset=utf-8><title>Tides</title><style>body{font-family:sans-serif}</style></head><body>\
        <h1>Of tides</h1><p>The tide rises and falls twice a day — “mostly” — as the größte Ebbe shows.</p><h2>Kinds</h2><ul><li>spring \
        tide<li>neap tide</ul><table border=1><tr><th>Port<th>Remark</tr><tr><td>Dover<td>high by noon</tr><tr><td>Brest<td>low by \
        night</tr></table></body></html>";
    let pages = whole(&press.print(html, "a.pdf")).await;
    let expected = [
        (BlockKind::Heading(1), "Of tides"),
        (BlockKind::Paragraph, "The tide rises and falls twice a day — “mostly” — as the größte Ebbe shows."),
        (BlockKind::Heading(2), "Kinds"),
        (BlockKind::ListItem, "spring tide"),
        (BlockKind::ListItem, "neap tide"),
        (BlockKind::Table, "Port | Remark\nDover | high by noon\nBrest | low by night"),
    ];
    assert_eq!(told(&pages[0]), expected);
}

#[tokio::test]
async fn labels_turns_layers_and_the_forms_of_a_rewritten_file() {
    let press = Press::new();
    let script = r#"
from fpdf import FPDF
book = FPDF(unit="pt", format=(400, 600))
book.set_font("times", size=12)
for n in range(5):
    book.add_page()
    book.start_section("Part %d" % n)
    book.set_font("times", "B", 18)
    book.text(60, 60, "Part %d" % n)
    book.set_font("times", size=12)
    for line in range(12):
        book.text(60, 100 + 14 * line, sentence()[:60])
    book.text(195, 580, str(n + 11))
book.output("plain.pdf")
import pikepdf
from pikepdf import Dictionary, Name, String, Array
book = pikepdf.open("plain.pdf")
book.Root.PageLabels = Dictionary(Nums=Array([0, Dictionary(S=Name.r), 2, Dictionary(S=Name.D, St=1)]))
book.pages[1].rotate(90, relative=True)
book.save("packed.pdf", object_stream_mode=pikepdf.ObjectStreamMode.generate, linearize=True)
"#;
    let packed = press.python(script, "packed.pdf");
    let plain = whole(&press.path("plain.pdf")).await;
    assert_eq!(all_of(&plain, BlockKind::Heading(1)), ["Part 0", "Part 1", "Part 2", "Part 3", "Part 4"]);
    let printed: Vec<_> = plain.iter().map(|page| page.label.as_deref().unwrap_or_default()).collect();
    assert_eq!(printed, ["11", "12", "13", "14", "15"], "the numbers that are printed name the pages");
    assert!(plain.iter().all(|page| !page.text().contains(page.label.as_deref().unwrap())), "and are left out of the text");

    let pages = whole(&packed).await;
    let labels: Vec<_> = pages.iter().map(|page| page.label.as_deref().unwrap_or_default()).collect();
    assert_eq!(labels, ["i", "ii", "1", "2", "3"], "labels of the file's own come first");
    assert_eq!(pages[0].text(), plain[0].text());
    assert_eq!(pages[1].text(), plain[1].text(), "a turned page is read upright");
    assert_eq!(examine(&packed).await.unwrap().outline.len(), 5);
}

/// The same two pages by programs that have nothing in common.
const SAME: [(&str, &str); 5] = [
    (
        "reportlab",
        r#"
from reportlab.platypus import SimpleDocTemplate, Paragraph, PageBreak
from reportlab.lib.styles import getSampleStyleSheet
styles = getSampleStyleSheet()
SimpleDocTemplate("a.pdf").build(
    [Paragraph(HEADING, styles["Heading1"]), Paragraph(FIRST, styles["BodyText"]), PageBreak(), Paragraph(SECOND, styles["BodyText"])])
"#,
    ),
    (
        "fpdf2",
        r#"
from fpdf import FPDF
book = FPDF()
book.add_page()
book.set_font("helvetica", "B", 20)
book.multi_cell(0, 10, HEADING, new_x="LMARGIN", new_y="NEXT")
book.set_font("helvetica", size=11)
book.ln(4)
book.multi_cell(0, 6, FIRST)
book.add_page()
book.multi_cell(0, 6, SECOND)
book.output("a.pdf")
"#,
    ),
    (
        "typst",
        r#"
import typst
open("a.typ", "w").write("= %s\n%s\n#pagebreak()\n%s\n" % (HEADING, FIRST, SECOND))
typst.compile("a.typ", output="a.pdf")
"#,
    ),
    (
        "weasyprint",
        r#"
from weasyprint import HTML
HTML(string="<html lang=en><h1>%s</h1><p>%s</p><p style='break-before: page'>%s</p>" % (HEADING, FIRST, SECOND)).write_pdf("a.pdf")
"#,
    ),
    (
        "cairo",
        r#"
import cairocffi, textwrap
paper = cairocffi.PDFSurface("a.pdf", 595, 842)
pen = cairocffi.Context(paper)
pen.select_font_face("sans-serif", cairocffi.FONT_SLANT_NORMAL, cairocffi.FONT_WEIGHT_BOLD)
def lines(text, size, y):
    pen.set_font_size(size)
    for n, line in enumerate(textwrap.wrap(text, 80)):
        pen.move_to(72, y + n * size * 1.3)
        pen.show_text(line)
lines(HEADING, 22, 100)
pen.select_font_face("serif")
lines(FIRST, 11, 140)
pen.show_page()
lines(SECOND, 11, 100)
pen.show_page()
paper.finish()
"#,
    ),
];

#[tokio::test]
async fn the_same_pages_by_many_makers_read_the_same() {
    let (heading, first, second) = (
        "Of tides",
        "The tide rises and falls twice a day, since the moon pulls the water of the ocean and the earth turns beneath it. The \
         gr\u{f6}\u{df}te Ebbe of a month falls far below all others, and nobody who fishes forgets the hour it is due.",
        "The second page says that a neap tide is the lowest tide of a month.",
    );
    let press = Press::new();
    let texts = format!("HEADING, FIRST, SECOND = {heading:?}, {first:?}, {second:?}");
    let html = format!("<meta charset=utf-8><h1>{heading}</h1><p>{first}</p><p style='break-before: page'>{second}</p>");
    press.print(&format!("<!doctype html><html lang=en>{html}"), "chromium.pdf");
    for (maker, script) in SAME {
        let made = press.python(&format!("{texts}\n{script}"), "a.pdf");
        std::fs::rename(made, press.path(&format!("{maker}.pdf"))).unwrap();
    }
    for maker in SAME.map(|(maker, _)| maker).into_iter().chain(["chromium"]) {
        let pages = whole(&press.path(&format!("{maker}.pdf"))).await;
        assert_eq!(pages.len(), 2, "{maker}");
        assert_eq!(told(&pages[0]), [(BlockKind::Heading(1), heading), (BlockKind::Paragraph, first)], "{maker}");
        assert_eq!(told(&pages[1]), [(BlockKind::Paragraph, second)], "{maker}");
    }
}
