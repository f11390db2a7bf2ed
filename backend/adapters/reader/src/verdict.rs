//! Why a document or a page cannot be read: a stable code and a sentence that tells what to do.

use synapscribe_domain::document::FailedPage;
use synapscribe_domain::{Code, Failure};

/// Not one byte.
pub(crate) fn empty() -> Failure {
    Failure::new(Code::DocumentEmpty, "the file is empty; save or export it again")
}

/// Nothing to read in it.
pub(crate) fn no_text() -> Failure {
    Failure::new(Code::DocumentEmpty, "the document holds no text; check that it is the right file")
}

/// Nothing we know.
pub(crate) fn unknown() -> Failure {
    Failure::new(
        Code::DocumentUnsupported,
        "the file's content is none of the documents we read (PDF, EPUB, Word, PowerPoint, Markdown, plain text); export it as \
         one of them",
    )
}

/// Something we know and do not read, by what a person calls it and what to do.
pub(crate) fn known_but_not_read(what: &str, remedy: &str) -> Failure {
    Failure::new(Code::DocumentUnsupported, format!("the file is {what}, which we do not read; {remedy}"))
}

/// A password is needed.
pub(crate) fn locked() -> Failure {
    Failure::new(Code::DocumentEncrypted, "the document is locked by a password; save it without one and upload it again")
}

/// The lock is of a kind we have no key for.
pub(crate) fn unknown_lock() -> Failure {
    Failure::new(
        Code::DocumentEncrypted,
        "the document is protected in a way we cannot open; print it to a new PDF or save it without protection",
    )
}

/// The contents contradict themselves.
pub(crate) fn corrupt() -> Failure {
    Failure::new(Code::DocumentCorrupt, "the file is damaged or incomplete; copy or export it again")
}

/// More pages than any book.
pub(crate) fn too_long(pages: u32, most: u32) -> Failure {
    Failure::new(
        Code::DocumentTooLong,
        format!("the document has {pages} pages and we read up to {most}; split it and upload the parts"),
    )
}

/// An archive that unpacks to more than any book.
pub(crate) fn too_much_inside() -> Failure {
    Failure::new(Code::DocumentCorrupt, "the file unpacks to far more than any document holds, so it is not read")
}

/// The child ran out of time.
pub(crate) fn too_slow() -> Failure {
    Failure::new(
        Code::DocumentCorrupt,
        "reading the file takes longer than any document does, so its contents are damaged; export it again",
    )
}

/// The child ran out of memory.
pub(crate) fn too_greedy() -> Failure {
    Failure::new(
        Code::DocumentCorrupt,
        "reading the file would need more memory than any document does, so its contents are damaged; export it again",
    )
}

/// More pages than these end the child.
pub(crate) fn too_many_pages(most: usize, first: &FailedPage) -> Failure {
    let FailedPage { number, failure } = first;
    Failure::new(Code::DocumentCorrupt, format!("more than {most} of its pages cannot be read, page {number} first: {failure}"))
}

/// One page is named and not there.
pub(crate) fn missing_page() -> Failure {
    Failure::new(Code::PageUnreadable, "the page is missing from the file; copy or export the document again to have it read")
}

/// One page does not hold together.
pub(crate) fn torn_page() -> Failure {
    Failure::new(Code::PageUnreadable, "the page is damaged; export the document again to have it read")
}

/// One page takes too long.
pub(crate) fn slow_page() -> Failure {
    Failure::new(
        Code::PageUnreadable,
        "the page takes longer to read than any page does; export the document again to have it read",
    )
}

/// One page needs too much memory.
pub(crate) fn greedy_page() -> Failure {
    Failure::new(Code::PageUnreadable, "the page needs more memory than any page does; export the document again to have it read")
}

/// The letters of a page do not say what they are.
pub(crate) fn unknown_letters() -> Failure {
    Failure::new(
        Code::PageUnreadable,
        "the page's letters are drawn without saying what they are; export the document from its source, or have its text \
         recognised",
    )
}

/// A page that cannot be drawn.
pub(crate) fn no_picture() -> Failure {
    Failure::new(Code::PageUnreadable, "the page cannot be drawn; its text can be read all the same")
}

/// A book that brings no picture of its cover, or none that can be shown.
pub(crate) fn coverless() -> Failure {
    Failure::not_found("cover")
}

/// Documents whose pages the reader cuts have no pictures.
pub(crate) fn pictureless() -> Failure {
    Failure::new(Code::DocumentUnsupported, "pages of this kind of document have no picture")
}
