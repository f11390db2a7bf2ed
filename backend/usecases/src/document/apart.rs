//! Steps that somebody else calls one by one, such as a workflow: each is done alone and says what follows. What passages mean is
//! found batch by batch, by callers that know nothing of each other.

use synapscribe_domain::document::{Document, Step};
use synapscribe_domain::keys::Place;
use synapscribe_domain::{Code, DocumentId, Failure, ObjectKey};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{Making, span};

/// Batches that a document is parted into at most, however long it is: each caller reads all of its passages.
const MOST_BATCHES: u32 = 40;

/// What follows a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// The same once more, because there was no time for all of it.
    Again,
    /// Its passages are cut.
    Chunk,
    /// Its batches are embedded, in any order or at once; then it is stored.
    Embed(Vec<Batch>),
    /// Nothing: it is ready, failed for good, or was deleted.
    Nothing,
}

/// Passages that are embedded by one call: those from one on, up to another that is not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batch {
    /// The first.
    pub from: u32,
    /// The one behind the last.
    pub to: u32,
}

impl Batch {
    /// Every passage there is.
    pub(super) const ALL: Self = Self { from: 0, to: u32::MAX };
}

impl Making {
    /// Reads pages until all are read or there is no more time. A turn in which none was read is a failure, so that no document is
    /// read for ever.
    pub async fn extract_until(&self, id: &DocumentId, stop: &CancellationToken) -> Result<Next, Failure> {
        let before = self.library.pages_read(id).await?;
        let reading = self.under_way(id, Step::Extract, async |document: Document| self.extract(&document, true).await);
        tokio::select! {
            biased;
            () = stop.cancelled() => match self.library.pages_read(id).await? > before {
                true => Ok(Next::Again),
                false => Err(Failure::new(Code::Internal, "reading the document took too long; split it and upload its parts")),
            },
            goes_on = reading.instrument(span(id, Step::Extract)) => Ok(if goes_on? { Next::Chunk } else { Next::Nothing }),
        }
    }

    /// Cuts the pages into passages, and says which of them still have to be embedded.
    pub async fn chunk_alone(&self, id: &DocumentId) -> Result<Next, Failure> {
        let cutting = self.under_way(id, Step::Chunk, async |document: Document| self.chunk(&document).await);
        match cutting.instrument(span(id, Step::Chunk)).await? {
            true => Ok(Next::Embed(self.batches(id).await?)),
            false => Ok(Next::Nothing),
        }
    }

    /// Embeds what lacks its vectors in one batch.
    pub async fn embed_batch(&self, id: &DocumentId, batch: Batch) -> Result<(), Failure> {
        let embedding = self.under_way(id, Step::Embed, async |document: Document| self.embed(&document, batch, false).await);
        embedding.instrument(span(id, Step::Embed)).await.map(drop)
    }

    /// Goes on without the vectors that could not be made, for this reason: the document is found by its words.
    pub async fn without_vectors(&self, id: &DocumentId, failure: &Failure) -> Result<(), Failure> {
        self.under_way(id, Step::Embed, async |document: Document| self.note_missing_vectors(&document, failure).await)
            .instrument(span(id, Step::Embed))
            .await
            .map(drop)
    }

    /// Puts what was set aside into the index.
    pub async fn store_alone(&self, id: &DocumentId) -> Result<(), Failure> {
        let storing = self.under_way(id, Step::Store, async |document: Document| self.store(&document).await);
        storing.instrument(span(id, Step::Store)).await.map(drop)
    }

    /// Writes down that nothing can be made of a file. Whoever stores one under the name of somebody else's document harms nobody.
    pub async fn give_up_on(&self, key: &ObjectKey, failure: Failure) -> Result<(), Failure> {
        let Place::Document(id) = key.place() else { return Ok(()) };
        match self.library.document(&id).await? {
            Some(document) if document.owner == key.owner() => self.give_up(&id, failure).await,
            _ => Ok(()),
        }
    }

    /// The batches in which vectors are missing.
    async fn batches(&self, id: &DocumentId) -> Result<Vec<Batch>, Failure> {
        let (Some(embedder), Some(document)) = (&self.embedder, self.library.document(id).await?) else { return Ok(Vec::new()) };
        let total = document.passages.unwrap_or(0);
        let there = self.library.aside(id, &embedder.space()).await?;
        Ok(parted(total, &there))
    }
}

/// As few batches as hold all passages, without those in which nothing is missing.
fn parted(total: u32, there: &[u32]) -> Vec<Batch> {
    let once = super::embed::BATCH as u32;
    let long = total.div_ceil(once).div_ceil(MOST_BATCHES).max(1) * once;
    let batches = (0..total).step_by(long as usize).map(|from| Batch { from, to: (from + long).min(total) });
    batches.filter(|batch| (batch.from..batch.to).step_by(once as usize).any(|from| !there.contains(&from))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_hold_every_passage_once_and_are_few_however_long_the_document_is() {
        for total in [0, 1, 32, 33, 1_280, 1_281, 20_000] {
            let batches = parted(total, &[]);
            assert!(batches.len() <= 40, "{total}: {}", batches.len());
            assert_eq!(batches.iter().map(|batch| batch.to - batch.from).sum::<u32>(), total);
            assert!(batches.windows(2).all(|two| two[0].to == two[1].from), "{total}");
        }
        assert_eq!(parted(70, &[0, 64]), [Batch { from: 32, to: 64 }], "what is there is not made again");
    }
}
