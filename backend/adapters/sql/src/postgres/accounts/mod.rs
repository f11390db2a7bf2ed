//! Accounts with everything about them in PostgreSQL. What is decided of a row is decided while nobody else may change it. It knows
//! no mail and no token.

mod audit;
mod invitations;
mod keys;
mod limits;
mod people;
mod proofs;
mod sign_ins;

pub use people::PostgresAccounts;
pub use proofs::PostgresProofs;
