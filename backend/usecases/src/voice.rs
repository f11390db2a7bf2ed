//! What was said aloud with a question: the recording that asked it and the spoken answer. Knows nothing of their words.

use synapscribe_domain::keys::Place;
use synapscribe_domain::{ObjectKey, PersonId, QueryId};
use synapscribe_ports::{Objects, StoreResult};

/// Deletes the sound of a question and of its answer, whatever kinds of files they are.
pub(crate) async fn forget(objects: &dyn Objects, person: &PersonId, query: &QueryId) -> StoreResult<()> {
    for object in objects.list(&format!("queries/{person}/{query}.")).await? {
        // The name of another question may begin with this one's and a dot.
        if object.key.place() == Place::Query(query.clone()) {
            objects.delete(&object.key).await?;
        }
    }
    objects.delete(&ObjectKey::response(person, query, "wav")).await
}
