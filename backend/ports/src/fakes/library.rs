//! Lectures, documents, classes and packs in memory; words are found by their stems, vectors by comparing all of them.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use synapscribe_domain::document::{Document, DocumentState};
use synapscribe_domain::retrieval::Candidate;
use synapscribe_domain::terms::content_words;
use synapscribe_domain::{
    DocumentId, IngestReport, Lecture, LectureId, LectureState, Millis, Passage, PersonId, Phrase, Source, Span, Timestamp,
    Waveform,
};

use super::classes::Rooms;
use super::documents::Read;
use super::open;
use super::packs::Drawer;
use crate::{LectureChange, Library, Meaning, Scope, StoreError, StoreResult, Window};

/// Keeps lectures, documents, classes and packs for as long as it lives.
#[derive(Debug, Default)]
pub struct MemoryLibrary {
    books: Mutex<BTreeMap<String, Option<Book>>>,
    pub(super) rooms: Rooms,
    pub(super) drawer: Drawer,
    /// How many more writes to a source succeed, where that is bounded.
    writes: Mutex<Option<usize>>,
    /// How often a lecture or a document was looked up.
    pub(super) looked_up: AtomicUsize,
}

/// What is kept of a source; of a deleted one only the name is.
#[derive(Debug)]
pub(super) struct Book {
    pub(super) record: Record,
    /// Each window, with its phrases once it is finished.
    windows: Vec<(Window, Vec<Phrase>)>,
    /// How often the words were corrected, and which of these states the index holds.
    revision: u64,
    indexed: u64,
    model: String,
    passages: Vec<(Passage, Option<Meaning>)>,
    report: Option<IngestReport>,
    waveform: Option<Waveform>,
    /// What was read of a document.
    pub(super) read: Read,
}

/// A source's own record.
#[derive(Debug)]
pub(super) enum Record {
    Lecture(Lecture),
    Document(Document),
}

impl Book {
    fn new(record: Record) -> Self {
        let (windows, revision, indexed, model, passages, report, waveform, read) = Default::default();
        Self { record, windows, revision, indexed, model, passages, report, waveform, read }
    }

    pub(super) fn source(&self) -> Source {
        match &self.record {
            Record::Lecture(lecture) => (&lecture.id).into(),
            Record::Document(document) => (&document.id).into(),
        }
    }

    fn lecture(&self) -> Option<&Lecture> {
        match &self.record {
            Record::Lecture(lecture) => Some(lecture),
            Record::Document(_) => None,
        }
    }

    fn is_open_to(&self, person: &PersonId) -> bool {
        match &self.record {
            Record::Lecture(lecture) => lecture.is_open_to(person),
            Record::Document(document) => document.is_open_to(person),
        }
    }

    fn is_stale(&self, model: Option<&str>) -> bool {
        let elsewhere = model.is_some_and(|model| {
            !self.passages.is_empty() && (self.model != model || self.passages.iter().any(|(_, vector)| vector.is_none()))
        });
        let ready = match &self.record {
            Record::Lecture(lecture) => lecture.state == LectureState::Ready,
            Record::Document(document) => document.state == DocumentState::Ready,
        };
        ready && (self.revision != self.indexed || elsewhere)
    }
}

impl MemoryLibrary {
    /// After so many more writes nothing is written to a source any more, as if whoever writes had been ended; without a number
    /// everything is again.
    pub fn end_after(&self, writes: Option<usize>) {
        *open(&self.writes) = writes;
    }

    /// How often the record of one lecture or one document was asked for.
    pub fn looked_up(&self) -> usize {
        self.looked_up.load(Ordering::Relaxed)
    }

    fn spend_a_write(&self) -> StoreResult<()> {
        match open(&self.writes).as_mut() {
            None => Ok(()),
            Some(0) => Err(StoreError::Unavailable("nothing is written any more".into())),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
        }
    }

    /// Takes in a source whose name nobody had.
    pub(super) fn add(&self, record: Record) -> StoreResult<()> {
        let book = Book::new(record);
        let mut books = open(&self.books);
        match books.get(book.source().name()) {
            Some(Some(_)) => Err(StoreError::Conflict),
            Some(None) => Err(StoreError::Gone),
            None => {
                books.insert(book.source().name().to_owned(), Some(book));
                Ok(())
            }
        }
    }

    /// Changes a source's book; a source that is gone is not brought back.
    pub(super) fn change<T>(&self, id: impl Into<Source>, change: impl FnOnce(&mut Book) -> StoreResult<T>) -> StoreResult<T> {
        self.spend_a_write()?;
        let source = id.into();
        let mut books = open(&self.books);
        let book = books.get_mut(source.name()).and_then(Option::as_mut).filter(|book| book.source() == source);
        change(book.ok_or(StoreError::Gone)?)
    }

