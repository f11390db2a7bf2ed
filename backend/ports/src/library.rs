//! Lectures, their transcripts and reports; the passages of lectures and documents, and searching them.

use async_trait::async_trait;
use synapscribe_domain::retrieval::Candidate;
use synapscribe_domain::{
    DocumentId, IngestReport, Lecture, LectureId, Millis, Passage, PersonId, Phrase, Source, Span, Timestamp, Waveform,
};

use crate::documents::Documents;
use crate::embedder::Meaning;
use crate::packs::Packs;
use crate::world::StoreResult;

/// Where a search looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// In these sources and nowhere else; whether they may be seen is for the caller to know.
    Sources(Vec<Source>),
    /// In everything a person may see, by themselves or in a class.
    VisibleTo(PersonId),
}

impl Scope {
    /// In one source.
    pub fn of(source: impl Into<Source>) -> Self {
        Self::Sources(vec![source.into()])
    }

    /// The sources it names; whatever a person may see names none.
    pub fn sources(&self) -> &[Source] {
        match self {
            Self::Sources(sources) => sources,
            Self::VisibleTo(_) => &[],
        }
    }
}

/// A change to a lecture's record.
pub type LectureChange<'a> = dyn Fn(&mut Lecture) + Send + Sync + 'a;

/// A stretch of a recording that is recognised as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Where it is.
    pub span: Span,
    /// Whether its phrases are stored.
    pub finished: bool,
    /// Why it could not be recognised.
    pub skipped: Option<String>,
}

/// Keeps lectures, and finds passages of lectures and documents. Documents are kept in the same place, since a source's passages
/// come and go with its record, and so are packs, since classes decide who sees them.
#[async_trait]
pub trait Library: Documents + Packs {
    /// Stores the record of a new lecture. One that is there already is a conflict, and one that was deleted is gone: its name
    /// is never used again, so that nothing that comes late brings it back.
    async fn add_lecture(&self, lecture: &Lecture) -> StoreResult<()>;
    /// Changes a lecture's record as it stands at this moment, and returns it; a lecture that is not there is gone. The change
    /// may be called more than once, and must not touch the lecture's name.
    async fn change_lecture(&self, id: &LectureId, change: &LectureChange<'_>) -> StoreResult<Lecture>;
    /// One lecture.
    async fn lecture(&self, id: &LectureId) -> StoreResult<Option<Lecture>>;
    /// All lectures a person may see, by themselves or in a class, newest first.
    async fn lectures(&self, person: &PersonId) -> StoreResult<Vec<Lecture>>;
    /// Lectures granted up to this moment whose recording never came.
    async fn abandoned(&self, before: Timestamp) -> StoreResult<Vec<Lecture>>;
    /// Removes a lecture and everything made from it; removing what is not there is fine. Whatever is stored for it afterwards
    /// is refused as gone.
    async fn delete_lecture(&self, id: &LectureId) -> StoreResult<()>;

    /// Stores how a recording is cut for recognition; a second plan for the same lecture replaces windows and phrases.
    async fn plan_windows(&self, id: &LectureId, windows: &[Span]) -> StoreResult<()>;
    /// The windows planned, in order.
    async fn windows(&self, id: &LectureId) -> StoreResult<Vec<Window>>;
    /// Stores one window's phrases, or why there are none, and marks it finished, in one step; doing it twice changes nothing,
    /// and a window that is not planned any more is a conflict.
    async fn finish_window(&self, id: &LectureId, window: usize, phrases: &[Phrase], skipped: Option<&str>) -> StoreResult<()>;
    /// All phrases in the order of time.
    async fn phrases(&self, id: &LectureId) -> StoreResult<Vec<Phrase>>;
    /// Puts the words of the phrase that begins at `from` right and returns it. Words other than `expected` are a conflict.
    async fn correct_phrase(&self, id: &LectureId, from: Millis, expected: &str, text: &str) -> StoreResult<Phrase>;
    /// How often a lecture's words were corrected.
    async fn revision(&self, id: &LectureId) -> StoreResult<u64>;

    /// Replaces a source's passages and what they mean in one step. `model` names the vectors' space; `meanings` is empty when there
    /// is no embedder, else one for each passage, with the sentences of [`synapscribe_domain::sentences::of`] as its parts or none.
    async fn index(&self, source: &Source, passages: &[Passage], model: &str, meanings: &[Meaning]) -> StoreResult<()>;
    /// The same for a document whose vectors were set aside in this space, which are taken a stretch at a time: those of a long book
    /// are larger than all else that is made of it. Where not every passage has its own, nothing is replaced, and it says so.
    async fn index_aside(&self, id: &DocumentId, passages: &[Passage], model: &str) -> StoreResult<bool>;
    /// Notes which revision of a lecture's words the index holds.
    async fn note_indexed(&self, id: &LectureId, revision: u64) -> StoreResult<()>;
    /// The first source after `after` that can be asked but whose index is behind: its words were corrected since, or it has
    /// passages without vectors in the space `model`, where one is given. The order is the library's own, and always the same.
    async fn stale(&self, model: Option<&str>, after: Option<&Source>) -> StoreResult<Option<Source>>;
    /// A source's passages in order.
    async fn passages(&self, source: &Source) -> StoreResult<Vec<Passage>>;
    /// Those of a document's that stand on a page or reach over it, in order. A store need not read the others for that.
    async fn passages_on(&self, id: &DocumentId, page: u32) -> StoreResult<Vec<Passage>> {
        let on = |passage: &Passage| passage.spot.pages().is_some_and(|pages| (pages.from..=pages.to).contains(&page));
        Ok(self.passages(&Source::from(id)).await?.into_iter().filter(on).collect())
    }
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

    /// Stores or replaces the outline of the recording.
    async fn save_waveform(&self, id: &LectureId, waveform: &Waveform) -> StoreResult<()>;
    /// The outline of the recording, once it was drawn.
    async fn waveform(&self, id: &LectureId) -> StoreResult<Option<Waveform>>;
}
