//! A book or a paper on its way from an upload to something that answers questions. It knows no file format and no storage.

mod chunker;
mod page;
mod recognised;
mod record;
mod step;

pub use chunker::Chunker;
pub use page::{Area, Block, BlockKind, BlockLine, DocumentKind, Examined, FailedPage, Figure, OutlineEntry, ReadPage};
pub use recognised::{RecognisedLine, says_little};
pub use record::{Document, DocumentLimits, DocumentState};
pub use step::Step;