    pub(super) fn read<T>(&self, id: impl Into<Source>, read: impl FnOnce(&Book) -> T) -> Option<T> {
        let source = id.into();
        open(&self.books).get(source.name())?.as_ref().filter(|book| book.source() == source).map(read)
    }

    pub(super) fn forget(&self, id: impl Into<Source>) {
        let source = id.into();
        let mut books = open(&self.books);
        if let Some(book) = books.get_mut(source.name()).filter(|book| book.as_ref().is_some_and(|b| b.source() == source)) {
            *book = None;
        }
    }

    fn all(&self, fits: impl Fn(&Lecture) -> bool) -> Vec<Lecture> {
        open(&self.books).values().flatten().filter_map(Book::lecture).filter(|lecture| fits(lecture)).cloned().collect()
    }

    /// Every document that fits.
    pub(super) fn documents_that(&self, fit: impl Fn(&Document) -> bool) -> Vec<Document> {
        let books = open(&self.books);
        let documents = books.values().flatten().filter_map(|book| match &book.record {
            Record::Document(document) => Some(document),
            Record::Lecture(_) => None,
        });
        documents.filter(|document| fit(document)).cloned().collect()
    }
}

#[async_trait]
impl Library for MemoryLibrary {
    async fn add_lecture(&self, lecture: &Lecture) -> StoreResult<()> {
        self.add(Record::Lecture(lecture.clone()))
    }

    async fn change_lecture(&self, id: &LectureId, change: &LectureChange<'_>) -> StoreResult<Lecture> {
        self.change(id, |book| match &mut book.record {
            Record::Lecture(lecture) => {
                change(lecture);
                Ok(lecture.clone())
            }
            Record::Document(_) => Err(StoreError::Gone),
        })
    }

    async fn lecture(&self, id: &LectureId) -> StoreResult<Option<Lecture>> {
        self.looked_up.fetch_add(1, Ordering::Relaxed);
        Ok(self.read(id, |book| book.lecture().cloned()).flatten())
    }

    async fn lectures(&self, person: &PersonId) -> StoreResult<Vec<Lecture>> {
        let shown = self.shown_in_classes(person);
        let mut seen = self.all(|lecture| lecture.is_open_to(person) || shown.contains(&(&lecture.id).into()));
        seen.sort_by_key(|lecture| std::cmp::Reverse(lecture.created));
        Ok(seen)
    }

    async fn abandoned(&self, before: Timestamp) -> StoreResult<Vec<Lecture>> {
        let mut waiting = self.all(|lecture| lecture.created <= before && lecture.state.waits_for_recording());
        waiting.sort_by_key(|lecture| lecture.created);
        Ok(waiting)
    }

    async fn delete_lecture(&self, id: &LectureId) -> StoreResult<()> {
        self.forget(id);
        Ok(())
    }

    async fn plan_windows(&self, id: &LectureId, windows: &[Span]) -> StoreResult<()> {
        self.change(id, |book| {
            let planned = |span: &Span| (Window { span: *span, finished: false, skipped: None }, Vec::new());
            book.windows = windows.iter().map(planned).collect();
            Ok(())
        })
    }

    async fn windows(&self, id: &LectureId) -> StoreResult<Vec<Window>> {
        Ok(self.read(id, |book| book.windows.iter().map(|(window, _)| window.clone()).collect()).unwrap_or_default())
    }

    async fn finish_window(&self, id: &LectureId, window: usize, phrases: &[Phrase], skipped: Option<&str>) -> StoreResult<()> {
        self.change(id, |book| {
            let (window, kept) = book.windows.get_mut(window).ok_or(StoreError::Conflict)?;
            if !window.finished {
                (window.finished, window.skipped) = (true, skipped.map(str::to_owned));
                *kept = phrases.to_vec();
            }
            Ok(())
        })
    }

    async fn phrases(&self, id: &LectureId) -> StoreResult<Vec<Phrase>> {
        let all = |book: &Book| book.windows.iter().flat_map(|(_, phrases)| phrases.clone()).collect::<Vec<_>>();
        let mut phrases = self.read(id, all).unwrap_or_default();
        phrases.sort_by_key(|phrase| phrase.span.from);
        Ok(phrases)
    }

    async fn correct_phrase(&self, id: &LectureId, from: Millis, expected: &str, text: &str) -> StoreResult<Phrase> {
        self.change(id, |book| {
            let mut phrases = book.windows.iter_mut().flat_map(|(_, phrases)| phrases);
            let meant = phrases.find(|phrase| phrase.span.from == from && phrase.text == expected).ok_or(StoreError::Conflict)?;
            *meant = meant.corrected(text);
            book.revision += 1;
            Ok(meant.clone())
        })
    }

    async fn revision(&self, id: &LectureId) -> StoreResult<u64> {
        self.read(id, |book| book.revision).ok_or(StoreError::Gone)
    }

