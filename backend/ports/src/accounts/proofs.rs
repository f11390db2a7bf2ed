//! How people prove who they are: by a password, and where it is asked for by something else besides. A database of ours keeps it, or
//! a user pool elsewhere.

use async_trait::async_trait;
use synapscribe_domain::account::{AccountId, EmailAddress, Password};

use crate::world::StoreResult;

/// A second proof that is asked for before somebody is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// What is asked for, such as `SOFTWARE_TOKEN_MFA`.
    pub kind: String,
    /// What has to come back with the answer.
    pub session: String,
}

/// What came of a proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proved {
    /// It is they.
    Yes,
    /// The password is right, and they have to show something else besides.
    Challenged(Challenge),
    /// It is not, or there is no such account.
    No,
}

/// Keeps what accounts are proved by. It knows an account by its name, and not whether anybody is let in: that is [`Accounts`]' to
/// say. Where no account is named, the same work is done, and the answer is no.
///
/// [`Accounts`]: super::Accounts
#[async_trait]
pub trait Proofs: Send + Sync {
    /// Why this password cannot be kept here, as a sentence for whoever chose it; most keepers take any.
    fn refuses(&self, _password: &Password) -> Option<&'static str> {
        None
    }
    /// Keeps a password of an account, in the place of the one before. Whatever else is asked for is sent to this address. Where
    /// passwords lie beside accounts, an account that is not there is gone.
    async fn keep(&self, account: &AccountId, email: &EmailAddress, password: &Password) -> StoreResult<()>;
    /// Whether it is the account's password.
    async fn prove(&self, account: Option<&AccountId>, password: &Password) -> StoreResult<Proved>;
    /// Answers a challenge; keepers that never ask refuse.
    async fn answer(&self, _account: Option<&AccountId>, _challenge: &Challenge, _answer: &str) -> StoreResult<Proved> {
        Ok(Proved::No)
    }
    /// Lets go of whatever an account is proved by; letting go of nothing is fine.
    async fn forget(&self, account: &AccountId) -> StoreResult<()>;
}
