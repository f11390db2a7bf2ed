//! Whom we know, by which address, in which role, and the codes that were sent there. How they prove who they are is known elsewhere.

use std::collections::HashMap;

use async_trait::async_trait;
use synapscribe_domain::account::{Account, AccountId, EmailAddress, Role, WrittenCode};
use synapscribe_domain::{PersonId, Timestamp};

use crate::world::StoreResult;

/// Somebody who signs up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// The name the account will have.
    pub id: AccountId,
    /// The address.
    pub email: EmailAddress,
    /// What they want to be called.
    pub name: Option<String>,
    /// What they may do.
    pub role: Role,
    /// Whose things will be theirs.
    pub person: PersonId,
}

/// What came of signing up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// The code that the new account waits for; none where the address has a verified account, which stays as it is.
    pub code: Option<WrittenCode>,
    /// Accounts whose place this one took.
    pub replaced: Vec<AccountId>,
}

/// An account that was never verified. They are in order of their age, and those of one moment in that of their names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unverified {
    /// When it was made.
    pub created: Timestamp,
    /// Its name.
    pub id: AccountId,
}

/// Keeps accounts. Whether an address has one must not show in how long a call takes: the same work is done for both.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Makes an account that waits for its code. One that still waits with this address or for this person is replaced: whoever
    /// signed up before did not show that the address is theirs, or mistyped it. Where the address has a verified account, the new one
    /// is only there for the work to be the same. That one and those that were replaced are nobody's: no address, person or code leads
    /// to them. Whoever asked [removes](Accounts::delete_unverified) them after the answer, and what is left over is
    /// [found](Accounts::unverified) later.
    async fn register(&self, new: &NewAccount, now: Timestamp) -> StoreResult<Registered>;
    /// The account of an address, verified or not.
    async fn account_at(&self, email: &EmailAddress) -> StoreResult<Option<Account>>;
    /// Shows that an address is one's own, by the code that was sent there.
    async fn verify(&self, email: &EmailAddress, code: &WrittenCode, now: Timestamp) -> StoreResult<Option<Account>>;
    /// Another code to verify with, which takes the place of the one before; none where nothing waits to be verified.
    async fn verify_again(&self, email: &EmailAddress, now: Timestamp) -> StoreResult<Option<WrittenCode>>;
    /// A code to set another password with, which takes the place of the one before; none where there is no such account.
    async fn forgotten(&self, email: &EmailAddress, now: Timestamp) -> StoreResult<Option<WrittenCode>>;
    /// Whose password is to be set anew, by the code that was sent. Whoever has it reads there; yet the account is only
    /// [confirmed](Accounts::confirm) once the new password is kept, since the one before may be a stranger's.
    async fn reset(&self, email: &EmailAddress, code: &WrittenCode, now: Timestamp) -> StoreResult<Option<Account>>;
    /// One account.
    async fn account(&self, id: &AccountId) -> StoreResult<Option<Account>>;
    /// The account whose things are this person's.
    async fn account_of(&self, person: &PersonId) -> StoreResult<Option<Account>>;
    /// What these persons want to be called, of those who have a verified account and say so; asked once for a whole list.
    async fn names_of(&self, persons: &[PersonId]) -> StoreResult<HashMap<PersonId, String>>;
    /// Takes an account's address for verified and its password for another one ([`Account::reset`]); one that is not there is gone.
    async fn confirm(&self, id: &AccountId) -> StoreResult<()>;
    /// Gives an account another role ([`Account::appoint`]), and says which it takes the place of: of many at once each takes
    /// another's. Where an account gives it that may not at that very moment, or is not there, nothing is done: of two operators
    /// who lower each other at once, one stays. An account that is not there is gone.
    async fn set_role(&self, id: &AccountId, role: Role, by: Option<&AccountId>) -> StoreResult<Option<Role>>;
    /// Removes an account with its codes; removing what is not there is fine.
    async fn delete(&self, id: &AccountId) -> StoreResult<()>;
    /// Accounts that were made before this moment and never verified, nobody's among them: the oldest first, optionally from behind
    /// one of them on, at most so many.
    async fn unverified(&self, before: Timestamp, after: Option<&Unverified>, most: u32) -> StoreResult<Vec<Unverified>>;
    /// Removes an account that was never verified, with its codes; one that was verified meanwhile stays.
    async fn delete_unverified(&self, id: &AccountId) -> StoreResult<()>;
    /// Forgets codes that were over before this moment, and says how many.
    async fn forget(&self, before: Timestamp) -> StoreResult<u64>;
}
