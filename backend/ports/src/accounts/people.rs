//! Who keeps addresses, passwords and codes: a database of ours or a user pool elsewhere.

use async_trait::async_trait;
use synapscribe_domain::account::{Account, AccountId, EmailAddress, Password, Role, WrittenCode};
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

/// Who sends a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sending {
    /// Whoever asked has to send this one.
    Ours(WrittenCode),
    /// Whoever keeps the accounts has sent one.
    Theirs,
}

/// What came of signing up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registered {
    /// There is an account now, which waits for its code.
    New(Sending),
    /// The address has a verified account, which stays as it is.
    Known,
}

/// A second proof that is asked for before somebody is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// What is asked for, such as `SOFTWARE_TOKEN_MFA`.
    pub kind: String,
    /// What has to come back with the answer.
    pub session: String,
}

/// What came of showing an address and a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authenticated {
    /// It is they.
    Yes(Account),
    /// It is they, and the address has still to be verified.
    Unverified(Account),
    /// It may be they: they have to show something else besides.
    Challenged(Challenge),
    /// It is not, or there is no such account.
    No,
}

/// Keeps accounts. Whether an address has one must not show in how long a call takes: the same work is done for both.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Makes an account that waits for its code. One that still waits with this address or for this person is replaced: whoever
    /// signed up before did not show that the address is theirs, or mistyped it.
    async fn register(&self, new: &NewAccount, password: &Password, now: Timestamp) -> StoreResult<Registered>;
    /// Whether address and password belong together.
    async fn authenticate(&self, email: &EmailAddress, password: &Password, now: Timestamp) -> StoreResult<Authenticated>;
    /// Answers a challenge; keepers that never ask refuse.
    async fn answer(
        &self,
        _email: &EmailAddress,
        _challenge: &Challenge,
        _answer: &str,
        _now: Timestamp,
    ) -> StoreResult<Authenticated> {
        Ok(Authenticated::No)
    }
    /// Shows that an address is one's own, by the code that was sent there.
    async fn verify(&self, email: &EmailAddress, code: &WrittenCode, now: Timestamp) -> StoreResult<Option<Account>>;
    /// Another code to verify with, which takes the place of the one before; none where nothing waits to be verified.
    async fn verify_again(&self, email: &EmailAddress, now: Timestamp) -> StoreResult<Option<Sending>>;
    /// A code to set another password with, which takes the place of the one before; none where there is no such account.
    async fn forgotten(&self, email: &EmailAddress, now: Timestamp) -> StoreResult<Option<Sending>>;
    /// Sets another password, by the code that was sent. That verifies the address too.
    async fn reset(
        &self,
        email: &EmailAddress,
        code: &WrittenCode,
        password: &Password,
        now: Timestamp,
    ) -> StoreResult<Option<Account>>;
    /// One account.
    async fn account(&self, id: &AccountId) -> StoreResult<Option<Account>>;
    /// The account whose things are this person's.
    async fn account_of(&self, person: &PersonId) -> StoreResult<Option<Account>>;
    /// Gives an account another role; one that is not there is gone.
    async fn set_role(&self, id: &AccountId, role: Role) -> StoreResult<()>;
    /// Removes an account with its password and codes; removing what is not there is fine.
    async fn delete(&self, id: &AccountId) -> StoreResult<()>;
    /// Removes accounts that were never verified and codes that are over since before this moment, and says how many.
    async fn forget(&self, before: Timestamp) -> StoreResult<u64>;
}
