//! Engines that work behind AgentCore: here they have names and nothing else.

use async_trait::async_trait;
use futures::stream::BoxStream;
use synapscribe_domain::{Code, Failure, Pcm};
use synapscribe_ports::{
    AnswerRequest, AnswerStream, Bias, EngineCard, Exchange, Narrator, Speech, Style, Transcriber, Transcript, Tutor, VoiceCard,
};
use tokio_util::sync::CancellationToken;

/// The engines of one AgentCore.
#[derive(Debug)]
pub(crate) struct Remote {
    host: String,
}

impl Remote {
    /// AgentCore at an address.
    pub(crate) fn at(url: &str) -> Self {
        Self { host: url.split("://").last().unwrap_or(url).to_owned() }
    }

    fn named(&self) -> EngineCard {
        EngineCard {
            name: "AgentCore".into(),
            model: "as its operator chose".into(),
            sends_to: Some(self.host.clone()),
            missing: None,
        }
    }
}

fn elsewhere() -> Failure {
    Failure::new(Code::EngineMissing, "this process has no engines; the answering service has them")
}

#[async_trait]
impl Transcriber for Remote {
    fn card(&self) -> EngineCard {
        self.named()
    }

    async fn transcribe(&self, _: Pcm, _: &Bias, _: &CancellationToken) -> Result<Transcript, Failure> {
        Err(elsewhere())
    }

    fn as_dyn(&self) -> &dyn Transcriber {
        self
    }
}

#[async_trait]
impl Tutor for Remote {
    fn card(&self) -> EngineCard {
        self.named()
    }

    fn window(&self) -> Option<u32> {
        None
    }

    async fn standalone(&self, _: &str, _: &[Exchange]) -> Result<String, Failure> {
        Err(elsewhere())
    }

    async fn answer(&self, _: AnswerRequest) -> Result<AnswerStream, Failure> {
        Err(elsewhere())
    }
}

#[async_trait]
impl Narrator for Remote {
    fn card(&self) -> EngineCard {
        self.named()
    }

    fn voices(&self) -> Vec<VoiceCard> {
        Vec::new()
    }

    fn has_other_voices(&self) -> bool {
        true
    }

    async fn speak(&self, _: &str, _: &Style) -> Result<BoxStream<'static, Result<Speech, Failure>>, Failure> {
        Err(elsewhere())
    }
}
