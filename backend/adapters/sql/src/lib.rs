//! Keeps lectures, documents, classes, packs, sessions, accounts, claims and jobs in a SQL database and searches them. It knows no
//! protocol and no operation.

mod accounts;
mod cache;
mod classes;
mod corrections;
mod documents;
mod jobs;
mod ledger;
mod library;
mod packs;
#[cfg(feature = "postgres")]
mod postgres;
mod records;
mod search;
mod sessions;
mod sqlite;
mod store;
mod text;
mod vectors;

#[cfg(feature = "bench")]
pub mod bench;

pub use accounts::{SqlAccounts, SqlProofs};
#[cfg(feature = "postgres")]
pub use postgres::{Address, AddressError, Login, Logins, PostgresAccounts, PostgresLibrary, PostgresProofs};
pub use store::{OpenError, Store};
