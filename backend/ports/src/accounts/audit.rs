//! The record of what happened to accounts.

use async_trait::async_trait;
use synapscribe_domain::Timestamp;
use synapscribe_domain::account::{AccountId, SecurityEvent};

use crate::world::StoreResult;

/// Where the record is read on: what happened before this moment, and of what happened at it whatever has a smaller number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Before {
    /// The moment.
    pub at: Timestamp,
    /// The number; nothing has 0.
    pub number: i64,
}

/// Keeps security events.
#[async_trait]
pub trait Audit: Send + Sync {
    /// Adds one.
    async fn record(&self, event: &SecurityEvent) -> StoreResult<()>;
    /// The latest first, at most so many, optionally of one account, and from there on. Of one account it is without what is anybody's
    /// ([`is_anybodys`](synapscribe_domain::account::What::is_anybodys)), which would push out what its person did. Each has a number,
    /// larger than those of all that were recorded before it.
    async fn events(
        &self,
        account: Option<&AccountId>,
        before: Option<Before>,
        most: u32,
    ) -> StoreResult<Vec<(i64, SecurityEvent)>>;
    /// Takes the name of an account out of its events; what happened stays.
    async fn unname(&self, account: &AccountId) -> StoreResult<()>;
    /// Forgets those of before this moment, and says how many.
    async fn forget(&self, before: Timestamp) -> StoreResult<u64>;
}
