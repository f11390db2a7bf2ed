//! Files that are locked, cut, bent, empty, bombs or no documents at all get a reason, never a crash and never a hang.

mod support;

use std::time::{Duration, Instant};

use support::{Dice, Press, examine, pdf, read, reader, stream, whole};
use synapscribe_domain::Code;
use synapscribe_ports::Reader;

const MAKE: &str = r#"
from reportlab.pdfgen import canvas
c = canvas.Canvas("book.pdf")
for page in range(6):
    text = c.beginText(60, 780)
    for _ in range(30):
        text.textLine(sentence())
    c.drawText(text)
    c.showPage()
c.save()
import docx, pptx
from ebooklib import epub
d = docx.Document()
d.add_heading("Tides", 1)
for _ in range(20): d.add_paragraph(prose())
d.save("book.docx")
p = pptx.Presentation()
for n in range(5):
    slide = p.slides.add_slide(p.slide_layouts[1])
    slide.shapes.title.text, slide.placeholders[1].text = "Tide %d" % n, prose(2)
p.save("book.pptx")
b = epub.EpubBook()
b.set_title("Tides")
chapters = []
for n in range(4):
    chapter = epub.EpubHtml(title="Part %d" % n, file_name="c%d.xhtml" % n)
    chapter.content = "<h1>Part %d</h1><p>%s</p>" % (n, prose(20))
    b.add_item(chapter)
    chapters.append(chapter)
b.toc, b.spine = chapters, ["nav"] + chapters
b.add_item(epub.EpubNcx())
b.add_item(epub.EpubNav())
epub.write_epub("book.epub", b)
"#;

const NAMES: [&str; 4] = ["book.pdf", "book.docx", "book.pptx", "book.epub"];

fn is_refusal(code: Code) -> bool {
    matches!(
        code,
        Code::DocumentCorrupt | Code::DocumentUnsupported | Code::DocumentEmpty | Code::DocumentEncrypted | Code::PageUnreadable
    )
}

#[tokio::test]
async fn a_file_that_is_cut_or_bent_is_read_or_refused() {
    let press = Press::new();
    press.python(MAKE, NAMES[0]);
    let mut dice = Dice(0x5EED_0006);
    for name in NAMES {
        let book = std::fs::read(press.path(name)).unwrap();
        let mut cases: Vec<Vec<u8>> =
            [1, 7, 40, 75, 97].iter().map(|percent| book[..book.len() * percent / 100].to_vec()).collect();
        for round in 0..8 {
            let mut bent = book.clone();
            // Tables at the end and headers at the front are where the harm is done.
            let within = if round % 2 == 0 { bent.len() } else { bent.len().min(2_000) };
            for _ in 0..=dice.roll(30) {
                let at = bent.len() - 1 - dice.roll(within);
                bent[at] ^= 1 << dice.roll(8);
            }
            cases.push(bent);
        }
        for (nth, bytes) in cases.iter().enumerate() {
            let path = press.write("damaged", bytes);
            let started = Instant::now();
            match read(&reader(), &path).await {
                Err(failure) => {
                    assert!(is_refusal(failure.code), "{name} {nth}: {failure:?}");
                    assert!(failure.message.contains("again") || failure.message.contains("document"), "{name} {nth}: {failure}");
                }
                Ok(pages) => assert!(pages.iter().flat_map(|page| page.as_ref().err()).all(|page| is_refusal(page.failure.code))),
            }
            assert!(started.elapsed() < Duration::from_secs(20), "{name} {nth} took {:?}", started.elapsed());
        }
    }
}

#[tokio::test]
async fn a_book_whose_end_is_missing_still_gives_its_pages() {
    let press = Press::new();
    let book = std::fs::read(press.python(MAKE, "book.pdf")).unwrap();
    let table = book.windows(4).rposition(|part| part == b"xref").unwrap();
    let cut = press.write("cut.pdf", &book[..table]);
    let pages = whole(&cut).await;
    assert_eq!(pages.len(), 6);
    assert!(pages.iter().all(|page| page.text().len() > 500));
    assert!(examine(&cut).await.unwrap().cut && !examine(&press.path("book.pdf")).await.unwrap().cut);
}

