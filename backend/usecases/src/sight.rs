//! Who may see a lecture, a document or a pack: its owner, everybody when it is public, and whoever is in a class that is shown it.

use synapscribe_domain::document::Document;
use synapscribe_domain::pack::Counted;
use synapscribe_domain::{DocumentId, Lecture, LectureId, PackId, PersonId, Source};
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

/// The title of a source, if this person may see it.
pub(crate) async fn title(library: &dyn Library, person: &PersonId, source: &Source) -> StoreResult<Option<String>> {
    Ok(match source {
        Source::Lecture(id) => lecture(library, person, id).await?.map(|lecture| lecture.title),
        Source::Document(id) => document(library, person, id).await?.map(|document| document.title),
    })
}
