//! Between the domain and the wire: the one place that knows both. Converts; decides nothing.

pub mod accounts;
pub mod agent;
mod announcer;
pub mod classes;
mod crier;
pub mod documents;
pub mod dto;
pub mod names;
pub mod packs;
pub mod source;

pub use announcer::{Announcer, message};
pub use crier::Crier;
