//! Engines that work behind AgentCore: here they have names, which AgentCore tells, and nothing else.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::stream::BoxStream;
use synapscribe_agent_client::HttpAgent;
use synapscribe_domain::{Code, Failure, Pcm};
use synapscribe_ports::{
    AnswerRequest, AnswerStream, Bias, EmbedKind, Embedder, EngineCard, Exchange, Narrator, Role, Speech, Style, Transcriber,
    Transcript, Tutor, VoiceCard,
};
use tokio_util::sync::CancellationToken;

/// What AgentCore told is believed for so long.
const FRESH: Duration = Duration::from_secs(60);
/// Nobody waits longer for it than this.
const LOOKING: Duration = Duration::from_secs(1);

/// What engines there are, and when that was asked.
type Told = Option<(Instant, Vec<(Role, EngineCard)>)>;

/// The engines of one AgentCore.
pub(crate) struct Remote {
    host: String,
    agent: HttpAgent,
    told: Mutex<Told>,
}

impl Remote {
    /// AgentCore at an address.
    pub(crate) fn at(url: &str, agent: HttpAgent) -> Self {
        Self { host: url.split("://").last().unwrap_or(url).to_owned(), agent, told: Mutex::default() }
    }

    /// Asks what they are, unless that is known; whether it is known now.
    pub(crate) async fn look(&self) -> bool {
        if self.told().as_ref().is_some_and(|(at, _)| at.elapsed() < FRESH) {
            return true;
        }
        match tokio::time::timeout(LOOKING, self.agent.engines()).await {
            Ok(Ok(engines)) => {
                *self.told() = Some((Instant::now(), engines));
                true
            }
            _ => false,
        }
    }

    fn named(&self, role: Role) -> EngineCard {
        let told = self.told();
        let engines = told.iter().flat_map(|(_, engines)| engines);
        engines.into_iter().find(|(of, _)| *of == role).map_or_else(
            || EngineCard {
                name: "AgentCore".into(),
                model: "as its operator chose".into(),
                sends_to: Some(self.host.clone()),
                missing: None,
            },
            |(_, card)| card.clone(),
        )
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn elsewhere() -> Failure {
    Failure::new(Code::EngineMissing, "this process has no engines; the answering service has them")
}

#[async_trait]
impl Transcriber for Remote {
    fn card(&self) -> EngineCard {
        self.named(Role::Recognition)
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
        self.named(Role::Answers)
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
        self.named(Role::Speech)
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

#[async_trait]
impl Embedder for Remote {
    fn card(&self) -> EngineCard {
        self.named(Role::Meaning)
    }

    fn dimension(&self) -> usize {
        0
    }

    async fn embed(&self, _: &[String], _: EmbedKind) -> Result<Vec<Vec<f32>>, Failure> {
        Err(elsewhere())
    }
}
