//! Text into vectors whose angles mirror meaning.

use async_trait::async_trait;
use synapscribe_domain::Failure;

use crate::engine::{EngineCard, Reached};

/// Which side of a search a text is on; some models treat the two differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmbedKind {
    /// Something to be found.
    Passage,
    /// Something to find with.
    Query,
}

/// Embeds text.
#[async_trait]
pub trait Embedder: Send + Sync {
    /// What it is and where it sends text; `model` names the vector space.
    fn card(&self) -> EngineCard;

    /// Tries the server behind it, within seconds; nothing where there is none.
    async fn reach(&self) -> Option<Reached> {
        None
    }

    /// The length of every vector.
    fn dimension(&self) -> usize;

    /// One unit-length vector for each text, in order.
    async fn embed(&self, texts: &[String], kind: EmbedKind) -> Result<Vec<Vec<f32>>, Failure>;
}
