//! Access tokens under keys that change: the newest signs once every process has had time to learn of it, and the ones before are
//! believed for as long as a token of theirs may be about.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use synapscribe_domain::Timestamp;
use synapscribe_ports::accounts::{AccessClaims, AccessTokens, Keys, PublicKey, TokenFault};
use synapscribe_ports::{Clock, StoreError, StoreResult};

use crate::claims::{self, Taken};
use crate::key::{self, Ready};

/// When keys change; all in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// A key signs for so long.
    pub signs: i64,
    /// It is made so long before that, for everybody to learn of it.
    pub announced: i64,
    /// It is believed for so long afterwards.
    pub believed: i64,
}

const HOUR_MS: i64 = 3_600_000;

impl Default for Terms {
    fn default() -> Self {
        Self { signs: 30 * 24 * HOUR_MS, announced: 24 * HOUR_MS, believed: 24 * HOUR_MS }
    }
}

/// A token with an unknown key makes the store be asked, at most this often.
const ASK_AGAIN_MS: i64 = 10_000;

/// Makes and checks access tokens.
#[derive(Clone)]
pub struct Signer {
    keys: Arc<dyn Keys>,
    clock: Arc<dyn Clock>,
    issuer: String,
    terms: Terms,
    known: Arc<Mutex<Known>>,
    making: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Default)]
struct Known {
    /// The oldest first.
    keys: Vec<Arc<Ready>>,
    asked: Option<Timestamp>,
}

impl Signer {
    /// Tokens of this issuer under these keys.
    pub fn new(keys: Arc<dyn Keys>, clock: Arc<dyn Clock>, issuer: impl Into<String>, terms: Terms) -> Self {
        Self { keys, clock, issuer: issuer.into(), terms, known: Arc::default(), making: Arc::default() }
    }

    fn known(&self) -> Vec<Arc<Ready>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).keys.clone()
    }

    fn find(&self, which: impl Fn(&Ready) -> bool) -> Option<Arc<Ready>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.keys.iter().find(|key| which(key)).cloned()
    }

    /// The key that a token says signed it.
    async fn signer_of(&self, taken: &Taken<'_>) -> Result<Arc<Ready>, TokenFault> {
        // Our own headers need not be read again each time.
        if let Some(key) = self.find(|key| key.header == taken.header) {
            return Ok(key);
        }
        let kid = taken.kid().ok_or(TokenFault::Forged)?;
        let named = || self.find(|key| key.kid == kid);
        if let Some(key) = named() {
            return Ok(key);
        }
        if self.may_ask() {
            self.learn().await?;
        }
        named().ok_or(TokenFault::Forged)
    }

    /// Reads the keys that are stored.
    async fn learn(&self) -> StoreResult<Vec<Arc<Ready>>> {
        let stored = self.keys.signing_keys().await?;
        let before = self.known();
        let mut keys = Vec::with_capacity(stored.len());
        for key in &stored {
            let ready = match before.iter().find(|known| known.kid == key.kid) {
                Some(known) => Arc::clone(known),
                None => Arc::new(Ready::of(key)?),
            };
            keys.push(ready);
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.keys.clone_from(&keys);
        known.asked = Some(self.clock.now());
        Ok(keys)
    }

    /// The store is asked for a key that is not known, but not by everybody who makes one up.
    fn may_ask(&self) -> bool {
        let now = self.clock.now();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let rested = known.asked.is_none_or(|asked| !(0..ASK_AGAIN_MS).contains(&(now.0 - asked.0)));
        if rested {
            known.asked = Some(now);
        }
        rested
    }

    /// The key that signs now: the newest that everybody knows, or the only one.
    async fn signing(&self, now: Timestamp) -> Result<Arc<Ready>, TokenFault> {
        let mut keys = self.known();
        if keys.is_empty() {
            keys = self.learn().await?;
        }
        if keys.is_empty() {
            self.make(None, now).await?;
            keys = self.known();
        }
        let announced = |key: &&Arc<Ready>| key.made.plus(self.terms.announced) <= now;
        let key = keys.iter().rfind(announced).or(keys.first());
        Ok(Arc::clone(key.ok_or_else(|| StoreError::Unavailable("there is no signing key".into()))?))
    }

    /// Makes a key, unless somebody else did meanwhile.
    async fn make(&self, after: Option<&str>, now: Timestamp) -> Result<bool, TokenFault> {
        let _one_at_a_time = self.making.lock().await;
        let keys = self.learn().await?;
        if keys.last().map(|key| key.kid.as_str()) != after {
            return Ok(false);
        }
        let made = tokio::task::spawn_blocking(move || key::make(now)).await;
        let made = made.map_err(|error| StoreError::Unavailable(error.to_string()))??;
        let added = self.keys.add_signing_key(&made, after).await?;
        self.learn().await?;
        Ok(added)
    }
}

#[async_trait]
impl AccessTokens for Signer {
    async fn mint(&self, claims: &AccessClaims) -> Result<String, TokenFault> {
        let key = self.signing(claims.issued).await?;
        let unsigned = claims::unsigned(claims, &self.issuer, &key.kid);
        let signature = key.sign(&unsigned)?;
        Ok(claims::whole(&unsigned, &signature))
    }

    async fn check(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenFault> {
        let taken = claims::taken(token).ok_or(TokenFault::Forged)?;
        let key = self.signer_of(&taken).await?;
        if !key.signed(taken.signed, &taken.signature) {
            return Err(TokenFault::Forged);
        }
        taken.stated(&self.issuer, now)
    }

    async fn public_keys(&self, now: Timestamp) -> Result<Vec<PublicKey>, TokenFault> {
        self.signing(now).await?;
        Ok(self.learn().await?.iter().map(|key| key.public().clone()).collect())
    }

    async fn rotate(&self, now: Timestamp) -> Result<bool, TokenFault> {
        let keys = self.learn().await?;
        // Nobody has signed in yet; the first key is made when somebody does.
        let Some(newest) = keys.last() else { return Ok(false) };
        let due = newest.made.plus(self.terms.signs) <= now;
        let made = if due { self.make(Some(&newest.kid), now).await? } else { false };
        // Once a key has signed for so long, no token of those before it is about. How old these are does not say: the next one may
        // have been made late.
        let settled = now.plus(-(self.terms.announced + self.terms.believed));
        let known = self.known();
        let oldest = known.iter().rfind(|key| key.made < settled);
        if let Some(oldest) = oldest
            && self.keys.forget_signing_keys(oldest.made).await? > 0
        {
            self.learn().await?;
        }
        Ok(made)
    }

    fn issuer(&self) -> String {
        self.issuer.clone()
    }
}

#[cfg(test)]
mod tests;
