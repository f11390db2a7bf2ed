//! Every port in memory, for tests of what is built on ports: small, quick, and held to the same suites as real adapters. They
//! must not know any operation.

mod accounts;
mod agent;
mod audio;
mod classes;
mod connections;
mod documents;
mod embedder;
mod herald;
mod jobs;
mod ledger;
mod library;
mod listeners;
mod models;
mod objects;
mod packs;
mod pages;
mod reader;
mod sessions;
mod speech;
mod tutor;
mod world;

pub use accounts::{
    CountedIdentities, CountedSecrets, MemoryAccounts, MemoryAudit, MemoryInvitations, MemoryKeys, MemoryLimits, MemoryProofs,
    MemorySignIns, PlainPasswords, PlainTokens, Postbox,
};
pub use agent::{Act, ScriptedAgent};
pub use audio::WavAudio;
pub use connections::{Mailbox, MemoryConnections};
pub use embedder::WordVectors;
pub use herald::{MemoryBus, Town};
pub use jobs::MemoryJobs;
pub use ledger::MemoryLedger;
pub use library::MemoryLibrary;
pub use listeners::Listeners;
pub use models::MemoryModels;
pub use objects::MemoryObjects;
pub use pages::Eye;
pub use reader::{SCANNED, TORN, TextReader};
pub use sessions::MemorySessions;
pub use speech::{Ear, Manner, Voice};
pub use tutor::ScriptedTutor;
pub use world::{NumberedIds, SetClock};

/// A test that panicked while it held the lock fails by itself; the others go on.
fn open<T>(lock: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