#[tokio::test]
async fn pages_that_were_cut_off_are_told_in_their_places() {
    let press = Press::new();
    let font = "/Resources <</Font <</F <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>>>>>";
    let mut objects = vec![
        b"<</Type /Catalog /Pages 2 0 R>>".to_vec(),
        format!("<</Type /Pages /Count 3 /Kids [3 0 R 5 0 R 7 0 R] /MediaBox [0 0 300 300] {font}>>").into_bytes(),
    ];
    for page in 1..=3 {
        objects.push(format!("<</Type /Page /Parent 2 0 R /Contents {} 0 R>>", 2 + 2 * page).into_bytes());
        objects.push(stream("", format!("BT /F 12 Tf 20 200 Td (The tide of day {page} was high.) Tj ET").as_bytes()));
    }
    let book = pdf(&objects);
    assert_eq!(whole(&press.write("book.pdf", &book)).await.len(), 3);
    for (from, told) in [("8 0 obj", "the page is damaged"), ("7 0 obj", "the page is missing")] {
        let begins = book.windows(from.len()).rposition(|part| part == from.as_bytes()).unwrap();
        let path = press.write("cut.pdf", &book[..begins + 50]);
        assert_eq!(examine(&path).await.map(|seen| (seen.pages, seen.cut)), Ok((3, true)), "{from}");
        let pages = read(&reader(), &path).await.unwrap();
        assert!(pages[1].as_ref().unwrap().text().contains("day 2"), "{from}: {:?}", pages[1]);
        let lost = pages[2].as_ref().unwrap_err();
        assert!(lost.number == 3 && lost.failure.message.starts_with(told), "{from}: {lost:?}");
    }
}

#[tokio::test]
async fn a_locked_document_says_that_it_is_locked() {
    let press = Press::new();
    let locked = r#"
import pikepdf, zipfile
book = pikepdf.open("book.pdf")
book.save("locked.pdf", encryption=pikepdf.Encryption(user="secret", owner="other", R=6))
book.save("old.pdf", encryption=pikepdf.Encryption(user="secret", owner="other", R=3, aes=False, metadata=False))
book.save("open.pdf", encryption=pikepdf.Encryption(user="", owner="other", R=6))
book.close()
open("locked.docx", "wb").write(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000 + "EncryptedPackage".encode("utf-16le") + b"\0" * 2000)
source = zipfile.ZipFile("book.epub")
with zipfile.ZipFile("locked.epub", "w") as target:
    for item in source.infolist():
        target.writestr(item, source.read(item))
    target.writestr("META-INF/encryption.xml", "<encryption><EncryptedData><CipherData><CipherReference URI='EPUB/c1.xhtml'/></CipherData></EncryptedData></encryption>")
"#;
    press.python(&format!("{MAKE}\n{locked}"), "locked.pdf");
    for name in ["locked.pdf", "old.pdf", "locked.docx", "locked.epub"] {
        let failure = examine(&press.path(name)).await.expect_err(name);
        assert_eq!(failure.code, Code::DocumentEncrypted, "{name}: {failure}");
        assert!(failure.message.contains("without"), "{name}: {failure}");
    }
    assert_eq!(whole(&press.path("open.pdf")).await.len(), 6, "what anybody may open is read");
}

#[tokio::test]
async fn a_scanned_document_says_so() {
    let press = Press::new();
    let script = r#"
from reportlab.pdfgen import canvas
from PIL import Image
Image.effect_noise((300, 400), 90).convert("RGB").save("scan.png")
c = canvas.Canvas("scan.pdf", pagesize=(300, 400))
for _ in range(3):
    c.drawImage("scan.png", 0, 0, 300, 400)
    c.showPage()
c.save()
"#;
    let path = press.python(script, "scan.pdf");
    assert!(examine(&path).await.unwrap().scanned);
    for page in whole(&path).await {
        assert!(page.blocks.is_empty(), "{page:?}");
        assert_eq!(page.figures.len(), 1, "the picture of the page is there");
    }
}

#[tokio::test]
async fn scans_with_a_stamp_and_scans_among_printed_pages_stay_pictures() {
    let press = Press::new();
    let script = r#"
from reportlab.pdfgen import canvas
from PIL import Image
Image.effect_noise((300, 400), 90).convert("RGB").save("scan.png")
c = canvas.Canvas("mixed.pdf", pagesize=(300, 400))
for n in range(12):
    if n % 2:
        c.drawImage("scan.png", 0, 0, 300, 400)
        if n > 5:
            c.drawString(180, 30 + 20 * n, "Library, copy %d" % n)
    else:
        for row in range(12):
            c.drawString(30, 360 - 15 * row, "Line %d of page %d speaks of the tides." % (row, n))
    c.showPage()
c.save()
"#;
    let pages = whole(&press.python(script, "mixed.pdf")).await;
    let pictures: Vec<u32> = pages.iter().filter(|page| page.is_picture()).map(|page| page.number).collect();
    assert_eq!(pictures, [2, 4, 6, 8, 10, 12], "{pages:?}");
    assert!(pages[7].text().contains("Library, copy 7"), "what is stamped on it is kept: {:?}", pages[7]);
}

