//! Threads of questions and their turns.

use async_trait::async_trait;
use synapscribe_domain::{PersonId, Session, SessionId, SessionSummary, Source, Timestamp, Turn};

use crate::world::StoreResult;

/// A change to a session's record.
pub type SessionChange<'a> = dyn Fn(&mut Session) + Send + Sync + 'a;

/// Keeps sessions.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Stores the record of a new session; one that is there already is a conflict, unless it has expired by the time the new one
    /// is active: then it is removed first, with its turns.
    async fn add_session(&self, session: &Session) -> StoreResult<()>;
    /// Changes a session's record as it stands at this moment, and returns it; one that is not there is gone. The change may be
    /// called more than once, and must not touch the session's name.
    async fn change_session(&self, id: &SessionId, change: &SessionChange<'_>) -> StoreResult<Session>;
    /// One session, unless it has expired.
    async fn session(&self, id: &SessionId, now: Timestamp) -> StoreResult<Option<Session>>;
    /// A person's sessions, the latest active first, optionally those about one source and nothing else.
    async fn sessions(&self, person: &PersonId, of: Option<&Source>, now: Timestamp) -> StoreResult<Vec<Session>>;
    /// The same with what their turns come to.
    async fn summaries(&self, person: &PersonId, of: Option<&Source>, now: Timestamp) -> StoreResult<Vec<SessionSummary>>;
    /// Removes a session and its turns.
    async fn delete_session(&self, id: &SessionId) -> StoreResult<()>;
    /// Stores or replaces a turn, unless its session is gone; a turn that has ended is never replaced by one that has not.
    async fn save_turn(&self, turn: &Turn) -> StoreResult<()>;
    /// A session's turns, oldest first.
    async fn turns(&self, id: &SessionId) -> StoreResult<Vec<Turn>>;
    /// Removes every session that expired, with its turns, and says how many.
    async fn expire(&self, now: Timestamp) -> StoreResult<u64>;
}
