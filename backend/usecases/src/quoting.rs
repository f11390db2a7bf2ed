//! Sessions that quote a source: they go with it, and so does what was spoken in them. What other people's sessions took from it is
//! withheld from then on.

use std::collections::HashSet;

use synapscribe_domain::{About, Failure, ObjectKey, PersonId, Session, Source, Timestamp, Turn};
use synapscribe_ports::{Library, Objects, Sessions, StoreResult};

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

/// The turns of a session, oldest first. Those that cite what was deleted are told without what they took from it, which is kept no
/// longer: whoever deletes what others could see looks through no sessions but their own.
pub(crate) async fn turns(
    library: &dyn Library,
    sessions: &dyn Sessions,
    objects: &dyn Objects,
    session: &Session,
) -> Result<Vec<Turn>, Failure> {
    let mut turns = sessions.turns(&session.id).await?;
    let cited: HashSet<Source> = turns.iter().flat_map(|turn| &turn.citations).map(|cited| cited.source.clone()).collect();
    let mut gone = Vec::new();
    for source in cited {
        if !is_there(library, &source).await? {
            gone.push(source);
        }
    }
    for turn in &mut turns {
        if !turn.state.is_final() || !turn.citations.iter().any(|cited| gone.contains(&cited.source)) {
            continue;
        }
        turn.withhold();
        // The sound first: what is stored tells until then that there is something to forget.
        let spoken = ObjectKey::response(&session.owner, &turn.query, "wav");
        if let Err(error) = forgotten(sessions, objects, turn, &spoken).await {
            // Reading needs no room on the disk. The next one who looks tries again.
            tracing::warn!(correlation = turn.query.as_str(), %error, "what was taken from a deleted source is still kept");
        }
    }
    Ok(turns)
}

async fn forgotten(sessions: &dyn Sessions, objects: &dyn Objects, turn: &Turn, spoken: &ObjectKey) -> StoreResult<()> {
    objects.delete(spoken).await?;
    sessions.save_turn(turn).await
}

async fn is_there(library: &dyn Library, source: &Source) -> StoreResult<bool> {
    Ok(match source {
        Source::Lecture(id) => library.lecture(id).await?.is_some(),
        Source::Document(id) => library.document(id).await?.is_some(),
    })
}
