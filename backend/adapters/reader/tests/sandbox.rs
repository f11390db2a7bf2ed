//! The child keeps its limits, and the parent explains a child that did not come back.

mod support;

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use support::{Press, pdf, read, reader, stream};
use synapscribe_domain::Code;
use synapscribe_ports::Reader;
use synapscribe_reader::{ReadLimits, SandboxedReader};

/// A program that behaves badly in place of the child.
fn rogue(press: &Press, name: &str, script: &str) -> SandboxedReader {
    let path = press.write(name, format!("#!/bin/sh\n{script}\n"));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let limits = ReadLimits { wait_seconds: 1, ..ReadLimits::EXAMINE };
    SandboxedReader { program: path, examine: limits, pages: limits, picture: limits }
}

/// A PDF with these contents on its pages; the last entry of each is put into the stream's dictionary.
fn book(pages: &[(&[u8], &str)]) -> Vec<u8> {
    pdf(&objects(pages))
}

/// The same with so many bytes in it that no page needs, which the disk need not hold either.
fn book_with_more(path: &Path, pages: &[(&[u8], &str)], bytes: u64) -> std::io::Result<()> {
    let mut objects = objects(pages);
    objects.push(format!("<</Length {bytes}>>\nstream\n\nendstream").into_bytes());
    let book = pdf(&objects);
    let last = |mark: &[u8]| book.windows(mark.len()).rposition(|part| part == mark).expect("every PDF has it");
    let (within, table, end) = (last(b"\nendstream"), last(b"\nxref\n") + 1, last(b"startxref\n"));
    let mut file = File::create(path)?;
    file.write_all(&book[..within])?;
    file.seek(SeekFrom::Current(bytes as i64))?;
    file.write_all(&book[within..end])?;
    write!(file, "startxref\n{}\n%%EOF\n", table as u64 + bytes)
}

fn objects(pages: &[(&[u8], &str)]) -> Vec<Vec<u8>> {
    let kids: String = (0..pages.len()).map(|nth| format!("{} 0 R ", 4 + 2 * nth)).collect();
    let mut objects = vec![
        b"<</Type /Catalog /Pages 2 0 R>>".to_vec(),
        format!("<</Type /Pages /Count {} /Kids [{kids}] /MediaBox [0 0 300 300]>>", pages.len()).into_bytes(),
        b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>".to_vec(),
    ];
    for (nth, (content, entries)) in pages.iter().enumerate() {
        let page = format!("<</Type /Page /Parent 2 0 R /Resources <</Font <</F 3 0 R>>>> /Contents {} 0 R>>", 5 + 2 * nth);
        objects.push(page.into_bytes());
        objects.push(stream(entries, content));
    }
    objects
}

const TEXT: &[u8] = b"BT /F 12 Tf 20 200 Td (The tide rises.) Tj ET";

#[tokio::test]
async fn a_page_that_unpacks_to_more_than_memory_costs_that_page() {
    let press = Press::new();
    let made = "import zlib; c = zlib.compressobj(1); open('bomb', 'wb').write(b''.join(c.compress(b' ' * 2**20) for _ in range(600)) + c.flush())";
    let bomb = std::fs::read(press.python(made, "bomb")).unwrap();
    let path = press.write("bomb.pdf", book(&[(TEXT, ""), (&bomb, "/Filter /FlateDecode"), (TEXT, "")]));
    let pages = read(&reader(), &path).await.unwrap();
    assert_eq!(pages.len(), 3);
    let failed = pages[1].as_ref().unwrap_err();
    assert_eq!((failed.number, failed.failure.code), (2, Code::PageUnreadable), "{failed:?}");
    for page in [&pages[0], &pages[2]] {
        assert_eq!(page.as_ref().unwrap().text(), "The tide rises.");
    }
}

#[tokio::test]
async fn many_pages_that_end_the_child_cost_those_pages_and_too_many_the_document() {
    let press = Press::new();
    let made = "import zlib; c = zlib.compressobj(1); open('bomb', 'wb').write(b''.join(c.compress(b' ' * 2**20) for _ in range(600)) + c.flush())";
    let bomb = std::fs::read(press.python(made, "bomb")).unwrap();
    let mut reader = reader();
    reader.pages.memory_bytes = 128 << 20;
    let with = |bombs: usize| {
        let mut pages = vec![(bomb.as_slice(), "/Filter /FlateDecode"); bombs];
        pages.insert(0, (TEXT, ""));
        pages.push((TEXT, ""));
        press.write("bombs.pdf", book(&pages))
    };
    let pages = read(&reader, &with(7)).await.unwrap();
    let readable: Vec<bool> = pages.iter().map(Result::is_ok).collect();
    assert_eq!(readable, [true, false, false, false, false, false, false, false, true], "{pages:?}");
    let failure = read(&reader, &with(21)).await.unwrap_err();
    assert_eq!(failure.code, Code::DocumentCorrupt);
    assert!(failure.message.starts_with("more than 20 of its pages cannot be read, page 2 first: the page "), "{failure}");
}

/// A book of many pages, or of many bytes, takes seconds; a busy machine may take longer.
const LONG: Duration = Duration::from_secs(120);

