//! Lectures, their transcripts, passages and reports, and searching them.

use async_trait::async_trait;
use synapscribe_domain::retrieval::Candidate;
use synapscribe_domain::{IngestReport, Lecture, LectureId, Passage, PersonId, Phrase, Span};

use crate::world::StoreResult;

/// Where a search looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// In one lecture.
    Lecture(LectureId),
    /// In everything a person may see.
    VisibleTo(PersonId),
}

/// Keeps lectures and finds passages.
#[async_trait]
pub trait Library: Send + Sync {
    /// Stores or replaces a lecture's record.
    async fn save_lecture(&self, lecture: &Lecture) -> StoreResult<()>;
    /// One lecture.
    async fn lecture(&self, id: &LectureId) -> StoreResult<Option<Lecture>>;
    /// All lectures a person may see, newest first.
    async fn lectures(&self, person: &PersonId) -> StoreResult<Vec<Lecture>>;
    /// Removes a lecture and everything made from it; removing what is not there is fine.
    async fn delete_lecture(&self, id: &LectureId) -> StoreResult<()>;

    /// Stores how a recording is cut for recognition; a second plan for the same lecture replaces windows and phrases.
    async fn plan_windows(&self, id: &LectureId, windows: &[Span]) -> StoreResult<()>;
    /// The windows planned, each with whether its phrases are stored.
    async fn windows(&self, id: &LectureId) -> StoreResult<Vec<(Span, bool)>>;
    /// Stores one window's phrases and marks it finished, in one step; doing it twice changes nothing.
    async fn finish_window(&self, id: &LectureId, window: usize, phrases: &[Phrase]) -> StoreResult<()>;
    /// All phrases in the order of time.
    async fn phrases(&self, id: &LectureId) -> StoreResult<Vec<Phrase>>;

    /// Replaces a lecture's passages and their vectors in one step. `model` names the vectors' space;
    /// `vectors` is empty when there is no embedder, else one for each passage.
    async fn index(&self, id: &LectureId, passages: &[Passage], model: &str, vectors: &[Vec<f32>]) -> StoreResult<()>;
    /// A lecture's passages in order.
    async fn passages(&self, id: &LectureId) -> StoreResult<Vec<Passage>>;
    /// The best passages by words, and by `vector` if one is given in the space `model`; at most `limit` of each, joined.
    async fn search(
        &self,
        scope: &Scope,
        words: &[String],
        vector: Option<(&str, &[f32])>,
        limit: usize,
    ) -> StoreResult<Vec<Candidate>>;

    /// Stores what became of the recording.
    async fn save_report(&self, id: &LectureId, report: &IngestReport) -> StoreResult<()>;
    /// What became of the recording.
    async fn report(&self, id: &LectureId) -> StoreResult<Option<IngestReport>>;
}
