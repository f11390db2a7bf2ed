//! The library of a deployment against a real server: what every library must do, and what this one does as one of many processes.

mod accounts;
#[path = "../store/common.rs"]
mod common;
mod conformance;
mod connecting;
mod deleting;
mod front;
mod logging;
mod migrating;
mod searching;
mod words;

use std::sync::Arc;
use std::time::Duration;

use synapscribe_ports::Schema;
use synapscribe_sql::{Address, PostgresLibrary};
use synapscribe_stories::Postgres;

/// A server on a busy machine is waited for so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A library with nothing in it, and the name of its database.
async fn empty() -> (PostgresLibrary, String) {
    let url = Postgres::shared().database().unwrap();
    let library = at(&url);
    library.upgrade().await.unwrap();
    (library, url.rsplit('/').next().unwrap().to_owned())
}

/// The library at an address, as one process opens it.
fn at(url: &str) -> PostgresLibrary {
    let address = Address::parse(url).unwrap();
    let login = address.login().unwrap();
    PostgresLibrary::at(address, Arc::new(login), PATIENCE)
}
