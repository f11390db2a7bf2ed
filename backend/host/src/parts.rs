//! What the operations of this host stand on, opened once, and the operations put together from it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use synapscribe_agentcore::Ingests;
use synapscribe_domain::document::DocumentLimits;
use synapscribe_domain::retrieval::Weights;
use synapscribe_domain::{AudioLimits, Code, Failure};
use synapscribe_engines::builtin::{Voice, speak_script};
use synapscribe_engines::config::{EngineSettings, Engines};
use synapscribe_engines::models::ModelStore;
use synapscribe_engines::openai::Timeouts;
use synapscribe_local::{EventFile, Folder, FolderObjects, Hub, Keyring, Limits};
use synapscribe_media::SandboxedMedia;
use synapscribe_ports::{
    Agent, Audience, AudioFiles, Clock, Connections, Herald, Ids, Jobs, Ledger, Library, Objects, Reader, Sessions, SystemClock,
    Unheard, UuidIds,
};
use synapscribe_reader::SandboxedReader;
use synapscribe_sql::Store;
use synapscribe_usecases::converse::RECONNECT;
use synapscribe_usecases::document::shelf::Shelf;
use synapscribe_usecases::housekeeping::Housekeeping;
use synapscribe_usecases::library::Reading;
use synapscribe_usecases::patience::Patience;
use synapscribe_usecases::request_upload::Granting;
use synapscribe_usecases::{
    Asking, Conversing, Editing, Equipment, Indexing, Ingesting, Lines, Making, Repeating, Sample, Searching, Turns, Validating,
};
use synapscribe_wire::{Announcer, Crier};
use tokio::sync::{Notify, Semaphore};

use crate::folder::{DATABASE, KEY, MODELS, OBJECTS};
use crate::sample;
use crate::settings::{Settings, SettingsError};
use crate::work::Dispatcher;

/// What does not work although the host runs, for whoever asks how it is.
pub(crate) type Problems = Arc<Mutex<Vec<String>>>;

/// The parts; each is there once.
pub(crate) struct Parts {
    pub settings: Settings,
    /// The address clients use.
    pub url: String,
    pub scratch: PathBuf,
    pub cores: usize,
    pub store: Store,
    pub keyring: Arc<Keyring>,
    pub folder: Arc<Folder>,
    pub hub: Hub,
    pub engines: Engines,
    pub patience: Patience,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub objects: Arc<dyn Objects>,
    pub library: Arc<dyn Library>,
    pub sessions: Arc<dyn Sessions>,
    pub jobs: Arc<dyn Jobs>,
    pub ledger: Arc<dyn Ledger>,
    pub connections: Arc<dyn Connections>,
    pub audience: Arc<dyn Audience>,
    pub herald: Arc<dyn Herald>,
    pub audio: Arc<dyn AudioFiles>,
    pub reader: Arc<dyn Reader>,
    pub problems: Problems,
    /// Told when a phrase was corrected, so that its index follows.
    corrected: Arc<Notify>,
}

impl Parts {
    /// Opens them within the data folder, which has to be there.
    pub async fn open(settings: Settings, url: String) -> anyhow::Result<Self> {
        let data = &settings.data;
        let scratch = data.join("scratch");
        std::fs::create_dir_all(&scratch)?;
        let store = Store::open(data.join(DATABASE)).await?;
        let keyring = Arc::new(Keyring::open(&data.join(KEY))?);
        let limits = Limits { lecture_bytes: settings.lecture_limits.bytes, ..Limits::default() };
        let folder = Folder::open(&data.join(OBJECTS), limits)?;
        let objects = Arc::new(FolderObjects::new(Arc::clone(&folder), Arc::clone(&keyring)));
        objects.serve_at(&url);
        let hub = Hub::new();
        let connections: Arc<dyn Connections> = Arc::new(hub.clone());
        let problems = Problems::default();
        let engines = engines(settings.engines.clone(), &problems).await?;
        let timeouts = Timeouts::from(&settings.engines);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let ids: Arc<dyn Ids> = Arc::new(UuidIds);
        let herald = herald(settings.events.as_deref(), &ids, &clock)?;
        Ok(Self {
            url,
            scratch,
            cores: std::thread::available_parallelism().map_or(2, usize::from),
            keyring,
            folder,
            hub,
            engines,
            patience: Patience::default().beyond(timeouts.first, timeouts.between),
            clock,
            ids,
            objects,
            library: Arc::new(store.clone()),
            sessions: Arc::new(store.clone()),
            jobs: Arc::new(store.clone()),
            ledger: Arc::new(store.clone()),
            audience: Arc::new(Announcer::new(Arc::clone(&connections))),
            herald,
            connections,
            audio: Arc::new(SandboxedMedia::this_program()?),
            reader: Arc::new(SandboxedReader::this_program()?),
            problems,
            corrected: Arc::default(),
            store,
            settings,
        })
    }

