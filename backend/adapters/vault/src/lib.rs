//! The cryptography of accounts: slow hashes of passwords, secrets and their digests, and signed access tokens. It knows no store
//! but the one of its keys, and nothing of who asks.

mod claims;
mod key;
mod passwords;
mod secrets;
mod signer;

pub use passwords::{Cost, SlowHashes};
pub use secrets::PepperedSecrets;
pub use signer::{Signer, Terms};
