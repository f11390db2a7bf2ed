//! Sessions that quote a source: they go with it, and so does what was spoken in them.

use synapscribe_domain::{About, Failure, PersonId, Source, Timestamp};
use synapscribe_ports::{Objects, Sessions};

use crate::voice;

/// Deletes a person's sessions that are about a source, alone or among others, and those whose answers quote it.
pub(crate) async fn forget(
    sessions: &dyn Sessions,
    objects: &dyn Objects,
    person: &PersonId,
    source: &Source,
    now: Timestamp,
) -> Result<(), Failure> {
    for session in sessions.sessions(person, None, now).await? {
        let turns = sessions.turns(&session.id).await?;
        let quotes = turns.iter().flat_map(|turn| &turn.citations).any(|citation| citation.source == *source);
        if !quotes && (session.about == About::Everything || !session.about.includes(source)) {
            continue;
        }
        for turn in &turns {
            voice::forget(objects, person, &turn.query).await?;
        }
        sessions.delete_session(&session.id).await?;
        // What was said since then; whatever is said from now on finds that the session is gone.
        for turn in &turns {
            voice::forget(objects, person, &turn.query).await?;
        }
    }
    Ok(())
}
