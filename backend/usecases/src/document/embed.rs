//! The third step: passages into vectors, several batches at once, each set aside as soon as it is there, so that a crash costs
//! one batch and not all of them.

use std::collections::HashSet;
use std::sync::Arc;

use futures::{StreamExt, stream};
use synapscribe_domain::document::{Document, DocumentState};
use synapscribe_domain::{Code, Failure, Source};
use synapscribe_ports::{Embedder, Meaning, Parted};

use super::{Batch, Making};
use crate::index_lecture::{NO_VECTORS, parted};
use crate::patience::{Patience, within};

/// Passages embedded in one call.
pub(super) const BATCH: usize = 32;
/// Calls under way at once.
const AT_ONCE: usize = 2;
/// Progress is told after so many batches.
const TELL_EVERY: usize = 4;

impl Making {
    /// Without vectors a document is still found by its words, so that it is not held back for ever, and not given up where no
    /// further attempt would bring them.
    pub(super) async fn embed(&self, document: &Document, among: Batch, last: bool) -> Result<(), Failure> {
        match self.embed_among(document, among).await {
            Err(failure) if failure.code == Code::EngineMissing || (last && failure.code.retryable()) => {
                self.note_missing_vectors(document, &failure).await
            }
            other => other,
        }
    }

    pub(super) async fn note_missing_vectors(&self, document: &Document, failure: &Failure) -> Result<(), Failure> {
        let note = format!("{NO_VECTORS} for this document: {failure}");
        let noted = |d: &mut Document| {
            if !d.notes.contains(&note) {
                d.notes.push(note.clone());
            }
        };
        self.library.change_document(&document.id, &noted).await?;
        Ok(())
    }

    /// Embeds what lacks its vectors among these passages; others may do the same with other passages meanwhile.
    async fn embed_among(&self, document: &Document, among: Batch) -> Result<(), Failure> {
        let Some(embedder) = &self.embedder else { return Ok(()) };
        let model = embedder.space();
        let passages = self.library.passages(&Source::from(&document.id)).await?;
        let there: HashSet<u32> = self.library.aside(&document.id, &model).await?.into_iter().collect();
        let total = passages.len() as u32;
        let missing: Vec<u32> = (among.from..among.to.min(total)).step_by(BATCH).filter(|from| !there.contains(from)).collect();
        let known = ((there.len() * BATCH) as u32).min(total);
        let embedding = missing.into_iter().map(|from| {
            let batch = passages.iter().skip(from as usize).take(BATCH);
            embedded(Arc::clone(embedder), self.patience, from, batch.map(|passage| parted(&document.title, passage)).collect())
        });
        // Only the engine's work is done at once: what stores must not be left unpolled.
        let mut made = stream::iter(embedding).buffer_unordered(AT_ONCE).enumerate();
        let mut untold = 0;
        while let Some((n, batch)) = made.next().await {
            let (from, meanings) = batch?;
            self.library.set_aside(&document.id, &model, from, &meanings).await?;
            untold += meanings.len() as u32;
            if n % TELL_EVERY == 0 {
                self.advance(&document.id, &|d| further(&mut d.state, known, untold)).await?;
                untold = 0;
            }
        }
        if untold > 0 {
            self.advance(&document.id, &|d| further(&mut d.state, known, untold)).await?;
        }
        Ok(())
    }
}

/// So many more passages are embedded; one that has come further stays there.
fn further(state: &mut DocumentState, known: u32, more: u32) {
    if let DocumentState::Embedding { done, total } = state {
        *done = (*done).max(known).saturating_add(more).min(*total);
    }
}

/// What the passages from one on mean.
async fn embedded(
    embedder: Arc<dyn Embedder>,
    patience: Patience,
    from: u32,
    texts: Vec<Parted>,
) -> Result<(u32, Vec<Meaning>), Failure> {
    let work = embedder.embed_parted(&texts);
    Ok((from, within(patience.meaning, "the embedding engine", work).await?))
}