    /// Answering, which AgentCore does.
    pub fn asking(&self) -> Asking {
        Asking {
            library: Arc::clone(&self.library),
            objects: Arc::clone(&self.objects),
            audio: Arc::clone(&self.audio),
            transcriber: Arc::clone(&self.engines.transcriber),
            tutor: Arc::clone(&self.engines.tutor),
            narrator: Arc::clone(&self.engines.narrator),
            embedder: self.engines.embedder.clone(),
            scratch: self.scratch.clone(),
            patience: self.patience,
            weights: Weights::default(),
            limits: AudioLimits::QUESTION,
        }
    }

    /// Conversations, over whatever answers. Its clones share the lines that are open.
    pub fn conversing(&self, agent: Arc<dyn Agent>) -> Conversing {
        Conversing {
            library: Arc::clone(&self.library),
            sessions: Arc::clone(&self.sessions),
            objects: Arc::clone(&self.objects),
            jobs: Arc::clone(&self.jobs),
            agent,
            connections: Arc::clone(&self.connections),
            audience: Arc::clone(&self.audience),
            lines: Lines::default(),
            clock: Arc::clone(&self.clock),
            reconnect: RECONNECT,
        }
    }

    pub fn indexing(&self) -> Indexing {
        Indexing {
            library: Arc::clone(&self.library),
            embedder: self.engines.embedder.clone(),
            transcriber: Arc::clone(&self.engines.transcriber),
            patience: self.patience,
            corrected: Arc::clone(&self.corrected),
        }
    }

    /// Whoever takes the jobs of the queue.
    pub fn dispatcher(&self, conversing: Conversing) -> Dispatcher {
        Dispatcher {
            validate: lambda_validate_lecture::Context { validating: self.validating() },
            answer: lambda_answer::Context { conversing },
            ingests: Ingests { ingesting: self.ingesting() },
            documents: self.making(),
        }
    }

    fn validating(&self) -> Validating {
        Validating {
            library: Arc::clone(&self.library),
            objects: Arc::clone(&self.objects),
            audio: Arc::clone(&self.audio),
            ledger: Arc::clone(&self.ledger),
            jobs: Arc::clone(&self.jobs),
            connections: Arc::clone(&self.connections),
            audience: Arc::clone(&self.audience),
            herald: Arc::clone(&self.herald),
            clock: Arc::clone(&self.clock),
            limits: self.settings.lecture_limits,
            scratch: self.scratch.clone(),
        }
    }

    fn ingesting(&self) -> Ingesting {
        Ingesting {
            library: Arc::clone(&self.library),
            objects: Arc::clone(&self.objects),
            audio: Arc::clone(&self.audio),
            transcriber: Arc::clone(&self.engines.transcriber),
            indexing: self.indexing(),
            connections: Arc::clone(&self.connections),
            audience: Arc::clone(&self.audience),
            herald: Arc::clone(&self.herald),
            scratch: self.scratch.clone(),
            patience: self.patience,
            scanning: Turns::new(self.cores),
            turns: Turns::new(self.engines.transcriber.parallelism()),
        }
    }

    fn making(&self) -> Making {
        Making {
            library: Arc::clone(&self.library),
            objects: Arc::clone(&self.objects),
            reader: Arc::clone(&self.reader),
            recogniser: Some(Arc::clone(&self.engines.recogniser)),
            embedder: self.engines.embedder.clone(),
            jobs: Arc::clone(&self.jobs),
            connections: Arc::clone(&self.connections),
            audience: Arc::clone(&self.audience),
            herald: Arc::clone(&self.herald),
            clock: Arc::clone(&self.clock),
            limits: DocumentLimits::USUAL,
            scratch: self.scratch.clone(),
            patience: self.patience,
        }
    }

    /// Which engines are here, and the models they are read from.
    pub fn equipment(&self) -> Equipment {
        Equipment {
            transcriber: Arc::clone(&self.engines.transcriber),
            tutor: Arc::clone(&self.engines.tutor),
            narrator: Arc::clone(&self.engines.narrator),
            embedder: self.engines.embedder.clone(),
            recogniser: Some(Arc::clone(&self.engines.recogniser)),
            objects: Arc::clone(&self.objects),
            models: Some(Arc::new(ModelStore::new(self.settings.data.join(MODELS)))),
        }
    }

