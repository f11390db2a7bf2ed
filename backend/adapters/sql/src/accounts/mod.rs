//! Accounts with everything about them in SQLite. It knows no mail and no token.

mod audit;
mod invitations;
mod keys;
mod limits;
mod people;
mod sign_ins;

pub use people::SqlAccounts;
