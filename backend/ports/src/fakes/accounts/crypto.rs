//! Secrets without cryptography, for tests of what is built on them. Nothing here protects anything.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use async_trait::async_trait;
use synapscribe_domain::Timestamp;
use synapscribe_domain::account::{Digest, Password, SealedToken};

use crate::StoreResult;
use crate::accounts::{AccessClaims, AccessTokens, Passwords, PublicKey, Secrets, TokenFault};
use crate::fakes::open;

/// Secrets that are counted, and digests that only tell texts apart.
#[derive(Debug, Default)]
pub struct CountedSecrets(AtomicU64);

impl Secrets for CountedSecrets {
    fn random(&self) -> [u8; 32] {
        spread(&("random", self.0.fetch_add(1, SeqCst)))
    }

    fn digest(&self, text: &str) -> Digest {
        Digest(spread(&text))
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

/// Keeps passwords as they are, and counts how often one was hashed or compared.
#[derive(Debug, Default)]
pub struct PlainPasswords(AtomicU64);

impl PlainPasswords {
    /// How often the slow work would have been done.
    pub fn worked(&self) -> u64 {
        self.0.load(SeqCst)
    }
}

#[async_trait]
impl Passwords for PlainPasswords {
    async fn hash(&self, password: &Password) -> StoreResult<String> {
        self.0.fetch_add(1, SeqCst);
        Ok(format!("plain:{}", password.expose()))
    }

    async fn verify(&self, password: &Password, kept: Option<&str>) -> StoreResult<bool> {
        self.0.fetch_add(1, SeqCst);
        Ok(kept.is_some_and(|kept| kept == format!("plain:{}", password.expose())))
    }
}

/// Remembers what each token states.
#[derive(Debug, Default)]
pub struct PlainTokens(Mutex<HashMap<String, AccessClaims>>);

#[async_trait]
impl AccessTokens for PlainTokens {
    async fn mint(&self, claims: &AccessClaims) -> Result<String, TokenFault> {
        let mut made = open(&self.0);
        let token = format!("token-{}", made.len() + 1);
        made.insert(token.clone(), claims.clone());
        Ok(token)
    }

    async fn check(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenFault> {
        let claims = open(&self.0).get(token).cloned().ok_or(TokenFault::Forged)?;
        if now < claims.expires { Ok(claims) } else { Err(TokenFault::Expired) }
    }

    async fn public_keys(&self, _: Timestamp) -> Result<Vec<PublicKey>, TokenFault> {
        Ok(vec![PublicKey { kid: "plain".into(), modulus: vec![7], exponent: vec![1, 0, 1] }])
    }

    async fn rotate(&self, _: Timestamp) -> Result<bool, TokenFault> {
        Ok(false)
    }

    fn issuer(&self) -> String {
        "https://issuer.example".into()
    }
}
