//! Invitations, which several may try to use at once.

use async_trait::async_trait;
use synapscribe_domain::Timestamp;
use synapscribe_domain::account::{AccountId, Digest, Invitation, InvitationId, Role, Unusable};

use crate::world::StoreResult;

/// What came of using an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redeemed {
    /// It let one more in, in this role.
    In(InvitationId, Role),
    /// It lets nobody in.
    Out(Unusable),
    /// There is none with this code.
    Unknown,
}

/// Keeps invitations.
#[async_trait]
pub trait Invitations: Send + Sync {
    /// Stores a new one.
    async fn invite(&self, invitation: &Invitation) -> StoreResult<()>;
    /// All of them, the latest first.
    async fn invitations(&self) -> StoreResult<Vec<Invitation>>;
    /// Uses the one with this code: of many at once, no more get in than it says.
    async fn redeem(&self, code: &Digest, now: Timestamp) -> StoreResult<Redeemed>;
    /// Gives a place back that was not taken after all.
    async fn give_back(&self, id: &InvitationId) -> StoreResult<()>;
    /// Takes the name of whoever made them out of an account's invitations; they stay good.
    async fn unname(&self, by: &AccountId) -> StoreResult<()>;
    /// Revokes one, and says whether there is one.
    async fn revoke(&self, id: &InvitationId, now: Timestamp) -> StoreResult<bool>;
}
