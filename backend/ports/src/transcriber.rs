//! Speech into words.

use std::sync::Arc;

use async_trait::async_trait;
use synapscribe_domain::{Failure, LectureId, Pcm, Phrase, Usage};
use tokio_util::sync::CancellationToken;

use crate::engine::{EngineCard, Reached};

/// Words the ear should expect.
#[derive(Debug, Clone, Default)]
pub struct Bias {
    /// Names the text, so that what is built from it can be kept.
    pub lecture: Option<LectureId>,
    /// The lecture's own words.
    pub text: Arc<str>,
}

/// What was understood.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Transcript {
    /// The phrases in order; empty when nothing was understood.
    pub phrases: Vec<Phrase>,
    /// What it cost.
    pub usage: Usage,
}

impl Transcript {
    /// All words in one line.
    pub fn text(&self) -> String {
        self.phrases.iter().map(|p| p.text.trim()).filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// Recognises speech.
#[async_trait]
pub trait Transcriber: Send + Sync {
    /// What it is and where it sends audio.
    fn card(&self) -> EngineCard;

    /// Tries the server behind it, within seconds; nothing where there is none.
    async fn reach(&self) -> Option<Reached> {
        None
    }

    /// How many recordings it works on at once without each becoming slower.
    fn parallelism(&self) -> usize {
        1
    }

    /// Prepares for questions about a lecture; failing to do so is not an error.
    async fn warm(&self, _bias: &Bias) {}

    /// Recognises a whole recording; phrase times count from its start. Stops soon after `cancel`.
    async fn transcribe(&self, audio: Pcm, bias: &Bias, cancel: &CancellationToken) -> Result<Transcript, Failure>;

    /// Begins to listen to a recording that is still being made.
    async fn listen(&self, bias: &Bias) -> Result<Box<dyn Listening + '_>, Failure> {
        Ok(Box::new(Gathered { engine: self.as_dyn(), bias: bias.clone(), heard: Vec::new() }))
    }

    /// Itself, for the default way of listening.
    fn as_dyn(&self) -> &dyn Transcriber;
}

/// A recording being heard while it is made.
#[async_trait]
pub trait Listening: Send {
    /// Takes the next samples and returns the words so far where the engine knows them.
    async fn hear(&mut self, samples: &[f32]) -> Result<Option<String>, Failure>;

    /// The recording has ended.
    async fn finish(self: Box<Self>, cancel: &CancellationToken) -> Result<Transcript, Failure>;
}

/// Listening for engines that only take whole recordings.
struct Gathered<'a> {
    engine: &'a dyn Transcriber,
    bias: Bias,
    heard: Vec<f32>,
}

#[async_trait]
impl Listening for Gathered<'_> {
    async fn hear(&mut self, samples: &[f32]) -> Result<Option<String>, Failure> {
        self.heard.extend_from_slice(samples);
        Ok(None)
    }

    async fn finish(self: Box<Self>, cancel: &CancellationToken) -> Result<Transcript, Failure> {
        self.engine.transcribe(Pcm(self.heard), &self.bias, cancel).await
    }
}
