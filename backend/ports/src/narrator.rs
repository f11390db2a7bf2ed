//! Words into speech.

use async_trait::async_trait;
use futures::stream::BoxStream;
use serde::{Deserialize, Serialize};
use synapscribe_domain::{Failure, Millis};

use crate::engine::{EngineCard, Reached};

/// A stretch of mono speech.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Speech {
    /// Samples a second.
    pub rate: u32,
    /// Samples between -1 and 1.
    pub samples: Vec<f32>,
}

impl Speech {
    /// How long it plays.
    pub fn length(&self) -> Millis {
        Millis(self.samples.len() as u64 * 1000 / u64::from(self.rate.max(1)))
    }
}

/// When a word is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpokenWord {
    /// Since the first sound of the text.
    pub at: Millis,
    /// The characters of the text before it.
    pub from: u32,
    /// The characters up to its end.
    pub to: u32,
}

/// How to speak.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Style {
    /// The voice's name, or the engine's default.
    pub voice: Option<String>,
    /// 1 is the voice's own pace; 0.5 to 2.
    pub speed: f32,
}

impl Default for Style {
    fn default() -> Self {
        Self { voice: None, speed: 1.0 }
    }
}

/// A voice to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VoiceCard {
    /// The name to ask for.
    pub name: String,
    /// A few words for people.
    pub description: String,
}

/// Speaks text.
#[async_trait]
pub trait Narrator: Send + Sync {
    /// What it is and where it sends text.
    fn card(&self) -> EngineCard;

    /// The voices it has, the default first.
    fn voices(&self) -> Vec<VoiceCard>;

    /// Whether it may have voices beyond those that it can name.
    fn has_other_voices(&self) -> bool {
        false
    }

    /// Tries the server behind it, within seconds; nothing where there is none.
    async fn reach(&self) -> Option<Reached> {
        None
    }

    /// Speaks one piece of text as a stream; dropping the stream stops the work.
    async fn speak(&self, text: &str, style: &Style) -> Result<BoxStream<'static, Result<Speech, Failure>>, Failure>;

    /// When the words of a piece are spoken, in order; nothing where the voice cannot tell. Asked while it is spoken.
    async fn words(&self, _text: &str, _style: &Style) -> Result<Vec<SpokenWord>, Failure> {
        Ok(Vec::new())
    }
}
