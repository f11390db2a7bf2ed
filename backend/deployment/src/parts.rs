//! What the functions and the GPU host of a deployment have in common.

use std::path::PathBuf;
use std::sync::Arc;

use synapscribe_aws::{EventBridge, GatewayConnections, QueuedJobs, S3Objects, SdkConfig, Tables, connect};
use synapscribe_media::SandboxedMedia;
use synapscribe_ports::{
    Audience, AudioFiles, Clock, Connections, Herald, Jobs, Library, Objects, SystemClock, Unheard, UuidIds,
};
use synapscribe_sql::PostgresLibrary;
use synapscribe_usecases::Repeating;
use synapscribe_wire::{Announcer, Crier};

use crate::settings::Settings;

/// Ports that every process needs.
pub struct Parts {
    /// Lectures.
    pub library: Arc<dyn Library>,
    /// Recordings.
    pub objects: Arc<dyn Objects>,
    /// Work that outlives a process.
    pub jobs: Arc<dyn Jobs>,
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
    /// A folder for objects that have to be files.
    pub scratch: PathBuf,
    /// The library once more, where it is a server's.
    pub(crate) shared: Option<PostgresLibrary>,
    /// The jobs once more, as AWS keeps them.
    pub(crate) queued: QueuedJobs,
    /// The connections once more, as AWS keeps them.
    pub(crate) gateway: GatewayConnections,
    /// The bus once more, where there is one.
    pub(crate) bus: Option<EventBridge>,
}

impl Parts {
    /// Finds them, and how AWS is reached for whatever else is needed; no service is called.
    pub(crate) async fn open(settings: &Settings) -> anyhow::Result<(Self, SdkConfig)> {
        let config = connect(&settings.site).await;
        let tables = Tables::below(&settings.tables);
        let gateway = GatewayConnections::new(&config, &tables, &settings.gateway);
        let connections: Arc<dyn Connections> = Arc::new(gateway.clone());
        let (library, shared) = settings.database.library(&config).await?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let bus = settings.bus.as_deref().map(|bus| EventBridge::new(&config, bus));
        let herald: Arc<dyn Herald> = match bus.clone() {
            Some(bus) => {
                let bus = Repeating::over(Arc::new(bus));
                Arc::new(Crier::new(Arc::new(bus), Arc::new(UuidIds), Arc::clone(&clock)))
            }
            None => Arc::new(Unheard),
        };
        let queued = QueuedJobs::new(&config, &tables, settings.queues.clone());
        let parts = Self {
            library,
            shared,
            objects: Arc::new(S3Objects::new(&config, &settings.bucket)),
            jobs: Arc::new(queued.clone()),
            queued,
            gateway,
            bus,
            audience: Arc::new(Announcer::new(Arc::clone(&connections))),
            herald,
            connections,
            audio: Arc::new(SandboxedMedia::this_program()?),
            clock,
            scratch: std::env::temp_dir(),
        };
        Ok((parts, config))
    }
}
