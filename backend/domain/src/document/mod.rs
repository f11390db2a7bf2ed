//! A book or a paper on its way from an upload to something that answers questions. It knows no file format and no storage.

mod page;

pub use page::{Area, Block, BlockKind, DocumentKind, Examined, FailedPage, Figure, OutlineEntry, ReadPage};
