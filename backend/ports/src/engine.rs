//! What every engine says of itself.

use serde::Serialize;

/// An engine's name, and where it sends what it is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EngineCard {
    /// A name for people, such as `flite (built in)`.
    pub name: String,
    /// The model or voice in use.
    pub model: String,
    /// The host that receives the data, or nothing when it stays on this machine.
    pub sends_to: Option<String>,
}

impl EngineCard {
    /// An engine inside this process.
    pub fn local(name: &str, model: &str) -> Self {
        Self { name: name.into(), model: model.into(), sends_to: None }
    }
}
