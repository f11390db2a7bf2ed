//! One RSA key of 2048 bits, from which tokens are signed and checked: of all signatures the one that is checked fastest.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use synapscribe_domain::Timestamp;
use synapscribe_ports::accounts::{PublicKey, SigningKey};
use synapscribe_ports::{StoreError, StoreResult};

use crate::claims;

/// A key, ready to be used.
pub(crate) struct Ready {
    pub kid: String,
    /// How every token of this key begins.
    pub header: String,
    pub made: Timestamp,
    pair: KeyPair,
    checks: ParsedPublicKey,
    public: PublicKey,
}

/// Makes a key; it takes a good part of a second, and a thread that may be held up.
pub(crate) fn make(now: Timestamp) -> StoreResult<SigningKey> {
    let failed = |_| StoreError::Unavailable("a signing key could not be made".into());
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
    let pkcs8: Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
    // The name is the key's own, so that no two are confused.
    let name = digest(&SHA256, pair.public_key().as_ref());
    Ok(SigningKey { kid: URL_SAFE_NO_PAD.encode(&name.as_ref()[..12]), made: now, pkcs8: pkcs8.as_ref().to_vec() })
}

impl Ready {
    /// Reads a stored key.
    pub fn of(key: &SigningKey) -> StoreResult<Self> {
        let corrupt = || StoreError::Corrupt("a signing key cannot be read".into());
        let pair = KeyPair::from_pkcs8(&key.pkcs8).map_err(|_| corrupt())?;
        let der = pair.public_key().as_ref();
        let (modulus, exponent) = parts(der).ok_or_else(corrupt)?;
        let public = PublicKey { kid: key.kid.clone(), modulus: modulus.to_vec(), exponent: exponent.to_vec() };
        let checks = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der).map_err(|_| corrupt())?;
        Ok(Self { kid: key.kid.clone(), header: claims::header(&key.kid), made: key.made, pair, checks, public })
    }

    /// Signs.
    pub fn sign(&self, text: &str) -> StoreResult<Vec<u8>> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
            .map_err(|_| StoreError::Unavailable("a token could not be signed".into()))?;
        Ok(signature)
    }

    /// Whether this key signed that.
    pub fn signed(&self, text: &[u8], signature: &[u8]) -> bool {
        self.checks.verify_sig(text, signature).is_ok()
    }

    /// What anybody may have of it.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }
}

/// Modulus and exponent of an `RSAPublicKey` (RFC 8017, A.1.1), which is a sequence of these two numbers.
fn parts(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sequence, rest) = field(der, 0x30)?;
    let (modulus, exponent) = field(sequence, 0x02)?;
    let (exponent, end) = field(exponent, 0x02)?;
    (rest.is_empty() && end.is_empty()).then_some((plain(modulus), plain(exponent)))
}

/// The content of the field that a text of DER begins with, and what follows it.
fn field(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        ..=0x7f => (usize::from(first), rest),
        0x81 | 0x82 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    if found == tag { rest.split_at_checked(length) } else { None }
}

/// A number without the zero that keeps it from being negative.
fn plain(number: &[u8]) -> &[u8] {
    number.strip_prefix(&[0]).unwrap_or(number)
}
