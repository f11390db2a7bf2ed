//! The cryptography that rules about accounts are blind to.

use async_trait::async_trait;
use synapscribe_domain::account::{Digest, Password, SealedToken, WrittenCode};

use crate::world::StoreResult;

/// Hashes passwords so slowly that nobody tries many, and so few at once that memory stays bounded.
#[async_trait]
pub trait Passwords: Send + Sync {
    /// The form in which a password is kept.
    async fn hash(&self, password: &Password) -> StoreResult<String>;
    /// Whether it is the password kept in this form; one that cannot be read is an error. Without a form the same work is done, and
    /// the answer is no.
    async fn verify(&self, password: &Password, kept: Option<&str>) -> StoreResult<bool>;
}

/// Makes and digests what must not be guessed.
pub trait Secrets: Send + Sync {
    /// Random bytes nobody can foresee.
    fn random(&self) -> [u8; 32];
    /// A secret's one-way form; with what is stored alone nobody can try texts out, however short they are.
    fn digest(&self, text: &str) -> Digest;
    /// Seals a token with the one whose place it takes, or opens it with that.
    fn seal(&self, token: [u8; 32], with: &[u8; 32]) -> SealedToken;

    /// A code to send.
    fn code(&self) -> WrittenCode {
        let random = self.random();
        WrittenCode::of(std::array::from_fn(|n| random[n]))
    }

    /// The token that was sealed with this one.
    fn open(&self, sealed: SealedToken, with: &[u8; 32]) -> [u8; 32] {
        self.seal(sealed.0, with).0
    }
}
