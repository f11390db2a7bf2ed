//! Who may see a lecture, a document or a pack: its owner, everybody when it is public, and whoever is in a class that is shown it.

use std::collections::{HashMap, HashSet};

use synapscribe_domain::document::Document;
use synapscribe_domain::pack::{CardSeen, Counted};
use synapscribe_domain::{Card, DocumentId, Lecture, LectureId, PackId, PersonId, Source};
use synapscribe_ports::{Documents, Library, StoreResult};

/// A lecture, if this person may see it.
pub(crate) async fn lecture(library: &dyn Library, person: &PersonId, id: &LectureId) -> StoreResult<Option<Lecture>> {
    match library.lecture(id).await? {
        Some(lecture) if lecture.is_open_to(person) || library.is_shown_to(&id.into(), person).await? => Ok(Some(lecture)),
        _ => Ok(None),
    }
}

/// A document, if this person may see it.
pub(crate) async fn document(documents: &dyn Documents, person: &PersonId, id: &DocumentId) -> StoreResult<Option<Document>> {
    match documents.document(id).await? {
        Some(document) if document.is_open_to(person) || documents.is_shown_to(&id.into(), person).await? => Ok(Some(document)),
        _ => Ok(None),
    }
}

/// A pack, if this person may see it.
pub(crate) async fn pack(library: &dyn Library, person: &PersonId, id: &PackId) -> StoreResult<Option<Counted>> {
    match library.pack(id).await? {
        Some(found) if found.pack.is_open_to(person) || library.is_pack_shown_to(id, person).await? => Ok(Some(found)),
        _ => Ok(None),
    }
}

/// Cards as this person sees them, with the titles of what they cite and this person may see.
pub(crate) async fn cards(
    library: &dyn Library,
    person: &PersonId,
    cards: Vec<Card>,
) -> StoreResult<(Vec<CardSeen>, HashMap<Source, String>)> {
    let sources: HashSet<Source> = cards.iter().flat_map(|card| &card.citations).map(|one| one.source.clone()).collect();
    let mut titles = HashMap::new();
    for source in sources {
        if let Some(title) = title(library, person, &source).await? {
            titles.insert(source, title);
        }
    }
    let seen = cards.into_iter().map(|card| card.seen(|source| titles.contains_key(source))).collect();
    Ok((seen, titles))
}

/// The title of a source, if this person may see it.
pub(crate) async fn title(library: &dyn Library, person: &PersonId, source: &Source) -> StoreResult<Option<String>> {
    Ok(match source {
        Source::Lecture(id) => lecture(library, person, id).await?.map(|lecture| lecture.title),
        Source::Document(id) => document(library, person, id).await?.map(|document| document.title),
    })
}
