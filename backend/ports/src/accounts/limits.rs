//! How often something was done, on which every process agrees.

use async_trait::async_trait;
use synapscribe_domain::Timestamp;
use synapscribe_domain::account::{Rate, Taken};

use crate::world::StoreResult;

/// Counts by key.
#[async_trait]
pub trait Limits: Send + Sync {
    /// Takes one for this key ([`Rate::take`]): of many at once, in whatever processes, no more are allowed than the rate says.
    async fn take(&self, key: &str, rate: Rate, now: Timestamp) -> StoreResult<Taken>;
    /// Forgets keys that say nothing any more, and says how many.
    async fn forget(&self, now: Timestamp) -> StoreResult<u64>;
}
