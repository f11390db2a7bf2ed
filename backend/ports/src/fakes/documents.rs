//! Documents in memory, beside the lectures.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use synapscribe_domain::document::{Document, DocumentState, FailedPage, OutlineEntry};
use synapscribe_domain::{DocumentId, Pages, PersonId, Timestamp};

use super::MemoryLibrary;
use super::library::Record;
use crate::{DocumentChange, Documents, Meaning, PageRead, StoreError, StoreResult};

/// What was read of a document, and what waits to be indexed.
#[derive(Debug, Default)]
pub(super) struct Read {
    pages: BTreeMap<u32, PageRead>,
    outline: Vec<OutlineEntry>,
    aside: BTreeMap<(String, u32), Vec<Meaning>>,
}

impl Read {
    /// What so many passages mean, where all of that was set aside.
    pub(super) fn meanings(&self, model: &str, count: usize) -> Option<Vec<Meaning>> {
        let mut all: Vec<Meaning> = Vec::new();
        while all.len() < count {
            all.extend_from_slice(self.aside.get(&(model.to_owned(), all.len() as u32)).filter(|some| !some.is_empty())?);
        }
        (all.len() == count).then_some(all)
    }
}

#[async_trait]
impl Documents for MemoryLibrary {
    async fn add_document(&self, document: &Document) -> StoreResult<()> {
        self.add(Record::Document(document.clone()))
    }

    async fn change_document(&self, id: &DocumentId, change: &DocumentChange<'_>) -> StoreResult<Document> {
        self.change(id, |book| match &mut book.record {
            Record::Document(document) => {
                change(document);
                Ok(document.clone())
            }
            Record::Lecture(_) => Err(StoreError::Gone),
        })
    }

    async fn document(&self, id: &DocumentId) -> StoreResult<Option<Document>> {
        self.looked_up.fetch_add(1, Ordering::Relaxed);
        Ok(self.documents_that(|document| &document.id == id).pop())
    }

    async fn documents(&self, person: &PersonId) -> StoreResult<Vec<Document>> {
        let shown = self.shown_in_classes(person);
        let mut seen = self.documents_that(|document| document.is_open_to(person) || shown.contains(&(&document.id).into()));
        seen.sort_by_key(|document| std::cmp::Reverse(document.created));
        Ok(seen)
    }

    async fn abandoned_documents(&self, before: Timestamp) -> StoreResult<Vec<Document>> {
        let waits = |document: &Document| document.created <= before && document.state == DocumentState::Uploading;
        let mut waiting = self.documents_that(waits);
        waiting.sort_by_key(|document| document.created);
        Ok(waiting)
    }

    async fn delete_document(&self, id: &DocumentId) -> StoreResult<()> {
        self.forget(id);
        Ok(())
    }

    async fn save_outline(&self, id: &DocumentId, outline: &[OutlineEntry]) -> StoreResult<()> {
        self.change(id, |book| {
            book.read.outline = outline.to_vec();
            Ok(())
        })
    }

    async fn outline(&self, id: &DocumentId) -> StoreResult<Vec<OutlineEntry>> {
        Ok(self.read(id, |book| book.read.outline.clone()).unwrap_or_default())
    }

    async fn save_pages(&self, id: &DocumentId, pages: &[PageRead]) -> StoreResult<()> {
        self.change(id, |book| {
            let number = |page: &PageRead| page.as_ref().map_or_else(|failed| failed.number, |page| page.number);
            book.read.pages.extend(pages.iter().map(|page| (number(page), page.clone())));
            Ok(())
        })
    }

    async fn pages(&self, id: &DocumentId, among: Pages) -> StoreResult<Vec<PageRead>> {
        let those = |pages: &BTreeMap<u32, PageRead>| pages.range(among.from..=among.to).map(|(_, page)| page.clone()).collect();
        Ok(self.read(id, |book| those(&book.read.pages)).unwrap_or_default())
    }

    async fn pages_read(&self, id: &DocumentId) -> StoreResult<u32> {
        let unbroken = |pages: &BTreeMap<u32, PageRead>| (1..).zip(pages.keys()).take_while(|(n, page)| n == *page).count();
        Ok(self.read(id, |book| unbroken(&book.read.pages)).unwrap_or_default() as u32)
    }

    async fn failed_pages(&self, id: &DocumentId) -> StoreResult<Vec<FailedPage>> {
        let failed = |pages: &BTreeMap<u32, PageRead>| pages.values().filter_map(|page| page.clone().err()).collect();
        Ok(self.read(id, |book| failed(&book.read.pages)).unwrap_or_default())
    }

    async fn set_aside(&self, id: &DocumentId, model: &str, from: u32, meanings: &[Meaning]) -> StoreResult<()> {
        self.change(id, |book| {
            book.read.aside.insert((model.to_owned(), from), meanings.to_vec());
            Ok(())
        })
    }

    async fn aside(&self, id: &DocumentId, model: &str) -> StoreResult<Vec<u32>> {
        let of = |aside: &BTreeMap<(String, u32), Vec<Meaning>>| {
            aside.keys().filter(|(name, _)| name == model).map(|(_, from)| *from).collect()
        };
        Ok(self.read(id, |book| of(&book.read.aside)).unwrap_or_default())
    }

    async fn clear_aside(&self, id: &DocumentId) -> StoreResult<()> {
        let cleared = self.change(id, |book| {
            book.read.aside.clear();
            Ok(())
        });
        // Nothing is left of one that is gone either.
        if matches!(cleared, Err(StoreError::Gone)) { Ok(()) } else { cleared }
    }
}