#[tokio::test]
async fn as_many_pages_as_a_document_may_have_are_read_within_the_limits() {
    let press = Press::new();
    let bars: String = (0..100).map(|nth| format!("{} 5 2.6 {} re f ", 3 * nth, 25 + nth % 20)).collect();
    let content = |page: u32| {
        let line = |nth: u32| format!("(Tide {page} of harbour {nth} rises when the moon stands over the water.) ' ");
        let lines: String = (1..=40).map(line).collect();
        format!("{bars}BT /F 5 Tf 5.5 TL 20 292 Td {lines}ET").into_bytes()
    };
    let contents: Vec<Vec<u8>> = (1..=ReadLimits::PAGES.pages).map(content).collect();
    let pages: Vec<(&[u8], &str)> = contents.iter().map(|content| (content.as_slice(), "")).collect();
    let path = press.write("long.pdf", book(&pages));
    let started = Instant::now();
    let examined = reader().examine(&path, "long.pdf").await.unwrap();
    assert_eq!((examined.pages, examined.scanned, examined.cut), (5_000, false, false));
    let pages = read(&reader(), &path).await.unwrap();
    assert_eq!(pages.iter().filter(|page| page.is_ok()).count(), 5_000);
    let last = pages[4_999].as_ref().unwrap();
    assert!(last.text().contains("Tide 5000 of harbour 20 rises"), "{last:?}");
    assert!(reader().picture(&path, 5_000, None, 100).await.unwrap().starts_with(b"\x89PNG"));
    assert!(started.elapsed() < LONG, "it took {:?}", started.elapsed());
}

#[tokio::test]
async fn as_many_bytes_as_a_document_may_have_are_read_within_the_limits() {
    let press = Press::new();
    let path = press.path("large.pdf");
    let other: &[u8] = b"BT /F 12 Tf 20 150 Td (The water falls.) Tj ET";
    book_with_more(&path, &[(TEXT, ""), (other, "")], 499 << 20).unwrap();
    assert!(std::fs::metadata(&path).unwrap().len() > 499 << 20);
    let started = Instant::now();
    let examined = reader().examine(&path, "large.pdf").await.unwrap();
    assert_eq!((examined.pages, examined.cut), (2, false));
    let pages = read(&reader(), &path).await.unwrap();
    assert_eq!(pages.iter().flatten().map(|page| page.text()).collect::<Vec<_>>(), ["The tide rises.", "The water falls."]);
    assert!(reader().picture(&path, 2, None, 100).await.unwrap().starts_with(b"\x89PNG"));
    assert!(started.elapsed() < LONG, "it took {:?}", started.elapsed());
}

#[tokio::test]
async fn a_page_that_takes_too_long_costs_that_page() {
    let press = Press::new();
    // A form of a million instructions that draw nothing, drawn again and again.
    let objects = [
        b"<</Type /Catalog /Pages 2 0 R>>".to_vec(),
        b"<</Type /Pages /Count 2 /Kids [3 0 R 5 0 R] /MediaBox [0 0 300 300]>>".to_vec(),
        b"<</Type /Page /Parent 2 0 R /Resources <</Font <</F 8 0 R>>>> /Contents 4 0 R>>".to_vec(),
        stream("", TEXT),
        b"<</Type /Page /Parent 2 0 R /Resources <</XObject <</X 7 0 R>>>> /Contents 6 0 R>>".to_vec(),
        stream("", &b"/X Do ".repeat(4_000)),
        stream("/Type /XObject /Subtype /Form /BBox [0 0 1 1]", &b"0 0 m 1 1 l n ".repeat(300_000)),
        b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>".to_vec(),
    ];
    let path = press.write("slow.pdf", pdf(&objects));
    let mut reader = reader();
    reader.pages.page_cpu_seconds = 0;
    let pages = read(&reader, &path).await.unwrap();
    assert_eq!(pages[0].as_ref().unwrap().text(), "The tide rises.");
    let failed = pages[1].as_ref().unwrap_err();
    assert!(failed.failure.message.contains("longer"), "{failed:?}");
}

#[tokio::test]
async fn memory_runs_out() {
    let press = Press::new();
    let path = press.write("a.txt", "The tide rises and falls. ".repeat(200_000));
    let mut reader = reader();
    reader.examine.memory_bytes = 256 << 10;
    let failure = reader.examine(&path, "a.txt").await.unwrap_err();
    assert_eq!(failure.code, Code::DocumentCorrupt);
    assert!(failure.message.contains("more memory"), "{failure}");
}

#[tokio::test]
async fn a_child_that_misbehaves_costs_a_failure_and_no_more() {
    let press = Press::new();
    let path = press.write("a.txt", "The tide rises.");
    let cases = [
        ("hangs", "exec sleep 60", Code::Internal),
        ("is-killed", "kill -9 $$", Code::Internal),
        ("burns", "kill -XCPU $$", Code::DocumentCorrupt),
        ("crashes", "kill -SEGV $$", Code::DocumentCorrupt),
        ("says-nothing", "exit 0", Code::DocumentCorrupt),
        ("fails", "exit 2", Code::Internal),
        ("babbles", "exec cat /dev/zero", Code::DocumentCorrupt),
        ("boasts", "printf 'V\\377\\377\\377\\377'; exec sleep 60", Code::DocumentCorrupt),
        ("dies-at-a-page", "printf 'A\\004\\000\\000\\000\\007\\000\\000\\000'; kill -SEGV $$", Code::DocumentCorrupt),
    ];
    for (name, script, code) in cases {
        let started = Instant::now();
        let rogue = rogue(&press, name, script);
        let failure = rogue.examine(&path, "a.txt").await.expect_err(name);
        assert_eq!(failure.code, code, "{name}: {failure}");
        let failure = read(&rogue, &path).await.expect_err(name);
        assert_eq!(failure.code, code, "{name}: {failure}");
        assert_eq!(rogue.picture(&path, 1, None, 100).await.expect_err(name).code, code, "{name}");
        assert!(started.elapsed() < Duration::from_secs(10), "{name} took {:?}", started.elapsed());
    }
    assert_eq!(SandboxedReader::new("/nonexistent/program").examine(&path, "").await.unwrap_err().code, Code::Internal);
}
