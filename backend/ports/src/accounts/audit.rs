//! The record of what happened to accounts.

use async_trait::async_trait;
use synapscribe_domain::Timestamp;
use synapscribe_domain::account::{AccountId, SecurityEvent};

use crate::world::StoreResult;

/// Keeps security events.
#[async_trait]
pub trait Audit: Send + Sync {
    /// Adds one.
    async fn record(&self, event: &SecurityEvent) -> StoreResult<()>;
    /// The latest first, at most so many, optionally of one account and of before a moment.
    async fn events(&self, account: Option<&AccountId>, before: Option<Timestamp>, most: u32) -> StoreResult<Vec<SecurityEvent>>;
    /// Takes the name of an account out of its events; what happened stays.
    async fn unname(&self, account: &AccountId) -> StoreResult<()>;
    /// Forgets those of before this moment, and says how many.
    async fn forget(&self, before: Timestamp) -> StoreResult<u64>;
}
