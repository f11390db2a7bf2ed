//! Random secrets, and digests that are worth nothing without this host's key: a code has few letters, and whoever stole the
//! database alone could try them all.

use hmac::{Hmac, Mac};
use rand::RngCore;
use sha2::Sha256;
use synapscribe_domain::account::{Digest, SealedToken};
use synapscribe_ports::accounts::Secrets;

/// Secrets under a key of their own.
#[derive(Clone)]
pub struct PepperedSecrets {
    pepper: [u8; 32],
}

impl PepperedSecrets {
    /// Digests under this key, which must not lie with what is digested.
    pub fn new(pepper: [u8; 32]) -> Self {
        Self { pepper }
    }
}

impl Secrets for PepperedSecrets {
    fn random(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        rand::rng().fill_bytes(&mut bytes);
        bytes
    }

    fn digest(&self, text: &str) -> Digest {
        Digest(mac(&self.pepper, b"digest", text.as_bytes()))
    }

    /// Each token seals one other, so that what hides it is used once.
    fn seal(&self, token: [u8; 32], with: &[u8; 32]) -> SealedToken {
        let hides = mac(with, b"successor", &[]);
        SealedToken(std::array::from_fn(|n| token[n] ^ hides[n]))
    }
}

/// The purpose goes in front, so that a value made for one use never passes for another.
fn mac(key: &[u8; 32], purpose: &[u8], content: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(purpose);
    mac.update(&[0]);
    mac.update(content);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_makes_secrets_as_everybody_who_makes_them() {
        let host = |n: u8| PepperedSecrets::new([n; 32]);
        synapscribe_ports::conformance::accounts::secrets(&host(1), &host(1), &host(2));
    }
}
