//! What is searched of a lecture's words: passages, full text and vectors; made once after recognition, and anew where the words
//! were corrected or the model that makes the vectors has changed. Until then a search finds what the index held before.

use std::sync::Arc;
use std::time::Duration;

use synapscribe_domain::document::Document;
use synapscribe_domain::passage::BELOW;
use synapscribe_domain::{Code, DocumentId, Failure, LectureId, Passage, Phrase, Source, chunker, sentences};
use synapscribe_ports::{Bias, Embedder, Library, Meaning, Parted, Transcriber};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::patience::{Patience, within};

/// Passages embedded in one call.
const BATCH: usize = 32;
/// How the note begins that tells of missing vectors.
pub(crate) const NO_VECTORS: &str = "search by meaning is off";
/// Indexes that could not be renewed are tried again after this long, and others are looked for.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// What is needed to index.
#[derive(Clone)]
pub struct Indexing {
    /// Lectures.
    pub library: Arc<dyn Library>,
    /// Embeds passages, if there is one.
    pub embedder: Option<Arc<dyn Embedder>>,
    /// Expects the words of a lecture in questions about it.
    pub transcriber: Arc<dyn Transcriber>,
    /// How long engines may take.
    pub patience: Patience,
    /// Rings when words were corrected.
    pub corrected: Arc<Notify>,
}

/// What an index holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indexed {
    /// Its passages.
    pub passages: u32,
    /// Tokens the words take in a model's window.
    pub tokens: u32,
    /// What a person should know.
    pub note: Option<String>,
}

impl Indexing {
    /// Makes the index of these words. Without vectors a lecture can still be searched by words, so that it is not held back.
    pub async fn index(&self, id: &LectureId, phrases: &[Phrase]) -> Result<Indexed, Failure> {
        let passages = chunker::passages(id, phrases);
        match self.meanings(&self.title(id).await?, &passages).await {
            Ok((model, meanings)) => self.store(id, &passages, &model, &meanings, None).await,
            Err(failure) => self.store(id, &passages, "", &[], Some(format!("{NO_VECTORS} for this lecture: {failure}"))).await,
        }
    }

    /// Prepares the ear for questions about a lecture.
    pub async fn warm(&self, id: &LectureId) -> Result<(), Failure> {
        let passages = self.library.passages(&id.into()).await?;
        self.transcriber.warm(&Bias { lecture: Some(id.clone()), text: text(&passages).into() }).await;
        Ok(())
    }

    /// Renews indexes that are behind, one lecture at a time, now and whenever words are corrected, until it is told to stop.
    pub async fn keep_up(&self, stop: &CancellationToken) {
        loop {
            if let Err(failure) = self.renew_all(stop).await {
                tracing::warn!(code = failure.code.as_str(), "sources to index anew could not be looked for");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.corrected.notified() => {}
                () = tokio::time::sleep(LOOK_AGAIN) => {}
            }
        }
    }

    /// Renews every index that is behind, once; one that cannot be renewed keeps what it holds and holds up no other.
    pub async fn renew_all(&self, stop: &CancellationToken) -> Result<(), Failure> {
        let model = self.embedder.as_ref().map(|embedder| embedder.space());
        let mut last = None;
        while !stop.is_cancelled() {
            let Some(source) = self.library.stale(model.as_deref(), last.as_ref()).await? else { break };
            let renewing = async {
                match &source {
                    Source::Lecture(id) => self.renew(id).await,
                    Source::Document(id) => self.renew_vectors(id).await,
                }
            };
            let renewed = tokio::select! {
                () = stop.cancelled() => return Ok(()),
                renewed = renewing => renewed,
            };
            match renewed {
                Ok(()) => tracing::info!(correlation = source.name(), "a source was indexed anew"),
                Err(failure) if failure.code == Code::NotFound => {}
                Err(failure) => {
                    tracing::warn!(correlation = source.name(), code = failure.code.as_str(), "a source was not indexed anew")
                }
            }
            last = Some(source);
        }
        Ok(())
    }

