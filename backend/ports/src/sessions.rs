//! Threads of questions and their turns.

use async_trait::async_trait;
use synapscribe_domain::{LectureId, PersonId, Session, SessionId, Timestamp, Turn};

use crate::world::StoreResult;

/// Keeps sessions.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Stores or replaces a session's record.
    async fn save_session(&self, session: &Session) -> StoreResult<()>;
    /// One session, unless it has expired.
    async fn session(&self, id: &SessionId, now: Timestamp) -> StoreResult<Option<Session>>;
    /// A person's sessions, the latest active first, optionally of one lecture.
    async fn sessions(&self, person: &PersonId, lecture: Option<&LectureId>, now: Timestamp) -> StoreResult<Vec<Session>>;
    /// Removes a session and its turns.
    async fn delete_session(&self, id: &SessionId) -> StoreResult<()>;
    /// Stores or replaces a turn; a turn that has ended is never replaced by one that has not.
    async fn save_turn(&self, turn: &Turn) -> StoreResult<()>;
    /// A session's turns, oldest first.
    async fn turns(&self, id: &SessionId) -> StoreResult<Vec<Turn>>;
    /// Removes every session that expired, with its turns, and says how many.
    async fn expire(&self, now: Timestamp) -> StoreResult<u64>;
}
