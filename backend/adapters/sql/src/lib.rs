//! Keeps lectures, sessions, claims and jobs in a SQL database and searches them. It knows no protocol and no operation.

mod cache;
mod corrections;
mod jobs;
mod ledger;
mod library;
mod search;
mod sessions;
mod sqlite;
mod store;
mod text;
mod vectors;

#[cfg(feature = "bench")]
pub mod bench;

pub use store::{OpenError, Store};
