//! A whole deployment, as its people meet it: the functions, the daemon of the GPU host and the terminal are the built programs, and
//! AWS is an emulator with stand-ins for the gateways.

mod accounts;
mod daemon;
mod doctor;
mod documents;
mod engines;
mod people;
mod permissions;
mod standing;
mod starting;
mod student;

use std::sync::Arc;
use std::time::Duration;

use synapscribe_rehearsal::Scene;
use synapscribe_sql::{Address, PostgresLibrary};

/// The lectures as the processes of a deployment see them.
fn library(scene: &Scene) -> PostgresLibrary {
    let address = Address::parse(scene.database()).unwrap();
    let login = address.login().unwrap();
    PostgresLibrary::at(address, Arc::new(login), Duration::from_secs(60))
}
