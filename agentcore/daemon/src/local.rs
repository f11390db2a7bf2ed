//! AgentCore over the data folder of a host on the same machine, which takes the recordings itself.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, ensure};
use synapscribe_domain::AudioLimits;
use synapscribe_domain::retrieval::Weights;
use synapscribe_engines::config::{EngineSettings, build};
use synapscribe_engines::openai::Timeouts;
use synapscribe_local::{Folder, FolderObjects, Keyring, Limits};
use synapscribe_media::SandboxedMedia;
use synapscribe_sql::Store;
use synapscribe_usecases::Asking;
use synapscribe_usecases::patience::Patience;

use crate::Service;

/// Opens the folder and the engines that the environment names.
pub(crate) async fn open(data: &Path) -> anyhow::Result<Service> {
    let database = data.join("synapscribe.db");
    ensure!(database.is_file(), "{} holds no host's data; start a host there first", data.display());
    // The host may be an older one, which goes on with the tables it knows.
    let store = Store::attach(database).await.with_context(|| format!("{} cannot be used", data.display()))?;
    let keyring = Arc::new(Keyring::open(&data.join("host.key"))?);
    // The host owns the folder and may be receiving uploads into it now.
    let folder = Folder::attach(&data.join("objects"), Limits::default())
        .with_context(|| format!("{} holds no host's objects; start a host there first", data.display()))?;
    let cache = directories::BaseDirs::new();
    let settings = EngineSettings::from_env(|name| std::env::var(name).ok())?
        .with_found_models(data, cache.as_ref().map(directories::BaseDirs::cache_dir));
    let timeouts = Timeouts::from(&settings);
    let engines = build(&settings)?;
    let asking = Asking {
        library: Arc::new(store),
        objects: Arc::new(FolderObjects::new(folder, keyring)),
        audio: Arc::new(SandboxedMedia::this_program()?),
        transcriber: engines.transcriber,
        tutor: engines.tutor,
        narrator: engines.narrator,
        embedder: engines.embedder,
        scratch: std::env::temp_dir(),
        patience: Patience::default().beyond(timeouts.first, timeouts.between),
        weights: Weights::default(),
        limits: AudioLimits::QUESTION,
    };
    Ok(Service { asking, token: None, working: Vec::new() })
}
