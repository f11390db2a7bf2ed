//! A new file: its document is noted, and the first step called. Delivered twice or late, the result is the same.

use synapscribe_domain::document::{Document, DocumentState, Step};
use synapscribe_domain::keys::Place;
use synapscribe_domain::lecture::title_from_file_name;
use synapscribe_domain::{DocumentId, Failure};
use synapscribe_ports::{ObjectCreated, StoreError};

use super::Making;

impl Making {
    /// Takes in a file that was stored. The file of a document that is being made, or was, is not looked at again.
    pub async fn arrived(&self, event: &ObjectCreated) -> Result<(), Failure> {
        match self.taken_in(event).await? {
            Some(id) => self.call(&id, Step::Extract).await,
            None => Ok(()),
        }
    }

    /// The same without the first step: says which document is to be made of the file, if any is.
    pub async fn taken_in(&self, event: &ObjectCreated) -> Result<Option<DocumentId>, Failure> {
        let Place::Document(id) = event.key.place() else { return Ok(None) };
        let document = match self.library.document(&id).await? {
            Some(document) if document.owner != event.key.owner() => {
                tracing::warn!(correlation = id.as_str(), "an object names a document of somebody else and is left alone");
                return Ok(None);
            }
            Some(document) if document.state != DocumentState::Uploading => return Ok(None),
            Some(document) => document,
            None => match self.noted(&id, event).await {
                Err(StoreError::Gone) => {
                    // It was deleted while its file was still on its way; nothing of it is kept.
                    self.objects.delete(&event.key).await?;
                    return Ok(None);
                }
                other => other?,
            },
        };
        let (key, bytes) = (event.key.clone(), Some(event.bytes));
        self.library.change_document(&document.id, &|d| (d.key, d.bytes) = (key.clone(), bytes)).await?;
        if let Err(failure) = self.limits.check_size(event.bytes) {
            return self.give_up(&document.id, failure).await.map(|()| None);
        }
        Ok(Some(document.id))
    }

    /// The record of a file that nobody asked an address for.
    async fn noted(&self, id: &DocumentId, event: &ObjectCreated) -> Result<Document, StoreError> {
        let title = title_from_file_name(event.key.file_name());
        let document = Document::granted(id.clone(), event.key.owner(), event.key.clone(), title, self.clock.now());
        self.library.add_document(&document).await.map(|()| document)
    }
}