    async fn index(&self, source: &Source, passages: &[Passage], model: &str, meanings: &[Meaning]) -> StoreResult<()> {
        self.change(source.clone(), |book| {
            book.model = model.to_owned();
            book.passages = passages.iter().enumerate().map(|(n, p)| (p.clone(), meanings.get(n).cloned())).collect();
            Ok(())
        })
    }

    async fn index_aside(&self, id: &DocumentId, passages: &[Passage], model: &str) -> StoreResult<bool> {
        let meanings = self.read(id, |book| book.read.meanings(model, passages.len())).ok_or(StoreError::Gone)?;
        let Some(meanings) = meanings else { return Ok(false) };
        self.index(&id.into(), passages, model, &meanings).await.map(|()| true)
    }

    async fn note_indexed(&self, id: &LectureId, revision: u64) -> StoreResult<()> {
        self.change(id, |book| {
            book.indexed = revision;
            Ok(())
        })
    }

    async fn stale(&self, model: Option<&str>, after: Option<&Source>) -> StoreResult<Option<Source>> {
        let books = open(&self.books);
        let after = after.map_or(Bound::Unbounded, |source| Bound::Excluded(source.name()));
        let mut later = books.range::<str, _>((after, Bound::Unbounded)).filter_map(|(_, book)| book.as_ref());
        Ok(later.find(|book| book.is_stale(model)).map(Book::source))
    }

    async fn passages(&self, source: &Source) -> StoreResult<Vec<Passage>> {
        Ok(self
            .read(source.clone(), |book| book.passages.iter().map(|(passage, _)| passage.clone()).collect())
            .unwrap_or_default())
    }

    async fn search(
        &self,
        scope: &Scope,
        words: &[String],
        vector: Option<(&str, &[f32])>,
        limit: usize,
    ) -> StoreResult<Vec<Candidate>> {
        let shown = match scope {
            Scope::Sources(_) => Vec::new(),
            Scope::VisibleTo(person) => self.shown_in_classes(person),
        };
        let books = open(&self.books);
        let within = |book: &&Book| match scope {
            Scope::Sources(sources) => sources.contains(&book.source()),
            Scope::VisibleTo(person) => book.is_open_to(person) || shown.contains(&book.source()),
        };
        let wanted = content_words(&words.join(" "));
        let (mut by_words, mut by_meaning) = (Vec::new(), Vec::new());
        for book in books.values().flatten().filter(within) {
            for (passage, own) in &book.passages {
                let stems = content_words(&passage.in_context());
                let score = wanted.iter().filter(|word| stems.contains(word)).count();
                let own = own.as_ref().filter(|_| vector.is_some_and(|(model, _)| model == book.model));
                if score > 0 {
                    by_words.push((score as f32, passage, own));
                }
                if let (Some((_, probe)), Some(own)) = (vector, own)
                    && let Some(similarity) = cosine(probe, &own.whole)
                {
                    by_meaning.push((similarity, passage, Some(own)));
                }
            }
        }
        let mut found: HashMap<&str, Candidate> = HashMap::new();
        for (ranked, is_text) in [(&mut by_words, true), (&mut by_meaning, false)] {
            ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
            for (score, passage, own) in ranked.iter().take(limit) {
                let near = |part: &Vec<f32>| vector.and_then(|(_, probe)| cosine(probe, part)).unwrap_or_default();
                let parts = own.iter().flat_map(|own| own.parts.iter().map(near)).collect();
                let empty = || Candidate { passage: (*passage).clone(), text_score: None, similarity: None, parts };
                let candidate = found.entry(passage.id.as_str()).or_insert_with(empty);
                *(if is_text { &mut candidate.text_score } else { &mut candidate.similarity }) = Some(*score);
            }
        }
        Ok(found.into_values().collect())
    }

    async fn save_report(&self, id: &LectureId, report: &IngestReport) -> StoreResult<()> {
        self.change(id, |book| {
            book.report = Some(report.clone());
            Ok(())
        })
    }

    async fn report(&self, id: &LectureId) -> StoreResult<Option<IngestReport>> {
        Ok(self.read(id, |book| book.report.clone()).flatten())
    }

    async fn save_waveform(&self, id: &LectureId, waveform: &Waveform) -> StoreResult<()> {
        self.change(id, |book| {
            book.waveform = Some(waveform.clone());
            Ok(())
        })
    }

    async fn waveform(&self, id: &LectureId) -> StoreResult<Option<Waveform>> {
        Ok(self.read(id, |book| book.waveform.clone()).flatten())
    }
}

/// The angle between two vectors of one length that have a direction.
fn cosine(a: &[f32], b: &[f32]) -> Option<f32> {
    let dot = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f32>();
    let similarity = dot(a, b) / (dot(a, a).sqrt() * dot(b, b).sqrt());
    (a.len() == b.len() && similarity.is_finite()).then_some(similarity)
}
