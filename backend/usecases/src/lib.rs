//! What the product does, in terms of ports. Knows no adapter, no protocol and no framework.

pub mod accounts;
pub mod ask;
pub mod catalogue;
pub mod complaints;
pub mod converse;
pub mod document;
pub mod editing;
pub mod end_session;
pub mod equipment;
pub mod housekeeping;
pub mod index_lecture;
pub mod ingest_lecture;
pub mod insistent;
pub mod jobs;
pub mod library;
pub mod lines;
pub mod patience;
pub mod request_upload;
pub mod sample;
pub mod search;
pub mod turns;
pub mod validate_lecture;

mod failing;
mod finding;
mod quoting;
mod scratch;
pub mod sharing;
mod sight;
pub mod tell;
mod voice;

pub use ask::Asking;
pub use catalogue::Catalogue;
pub use converse::Conversing;
pub use document::Making;
pub use editing::Editing;
pub use equipment::Equipment;
pub use index_lecture::Indexing;
pub use ingest_lecture::Ingesting;
pub use insistent::Insistent;
pub use lines::Lines;
pub use sample::Sample;
pub use search::Searching;
pub use sharing::Sharing;
pub use turns::Turns;
pub use validate_lecture::{Outcome, Validating};
