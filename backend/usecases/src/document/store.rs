//! The last step: the vectors that were set aside become part of the index, and the document is ready.

use synapscribe_domain::document::{Document, DocumentState};
use synapscribe_domain::trace::MEASURED;
use synapscribe_domain::{Failure, Source};
use synapscribe_ports::{Happening, Notice};

use super::Making;
use crate::tell;

impl Making {
    pub(super) async fn store(&self, document: &Document) -> Result<(), Failure> {
        let id = &document.id;
        self.advance(id, &|d| d.state = DocumentState::Indexing).await?;
        if let Some(embedder) = &self.embedder {
            let passages = self.library.passages(&Source::from(id)).await?;
            // Where some are missing, the words are found all the same, and the index is renewed later.
            self.library.index_aside(id, &passages, &embedder.space()).await?;
        }
        // Before it is ready: nothing is done for one that is, should the process end between the two.
        self.library.clear_aside(id).await?;
        let ready = self.library.change_document(id, &|d| d.state = DocumentState::Ready).await?;
        self.tell(&ready, Notice::DocumentReady(Box::new(ready.clone()))).await;
        tracing::info!(
            target: MEASURED,
            operation = "document",
            pages.count = ready.pages,
            passages.count = ready.passages,
            failed.count = 0,
            "a document can be asked"
        );
        tell::systems(&*self.herald, Happening::DocumentReady(ready.id.clone())).await;
        Ok(())
    }
}
