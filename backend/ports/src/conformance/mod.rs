//! The behaviour every adapter must show; each function takes a fresh adapter and panics where it differs.

pub mod accounts;
pub mod agent;
pub mod audience;
pub mod audio;
pub mod classes;
pub mod connections;
pub mod documents;
pub mod engines;
pub mod herald;
pub mod jobs;
pub mod ledger;
pub mod library;
pub mod models;
pub mod objects;
pub mod packs;
pub mod page_recogniser;
pub mod reader;
pub mod schema;
pub mod sessions;
pub mod world;
