//! What every engine says of itself, and the files that some of them need.

use async_trait::async_trait;
use serde::Serialize;
use synapscribe_domain::Failure;

use crate::world::StoreResult;

/// An engine's name, and where it sends what it is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EngineCard {
    /// A name for people, such as `flite (built in)`.
    pub name: String,
    /// The model or voice in use.
    pub model: String,
    /// The host that receives the data, or nothing when it stays on this machine.
    pub sends_to: Option<String>,
    /// What to do before it can be used; nothing where it can be.
    pub missing: Option<String>,
}

impl EngineCard {
    /// An engine inside this process.
    pub fn local(name: &str, model: &str) -> Self {
        Self { name: name.into(), model: model.into(), sends_to: None, missing: None }
    }
}

/// A server or a program behind an engine, after it was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// Its address, as it was configured, or the program's name.
    pub server: String,
    /// Why it cannot be used now; nothing where it answers.
    pub failure: Option<Failure>,
}

/// What an engine is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Speech into words.
    Recognition,
    /// Questions into answers.
    Answers,
    /// Words into speech.
    Speech,
    /// Texts into vectors.
    Meaning,
    /// Pictures of pages into text.
    Pages,
}

/// Model files on this machine.
#[async_trait]
pub trait Models: Send + Sync {
    /// Bytes that all of them take.
    async fn bytes(&self) -> StoreResult<u64>;
}
