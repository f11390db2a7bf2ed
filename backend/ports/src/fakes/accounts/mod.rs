//! Everything about accounts in memory: people, sign-ins, invitations, limits, events, keys, letters, and secrets that are none.

mod crypto;
mod people;
mod records;

pub use crypto::{CountedSecrets, PlainPasswords, PlainTokens};
pub use people::{MemoryAccounts, MemoryProofs};
pub use records::{CountedIdentities, MemoryAudit, MemoryInvitations, MemoryKeys, MemoryLimits, MemorySignIns, Postbox};
