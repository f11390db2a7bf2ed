//! Secrets without cryptography, for tests of what is built on them. Nothing here protects anything.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use synapscribe_domain::Timestamp;
use synapscribe_domain::account::{Digest, Password, SealedToken};
use synapscribe_domain::time::DAY_MS;

use crate::accounts::{AccessClaims, AccessTokens, CLOCK_SKEW_MS, Passwords, PublicKey, Secrets, TokenFault};
use crate::fakes::open;
use crate::{Ids, StoreError, StoreResult, UuidIds};

/// Secrets that are counted, and digests that only tell texts and hosts apart.
#[derive(Debug, Default)]
pub struct CountedSecrets {
    host: u64,
    made: AtomicU64,
}

impl CountedSecrets {
    /// Those of the host with this number.
    pub fn of_host(host: u64) -> Self {
        Self { host, made: AtomicU64::default() }
    }
}

impl Secrets for CountedSecrets {
    fn random(&self) -> [u8; 32] {
        spread(&("random", self.host, self.made.fetch_add(1, SeqCst)))
    }

    fn digest(&self, text: &str) -> Digest {
        Digest(spread(&("digest", self.host, text)))
    }

    fn seal(&self, token: [u8; 32], with: &[u8; 32]) -> SealedToken {
        let mask = spread(&("mask", with));
        SealedToken(std::array::from_fn(|n| token[n] ^ mask[n]))
    }
}

fn spread(what: &impl Hash) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (part, chunk) in bytes.chunks_mut(8).enumerate() {
        let mut hasher = DefaultHasher::new();
        (part, what).hash(&mut hasher);
        chunk.copy_from_slice(&hasher.finish().to_be_bytes());
    }
    bytes
}

/// Hashes passwords in no time, and counts how often one was hashed or compared.
#[derive(Debug, Default)]
pub struct PlainPasswords {
    worked: AtomicU64,
    exhausted: bool,
}

impl PlainPasswords {
    /// On a host that can do no work now.
    pub fn exhausted() -> Self {
        Self { exhausted: true, ..Self::default() }
    }

    /// How often the slow work would have been done.
    pub fn worked(&self) -> u64 {
        self.worked.load(SeqCst)
    }

    /// Says how often it was done before.
    fn work(&self) -> StoreResult<u64> {
        if self.exhausted {
            return Err(StoreError::Unavailable("no work can be done".into()));
        }
        Ok(self.worked.fetch_add(1, SeqCst))
    }
}

#[async_trait]
impl Passwords for PlainPasswords {
    async fn hash(&self, password: &Password) -> StoreResult<String> {
        Ok(written(password, self.work()?))
    }

    async fn verify(&self, password: &Password, kept: Option<&str>) -> StoreResult<bool> {
        self.work()?;
        let Some(kept) = kept else { return Ok(false) };
        let salt = salt(kept).ok_or_else(|| StoreError::Corrupt("a password's hash cannot be read".into()))?;
        Ok(kept == written(password, salt))
    }
}

fn written(password: &Password, salt: u64) -> String {
    let hash: Vec<_> = spread(&("password", salt, password.expose())).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("plain:{salt}:{}", hash.concat())
}

fn salt(kept: &str) -> Option<u64> {
    let (salt, hash) = kept.strip_prefix("plain:")?.split_once(':')?;
    let whole = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if whole { salt.parse().ok() } else { None }
}

const SIGNS_MS: i64 = 30 * DAY_MS;
const ANNOUNCED_MS: i64 = DAY_MS;
const BELIEVED_MS: i64 = DAY_MS;

/// Remembers what each token states, under keys that are names and change every thirty days. A clone is another process of the same
/// host.
#[derive(Debug, Default, Clone)]
pub struct PlainTokens(Arc<Mutex<Made>>);

#[derive(Debug, Default)]
struct Made {
    /// Each with the name of its key.
    tokens: HashMap<String, (String, AccessClaims)>,
    /// The oldest first.
    keys: Vec<Key>,
}

#[derive(Debug, Clone)]
struct Key {
    kid: String,
    made: Timestamp,
}

impl Made {
    fn make(&mut self, now: Timestamp) {
        self.keys.push(Key { kid: UuidIds.fresh(), made: now });
    }

    /// The name of the key that signs now.
    fn signing(&mut self, now: Timestamp) -> String {
        if self.keys.is_empty() {
            self.make(now);
        }
        let announced = |key: &&Key| key.made.plus(ANNOUNCED_MS) <= now;
        self.keys.iter().rfind(announced).unwrap_or(&self.keys[0]).kid.clone()
    }
}

#[async_trait]
impl AccessTokens for PlainTokens {
    async fn mint(&self, claims: &AccessClaims) -> Result<String, TokenFault> {
        let mut made = open(&self.0);
        let kid = made.signing(claims.issued);
        let token = format!("{kid}.{}.{}", made.tokens.len() + 1, UuidIds.fresh());
        made.tokens.insert(token.clone(), (kid, claims.clone()));
        Ok(token)
    }

    async fn check(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenFault> {
        let made = open(&self.0);
        let (_, claims) = made.tokens.get(token).ok_or(TokenFault::Forged)?;
        if now >= claims.expires {
            return Err(TokenFault::Expired);
        }
        if now.plus(CLOCK_SKEW_MS) < claims.issued { Err(TokenFault::Early) } else { Ok(claims.clone()) }
    }

    async fn public_keys(&self, now: Timestamp) -> Result<Vec<PublicKey>, TokenFault> {
        let mut made = open(&self.0);
        made.signing(now);
        let public = |key: &Key| PublicKey {
            kid: key.kid.clone(),
            modulus: [&[7][..], key.kid.as_bytes(), &[1]].concat(),
            exponent: vec![1, 0, 1],
        };
        Ok(made.keys.iter().map(public).collect())
    }

    async fn rotate(&self, now: Timestamp) -> Result<bool, TokenFault> {
        let mut made = open(&self.0);
        let Some(newest) = made.keys.last() else { return Ok(false) };
        let due = newest.made.plus(SIGNS_MS) <= now;
        if due {
            made.make(now);
        }
        let Made { tokens, keys } = &mut *made;
        let settled = now.plus(-(ANNOUNCED_MS + BELIEVED_MS));
        let oldest = keys.iter().map(|key| key.made).rfind(|made| *made < settled);
        if let Some(oldest) = oldest {
            keys.retain(|key| key.made >= oldest);
        }
        tokens.retain(|_, (kid, _)| keys.iter().any(|key| key.kid == *kid));
        Ok(due)
    }

    fn issuer(&self) -> String {
        "https://issuer.example".into()
    }
}
