//! Lectures in memory; words are found by their stems, vectors by comparing all of them.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::Mutex;

use async_trait::async_trait;
use synapscribe_domain::retrieval::Candidate;
use synapscribe_domain::terms::content_words;
use synapscribe_domain::{
    IngestReport, Lecture, LectureId, LectureState, Millis, Passage, PersonId, Phrase, Source, Span, Timestamp, Waveform,
};

use super::open;
use crate::{LectureChange, Library, Meaning, Scope, StoreError, StoreResult, Window};

/// Keeps lectures for as long as it lives.
#[derive(Debug, Default)]
pub struct MemoryLibrary(Mutex<BTreeMap<Source, Option<Book>>>);

/// What is kept of a lecture; of a deleted one only the name is.
#[derive(Debug)]
struct Book {
    lecture: Lecture,
    /// Each window, with its phrases once it is finished.
    windows: Vec<(Window, Vec<Phrase>)>,
    /// How often the words were corrected, and which of these states the index holds.
    revision: u64,
    indexed: u64,
    model: String,
    passages: Vec<(Passage, Option<Meaning>)>,
    report: Option<IngestReport>,
    waveform: Option<Waveform>,
}

impl Book {
    fn new(lecture: Lecture) -> Self {
        let (windows, revision, indexed, model, passages, report, waveform) = Default::default();
        Self { lecture, windows, revision, indexed, model, passages, report, waveform }
    }

    fn is_stale(&self, model: Option<&str>) -> bool {
        let elsewhere = model.is_some_and(|model| {
            !self.passages.is_empty() && (self.model != model || self.passages.iter().any(|(_, vector)| vector.is_none()))
        });
        self.lecture.state == LectureState::Ready && (self.revision != self.indexed || elsewhere)
    }
}

impl MemoryLibrary {
    /// Changes a lecture's book; a lecture that is gone is not brought back.
    fn change<T>(&self, id: impl Into<Source>, change: impl FnOnce(&mut Book) -> StoreResult<T>) -> StoreResult<T> {
        change(open(&self.0).get_mut(&id.into()).and_then(Option::as_mut).ok_or(StoreError::Gone)?)
    }

    fn read<T>(&self, id: impl Into<Source>, read: impl FnOnce(&Book) -> T) -> Option<T> {
        open(&self.0).get(&id.into())?.as_ref().map(read)
    }

    fn all(&self, fits: impl Fn(&Lecture) -> bool) -> Vec<Lecture> {
        open(&self.0).values().flatten().map(|book| &book.lecture).filter(|lecture| fits(lecture)).cloned().collect()
    }
}

#[async_trait]
impl Library for MemoryLibrary {
    async fn add_lecture(&self, lecture: &Lecture) -> StoreResult<()> {
        let mut books = open(&self.0);
        let source = Source::from(&lecture.id);
        match books.get(&source) {
            Some(Some(_)) => Err(StoreError::Conflict),
            Some(None) => Err(StoreError::Gone),
            None => {
                books.insert(source, Some(Book::new(lecture.clone())));
                Ok(())
            }
        }
    }

    async fn change_lecture(&self, id: &LectureId, change: &LectureChange<'_>) -> StoreResult<Lecture> {
        self.change(id, |book| {
            change(&mut book.lecture);
            Ok(book.lecture.clone())
        })
    }

    async fn lecture(&self, id: &LectureId) -> StoreResult<Option<Lecture>> {
        Ok(self.read(id, |book| book.lecture.clone()))
    }

    async fn lectures(&self, person: &PersonId) -> StoreResult<Vec<Lecture>> {
        let mut seen = self.all(|lecture| lecture.visible_to(person));
        seen.sort_by_key(|lecture| std::cmp::Reverse(lecture.created));
        Ok(seen)
    }

    async fn abandoned(&self, before: Timestamp) -> StoreResult<Vec<Lecture>> {
        let mut waiting = self.all(|lecture| lecture.created <= before && lecture.state.waits_for_recording());
        waiting.sort_by_key(|lecture| lecture.created);
        Ok(waiting)
    }

    async fn delete_lecture(&self, id: &LectureId) -> StoreResult<()> {
        if let Some(book) = open(&self.0).get_mut(&id.into()) {
            *book = None;
        }
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

    async fn note_indexed(&self, id: &LectureId, revision: u64) -> StoreResult<()> {
        self.change(id, |book| {
            book.indexed = revision;
            Ok(())
        })
    }

    async fn stale(&self, model: Option<&str>, after: Option<&Source>) -> StoreResult<Option<Source>> {
        let books = open(&self.0);
        let mut later = books.range((after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded));
        Ok(later.find(|(_, book)| book.as_ref().is_some_and(|book| book.is_stale(model))).map(|(id, _)| id.clone()))
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
        let books = open(&self.0);
        let within = |book: &&Book| match scope {
            Scope::Sources(sources) => sources.contains(&Source::from(&book.lecture.id)),
            Scope::VisibleTo(person) => book.lecture.visible_to(person),
        };
        let wanted = content_words(&words.join(" "));
        let (mut by_words, mut by_meaning) = (Vec::new(), Vec::new());
        for book in books.values().flatten().filter(within) {
            for (passage, own) in &book.passages {
                let stems = content_words(&passage.text);
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
