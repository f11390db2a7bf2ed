//! Pages of a PDF as pictures, whole and in part, figures of Word and PowerPoint, and covers.

mod support;

use support::{Press, reader, whole};
use synapscribe_domain::Code;
use synapscribe_domain::document::Area;
use synapscribe_ports::Reader;

const MAKE: &str = r#"
from reportlab.pdfgen import canvas
c = canvas.Canvas("a.pdf", pagesize=(400, 600))
c.setFillColorRGB(1, 0, 0)
c.rect(100, 150, 200, 300, fill=1, stroke=0)
c.showPage()
c.drawString(50, 500, "The tide rises.")
c.showPage()
c.save()
from PIL import Image
Image.new("RGB", (40, 30), (0, 0, 255)).save("blue.png")
c = canvas.Canvas("figure.pdf", pagesize=(400, 600))
c.drawImage("blue.png", 100, 300, 200, 150)
c.drawString(100, 285, "Figure 1: The sea")
c.drawString(50, 200, "The sea is blue, as everybody knows who has seen it.")
c.save()
"#;

/// A picture's width, height and colours.
fn look(png: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().expect("a PNG");
    let mut dots = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut dots).expect("a whole PNG");
    assert_eq!(info.color_type, png::ColorType::Rgb);
    (info.width, info.height, dots)
}

fn dot(dots: &[u8], width: u32, x: u32, y: u32) -> [u8; 3] {
    let at = 3 * (y * width + x) as usize;
    [dots[at], dots[at + 1], dots[at + 2]]
}

#[tokio::test]
async fn a_page_is_drawn_at_a_width_and_a_part_of_it_too() {
    let press = Press::new();
    let path = press.python(MAKE, "a.pdf");
    let (width, height, dots) = look(&reader().picture(&path, 1, None, 200).await.unwrap());
    assert_eq!((width, height), (200, 300));
    assert_eq!((dot(&dots, 200, 100, 150), dot(&dots, 200, 5, 5)), ([255, 0, 0], [255, 255, 255]));
    let middle = Area { left: 0.25, top: 0.25, right: 0.75, bottom: 0.75 };
    let (width, height, dots) = look(&reader().picture(&path, 1, Some(middle), 400).await.unwrap());
    assert_eq!((width, height), (400, 600));
    assert!(dots.iter().step_by(3).all(|red| *red == 255) && dot(&dots, 400, 200, 300) == [255, 0, 0]);
    let (width, height, _) = look(&reader().picture(&path, 2, None, 1_000_000).await.unwrap());
    assert!(width <= 4_096 && height <= 8_192, "{width} by {height}");
    assert_eq!(reader().picture(&path, 3, None, 200).await.unwrap_err().code, Code::NotFound);
    assert_eq!(reader().picture(&path, 0, None, 200).await.unwrap_err().code, Code::NotFound);
}

#[tokio::test]
async fn a_figure_is_cut_from_its_page() {
    let press = Press::new();
    press.python(MAKE, "a.pdf");
    let path = press.path("figure.pdf");
    let page = &whole(&path).await[0];
    let [figure] = page.figures.as_slice() else { panic!("{page:?}") };
    assert_eq!(figure.caption.as_deref(), Some("Figure 1: The sea"));
    let (width, height, dots) = look(&reader().picture(&path, 1, Some(figure.area), 300).await.unwrap());
    assert_eq!((width, height), (300, 225));
    assert!(dots.chunks_exact(3).filter(|dot| *dot == [0, 0, 255]).count() * 10 > dots.len() / 3 * 9, "nearly all of it is blue");
}

const BOOKS: &str = r#"
from ebooklib import epub
from PIL import Image
import io
def book(name, cover):
    b = epub.EpubBook()
    b.set_title("Tides")
    c = epub.EpubHtml(title="One", file_name="one.xhtml")
    c.content = "<h1>One</h1><p>The tide rises.</p>"
    b.add_item(c)
    b.toc, b.spine = (c,), [c]
    b.add_item(epub.EpubNcx())
    b.add_item(epub.EpubNav())
    if cover:
        b.set_cover(*cover, create_page=False)
    epub.write_epub(name, b)
def picture(form, mode, colour, size=(300, 450), **more):
    told = io.BytesIO()
    Image.new(mode, size, colour).save(told, form, **more)
    return told.getvalue()
book("jpeg.epub", ("cover.jpg", picture("JPEG", "RGB", (255, 0, 0))))
book("steps.epub", ("cover.jpg", picture("JPEG", "RGB", (255, 0, 0), progressive=True)))
book("png.epub", ("cover.png", picture("PNG", "P", 0)))
book("grey.epub", ("cover.jpg", picture("JPEG", "L", 0)))
book("gif.epub", ("cover.gif", picture("GIF", "P", 0)))
book("torn.epub", ("cover.png", picture("PNG", "RGB", 0)[:80]))
book("bare.epub", None)
book("vast-jpeg.epub", ("cover.jpg", picture("JPEG", "L", 0, (6000, 4100))))
book("vast-png.epub", ("cover.png", picture("PNG", "1", 0, (6000, 4100))))
book("bomb.epub", ("cover.png", picture("PNG", "RGB", 0) + bytes(70 << 20)))
book("outside.epub", ("../../../../etc/passwd", picture("PNG", "RGB", 0)))
"#;

