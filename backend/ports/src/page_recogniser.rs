//! Pictures of pages into lines of text.

use async_trait::async_trait;
use synapscribe_domain::Failure;
use synapscribe_domain::document::RecognisedLine;

use crate::engine::{EngineCard, Reached};

/// Recognises what stands on pictures of pages.
#[async_trait]
pub trait PageRecogniser: Send + Sync {
    /// What it is and where it sends pictures.
    fn card(&self) -> EngineCard;

    /// Tries the program or the server behind it, within seconds; nothing where there is none, which its card tells.
    async fn reach(&self) -> Option<Reached> {
        None
    }

    /// The lines on a picture, a PNG of a whole page, in the order in which they are read; none where nothing is written on it.
    /// It takes no more than about one core, so that whoever has several pages asks several times.
    async fn recognise(&self, picture: &[u8]) -> Result<Vec<RecognisedLine>, Failure>;
}
