//! Everything that the functions of a deployment are put together from.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use synapscribe_agent_client::HttpAgent;
use synapscribe_aws::{DynamoLedger, DynamoSessions, QueuedJobs, SdkConfig, Site, Tables, secrets};
use synapscribe_domain::{AudioLimits, ConnectionId, LectureId, ObjectKey};
use synapscribe_ports::{
    Agent, Audience, AudioFiles, Clock, Connections, Embedder, Herald, Ids, Jobs, Ledger, Library, Objects, Sessions, UuidIds,
};
use synapscribe_sql::PostgresLibrary;
use synapscribe_usecases::converse::RECONNECT;
use synapscribe_usecases::document::shelf::Shelf;
use synapscribe_usecases::library::Reading;
use synapscribe_usecases::{Conversing, Equipment, Insistent, Lines};
use tokio::sync::Semaphore;

use crate::parts::Parts;
use crate::remote::Remote;
use crate::settings::{self, EngineChoice};

/// Warming that takes longer than this is given up: the first event finds out what is wrong.
pub(crate) const WARMING: Duration = Duration::from_secs(3);

/// A service whose first call costs the most, because a connection has to be made and encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warm {
    /// The tables and the gateway's management endpoint.
    Gateway,
    /// The bucket, for who reads recordings.
    Recordings,
    /// The bucket, for who reads documents.
    Documents,
    /// The database.
    Library,
    /// The queues, for who gives others work.
    Queues,
    /// AgentCore, which tells what its engines are.
    Engines,
}

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
    /// AgentCore.
    pub agent: Arc<dyn Agent>,
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
    remote: Arc<Remote>,
    pub(crate) config: SdkConfig,
    pub(crate) shared: Option<PostgresLibrary>,
    queued: QueuedJobs,
}

impl Deployment {
    /// Finds everything that the settings name; no service is called but for secrets.
    pub async fn open(settings: settings::Settings, agent: settings::Agent) -> anyhow::Result<Self> {
        let (parts, config) = Parts::open(&settings).await?;
        let tables = Tables::below(&settings.tables);
        let token = match &agent.secret {
            Some(name) => Some(secrets::read(&config, name).await?.reveal().to_owned()),
            None => None,
        };
        let http = HttpAgent::new(&agent.url, token)?;
        Ok(Self {
            library: parts.library,
            sessions: Arc::new(DynamoSessions::new(&config, &tables)),
            objects: parts.objects,
            jobs: parts.jobs,
            ledger: Arc::new(DynamoLedger::new(&config, &tables)),
            audience: parts.audience,
            herald: parts.herald,
            connections: parts.connections,
            agent: Arc::new(Insistent::over(Arc::new(http.clone()))),
            audio: parts.audio,
            clock: parts.clock,
            ids: Arc::new(UuidIds),
            site: settings.site,
            bucket: settings.bucket,
            lecture_limits: settings.lecture_limits,
            scratch: parts.scratch,
            remote: Arc::new(Remote::at(&agent.url, http)),
            config,
            shared: parts.shared,
            queued: parts.queued,
        })
    }

    /// What compares meanings, where a service of AWS was chosen for it.
    pub fn embedder(&self, choice: &EngineChoice) -> anyhow::Result<Option<Arc<dyn Embedder>>> {
        choice.embedder(&self.config)
    }

    /// Questions within sessions.
    pub fn conversing(&self) -> Conversing {
        Conversing {
            library: Arc::clone(&self.library),
            sessions: Arc::clone(&self.sessions),
            objects: Arc::clone(&self.objects),
            jobs: Arc::clone(&self.jobs),
            agent: Arc::clone(&self.agent),
            connections: Arc::clone(&self.connections),
            audience: Arc::clone(&self.audience),
            lines: Lines::default(),
            clock: Arc::clone(&self.clock),
            reconnect: RECONNECT,
        }
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

    /// Asks AgentCore which engines it uses, unless that was told a moment ago.
    pub async fn look_at_engines(&self) {
        self.remote.look().await;
    }

    /// What a deployment works with: the engines are AgentCore's.
    pub fn equipment(&self) -> Equipment {
        Equipment {
            transcriber: Arc::clone(&self.remote) as _,
            tutor: Arc::clone(&self.remote) as _,
            narrator: Arc::clone(&self.remote) as _,
            embedder: Some(Arc::clone(&self.remote) as _),
            recogniser: None,
            objects: Arc::clone(&self.objects),
            models: None,
        }
    }

    /// Makes the connections that the first event would wait for.
    pub async fn warm(&self, services: &[Warm]) {
        let warming = futures::future::join_all(services.iter().map(|service| self.warm_one(*service)));
        if tokio::time::timeout(WARMING, warming).await.is_err() {
            tracing::warn!("a service did not answer while the process started");
        }
    }

    /// Looks for an object that nobody stored.
    async fn look_for(&self, nothing: &str) {
        if let Ok(nothing) = ObjectKey::parse(nothing) {
            drop(self.objects.head(&nothing).await);
        }
    }

    async fn warm_one(&self, service: Warm) {
        match service {
            // Nobody has this connection: the gateway says so, and the table forgets what it never knew.
            Warm::Gateway => {
                if let Ok(nobody) = ConnectionId::parse("warming") {
                    drop(self.connections.send(&nobody, "").await);
                }
            }
            Warm::Library => {
                if let Ok(nothing) = LectureId::parse("warming") {
                    drop(self.library.lecture(&nothing).await);
                }
            }
            Warm::Queues => self.queued.reach().await,
            Warm::Engines => self.remote.look().await,
            Warm::Recordings => self.look_for("lectures/warming/warming/warming").await,
            Warm::Documents => self.look_for("documents/warming/warming/warming").await,
        }
    }
}
