//! Accounts with everything about them in SQLite. It knows no mail and no token.

mod audit;
mod invitations;
mod keys;
mod limits;
mod people;
mod proofs;
mod sign_ins;

pub use people::SqlAccounts;
pub use proofs::SqlProofs;
