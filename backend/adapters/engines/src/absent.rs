//! Engines that are not there: each use says what is missing and what to do, and the rest of the product works on.

use async_trait::async_trait;
use futures::stream::BoxStream;
use synapscribe_domain::{Failure, Pcm};
use synapscribe_ports::{Bias, EngineCard, Narrator, Speech, Style, Transcriber, Transcript, VoiceCard};
use tokio_util::sync::CancellationToken;

/// Stands where an ear or a voice could not be opened.
#[derive(Debug, Clone)]
pub struct Absent(Failure);

impl Absent {
    /// `why` is given as the answer to every use.
    pub fn new(why: Failure) -> Self {
        Self(why)
    }

    fn described(&self) -> EngineCard {
        EngineCard { missing: Some(self.0.message.clone()), ..EngineCard::local("not installed", "none") }
    }
}

#[async_trait]
impl Transcriber for Absent {
    fn card(&self) -> EngineCard {
        self.described()
    }

    async fn transcribe(&self, _: Pcm, _: &Bias, _: &CancellationToken) -> Result<Transcript, Failure> {
        Err(self.0.clone())
    }

    fn as_dyn(&self) -> &dyn Transcriber {
        self
    }
}

#[async_trait]
impl Narrator for Absent {
    fn card(&self) -> EngineCard {
        self.described()
    }

    fn voices(&self) -> Vec<VoiceCard> {
        Vec::new()
    }

    async fn speak(&self, _: &str, _: &Style) -> Result<BoxStream<'static, Result<Speech, Failure>>, Failure> {
        Err(self.0.clone())
    }
}
