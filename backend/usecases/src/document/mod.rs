//! A file on its way to a document that answers, step by step. Every step may be done twice, goes on where it stopped, and gives
//! way to the next; it knows neither who calls the steps nor any file format.

mod apart;
mod arrive;
mod chunk;
mod embed;
mod extract;
mod recognise;
mod store;

pub mod shelf;

pub use apart::{Batch, Next};

use std::path::PathBuf;
use std::sync::Arc;

use synapscribe_domain::document::{Document, DocumentLimits, DocumentState, Step};
use synapscribe_domain::trace::MEASURED;
use synapscribe_domain::{Code, DocumentId, Failure};
use synapscribe_ports::{
    Audience, Clock, Connections, DocumentChange, Embedder, Happening, Herald, Job, Jobs, Library, Notice, Objects,
    PageRecogniser, Reader, StoreError,
};
use tracing::Instrument;

use crate::patience::Patience;
use crate::tell;

/// What is needed to make documents.
#[derive(Clone)]
pub struct Making {
    /// Documents and their passages.
    pub library: Arc<dyn Library>,
    /// Their files.
    pub objects: Arc<dyn Objects>,
    /// Reads files.
    pub reader: Arc<dyn Reader>,
    /// Recognises the text of pages that are pictures, if there is somebody.
    pub recogniser: Option<Arc<dyn PageRecogniser>>,
    /// Embeds passages, if there is one.
    pub embedder: Option<Arc<dyn Embedder>>,
    /// Takes the step that follows.
    pub jobs: Arc<dyn Jobs>,
    /// Who is connected.
    pub connections: Arc<dyn Connections>,
    /// Tells them.
    pub audience: Arc<dyn Audience>,
    /// Tells other systems.
    pub herald: Arc<dyn Herald>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What a document may be.
    pub limits: DocumentLimits,
    /// A folder for objects that are not files yet.
    pub scratch: PathBuf,
    /// How long engines may take.
    pub patience: Patience,
}

impl Making {
    /// Does one step, perhaps for the last time, and has the next one done. A failure that may pass is returned for a retry; any
    /// other is written into the document's state. A document that was deleted needs no step any more.
    pub async fn step(&self, id: &DocumentId, step: Step, last: bool) -> Result<(), Failure> {
        self.attempt(id, step, last).instrument(span(id, step)).await
    }

    async fn attempt(&self, id: &DocumentId, step: Step, last: bool) -> Result<(), Failure> {
        let work = async |document: Document| match step {
            Step::Extract => self.extract(&document, last).await,
            Step::Chunk => self.chunk(&document).await,
            Step::Embed => self.embed(&document, Batch::ALL, last).await,
            Step::Store => self.store(&document).await,
        };
        let goes_on = self.under_way(id, step, work).await?;
        match step.next() {
            Some(next) if goes_on => self.call(id, next).await,
            _ => Ok(()),
        }
    }

    /// Does the work of a step, unless it was done, and says whether the document goes on from there: one that failed for good,
    /// is ready or was deleted does not.
    async fn under_way(
        &self,
        id: &DocumentId,
        step: Step,
        work: impl AsyncFnOnce(Document) -> Result<(), Failure>,
    ) -> Result<bool, Failure> {
        let Some(document) = self.library.document(id).await? else { return Ok(false) };
        if document.state.is_final() {
            return Ok(false);
        }
        // It came again after its work was done; whether the next one was called is not known.
        if step.is_behind(&document.state) {
            return Ok(true);
        }
        match work(document).await {
            Ok(()) => Ok(true),
            Err(failure) if failure.code == Code::NotFound && self.library.document(id).await?.is_none() => {
                tracing::info!("a document was deleted while it was being made");
                Ok(false)
            }
            Err(failure) if !failure.code.retryable() => self.give_up(id, failure).await.map(|()| false),
            Err(failure) => Err(failure),
        }
    }

    /// Has a step done.
    async fn call(&self, id: &DocumentId, step: Step) -> Result<(), Failure> {
        let job = Job::MakeDocument { document: id.clone(), step };
        Ok(self.jobs.enqueue(&format!("document/{id}/{}", step.name()), &job, self.clock.now()).await?)
    }

    /// Writes down that a document cannot be used, after retries or at once. One that can be used stays so.
    pub async fn give_up(&self, id: &DocumentId, failure: Failure) -> Result<(), Failure> {
        let code = failure.code;
        tracing::info!(
            target: MEASURED,
            correlation = id.as_str(),
            operation = "document",
            code = code.as_str(),
            failed.count = 1,
            "a document cannot be used"
        );
        let Some(before) = self.library.document(id).await? else { return Ok(()) };
        if before.state.is_final() {
            return Ok(());
        }
        let failed = DocumentState::Failed { failure };
        let document = match self.library.change_document(id, &|d| d.state = failed.clone()).await {
            Err(StoreError::Gone) => return Ok(()),
            other => other?,
        };
        self.tell(&document, Notice::DocumentFailed(Box::new(document.clone()))).await;
        tell::systems(&*self.herald, Happening::DocumentFailed(document.id, code)).await;
        Ok(())
    }

    /// Changes the record and tells how far it is.
    async fn advance(&self, id: &DocumentId, change: &DocumentChange<'_>) -> Result<Document, Failure> {
        let document = self.library.change_document(id, change).await?;
        self.tell(&document, Notice::DocumentProgress(Box::new(document.clone()))).await;
        Ok(document)
    }

    async fn tell(&self, document: &Document, notice: Notice) {
        let interested = tell::of_document(&*self.library, &*self.connections, document).await;
        tell::all(&*self.audience, &interested, &notice).await;
    }
}

fn span(id: &DocumentId, step: Step) -> tracing::Span {
    tracing::error_span!("document", correlation = id.as_str(), step = step.name())
}
