//! Sign-ins, on whose records every process agrees.

use async_trait::async_trait;
use synapscribe_domain::account::{AccountId, Digest, Next, Place, Presented, SignIn, SignInId, Why};
use synapscribe_domain::{PersonId, Timestamp};

use crate::world::StoreResult;

/// Keeps sign-ins.
#[async_trait]
pub trait SignIns: Send + Sync {
    /// Stores a new sign-in.
    async fn begin(&self, sign_in: &SignIn) -> StoreResult<()>;
    /// Presents a refresh token ([`SignIn::present`]) and stores what came of it before anybody else can present one, in whatever
    /// process; the sign-in as it is then, or none that there is not.
    async fn present(
        &self,
        id: &SignInId,
        token: &Digest,
        next: &Next,
        place: &Place,
        now: Timestamp,
    ) -> StoreResult<Option<(SignIn, Presented)>>;
    /// One sign-in, whether it lasts or not.
    async fn sign_in(&self, id: &SignInId) -> StoreResult<Option<SignIn>>;
    /// The sign-ins of an account that last, the latest used first.
    async fn of(&self, account: &AccountId, now: Timestamp) -> StoreResult<Vec<SignIn>>;
    /// Ends one of an account's sign-ins, and says whether there was one that lasted.
    async fn end(&self, account: &AccountId, id: &SignInId, why: Why, now: Timestamp) -> StoreResult<bool>;
    /// Ends all of an account's, and says which.
    async fn end_all(&self, account: &AccountId, why: Why, now: Timestamp) -> StoreResult<Vec<SignInId>>;
    /// Those that were ended at or after this moment: what is still in somebody's hands of them must not open anything.
    async fn ended_since(&self, since: Timestamp) -> StoreResult<Vec<SignInId>>;
    /// Removes what the sign-ins of an account that is deleted say of its person ([`SignIn::erase`]); that they were ended stays known,
    /// and whose identity they opened.
    async fn erase(&self, account: &AccountId, departed: &PersonId) -> StoreResult<()>;
    /// Whether an identity was that of an account which was deleted, with a sign-in that was ended at or after this moment.
    async fn has_departed(&self, person: &PersonId, since: Timestamp) -> StoreResult<bool>;
    /// Removes those that ended or expired before this moment, and says how many.
    async fn forget(&self, before: Timestamp) -> StoreResult<u64>;
}
