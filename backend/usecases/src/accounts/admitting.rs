//! The one check of access tokens, for every way to call. It knows what ended lately, so that a token is refused soon after its
//! sign-in ended, without asking a database each time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use synapscribe_domain::account::SignInId;
use synapscribe_domain::{Code, Failure, PersonId, Timestamp};
use synapscribe_ports::Clock;
use synapscribe_ports::accounts::{AccessTokens, Accounts, Admission, SignIns, SignedIn, TokenFault};

/// What other processes ended is known at the latest after so long.
const FRESH_MS: i64 = 20_000;
/// What is known may be so old where the store does not answer; then nobody is let in.
const STALE_MS: i64 = 60_000;
/// Nothing that is handed out under a sign-in lasts longer: access tokens a quarter of an hour, credentials an hour, and a gateway's
/// connections two.
const OUTLASTS_MS: i64 = 125 * 60_000;

/// Looks at access tokens.
#[derive(Clone)]
pub struct Admitting {
    tokens: Arc<dyn AccessTokens>,
    sign_ins: Arc<dyn SignIns>,
    accounts: Arc<dyn Accounts>,
    clock: Arc<dyn Clock>,
    known: Arc<Mutex<Known>>,
}

#[derive(Default)]
struct Known {
    /// Each with when that was learnt.
    ended: HashMap<SignInId, Timestamp>,
    as_of: Option<Timestamp>,
}

impl Admitting {
    /// The check over these.
    pub fn new(
        tokens: Arc<dyn AccessTokens>,
        sign_ins: Arc<dyn SignIns>,
        accounts: Arc<dyn Accounts>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { tokens, sign_ins, accounts, clock, known: Arc::default() }
    }

    /// These have ended; in this process nothing of them opens anything from now on.
    pub fn ended(&self, sign_ins: &[SignInId]) {
        let now = self.clock.now();
        self.known().ended.extend(sign_ins.iter().map(|id| (id.clone(), now)));
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a sign-in is known to have ended, if what is known is young enough.
    fn remembered(&self, sign_in: &SignInId, now: Timestamp, age_ms: i64) -> Option<bool> {
        let known = self.known();
        if known.ended.contains_key(sign_in) {
            return Some(true);
        }
        let young = known.as_of.is_some_and(|as_of| (0..age_ms).contains(&(now.0 - as_of.0)));
        young.then_some(false)
    }

    /// By what is no older than this; where that cannot be had, no older than the other.
    async fn has_ended(&self, sign_in: &SignInId, age_ms: i64, stale_ms: i64) -> Result<bool, Failure> {
        let now = self.clock.now();
        if let Some(ended) = self.remembered(sign_in, now, age_ms) {
            return Ok(ended);
        }
        match self.sign_ins.ended_since(now.plus(-OUTLASTS_MS)).await {
            Ok(ended) => {
                let mut known = self.known();
                known.ended.retain(|_, learnt| now.0 - learnt.0 < OUTLASTS_MS);
                known.ended.extend(ended.into_iter().map(|id| (id, now)));
                known.as_of = Some(now);
                Ok(known.ended.contains_key(sign_in))
            }
            Err(error) => {
                tracing::error!(%error, "it cannot be seen which sign-ins have ended");
                self.remembered(sign_in, now, stale_ms).ok_or_else(Failure::internal)
            }
        }
    }
}

#[async_trait]
impl Admission for Admitting {
    async fn admit(&self, token: &str) -> Result<SignedIn, Failure> {
        let refused = |why: &str| Failure::new(Code::Unauthorised, format!("{why}; renew it, or sign in again"));
        let claims = self.tokens.check(token, self.clock.now()).await.map_err(|fault| match fault {
            TokenFault::Store(error) => {
                tracing::error!(%error, "the keys of access tokens cannot be read");
                Failure::internal()
            }
            fault => refused(&fault.to_string()),
        })?;
        if self.has_ended(&claims.sign_in, FRESH_MS, STALE_MS).await? {
            return Err(Failure::new(Code::SignedOut, "you are signed out here; sign in again"));
        }
        Ok(SignedIn { claims })
    }

    async fn still_lasts(&self, sign_in: &SignInId) -> Result<bool, Failure> {
        Ok(!self.has_ended(sign_in, FRESH_MS, STALE_MS).await?)
    }

    async fn lasts_now(&self, sign_in: &SignInId) -> Result<bool, Failure> {
        Ok(!self.has_ended(sign_in, 0, 0).await?)
    }

    async fn is_accounts(&self, person: &PersonId) -> Result<bool, Failure> {
        if self.accounts.account_of(person).await?.is_some_and(|account| account.verified) {
            return Ok(true);
        }
        // Of an account that was deleted nobody signs in any more, and what was drawn under it lasts on.
        Ok(self.sign_ins.has_departed(person, self.clock.now().plus(-OUTLASTS_MS)).await?)
    }

    fn issuer(&self) -> String {
        self.tokens.issuer()
    }
}