#[tokio::test]
async fn bombs_and_rings_and_boasts_are_bounded() {
    let press = Press::new();
    let zipped = r#"
import zipfile
def docx(name, document):
    with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("[Content_Types].xml", "<Types/>")
        z.writestr("word/document.xml", document)
docx("zip-bomb.docx", b"<w:document><w:p><w:t>" + b"a" * (70 << 20))
docx("xml-bomb.docx", "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>" + "".join("<!ENTITY %s '%s'>" % (chr(98 + n), ("&%s;" % chr(97 + n)) * 10) for n in range(20)) + "]><w:document><w:p><w:t>said &t;</w:t></w:p></w:document>")
docx("deep.docx", "<w:document><w:p><w:t>said</w:t></w:p>" + "<w:tbl><w:tr><w:tc>" * 200000)
"#;
    press.python(zipped, "zip-bomb.docx");
    let failure = read(&reader(), &press.path("zip-bomb.docx")).await.unwrap_err();
    assert!(failure.message.contains("unpacks"), "{failure}");
    for name in ["xml-bomb.docx", "deep.docx"] {
        let pages = whole(&press.path(name)).await;
        assert_eq!(pages[0].text().trim(), "said", "{name}");
    }

    let deep = b"[".repeat(500_000);
    let ring = [
        b"<</Type /Catalog /Pages 2 0 R /Outlines 4 0 R>>".to_vec(),
        b"<</Type /Pages /Count 4000000000 /Kids [2 0 R 3 0 R 2 0 R] /MediaBox [0 0 300 300]>>".to_vec(),
        b"<</Type /Page /Parent 2 0 R /Resources <</XObject <</X 6 0 R>>>> /Contents 6 0 R>>".to_vec(),
        b"<</First 5 0 R>>".to_vec(),
        b"<</Title (Ring) /Next 5 0 R /First 5 0 R /Dest [3 0 R /Fit]>>".to_vec(),
        stream("/Type /XObject /Subtype /Form /BBox [0 0 9 9]", b"/X Do /X Do /X Do /X Do"),
    ];
    let many: Vec<u8> = b"3 0 R ".repeat(6_000);
    let distinct: String = (0..6_000).map(|nth| format!("{} 0 R ", nth + 3)).collect();
    let mut long = vec![
        b"<</Type /Catalog /Pages 2 0 R>>".to_vec(),
        format!("<</Type /Pages /Count 6000 /Kids [{distinct}]>>").into_bytes(),
    ];
    long.extend((0..6_000).map(|_| b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9]>>".to_vec()));
    let same = [ring[0].clone(), [b"<</Type /Pages /Kids [", &many[..], b"]>>"].concat(), ring[2].clone()];
    let nested = [b"<</Type /Catalog /Pages 2 0 R /X ".to_vec(), deep, b">>".to_vec()].concat();
    let cases = [
        ("ring.pdf", pdf(&ring), None),
        ("same.pdf", pdf(&same), None),
        ("long.pdf", pdf(&long), Some(Code::DocumentTooLong)),
        ("deep.pdf", pdf(&[nested]), Some(Code::DocumentCorrupt)),
        ("header.pdf", b"%PDF-1.7\n".to_vec(), Some(Code::DocumentCorrupt)),
    ];
    for (name, bytes, code) in cases {
        let path = press.write(name, bytes);
        let started = Instant::now();
        let read = read(&reader(), &path).await;
        assert_eq!(read.as_ref().err().map(|failure| failure.code), code, "{name}: {read:?}");
        assert!(started.elapsed() < Duration::from_secs(30), "{name} took {:?}", started.elapsed());
    }
    assert_eq!(examine(&press.path("ring.pdf")).await.unwrap().outline.len(), 1, "a ring is followed once");
}

#[tokio::test]
async fn what_is_no_document_is_told_so_with_what_to_do() {
    let press = Press::new();
    let cases: [(&str, &[u8], &str); 8] = [
        ("picture.pdf", b"\x89PNG\r\n\x1a\n0000", "a picture"),
        ("sound.pdf", b"ID3\x03\0\0\0\0", "a recording"),
        ("page.pdf", b"<!DOCTYPE html><html><body>404</body></html>", "a web page"),
        ("old.doc", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1and so on", "old office"),
        ("rich.txt", b"{\\rtf1 text}", "rich text"),
        ("kindle.epub", &[[0; 60].as_slice(), b"BOOKMOBI"].concat(), "Kindle"),
        ("zip.epub", b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "an archive"),
        ("noise.txt", &[1, 2, 3, 4, 200, 201, 0, 9], "none of the documents"),
    ];
    for (name, bytes, what) in cases {
        let failure = examine(&press.write(name, bytes)).await.expect_err(name);
        assert_eq!(failure.code, Code::DocumentUnsupported, "{name}: {failure}");
        assert!(failure.message.contains(what) && failure.message.contains([';']), "{name}: {failure}");
    }
    assert_eq!(examine(&press.write("blank.txt", " \n\n ")).await.unwrap_err().code, Code::DocumentEmpty);
    assert_eq!(reader().picture(&press.write("a.txt", "text"), 1, None, 100).await.unwrap_err().code, Code::DocumentUnsupported);
}
