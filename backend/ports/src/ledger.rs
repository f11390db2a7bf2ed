//! What was done already, so that doing it again changes nothing.

use async_trait::async_trait;
use synapscribe_domain::Timestamp;

use crate::world::StoreResult;

/// The answer to a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// It is yours to do.
    Granted,
    /// Somebody is at it.
    InProgress,
    /// It was done, with this note.
    Done(String),
    /// Something newer was claimed for the same key.
    Outdated,
}

/// Records of work by key. `order` is compared as text: of two events for one key the later one wins.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Claims the work until `until`; an unfinished claim can be taken over after that.
    async fn claim(&self, key: &str, order: &str, now: Timestamp, until: Timestamp) -> StoreResult<Claim>;
    /// Notes that it is done.
    async fn finish(&self, key: &str, order: &str, note: &str) -> StoreResult<()>;
    /// Gives the claim back so that somebody can try again.
    async fn release(&self, key: &str, order: &str) -> StoreResult<()>;
    /// Forgets claims made before `before` that nobody holds any more, done or not, and says how many.
    async fn forget(&self, before: Timestamp) -> StoreResult<u64>;
}
