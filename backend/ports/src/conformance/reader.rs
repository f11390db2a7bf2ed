//! How every reader of documents behaves, shown on plain text, which each can read; other kinds are for its own tests. It knows no
//! format.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use synapscribe_domain::Code;
use synapscribe_domain::document::{DocumentKind, ReadPage};
use tokio::sync::mpsc;

use crate::{PageRead, Reader};

/// Runs every check; `folder` is an empty one.
pub async fn suite(reader: &dyn Reader, folder: &Path) {
    assert_eq!(reader.can_read(DocumentKind::Text), Ok(()));
    a_document_is_measured_by_its_content(reader, folder).await;
    all_of_it_is_read_in_order_and_every_time_the_same(reader, folder).await;
    reading_goes_on_where_it_stopped(reader, folder).await;
    a_receiver_that_goes_away_ends_the_work_without_an_error(reader, folder).await;
    what_is_no_document_gets_a_reason(reader, folder).await;
    a_page_that_is_not_there_has_no_picture(reader, folder).await;
}

async fn a_document_is_measured_by_its_content(reader: &dyn Reader, folder: &Path) {
    let path = write(folder, "measured", book(40).as_bytes());
    let text = reader.examine(&path, "Week 3.txt").await.expect("it is a text");
    assert_eq!((text.kind, text.scanned), (DocumentKind::Text, false), "{text:?}");
    assert!(text.pages > 1, "a long text has pages: {text:?}");
    for name in ["", "книга.pdf", "50% (final).docx"] {
        let again = reader.examine(&path, name).await.expect("a name does not matter");
        assert_eq!((again.kind, again.pages), (DocumentKind::Text, text.pages), "{name}");
    }
    assert_eq!(reader.examine(&path, "notes.md").await.map(|seen| seen.kind), Ok(DocumentKind::Markdown));
}

async fn all_of_it_is_read_in_order_and_every_time_the_same(reader: &dyn Reader, folder: &Path) {
    let path = write(folder, "whole", book(40).as_bytes());
    let stated = reader.examine(&path, "a.txt").await.expect("it is a text").pages;
    let pages = read(reader, &path, 1).await;
    assert_eq!(pages.iter().map(|p| p.number).collect::<Vec<_>>(), (1..=stated).collect::<Vec<_>>());
    let text = pages.iter().map(ReadPage::text).collect::<Vec<_>>().join(" ");
    let mut at = 0;
    for n in 0..40 {
        let sentence = format!("Sentence {n} of the book");
        at += text[at..].find(&sentence).unwrap_or_else(|| panic!("{sentence:?} is missing or moved"));
        assert_eq!(text.matches(&format!("{sentence} ")).count(), 1, "{sentence:?}");
    }
    assert_eq!(read(reader, &path, 1).await, pages, "reading twice gives the same");
}

async fn reading_goes_on_where_it_stopped(reader: &dyn Reader, folder: &Path) {
    let path = write(folder, "resumed", book(40).as_bytes());
    let all = read(reader, &path, 1).await;
    for from in 1..=all.len() as u32 {
        assert_eq!(read(reader, &path, from).await, all[from as usize - 1..], "from {from}");
    }
    assert_eq!(read(reader, &path, all.len() as u32 + 1).await, [], "nothing is behind the end");
}

async fn a_receiver_that_goes_away_ends_the_work_without_an_error(reader: &dyn Reader, folder: &Path) {
    let path = write(folder, "left", book(400).as_bytes());
    let (sink, mut pages) = mpsc::channel::<PageRead>(1);
    let leaving = async {
        pages.recv().await.expect("a first page").expect("it can be read");
        drop(pages);
    };
    let (done, ()) = tokio::join!(reader.pages(&path, "a.txt", 1, sink), leaving);
    assert_eq!(done, Ok(()), "going away is no error");
}

async fn what_is_no_document_gets_a_reason(reader: &dyn Reader, folder: &Path) {
    let noise: Vec<u8> = (0..4_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).chain([0, 0, 0]).collect();
    for (name, content, code) in
        [("empty.txt", &[][..], Code::DocumentEmpty), ("noise.txt", noise.as_slice(), Code::DocumentUnsupported)]
    {
        let path = write(folder, name, content);
        let failure = reader.examine(&path, name).await.expect_err(name);
        assert_eq!(failure.code, code, "{name}: {failure}");
        assert!(failure.message.len() > 10, "{name} is refused without a sentence");
        let (sink, _pages) = mpsc::channel(1);
        assert_eq!(reader.pages(&path, name, 1, sink).await.err().map(|f| f.code), Some(code), "{name} is read");
    }
    let missing = folder.join("missing.txt");
    assert_eq!(reader.examine(&missing, "missing.txt").await.err().map(|f| f.code), Some(Code::NotFound));
    let (sink, _pages) = mpsc::channel(1);
    assert_eq!(reader.pages(&missing, "missing.txt", 1, sink).await.err().map(|f| f.code), Some(Code::NotFound));
}

async fn a_page_that_is_not_there_has_no_picture(reader: &dyn Reader, folder: &Path) {
    let path = write(folder, "pictured", book(4).as_bytes());
    assert!(reader.picture(&path, 10_000, None, 200).await.is_err());
    assert!(reader.picture(&path, 0, None, 200).await.is_err(), "pages are counted from 1");
}

/// A text of so many sentences in paragraphs, long enough for pages.
fn book(sentences: usize) -> String {
    let mut text = String::new();
    for n in 0..sentences {
        let end = if n % 4 == 3 { "\n\n" } else { " " };
        let _ = write!(text, "Sentence {n} of the book {}is followed by another one.{end}", "tells a long story that ".repeat(8));
        if n % 12 == 11 {
            text.push('\u{c}');
        }
    }
    text
}

async fn read(reader: &dyn Reader, path: &Path, from: u32) -> Vec<ReadPage> {
    let (sink, mut pages) = mpsc::channel::<PageRead>(2);
    let collect = async {
        let mut all = Vec::new();
        while let Some(page) = pages.recv().await {
            all.push(page.expect("every page of a plain text can be read"));
        }
        all
    };
    let (done, all) = tokio::join!(reader.pages(path, "a.txt", from, sink), collect);
    done.expect("a text can be read");
    all
}

fn write(folder: &Path, name: &str, content: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, content).expect("a test file");
    path
}
