//! Access tokens: short-lived statements of who is signed in, which everybody can check and only we can make.

use async_trait::async_trait;
use synapscribe_domain::account::{AccountId, Role, SignInId};
use synapscribe_domain::{Failure, PersonId, Timestamp};
use thiserror::Error;

use crate::world::{StoreError, StoreResult};

/// Two hosts' clocks may differ by so many milliseconds.
pub const CLOCK_SKEW_MS: i64 = 5_000;

/// What an access token states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessClaims {
    /// Whose account.
    pub account: AccountId,
    /// Whose things they reach.
    pub person: PersonId,
    /// In which sign-in.
    pub sign_in: SignInId,
    /// In which role.
    pub role: Role,
    /// Since when.
    pub issued: Timestamp,
    /// Until when.
    pub expires: Timestamp,
}

/// Why a token is not believed.
#[derive(Debug, Error)]
pub enum TokenFault {
    /// Nobody here made it, or not in this form.
    #[error("the access token was not made here")]
    Forged,
    /// It is over.
    #[error("the access token has expired")]
    Expired,
    /// It is for a moment still to come.
    #[error("the access token is not valid yet")]
    Early,
    /// The keys cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A key that anybody may have, to check tokens with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// Its name.
    pub kid: String,
    /// The modulus, big-endian.
    pub modulus: Vec<u8>,
    /// The exponent, big-endian.
    pub exponent: Vec<u8>,
}

/// Makes and checks access tokens.
#[async_trait]
pub trait AccessTokens: Send + Sync {
    /// A token that states this.
    async fn mint(&self, claims: &AccessClaims) -> Result<String, TokenFault>;
    /// What a token states, if it is one of ours and now is its time, give or take [`CLOCK_SKEW_MS`] at its beginning.
    async fn check(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenFault>;
    /// The keys to check tokens with.
    async fn public_keys(&self, now: Timestamp) -> Result<Vec<PublicKey>, TokenFault>;
    /// Makes the next key when its time has come, well before it signs, and forgets what no token is signed with any more. Says
    /// whether another key was made.
    async fn rotate(&self, now: Timestamp) -> Result<bool, TokenFault>;
    /// Who makes the tokens, as they state it.
    fn issuer(&self) -> String;
}

/// A key that signs.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// Its name, which tokens carry.
    pub kid: String,
    /// When it was made.
    pub made: Timestamp,
    /// The key as PKCS #8.
    pub pkcs8: Vec<u8>,
}

/// Keeps the keys that sign.
#[async_trait]
pub trait Keys: Send + Sync {
    /// All of them, the oldest first.
    async fn signing_keys(&self) -> StoreResult<Vec<SigningKey>>;
    /// Adds one, if the newest is still the one that is named; otherwise somebody else added one, and nothing is done.
    async fn add_signing_key(&self, key: &SigningKey, after: Option<&str>) -> StoreResult<bool>;
    /// Removes those that were made before this moment, but for the newest.
    async fn forget_signing_keys(&self, before: Timestamp) -> StoreResult<u64>;
}

/// Gives new accounts an identity whose things nobody else reaches.
#[async_trait]
pub trait Identities: Send + Sync {
    /// One nobody had before.
    async fn fresh(&self) -> Result<PersonId, Failure>;
}

/// Somebody who showed an access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// What the token states.
    pub claims: AccessClaims,
}

/// The one place where an access token is looked at, for every way to call: REST, WebSocket, storage and credentials.
#[async_trait]
pub trait Admission: Send + Sync {
    /// Who shows this token. It is refused within a minute after its sign-in ended.
    async fn admit(&self, token: &str) -> Result<SignedIn, Failure>;
    /// Whether what was handed out under a sign-in still opens anything.
    async fn still_lasts(&self, sign_in: &SignInId) -> Result<bool, Failure>;
    /// The same at this very moment, whatever was known a moment ago. Whoever remembers nothing sees no difference.
    async fn lasts_now(&self, sign_in: &SignInId) -> Result<bool, Failure> {
        self.still_lasts(sign_in).await
    }
    /// Whether an identity is an account's, which only its access tokens may speak for; for as long as anything lasts that was handed
    /// out under a sign-in, also that of an account which was deleted.
    async fn is_accounts(&self, person: &PersonId) -> Result<bool, Failure>;
    /// Who makes the tokens that are believed.
    fn issuer(&self) -> String;
}