    pub fn reading(&self) -> Reading {
        Reading {
            library: Arc::clone(&self.library),
            objects: Arc::clone(&self.objects),
            sessions: Arc::clone(&self.sessions),
            connections: Arc::clone(&self.connections),
            audience: Arc::clone(&self.audience),
            audio: Arc::clone(&self.audio),
            scratch: self.scratch.clone(),
            clock: Arc::clone(&self.clock),
            drawing: Arc::default(),
        }
    }

    pub fn shelf(&self) -> Shelf {
        Shelf {
            documents: Arc::clone(&self.library) as _,
            objects: Arc::clone(&self.objects),
            sessions: Arc::clone(&self.sessions),
            reader: Some(Arc::clone(&self.reader)),
            connections: Arc::clone(&self.connections),
            audience: Arc::clone(&self.audience),
            clock: Arc::clone(&self.clock),
            scratch: self.scratch.clone(),
            drawing: Arc::new(Semaphore::new(self.cores)),
        }
    }

    pub fn granting(&self) -> Granting {
        Granting {
            library: Arc::clone(&self.library),
            objects: Arc::clone(&self.objects),
            ids: Arc::clone(&self.ids),
            clock: Arc::clone(&self.clock),
            lecture_limits: self.settings.lecture_limits,
            question_limits: AudioLimits::QUESTION,
            document_limits: Some(DocumentLimits::USUAL),
        }
    }

    pub fn editing(&self) -> Editing {
        Editing {
            library: Arc::clone(&self.library),
            sessions: Arc::clone(&self.sessions),
            connections: Arc::clone(&self.connections),
            audience: Arc::clone(&self.audience),
            clock: Arc::clone(&self.clock),
            corrected: Arc::clone(&self.corrected),
        }
    }

    pub fn searching(&self) -> Searching {
        Searching {
            library: Arc::clone(&self.library),
            embedder: self.engines.embedder.clone(),
            patience: self.patience,
            weights: Weights::default(),
        }
    }

    pub fn housekeeping(&self) -> Housekeeping {
        Housekeeping {
            sessions: Arc::clone(&self.sessions),
            library: Arc::clone(&self.library),
            jobs: Arc::clone(&self.jobs),
            objects: Arc::clone(&self.objects),
            ledger: Arc::clone(&self.ledger),
            clock: Arc::clone(&self.clock),
        }
    }

    /// The lecture that is there from the start.
    pub fn sample(&self) -> Sample {
        Sample {
            library: Arc::clone(&self.library),
            objects: Arc::clone(&self.objects),
            jobs: Arc::clone(&self.jobs),
            connections: Arc::clone(&self.connections),
            audience: Arc::clone(&self.audience),
            herald: Arc::clone(&self.herald),
            clock: Arc::clone(&self.clock),
            speak: Arc::new(|paragraphs: &[&str], told: &(dyn Fn(u32, u32) + Sync)| speak_script(paragraphs, Voice::Slt, told)),
            id: sample::ID,
            script: sample::SCRIPT,
        }
    }
}

/// Tells other systems by a file, where one was named.
fn herald(events: Option<&Path>, ids: &Arc<dyn Ids>, clock: &Arc<dyn Clock>) -> anyhow::Result<Arc<dyn Herald>> {
    let Some(path) = events else { return Ok(Arc::new(Unheard)) };
    let file = EventFile::open(path)
        .with_context(|| format!("{} cannot be written to; name another file in SYNAPSCRIBE_EVENTS", path.display()))?;
    Ok(Arc::new(Crier::new(Arc::new(Repeating::over(Arc::new(file))), Arc::clone(ids), Arc::clone(clock))))
}

/// Builds the engines; an optional model that cannot be loaded is a problem to show, not a reason to stay down.
async fn engines(settings: EngineSettings, problems: &Mutex<Vec<String>>) -> anyhow::Result<Engines> {
    let build = |settings: EngineSettings| tokio::task::spawn_blocking(move || synapscribe_engines::config::build(&settings));
    match build(settings.clone()).await? {
        Ok(engines) => Ok(engines),
        Err(failure) if settings.minilm.is_some() => {
            tracing::warn!(code = failure.code.as_str(), "an engine could not be built; trying without the embedding model");
            let engines = build(EngineSettings { minilm: None, ..settings }).await?.map_err(unusable)?;
            problems.lock().unwrap_or_else(PoisonError::into_inner).push(failure.message);
            Ok(engines)
        }
        Err(failure) => Err(unusable(failure)),
    }
}

/// Why there is no engine: a built-in one that is not there says so when it is used, so this is about what was set.
fn unusable(failure: Failure) -> anyhow::Error {
    match failure.code {
        Code::EngineMissing => SettingsError::NoEngine(failure.message).into(),
        _ => failure.into(),
    }
}
