//! Reading books and papers that come from outside.

use std::path::Path;

use async_trait::async_trait;
use synapscribe_domain::Failure;
use synapscribe_domain::document::{Area, DocumentKind, Examined, FailedPage, ReadPage};
use tokio::sync::mpsc;

/// A page, or why it could not be read.
pub type PageRead = Result<ReadPage, FailedPage>;

/// Reads documents page by page; implementations must survive any content, and decide by it, never by a name.
///
/// A document that cannot be read as a whole is a failure whose code says why: [`DocumentEmpty`], [`DocumentUnsupported`],
/// [`DocumentEncrypted`], [`DocumentCorrupt`], [`DocumentTooLong`], or [`EngineMissing`] where this machine lacks what reads it.
///
/// [`DocumentEmpty`]: synapscribe_domain::Code::DocumentEmpty
/// [`DocumentUnsupported`]: synapscribe_domain::Code::DocumentUnsupported
/// [`DocumentEncrypted`]: synapscribe_domain::Code::DocumentEncrypted
/// [`DocumentCorrupt`]: synapscribe_domain::Code::DocumentCorrupt
/// [`DocumentTooLong`]: synapscribe_domain::Code::DocumentTooLong
/// [`EngineMissing`]: synapscribe_domain::Code::EngineMissing
#[async_trait]
pub trait Reader: Send + Sync {
    /// Whether documents of this kind can be read on this machine, and if not, what to do about it.
    fn can_read(&self, kind: DocumentKind) -> Result<(), Failure>;

    /// Looks at a file without reading all of it. `name` is what its owner calls it, which only decides between Markdown and
    /// plain text: to a look at the content they are the same.
    async fn examine(&self, file: &Path, name: &str) -> Result<Examined, Failure>;

    /// Reads the pages from `from` (the first is 1) to the end, in order, each once, waiting for the receiver. A page is the same
    /// from wherever reading began. A receiver that goes away ends the work early without an error.
    async fn pages(&self, file: &Path, name: &str, from: u32, sink: mpsc::Sender<PageRead>) -> Result<(), Failure>;

    /// A page, or a part of it, as a PNG of at most this width. Not found where there is no such page, and not supported where
    /// pages of the kind have no picture; then the area of a figure still gives that figure.
    async fn picture(&self, file: &Path, page: u32, part: Option<Area>, width: u32) -> Result<Vec<u8>, Failure>;

    /// The cover as a PNG of at most this width: the picture that a document brings for it, or else its first page. Not found
    /// where it brings none, and not supported where pages of the kind have no picture either.
    async fn cover(&self, file: &Path, width: u32) -> Result<Vec<u8>, Failure> {
        self.picture(file, 1, None, width).await
    }
}