#[tokio::test]
async fn a_cover_is_the_picture_that_a_book_brings_or_the_first_page_of_a_pdf() {
    let press = Press::new();
    press.python(BOOKS, "bare.epub");
    for (name, colour) in [("jpeg", [255, 0, 0]), ("steps", [255, 0, 0]), ("png", [0; 3]), ("grey", [0; 3])] {
        let (width, height, dots) = look(&reader().cover(&press.path(&format!("{name}.epub")), 96).await.unwrap());
        assert_eq!((width, height), (96, 144), "{name}");
        let near = |dot: [u8; 3]| dot.iter().zip(colour).all(|(is, was)| is.abs_diff(was) < 4);
        assert!(near(dot(&dots, 96, 48, 72)), "{name}: {:?}", dot(&dots, 96, 48, 72));
    }
    for name in ["gif", "torn", "bare", "vast-jpeg", "vast-png", "bomb", "outside"] {
        let none = reader().cover(&press.path(&format!("{name}.epub")), 96).await;
        assert_eq!(none.unwrap_err().code, Code::NotFound, "{name}");
    }
    let path = press.python(MAKE, "a.pdf");
    assert_eq!(reader().cover(&path, 96).await.unwrap(), reader().picture(&path, 1, None, 96).await.unwrap());
    let text = press.write("a.txt", "The tide rises.");
    assert_eq!(reader().cover(&text, 96).await.unwrap_err().code, Code::DocumentUnsupported);
}

const FIGURES: &str = r#"
from PIL import Image
import docx, pptx
Image.new("RGB", (40, 30), (0, 0, 255)).save("blue.png")
Image.new("RGB", (40, 30), (255, 0, 0)).save("red.jpg")
d = docx.Document()
d.add_heading("Tides", 1)
d.add_picture("blue.png", width=docx.shared.Cm(4))
d.add_paragraph("Figure 1: The sea", style="Caption")
d.add_paragraph("The sea is blue.")
d.add_picture("blue.png", width=docx.shared.Cm(0.5))
d.add_page_break()
d.add_picture("red.jpg", width=docx.shared.Cm(4))
d.save("figures.docx")
p = pptx.Presentation()
for said in ["The sea at noon", None]:
    slide = p.slides.add_slide(p.slide_layouts[5])
    slide.shapes.title.text = "Tides"
    picture = slide.shapes.add_picture("blue.png", 914400, 2000000, 2000000)
    if said:
        picture._element.nvPicPr.cNvPr.set("descr", said)
p.save("figures.pptx")
p = pptx.Presentation()
for nth in range(8):
    slide = p.slides.add_slide(p.slide_layouts[5])
    slide.shapes.title.text = "Tides"
    logo = slide.shapes.add_picture("blue.png", 0, 0, 914400)
    logo._element.nvPicPr.cNvPr.set("descr", "The sign of the school")
    if nth == 4:
        slide.shapes.add_picture("red.jpg", 914400, 2000000, 2000000)
p.save("logo.pptx")
"#;

#[tokio::test]
async fn figures_of_word_and_powerpoint_are_shown_though_their_pages_are_not() {
    let press = Press::new();
    press.python(FIGURES, "figures.docx");
    let path = press.path("figures.docx");
    let pages = whole(&path).await;
    let figures: Vec<_> = pages.iter().flat_map(|page| page.figures.iter().map(move |figure| (page.number, figure))).collect();
    let [(1, sea), (last, glow)] = figures[..] else { panic!("{figures:?}") };
    assert_eq!((sea.caption.as_deref(), glow.caption.as_deref()), (Some("Figure 1: The sea"), None));
    let (width, height, dots) = look(&reader().picture(&path, 1, Some(sea.area), 300).await.unwrap());
    assert_eq!((width, height, dot(&dots, 40, 20, 15)), (40, 30, [0, 0, 255]));
    let (_, _, dots) = look(&reader().picture(&path, last, Some(glow.area), 300).await.unwrap());
    assert!(dot(&dots, 40, 20, 15)[0] > 250);
    assert_eq!(reader().picture(&path, 1, None, 300).await.unwrap_err().code, Code::DocumentUnsupported);
    let nowhere = Area { top: 0.9, bottom: 1.0, ..sea.area };
    assert_eq!(reader().picture(&path, 1, Some(nowhere), 300).await.unwrap_err().code, Code::NotFound);

    let path = press.path("figures.pptx");
    let pages = whole(&path).await;
    let [told, bare] = &pages[..] else { panic!("{pages:?}") };
    assert_eq!((told.figures[0].caption.as_deref(), bare.figures[0].caption.as_deref()), (Some("The sea at noon"), None));
    assert!(told.text().ends_with("The sea at noon") && !told.is_picture(), "{told:?}");
    let (width, height, dots) = look(&reader().picture(&path, 2, Some(bare.figures[0].area), 20).await.unwrap());
    assert_eq!((width, height, dot(&dots, 20, 10, 7)), (20, 15, [0, 0, 255]));

    let pages = whole(&press.path("logo.pptx")).await;
    let counts: Vec<usize> = pages.iter().map(|page| page.figures.len()).collect();
    assert_eq!(counts, [0, 0, 0, 0, 1, 0, 0, 0], "a sign that stands on each slide belongs to none");
    assert!(pages.iter().all(|page| page.text().trim() == "Tides"), "{pages:?}");
}
