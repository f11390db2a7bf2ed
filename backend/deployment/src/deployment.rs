//! Everything that the functions of a deployment are put together from.

use std::path::PathBuf;
use std::sync::Arc;

use synapscribe_aws::{
    DynamoLedger, DynamoSessions, EventBridge, GatewayConnections, QueuedJobs, SdkConfig, Site, Tables, secrets,
};
use synapscribe_domain::AudioLimits;
use synapscribe_ports::{
    Audience, AudioFiles, Clock, Connections, Embedder, Herald, Ids, Jobs, Ledger, Library, Objects, Sessions, UuidIds,
};
use synapscribe_sql::PostgresLibrary;
use synapscribe_usecases::document::shelf::Shelf;
use synapscribe_usecases::library::Reading;
use tokio::sync::Semaphore;

use crate::parts::Parts;
use crate::settings::{EngineChoice, Settings};

/// The ports of a deployment's functions.
#[derive(Clone)]
pub struct Deployment {
    /// Lectures.
    pub library: Arc<dyn Library>,
    /// Sessions and turns.
    pub sessions: Arc<dyn Sessions>,
    /// Recordings.
    pub objects: Arc<dyn Objects>,
    /// Work that outlives a process.
    pub jobs: Arc<dyn Jobs>,
    /// What was done already.
    pub ledger: Arc<dyn Ledger>,
    /// Who is connected.
    pub connections: Arc<dyn Connections>,
    /// Tells them.
    pub audience: Arc<dyn Audience>,
    /// Tells other systems, where there is a bus.
    pub herald: Arc<dyn Herald>,
    /// Reads recordings in a child process.
    pub audio: Arc<dyn AudioFiles>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Fresh names.
    pub ids: Arc<dyn Ids>,
    /// Where the services are.
    pub site: Site,
    /// The bucket's name.
    pub bucket: String,
    /// The limits of a lecture.
    pub lecture_limits: AudioLimits,
    /// A folder for objects that have to be files.
    pub scratch: PathBuf,
    pub(crate) config: SdkConfig,
    pub(crate) shared: Option<PostgresLibrary>,
    pub(crate) queued: QueuedJobs,
    pub(crate) gateway: GatewayConnections,
    pub(crate) bus: Option<EventBridge>,
}

impl Deployment {
    /// Finds everything that the settings name; no service is called.
    pub async fn open(settings: Settings) -> anyhow::Result<Self> {
        let (parts, config) = Parts::open(&settings).await?;
        let tables = Tables::below(&settings.tables);
        Ok(Self {
            library: parts.library,
            sessions: Arc::new(DynamoSessions::new(&config, &tables)),
            objects: parts.objects,
            jobs: parts.jobs,
            ledger: Arc::new(DynamoLedger::new(&config, &tables)),
            audience: parts.audience,
            herald: parts.herald,
            connections: parts.connections,
            audio: parts.audio,
            clock: parts.clock,
            ids: Arc::new(UuidIds),
            site: settings.site,
            bucket: settings.bucket,
            lecture_limits: settings.lecture_limits,
            scratch: parts.scratch,
            config,
            shared: parts.shared,
            queued: parts.queued,
            gateway: parts.gateway,
            bus: parts.bus,
        })
    }

    /// The text of a secret, where one is named.
    pub(crate) async fn secret(&self, name: Option<&str>) -> anyhow::Result<Option<String>> {
        Ok(match name {
            Some(name) => Some(secrets::read(&self.config, name).await?.reveal().to_owned()),
            None => None,
        })
    }

    /// What compares meanings, where a service of AWS was chosen for it.
    pub fn embedder(&self, choice: &EngineChoice) -> anyhow::Result<Option<Arc<dyn Embedder>>> {
        choice.embedder(&self.config)
    }

    /// Looking into lectures.
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

    /// Looking into documents. Who draws their pages is the function's affair.
    pub fn shelf(&self) -> Shelf {
        Shelf {
            documents: Arc::clone(&self.library) as _,
            objects: Arc::clone(&self.objects),
            sessions: Arc::clone(&self.sessions),
            reader: None,
            connections: Arc::clone(&self.connections),
            audience: Arc::clone(&self.audience),
            clock: Arc::clone(&self.clock),
            scratch: self.scratch.clone(),
            drawing: Arc::new(Semaphore::new(1)),
        }
    }
}
