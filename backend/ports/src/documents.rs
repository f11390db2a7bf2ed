//! Documents and what was read of them. Their passages are kept and searched by the [`crate::Library`].

use async_trait::async_trait;
use synapscribe_domain::document::{Document, FailedPage, OutlineEntry};
use synapscribe_domain::{DocumentId, Pages, PersonId, Timestamp};

use crate::classes::Classes;
use crate::embedder::Meaning;
use crate::reader::PageRead;
use crate::world::StoreResult;

/// A change to a document's record.
pub type DocumentChange<'a> = dyn Fn(&mut Document) + Send + Sync + 'a;

/// Keeps documents. Classes are kept in the same place, since they decide who sees a source.
#[async_trait]
pub trait Documents: Classes {
    /// Stores the record of a new document. One that is there already is a conflict, and so is a lecture of that name; one that was
    /// deleted is gone: its name is never used again, so that nothing that comes late brings it back.
    async fn add_document(&self, document: &Document) -> StoreResult<()>;
    /// Changes a document's record as it stands at this moment, and returns it; a document that is not there is gone. The change
    /// may be called more than once, and must not touch the document's name.
    async fn change_document(&self, id: &DocumentId, change: &DocumentChange<'_>) -> StoreResult<Document>;
    /// One document.
    async fn document(&self, id: &DocumentId) -> StoreResult<Option<Document>>;
    /// All documents a person may see, by themselves or in a class, newest first.
    async fn documents(&self, person: &PersonId) -> StoreResult<Vec<Document>>;
    /// Documents granted up to this moment whose file never came.
    async fn abandoned_documents(&self, before: Timestamp) -> StoreResult<Vec<Document>>;
    /// Removes a document and everything made from it, its passages and vectors too; removing what is not there is fine. Whatever is
    /// stored for it afterwards is refused as gone.
    async fn delete_document(&self, id: &DocumentId) -> StoreResult<()>;

    /// Stores or replaces the table of contents.
    async fn save_outline(&self, id: &DocumentId, outline: &[OutlineEntry]) -> StoreResult<()>;
    /// The table of contents, empty where there is none.
    async fn outline(&self, id: &DocumentId) -> StoreResult<Vec<OutlineEntry>>;

    /// Stores pages, those that could not be read as well, in one step; each replaces what was stored of it before.
    async fn save_pages(&self, id: &DocumentId, pages: &[PageRead]) -> StoreResult<()>;
    /// The stored pages among these, in order.
    async fn pages(&self, id: &DocumentId, among: Pages) -> StoreResult<Vec<PageRead>>;
    /// How many pages are stored without a gap from the first on.
    async fn pages_read(&self, id: &DocumentId) -> StoreResult<u32>;
    /// The pages that could not be read, in order.
    async fn failed_pages(&self, id: &DocumentId) -> StoreResult<Vec<FailedPage>>;

    /// Sets vectors aside until all are there to be indexed: those of the passages from `from` on, in the space `model`. Doing it
    /// twice changes nothing.
    async fn set_aside(&self, id: &DocumentId, model: &str, from: u32, meanings: &[Meaning]) -> StoreResult<()>;
    /// The passages at which the stretches begin whose vectors were set aside in a space, in order.
    async fn aside(&self, id: &DocumentId, model: &str) -> StoreResult<Vec<u32>>;
    /// Forgets the vectors that were set aside.
    async fn clear_aside(&self, id: &DocumentId) -> StoreResult<()>;
}