    async fn renew(&self, id: &LectureId) -> Result<(), Failure> {
        // The revision first: words corrected after it was read are indexed once more.
        let revision = self.library.revision(id).await?;
        let phrases = self.library.phrases(id).await?;
        let passages = chunker::passages(id, &phrases);
        let indexed = match self.meanings(&self.title(id).await?, &passages).await {
            Ok((model, meanings)) => self.store(id, &passages, &model, &meanings, None).await?,
            // Old vectors of words that are the same are worth more than none.
            Err(failure) if same_words(&self.library.passages(&id.into()).await?, &passages) => return Err(failure),
            Err(failure) => self.store(id, &passages, "", &[], Some(format!("{NO_VECTORS} for this lecture: {failure}"))).await?,
        };
        if let Some(mut report) = self.library.report(id).await? {
            report.reword(&phrases, indexed.passages);
            report.notes.retain(|note| !note.starts_with(NO_VECTORS));
            report.notes.extend(indexed.note);
            self.library.save_report(id, &report).await?;
        }
        self.library.change_lecture(id, &|l| l.tokens = Some(indexed.tokens)).await?;
        Ok(self.library.note_indexed(id, revision).await?)
    }

    /// What passages mean whose words never change.
    async fn renew_vectors(&self, id: &DocumentId) -> Result<(), Failure> {
        let source = Source::from(id);
        let passages = self.library.passages(&source).await?;
        let title = self.library.document(id).await?.map(|document| document.title).unwrap_or_default();
        let (model, meanings) = self.meanings(&title, &passages).await?;
        self.library.index(&source, &passages, &model, &meanings).await?;
        if !meanings.is_empty() {
            let renewed = |document: &mut Document| document.notes.retain(|note| !note.starts_with(NO_VECTORS));
            self.library.change_document(id, &renewed).await?;
        }
        Ok(())
    }

    async fn store(
        &self,
        id: &LectureId,
        passages: &[Passage],
        model: &str,
        meanings: &[Meaning],
        note: Option<String>,
    ) -> Result<Indexed, Failure> {
        self.library.index(&id.into(), passages, model, meanings).await?;
        Ok(Indexed { passages: passages.len() as u32, tokens: chunker::estimate_tokens(&text(passages)), note })
    }

    /// What a lecture's passages stand under.
    async fn title(&self, id: &LectureId) -> Result<String, Failure> {
        Ok(self.library.lecture(id).await?.map(|lecture| lecture.title).unwrap_or_default())
    }

    /// What passages under a title mean, and the space that is told in.
    async fn meanings(&self, title: &str, passages: &[Passage]) -> Result<(String, Vec<Meaning>), Failure> {
        let Some(embedder) = &self.embedder else { return Ok((String::new(), Vec::new())) };
        let mut meanings = Vec::with_capacity(passages.len());
        for batch in passages.chunks(BATCH) {
            let texts: Vec<Parted> = batch.iter().map(|passage| parted(title, passage)).collect();
            let embedding = embedder.embed_parted(&texts);
            meanings.extend(within(self.patience.meaning, "the embedding engine", embedding).await?);
        }
        Ok((embedder.space(), meanings))
    }
}

/// A passage as it is embedded: below the title and its own headings, and sentence by sentence.
pub fn parted(title: &str, passage: &Passage) -> Parted {
    let above: Vec<&str> = [title, &passage.heading].into_iter().filter(|heading| !heading.is_empty()).collect();
    Parted { heading: above.join(BELOW), text: passage.text.clone(), parts: sentences::of(&passage.text) }
}

fn same_words(held: &[Passage], passages: &[Passage]) -> bool {
    held.iter().map(|passage| &passage.text).eq(passages.iter().map(|passage| &passage.text))
}

fn text(passages: &[Passage]) -> String {
    passages.iter().map(|passage| passage.text.as_str()).collect::<Vec<_>>().join(" ")
}
