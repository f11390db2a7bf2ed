//! AgentCore over a deployment on AWS: it reads lectures where the functions keep them, takes recordings from their queue, and uses
//! services of AWS as engines where an operator chose them.

use std::sync::Arc;

use anyhow::Context;
use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::BoxStream;
use synapscribe_agentcore::{Ingests, Places, Worker};
use synapscribe_deployment::{CloudEngines, Converse, EngineChoice, GpuHost, Settings};
use synapscribe_domain::retrieval::Weights;
use synapscribe_domain::{AudioLimits, Failure};
use synapscribe_engines::config::{EngineSettings, Engines, build};
use synapscribe_engines::openai::Timeouts;
use synapscribe_engines::prompted::{LanguageModel, Prompt, PromptedTutor, Said, Speaker};
use synapscribe_ports::{Bias, EngineCard, Lane};
use synapscribe_usecases::patience::Patience;
use synapscribe_usecases::{Asking, Indexing, Ingesting, Turns};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::Service;

/// Opens the deployment that the environment describes, and begins to take its recordings.
pub(crate) async fn open(secret: Option<&str>, stop: &CancellationToken) -> anyhow::Result<Service> {
    let settings = Settings::from_env()
        .context("no data folder of a host was named (--data), so the environment has to describe a deployment on AWS")?;
    let GpuHost { parts: host, engines: chosen, token } = GpuHost::open(settings, EngineChoice::from_env()?, secret).await?;
    let settings = EngineSettings::from_env(|name| std::env::var(name).ok())?;
    let timeouts = Timeouts::from(&settings);
    let patience = Patience::default().beyond(timeouts.first, timeouts.between);
    let engines = with_those_on_aws(build(&settings)?, chosen);

    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let indexing = Indexing {
        library: Arc::clone(&host.library),
        embedder: engines.embedder.clone(),
        transcriber: Arc::clone(&engines.transcriber),
        patience,
        // Corrections are made elsewhere: what they leave behind is looked for.
        corrected: Arc::new(Notify::new()),
    };
    let ingesting = Ingesting {
        library: Arc::clone(&host.library),
        objects: Arc::clone(&host.objects),
        audio: Arc::clone(&host.audio),
        transcriber: Arc::clone(&engines.transcriber),
        indexing: indexing.clone(),
        connections: host.connections,
        audience: host.audience,
        herald: host.herald,
        scratch: host.scratch.clone(),
        patience,
        scanning: Turns::new(cores),
        turns: Turns::new(engines.transcriber.parallelism()),
    };
    let worker =
        Worker { jobs: host.jobs, handler: Arc::new(Ingests { ingesting }), clock: host.clock, places: Places::for_cores(cores) };
    let (ended, ear) = (stop.clone(), Arc::clone(&engines.transcriber));
    let working = vec![
        tokio::spawn(worker.run_lane(Lane::Ingests, stop.clone())),
        tokio::spawn(async move { indexing.keep_up(&ended).await }),
    ];
    // The first spoken question should not wait for the recogniser's models.
    tokio::spawn(async move { ear.warm(&Bias::default()).await });
    let asking = Asking {
        library: host.library,
        objects: host.objects,
        audio: host.audio,
        transcriber: engines.transcriber,
        tutor: engines.tutor,
        narrator: engines.narrator,
        embedder: engines.embedder,
        scratch: host.scratch,
        patience,
        weights: Weights::default(),
        limits: AudioLimits::QUESTION,
    };
    Ok(Service { asking, token, working })
}

/// A service of AWS takes the place of a server or of what is built in.
fn with_those_on_aws(engines: Engines, chosen: CloudEngines) -> Engines {
    let tutor = chosen.model.map(|(model, window)| Arc::new(PromptedTutor::over(Bedrock(model), window)) as _);
    Engines {
        transcriber: engines.transcriber,
        tutor: tutor.unwrap_or(engines.tutor),
        narrator: chosen.narrator.unwrap_or(engines.narrator),
        embedder: chosen.embedder.or(engines.embedder),
        recogniser: engines.recogniser,
    }
}

/// A model on Bedrock as the tutor's.
struct Bedrock(Converse);

#[async_trait]
impl LanguageModel for Bedrock {
    fn card(&self) -> EngineCard {
        EngineCard {
            name: "language model on Bedrock".into(),
            model: self.0.model().to_owned(),
            sends_to: Some(self.0.host().to_owned()),
            missing: None,
        }
    }

    async fn write(&self, prompt: Prompt) -> Result<BoxStream<'static, Result<Said, Failure>>, Failure> {
        let speaker = |speaker| match speaker {
            Speaker::Student => synapscribe_deployment::Speaker::Person,
            Speaker::Tutor => synapscribe_deployment::Speaker::Model,
        };
        let talk: Vec<_> = prompt.talk.into_iter().map(|(who, words)| (speaker(who), words)).collect();
        let saying = self.0.stream(&prompt.system, &talk, prompt.most_tokens).await?;
        let said = |said| match said {
            synapscribe_deployment::Said::Text(text) => Said::Text(text),
            synapscribe_deployment::Said::End { usage, .. } => Said::End(Some(usage)),
        };
        Ok(saying.map(move |next| next.map(said)).boxed())
    }
}

#[cfg(test)]
mod tests {
    use aws_credential_types::Credentials;
    use aws_credential_types::provider::SharedCredentialsProvider;
    use synapscribe_aws::{Site, connect};
    use synapscribe_ports::conformance::engines;
    use synapscribe_rehearsal::models::{MODEL, Models};

    use super::*;

    #[tokio::test]
    async fn a_tutor_on_bedrock_behaves_as_every_tutor() {
        let models = Models::start().await.unwrap();
        let site = Site { region: "eu-central-1".into(), endpoint: Some(models.address.clone()) };
        let credentials = SharedCredentialsProvider::new(Credentials::new("AKIDEXAMPLE", "secret", None, None, "test"));
        let config = connect(&site).await.into_builder().credentials_provider(credentials).build();
        engines::tutor(&PromptedTutor::over(Bedrock(Converse::new(&config, MODEL)), 8192)).await;
        let asked = models.asked();
        assert!(asked.len() >= 4, "answers, follow-ups and what nobody hears to its end come from the model: {asked:?}");
    }
}
