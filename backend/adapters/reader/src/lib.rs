//! Reading untrusted documents page by page: text in reading order, headings, lists, tables, figures, pictures of pages, and covers.
//!
//! It knows file formats and how pages are laid out, and must not know where documents come from, what is done with their text,
//! or any storage. Parsing happens in a child process with limits ([`SandboxedReader`]); the parent never looks at a byte of
//! content.
//!
//! Invariants: the kind of a file is decided by its content, and by its name only between Markdown and plain text; a page is the
//! same from wherever reading began; a page that cannot be read costs that page.

mod archive;
mod document;
mod dots;
mod epub;
mod figures;
mod flow;
mod frames;
mod input;
mod kind;
mod layout;
mod limits;
mod markdown;
mod markup;
mod office;
mod pdf;
mod proof;
mod sandbox;
mod slides;
mod text;
mod verdict;
mod word;
mod worker;
mod xhtml;

pub use document::fuzz_document;
pub use frames::fuzz_frames;
pub use limits::ReadLimits;
pub use sandbox::SandboxedReader;
pub use worker::run_worker_if_asked;
