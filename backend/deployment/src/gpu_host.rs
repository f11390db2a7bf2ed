//! Everything of a deployment that its GPU host works with. The host has the engines; which of them are services of AWS instead is
//! an operator's choice.

use std::sync::Arc;

use anyhow::Context;
use synapscribe_aws::{Converse, PollyNarrator, secrets};
use synapscribe_ports::{Embedder, Narrator};

use crate::engines::at;
use crate::parts::Parts;
use crate::settings::{EngineChoice, Settings};

/// The ports of a GPU host.
pub struct GpuHost {
    /// What the functions have as well.
    pub parts: Parts,
    /// Engines on AWS.
    pub engines: CloudEngines,
    /// What callers must present, where a secret was named.
    pub token: Option<String>,
}

/// The engines that were chosen on AWS.
pub struct CloudEngines {
    /// The model that writes answers, and the tokens it reads.
    pub model: Option<(Converse, u32)>,
    /// The voice.
    pub narrator: Option<Arc<dyn Narrator>>,
    /// What compares meanings.
    pub embedder: Option<Arc<dyn Embedder>>,
}

impl GpuHost {
    /// Finds everything that the settings name; `secret` names what callers must present. No service is called but for that.
    pub async fn open(settings: Settings, choice: EngineChoice, secret: Option<&str>) -> anyhow::Result<Self> {
        let (parts, config) = Parts::open(&settings).await?;
        let embedder = choice.embedder(&config)?;
        let (bedrock, polly) = (at(&config, &choice.bedrock), at(&config, &choice.polly));
        let voice = |name: String| PollyNarrator::new(&polly).telling_words(choice.marks).usually(&name);
        let narrator = choice.voice.map(voice).transpose();
        let token = match secret {
            Some(name) => Some(secrets::read(&config, name).await?.reveal().to_owned()),
            None => None,
        };
        Ok(Self {
            parts,
            engines: CloudEngines {
                model: choice.model.map(|model| (Converse::new(&bedrock, &model), choice.window)),
                narrator: narrator.context("SYNAPSCRIBE_POLLY_VOICE")?.map(|voice| Arc::new(voice) as _),
                embedder,
            },
            token,
        })
    }
}
