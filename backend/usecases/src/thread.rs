//! Sessions by the names that people give them. Two people may give the same one; neither learns of the other's.

use synapscribe_domain::{Code, Failure, PersonId, Session, SessionId, Timestamp, Turn};
use synapscribe_ports::Sessions;

/// What goes by a name that a person gave.
pub(crate) enum Named {
    /// A session of theirs.
    Theirs(Box<Session>),
    /// Nothing yet; a session that they begin is kept under this name.
    Nothing(SessionId),
    /// A session of somebody else's, and the name is too long to be kept beside it.
    Taken,
}

/// Looks for it.
pub(crate) async fn find(sessions: &dyn Sessions, person: &PersonId, name: &SessionId, now: Timestamp) -> Result<Named, Failure> {
    let taken = match sessions.session(name, now).await? {
        Some(session) if &session.owner == person => return Ok(Named::Theirs(Box::new(session))),
        found => found.is_some(),
    };
    // It may have been begun while somebody else's had the name.
    let Some(beside) = name.beside(person) else {
        return Ok(if taken { Named::Taken } else { Named::Nothing(name.clone()) });
    };
    match sessions.session(&beside, now).await? {
        Some(session) if &session.owner == person => Ok(Named::Theirs(Box::new(session))),
        Some(_) => Ok(Named::Taken),
        None => Ok(Named::Nothing(if taken { beside } else { name.clone() })),
    }
}

/// The session of this person's that goes by this name, as it is kept.
pub(crate) async fn own(
    sessions: &dyn Sessions,
    person: &PersonId,
    name: &SessionId,
    now: Timestamp,
) -> Result<Session, Failure> {
    match find(sessions, person, name, now).await? {
        Named::Theirs(session) => Ok(*session),
        Named::Nothing(_) | Named::Taken => Err(Failure::not_found("session")),
    }
}

/// A session as its owner named it.
pub(crate) fn shown(mut session: Session) -> Session {
    session.id = session.id.given_by(&session.owner);
    session
}

/// A turn of this person's, with its session as they named it.
pub(crate) fn told(turn: &Turn, person: &PersonId) -> Turn {
    Turn { session: turn.session.given_by(person), ..turn.clone() }
}

/// Somebody else has a session of this name.
pub(crate) fn taken() -> Failure {
    Failure::new(Code::Conflict, "this name for a session is taken; choose another")
}
