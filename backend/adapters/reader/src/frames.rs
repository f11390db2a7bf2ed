//! What the child that reads documents says to its parent: where it is, pages, a picture, and a last word.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use synapscribe_domain::Failure;
use synapscribe_domain::document::{Area, Examined, FailedPage};
use synapscribe_ports::PageRead;
use synapscribe_sandbox::frames;

use crate::limits::ReadLimits;

/// The kinds of frames.
const VERDICT: u8 = b'V';
const AT: u8 = b'A';
const PAGE: u8 = b'P';
const PICTURE: u8 = b'I';

/// No table of contents is longer.
const LONGEST_VERDICT: usize = 16 << 20;
/// No page says more.
const LONGEST_PAGE: usize = 16 << 20;
/// No picture of a page is larger.
const LONGEST_PICTURE: usize = 64 << 20;

/// What a child is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Request {
    pub work: Work,
    /// Whether text is meant as Markdown.
    pub markdown: bool,
    pub limits: ReadLimits,
}

/// What there is to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Work {
    /// A look at the file.
    Examine,
    /// The pages from this one on; those that ended an earlier child are given with the reason.
    Pages { from: u32, failed: Vec<FailedPage> },
    /// A picture of a page or of a part of it.
    Picture { page: u32, part: Option<Area>, width: u32 },
    /// Its cover.
    Cover { width: u32 },
}

/// The last word of the child.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// What a look at the file told.
    Examined(Examined),
    /// Everything was said.
    Done,
    /// The document was refused.
    Refused(Failure),
}

/// One frame as the parent sees it.
#[derive(Debug, PartialEq)]
pub(crate) enum Frame {
    /// The last word.
    Verdict(Verdict),
    /// The child is about to read this page; with 0 it has read them all.
    At(u32),
    /// A page, or why it could not be read.
    Page(PageRead),
    /// A picture.
    Picture(Vec<u8>),
}

/// Writes the last word.
pub(crate) fn write_verdict(out: &mut impl Write, verdict: &Verdict) -> io::Result<()> {
    frames::write(out, VERDICT, &serde_json::to_vec(verdict)?)?;
    out.flush()
}

/// Says which page is about to be read, at once: it may be the last that is heard.
pub(crate) fn write_at(out: &mut impl Write, page: u32) -> io::Result<()> {
    frames::write(out, AT, &page.to_le_bytes())?;
    out.flush()
}

/// Writes a page.
pub(crate) fn write_page(out: &mut impl Write, page: &PageRead) -> io::Result<()> {
    frames::write(out, PAGE, &serde_json::to_vec(page)?)
}

/// Writes a picture.
pub(crate) fn write_picture(out: &mut impl Write, picture: &[u8]) -> io::Result<()> {
    frames::write(out, PICTURE, picture)
}

/// How long a frame of each kind may be.
pub(crate) fn longest(kind: u8) -> Option<usize> {
    match kind {
        VERDICT => Some(LONGEST_VERDICT),
        AT => Some(4),
        PAGE => Some(LONGEST_PAGE),
        PICTURE => Some(LONGEST_PICTURE),
        _ => None,
    }
}

/// What a frame says; nothing when it makes no sense.
pub(crate) fn parse((kind, body): (u8, Vec<u8>)) -> Option<Frame> {
    match kind {
        VERDICT => serde_json::from_slice(&body).ok().map(Frame::Verdict),
        AT => body.try_into().ok().map(u32::from_le_bytes).map(Frame::At),
        PAGE => serde_json::from_slice(&body).ok().map(Frame::Page),
        PICTURE => Some(Frame::Picture(body)),
        _ => None,
    }
}

/// For fuzzing: reads frames until the bytes end or make no sense, and throws them away.
pub fn fuzz_frames(mut data: &[u8]) {
    while let Some(frame) = frames::read_at_once(&mut data, longest).ok().and_then(parse) {
        let mut again = Vec::new();
        match &frame {
            Frame::Verdict(verdict) => write_verdict(&mut again, verdict).expect("what was read can be written"),
            Frame::At(page) => write_at(&mut again, *page).expect("memory takes everything"),
            Frame::Page(page) => write_page(&mut again, page).expect("what was read can be written"),
            Frame::Picture(picture) => write_picture(&mut again, picture).expect("memory takes everything"),
        }
    }
}

#[cfg(test)]
mod tests {
    use synapscribe_domain::Code;
    use synapscribe_domain::document::ReadPage;

    use super::*;

    #[test]
    fn frames_come_back_as_they_went() {
        let failed = || FailedPage { number: 2, failure: Failure::new(Code::PageUnreadable, "no") };
        let mut wire = Vec::new();
        write_at(&mut wire, 7).unwrap();
        write_page(&mut wire, &Ok(ReadPage { number: 1, ..ReadPage::default() })).unwrap();
        write_page(&mut wire, &Err(failed())).unwrap();
        write_picture(&mut wire, b"png").unwrap();
        write_verdict(&mut wire, &Verdict::Done).unwrap();
        fuzz_frames(&wire);
        let mut reader = wire.as_slice();
        let mut next = || frames::read_at_once(&mut reader, longest).ok().and_then(parse);
        assert_eq!(next(), Some(Frame::At(7)));
        assert_eq!(next(), Some(Frame::Page(Ok(ReadPage { number: 1, ..ReadPage::default() }))));
        assert_eq!(next(), Some(Frame::Page(Err(failed()))));
        assert_eq!(next(), Some(Frame::Picture(b"png".to_vec())));
        assert_eq!(next(), Some(Frame::Verdict(Verdict::Done)));
        assert_eq!(next(), None);
    }

    #[test]
    fn nonsense_says_nothing() {
        for wire in [&b"A\x03\0\0\0abc"[..], b"V\x02\0\0\0{}", b"P\xFF\xFF\xFF\xFF", b"X\0\0\0\0", b""] {
            assert!(frames::read_at_once(&mut &wire[..], longest).ok().and_then(parse).is_none(), "{wire:?}");
            fuzz_frames(wire);
        }
    }
}
