//! The lectures, documents and packs that a person may see, each with what its owner is called by the name of their account. A guest has
//! none, and nobody is told their own.

use std::collections::HashMap;
use std::sync::Arc;

use synapscribe_domain::document::Document;
use synapscribe_domain::pack::Counted;
use synapscribe_domain::{DocumentId, Failure, Lecture, LectureId, PackId, PersonId};
use synapscribe_ports::accounts::Accounts;
use synapscribe_ports::{Library, StoreResult};

use crate::sight;

/// Something with what its owner is called, where that is known.
pub type Entry<T> = (T, Option<String>);

/// What is needed to tell what there is, and whose it is.
#[derive(Clone)]
pub struct Catalogue {
    /// What there is.
    pub library: Arc<dyn Library>,
    /// Who is called what; nothing where there are no accounts.
    pub accounts: Option<Arc<dyn Accounts>>,
}

impl Catalogue {
    /// Every lecture that the person may see, newest first.
    pub async fn lectures(&self, person: &PersonId) -> Result<Vec<Entry<Lecture>>, Failure> {
        Ok(self.entries(person, self.library.lectures(person).await?, |lecture| &lecture.owner).await?)
    }

    /// One lecture.
    pub async fn lecture(&self, person: &PersonId, id: &LectureId) -> Result<Entry<Lecture>, Failure> {
        let found = Vec::from_iter(sight::lecture(&*self.library, person, id).await?);
        let entry = self.entries(person, found, |lecture| &lecture.owner).await?.pop();
        entry.ok_or_else(|| Failure::not_found("lecture"))
    }

    /// Every document that the person may see, newest first.
    pub async fn documents(&self, person: &PersonId) -> Result<Vec<Entry<Document>>, Failure> {
        Ok(self.entries(person, self.library.documents(person).await?, |document| &document.owner).await?)
    }

    /// One document.
    pub async fn document(&self, person: &PersonId, id: &DocumentId) -> Result<Entry<Document>, Failure> {
        let found = Vec::from_iter(sight::document(&*self.library, person, id).await?);
        let entry = self.entries(person, found, |document| &document.owner).await?.pop();
        entry.ok_or_else(|| Failure::not_found("document"))
    }

    /// Every pack that the person may see: their own, then others', of both the latest made first.
    pub async fn packs(&self, person: &PersonId) -> Result<Vec<Entry<Counted>>, Failure> {
        let (own, others): (Vec<_>, Vec<_>) =
            self.library.packs(person).await?.into_iter().partition(|one| &one.pack.owner == person);
        Ok(self.entries(person, own.into_iter().chain(others).collect(), |one| &one.pack.owner).await?)
    }

    /// One pack.
    pub async fn pack(&self, person: &PersonId, id: &PackId) -> Result<Entry<Counted>, Failure> {
        let found = Vec::from_iter(sight::pack(&*self.library, person, id).await?);
        let entry = self.entries(person, found, |one| &one.pack.owner).await?.pop();
        entry.ok_or_else(|| Failure::not_found("pack"))
    }

    /// Asks for all names at once.
    async fn entries<T>(&self, person: &PersonId, found: Vec<T>, owner: fn(&T) -> &PersonId) -> StoreResult<Vec<Entry<T>>> {
        let mut others: Vec<PersonId> = found.iter().map(owner).filter(|one| *one != person).cloned().collect();
        others.sort();
        others.dedup();
        let names = match &self.accounts {
            Some(accounts) if !others.is_empty() => accounts.names_of(&others).await?,
            _ => HashMap::new(),
        };
        let entry = |thing: T| {
            let name = names.get(owner(&thing)).cloned();
            (thing, name)
        };
        Ok(found.into_iter().map(entry).collect())
    }
}
