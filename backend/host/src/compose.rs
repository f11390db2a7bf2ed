//! Puts the host together and runs it.

use std::fs::File;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::http::HeaderValue;
use axum::middleware::from_fn_with_state;
use axum::serve::ListenerExt;
use futures::FutureExt;
use synapscribe_agentcore::{AgentCore, HttpAgent, Ingests, Places, Worker};
use synapscribe_domain::AudioLimits;
use synapscribe_domain::document::DocumentLimits;
use synapscribe_domain::retrieval::Weights;
use synapscribe_domain::session::Retention;
use synapscribe_engines::builtin::{Voice, speak_script};
use synapscribe_engines::config::{EngineSettings, Engines};
use synapscribe_engines::models::ModelStore;
use synapscribe_engines::openai::Timeouts;
use synapscribe_local::{
    BUCKET, Door, Folder, FolderObjects, GuestRate, Hub, IdentityEndpoint, Keyring, Limits, REGION, S3Endpoint, SignatureVerifier,
};
use synapscribe_media::SandboxedMedia;
use synapscribe_ports::{
    Agent, Audience, AudioFiles, Bias, Clock, Connections, Ids, Job, Jobs, Ledger, Library, Objects, Reader, Sessions,
    SystemClock, UuidIds,
};
use synapscribe_protocol::Discovery;
use synapscribe_protocol::discovery::{Sample as SampleDto, UploadLimits};
use synapscribe_reader::SandboxedReader;
use synapscribe_sql::Store;
use synapscribe_usecases::complaints::Complaints;
use synapscribe_usecases::converse::RECONNECT;
use synapscribe_usecases::document::shelf::Shelf;
use synapscribe_usecases::end_session::Ending;
use synapscribe_usecases::housekeeping::{Housekeeping, Swept};
use synapscribe_usecases::library::Reading;
use synapscribe_usecases::patience::Patience;
use synapscribe_usecases::request_upload::Granting;
use synapscribe_usecases::{
    Asking, Conversing, Editing, Equipment, Indexing, Ingesting, Insistent, Lines, Making, Sample, Searching, Turns, Validating,
};
use synapscribe_wire::{Announcer, dto};
use tokio::net::TcpListener;
use tokio::sync::{Notify, OnceCell, Semaphore, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::accounts::Accounts;
use crate::authorise;
use crate::gateway::{self, Gateway};
use crate::lines::HubLines;
use crate::operator::Operator;
use crate::pages::{self, Pages};
use crate::private;
use crate::proxies;
use crate::refusal::StartError;
use crate::retention::Chosen;
use crate::sample;
use crate::settings::{Settings, running_at};
use crate::site;
use crate::work::Dispatcher;

/// Names within the data folder.
pub(crate) const DATABASE: &str = "synapscribe.db";
pub(crate) const OBJECTS: &str = "objects";
pub(crate) const MODELS: &str = "models";
pub(crate) const KEY: &str = "host.key";
pub(crate) const LOCK: &str = "host.lock";
pub(crate) const NOTE: &str = "host.json";

/// How often what has expired is removed.
const SWEEP_EVERY: Duration = Duration::from_secs(300);

/// A host that is running.
pub struct Running {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The address clients use.
    pub url: String,
    stop: CancellationToken,
    serving: JoinHandle<std::io::Result<()>>,
    working: Vec<JoinHandle<()>>,
    store: Store,
    retention: Chosen,
    note: Note,
    _lock: File,
}

/// The file that says where the host listens; it goes when the host does, however it is let go of.
struct Note(std::path::PathBuf);

impl Drop for Note {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Running {
    /// Waits until it stops by itself, which only a failure of the listening socket does.
    pub async fn wait(&mut self) -> anyhow::Result<()> {
        Ok((&mut self.serving).await??)
    }

    /// How long it keeps what was asked.
    pub fn retention(&self) -> Retention {
        self.retention.now()
    }

    /// Keeps what was asked for so long from now on, also after a restart; what is older goes at once.
    pub fn keep_for(&self, retention: Retention) -> std::io::Result<()> {
        self.retention.choose(retention)
    }

    /// Stops taking work, gives back what is under way, closes the store.
    pub async fn stop(self) {
        // Whoever comes now waits for the folder instead of joining a host that goes.
        drop(self.note);
        self.stop.cancel();
        let _ = tokio::time::timeout(Duration::from_secs(5), self.serving).await;
        for work in self.working {
            let _ = tokio::time::timeout(Duration::from_secs(5), work).await;
        }
        self.store.close().await;
    }
}

/// Starts a host; it answers when this returns.
pub async fn start(settings: Settings) -> anyhow::Result<Running> {
    let data = settings.data.clone();
    private::folder(&data).with_context(|| format!("{} cannot be made; name another folder with --data", data.display()))?;
    let lock = lock(&data)?;
    // An earlier host that was killed left its note behind; whoever waits for this one must not believe it.
    let note = Note(data.join(NOTE));
    let _ = std::fs::remove_file(&note.0);
    let scratch = data.join("scratch");
    std::fs::create_dir_all(&scratch)?;
    let listener = TcpListener::bind(settings.listen).await.map_err(|error| refused(settings.listen, error))?;
    let listen = listener.local_addr()?;
    let url = settings.public_url.clone().unwrap_or_else(|| format!("http://{}", reachable(listen)));

    let store = Store::open(data.join(DATABASE)).await?;
    let keyring = Arc::new(Keyring::open(&data.join(KEY))?);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ids: Arc<dyn Ids> = Arc::new(UuidIds);
    let limits = Limits { lecture_bytes: settings.lecture_limits.bytes, ..Limits::default() };
    let folder = Folder::open(&data.join(OBJECTS), limits)?;
    let folder_objects = Arc::new(FolderObjects::new(Arc::clone(&folder), Arc::clone(&keyring)));
    folder_objects.serve_at(&url);
    let objects: Arc<dyn Objects> = folder_objects;
    let (library, sessions): (Arc<dyn Library>, Arc<dyn Sessions>) = (Arc::new(store.clone()), Arc::new(store.clone()));
    let (jobs, ledger): (Arc<dyn Jobs>, Arc<dyn Ledger>) = (Arc::new(store.clone()), Arc::new(store.clone()));
    let hub = Hub::new();
    let connections: Arc<dyn Connections> = Arc::new(hub.clone());
    let audience: Arc<dyn Audience> = Arc::new(Announcer::new(Arc::clone(&connections)));
    let audio: Arc<dyn AudioFiles> = Arc::new(SandboxedMedia::this_program()?);
    let reader: Arc<dyn Reader> = Arc::new(SandboxedReader::this_program()?);
    let problems = Arc::new(Mutex::new(Vec::new()));
    let engines = engines(settings.engines.clone(), &problems).await?;
    let timeouts = Timeouts::from(&settings.engines);
    let patience = Patience::default().beyond(timeouts.first, timeouts.between);

    let core = Arc::new(AgentCore::new(
        Asking {
            library: Arc::clone(&library),
            objects: Arc::clone(&objects),
            audio: Arc::clone(&audio),
            transcriber: Arc::clone(&engines.transcriber),
            tutor: Arc::clone(&engines.tutor),
            narrator: Arc::clone(&engines.narrator),
            embedder: engines.embedder.clone(),
            scratch: scratch.clone(),
            patience,
            weights: Weights::default(),
            limits: AudioLimits::QUESTION,
        },
        settings.capacity,
    ));
    let agent: Arc<dyn Agent> = match &settings.agent_url {
        Some(url) => Arc::new(Insistent::over(Arc::new(HttpAgent::new(url, settings.agent_token.clone())?))),
        None => Arc::clone(&core) as Arc<dyn Agent>,
    };
    let conversing = Conversing {
        library: Arc::clone(&library),
        sessions: Arc::clone(&sessions),
        objects: Arc::clone(&objects),
        jobs: Arc::clone(&jobs),
        agent: Arc::clone(&agent),
        connections: Arc::clone(&connections),
        audience: Arc::clone(&audience),
        lines: Lines::default(),
        clock: Arc::clone(&clock),
        reconnect: RECONNECT,
    };
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let corrected = Arc::new(Notify::new());
    let indexing = Indexing {
        library: Arc::clone(&library),
        embedder: engines.embedder.clone(),
        transcriber: Arc::clone(&engines.transcriber),
        patience,
        corrected: Arc::clone(&corrected),
    };
    let ingesting = Ingesting {
        library: Arc::clone(&library),
        objects: Arc::clone(&objects),
        audio: Arc::clone(&audio),
        transcriber: Arc::clone(&engines.transcriber),
        indexing: indexing.clone(),
        connections: Arc::clone(&connections),
        audience: Arc::clone(&audience),
        scratch: scratch.clone(),
        patience,
        scanning: Turns::new(cores),
        turns: Turns::new(engines.transcriber.parallelism()),
    };
    let dispatcher = Dispatcher {
        validate: lambda_validate_lecture::Context {
            validating: Validating {
                library: Arc::clone(&library),
                objects: Arc::clone(&objects),
                audio: Arc::clone(&audio),
                ledger: Arc::clone(&ledger),
                jobs: Arc::clone(&jobs),
                connections: Arc::clone(&connections),
                audience: Arc::clone(&audience),
                clock: Arc::clone(&clock),
                limits: settings.lecture_limits,
                scratch: scratch.clone(),
            },
        },
        answer: lambda_answer::Context { conversing: conversing.clone() },
        ingests: Ingests { ingesting },
        documents: Making {
            library: Arc::clone(&library),
            objects: Arc::clone(&objects),
            reader: Arc::clone(&reader),
            embedder: engines.embedder.clone(),
            jobs: Arc::clone(&jobs),
            connections: Arc::clone(&connections),
            audience: Arc::clone(&audience),
            clock: Arc::clone(&clock),
            limits: DocumentLimits::USUAL,
            scratch: scratch.clone(),
            patience,
        },
    };

    let stop = CancellationToken::new();
    let verifier = SignatureVerifier::new(Arc::clone(&keyring));
    let origins: Vec<HeaderValue> = settings.origins.iter().filter_map(|o| HeaderValue::from_str(o).ok()).collect();
    let accounts = Accounts::new(&data, &store, &keyring, Arc::clone(&ids), Arc::clone(&clock), &url, settings.invited_only);
    let admission = Arc::clone(&accounts.admission);
    let s3 = S3Endpoint::new(folder, Arc::clone(&keyring), Arc::clone(&clock), announce(Arc::clone(&jobs), Arc::clone(&clock)))
        .admitting(Arc::clone(&admission));
    let identity =
        IdentityEndpoint::federating(Arc::clone(&keyring), Arc::clone(&clock), GuestRate::default(), Arc::clone(&admission));
    let door = Door::new(verifier, Some(admission), Arc::clone(&clock));
    let equipment = Equipment {
        transcriber: Arc::clone(&engines.transcriber),
        tutor: Arc::clone(&engines.tutor),
        narrator: Arc::clone(&engines.narrator),
        embedder: engines.embedder.clone(),
        objects: Arc::clone(&objects),
        models: Some(Arc::new(ModelStore::new(data.join(MODELS)))),
    };
    let reading = Reading {
        library: Arc::clone(&library),
        objects: Arc::clone(&objects),
        sessions: Arc::clone(&sessions),
        connections: Arc::clone(&connections),
        audience: Arc::clone(&audience),
        audio,
        scratch: scratch.clone(),
        clock: Arc::clone(&clock),
        drawing: Arc::default(),
    };
    let shelf = Shelf {
        documents: Arc::clone(&library) as _,
        objects: Arc::clone(&objects),
        sessions: Arc::clone(&sessions),
        reader: Some(reader),
        connections: Arc::clone(&connections),
        audience: Arc::clone(&audience),
        clock: Arc::clone(&clock),
        scratch: scratch.clone(),
        drawing: Arc::new(Semaphore::new(cores)),
    };
    let granting = Granting {
        library: Arc::clone(&library),
        objects: Arc::clone(&objects),
        ids: Arc::clone(&ids),
        clock: Arc::clone(&clock),
        lecture_limits: settings.lecture_limits,
        question_limits: AudioLimits::QUESTION,
        document_limits: Some(DocumentLimits::USUAL),
    };
    let rest = lambda_library::Context {
        reading: reading.clone(),
        shelf: shelf.clone(),
        granting: granting.clone(),
        editing: Editing {
            library: Arc::clone(&library),
            sessions: Arc::clone(&sessions),
            connections: Arc::clone(&connections),
            audience: Arc::clone(&audience),
            clock: Arc::clone(&clock),
            corrected,
        },
        sharing: Some(accounts.sharing(Arc::clone(&library), Arc::clone(&connections), Arc::clone(&audience))),
        conversing: conversing.clone(),
        lines: Some(Arc::new(HubLines { hub: hub.clone(), ids: Arc::clone(&ids), stop: stop.clone() })),
        searching: Searching {
            library: Arc::clone(&library),
            embedder: engines.embedder.clone(),
            patience,
            weights: Weights::default(),
        },
        equipment: equipment.clone(),
        ids: Arc::clone(&ids),
    };
    let gateway = Arc::new(Gateway {
        hub,
        door: door.clone(),
        ids,
        handler: lambda_websocket::Context {
            granting,
            conversing,
            ending: Ending { sessions: Arc::clone(&sessions), agent, clock: Arc::clone(&clock) },
            connections: Arc::clone(&connections),
            audience: Arc::clone(&audience),
            clock: Arc::clone(&clock),
        },
        terms: gateway::Terms::default(),
        stop: stop.clone(),
    });
    let operator = Operator::fresh();
    let pages = Arc::new(Pages {
        discovery: discovery(&settings, &url, &identity, &equipment, &accounts),
        library: Arc::clone(&library),
        complaints: Complaints { jobs: Arc::clone(&jobs), library: Arc::clone(&library), clock: Arc::clone(&clock) },
        operator: operator.clone(),
        narrator: Arc::clone(&engines.narrator),
        patience,
        sample_question: sample::QUESTION,
        spoken_question: OnceCell::new(),
        problems: Arc::clone(&problems),
    });
    // Whoever may ask the agent may ask any lecture, so without a token of the operator's nobody may from outside.
    let agent_token: Arc<str> = settings.agent_token.clone().unwrap_or_else(|| uuid::Uuid::new_v4().to_string()).into();
    let app = Router::new()
        .merge(identity.router())
        .merge(pages::router(pages))
        .merge(site::router(&url))
        .merge(lambda_library::description())
        .merge(lambda_library::router(rest).layer(from_fn_with_state(door.clone(), authorise::check)))
        .merge(
            lambda_accounts::router(accounts.context(reading, shelf))
                .layer(from_fn_with_state((door, operator.clone()), authorise::announce)),
        )
        .merge(gateway::router(gateway))
        .nest("/agentcore", synapscribe_agentcore::router(core, Some(agent_token)))
        .layer(synapscribe_local::s3::cors(&origins))
        .fallback_service(s3.router(&origins))
        .layer(from_fn_with_state(Arc::new(settings.proxies.clone()), proxies::look_behind));

    jobs.recover(clock.now()).await?;
    let worker = Worker {
        jobs: Arc::clone(&jobs),
        handler: Arc::new(dispatcher),
        clock: Arc::clone(&clock),
        places: Places::for_cores(cores),
    };
    let keeper = Housekeeping {
        sessions,
        library: Arc::clone(&library),
        jobs: Arc::clone(&jobs),
        objects: Arc::clone(&objects),
        ledger,
        clock: Arc::clone(&clock),
    };
    let retention = Chosen::read(&data);
    let mut working = vec![
        tokio::spawn(worker.run(stop.clone())),
        tokio::spawn(keep_house(keeper, s3, accounts, clock.clone(), retention.watch(), stop.clone())),
    ];
    let ended = stop.clone();
    working.push(tokio::spawn(async move { indexing.keep_up(&ended).await }));
    let ear = Arc::clone(&engines.transcriber);
    // The first spoken question should not wait for the recogniser's models.
    tokio::spawn(async move { ear.warm(&Bias::default()).await });
    if settings.sample {
        let speak = Arc::new(|paragraphs: &[&str], told: &(dyn Fn(u32, u32) + Sync)| speak_script(paragraphs, Voice::Slt, told));
        let (id, script) = (sample::ID, sample::SCRIPT);
        let sample = Sample { library, objects, jobs, connections, audience, clock, speak, id, script };
        working.push(tokio::spawn(make_sample(sample, problems, stop.clone())));
    }
    let ended = stop.clone();
    // Small messages leave at once: waiting to fill a packet would cost an answer its first 40 ms.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let serving = tokio::spawn(
        axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>())
            .with_graceful_shutdown(async move { ended.cancelled().await })
            .into_future(),
    );
    let listens = reachable(listen).to_string();
    let said = serde_json::json!({ "listen": listens, "url": url, "pid": std::process::id(), "operator": operator.key() });
    private::file(&note.0)?.write_all(said.to_string().as_bytes())?;
    Ok(Running { listen, url, stop, serving, working, store, retention, note, _lock: lock })
}

fn refused(listen: SocketAddr, error: std::io::Error) -> anyhow::Error {
    match StartError::of_listening(listen, &error) {
        Some(refusal) => refusal.into(),
        None => anyhow::Error::new(error).context(format!("one cannot listen at {listen}")),
    }
}

/// Held as long as the host runs.
fn lock(data: &Path) -> anyhow::Result<File> {
    let file = File::create(data.join(LOCK))?;
    if file.try_lock().is_err() {
        let address = running_at(data).map(|listen| format!("http://{listen}"));
        return Err(StartError::Held(data.to_owned(), address).into());
    }
    Ok(file)
}

/// The address to reach a listener at from this machine.
fn reachable(listen: SocketAddr) -> SocketAddr {
    if listen.ip().is_unspecified() { SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, listen.port())) } else { listen }
}

/// Builds the engines; an optional model that cannot be loaded is a problem to show, not a reason to stay down.
async fn engines(settings: EngineSettings, problems: &Mutex<Vec<String>>) -> anyhow::Result<Engines> {
    let build = |settings: EngineSettings| tokio::task::spawn_blocking(move || synapscribe_engines::config::build(&settings));
    match build(settings.clone()).await? {
        Ok(engines) => Ok(engines),
        Err(failure) if settings.minilm.is_some() => {
            tracing::warn!(code = failure.code.as_str(), "an engine could not be built; trying without the embedding model");
            let engines = build(EngineSettings { minilm: None, ..settings }).await??;
            problems.lock().unwrap_or_else(PoisonError::into_inner).push(failure.message);
            Ok(engines)
        }
        Err(failure) => Err(failure.into()),
    }
}

/// Stores the event of a new object before its upload is acknowledged.
fn announce(jobs: Arc<dyn Jobs>, clock: Arc<dyn Clock>) -> synapscribe_local::OnCreated {
    Arc::new(move |created| {
        let (jobs, clock) = (Arc::clone(&jobs), Arc::clone(&clock));
        async move {
            let key = format!("object/{}/{}", created.key, created.sequencer);
            jobs.enqueue(&key, &Job::ObjectCreated(created), clock.now()).await
        }
        .boxed()
    })
}

fn discovery(
    settings: &Settings,
    url: &str,
    identity: &IdentityEndpoint,
    equipment: &Equipment,
    accounts: &Accounts,
) -> Discovery {
    Discovery {
        product: "synapscribe".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        protocol: "1.0".into(),
        deployment: "local".into(),
        region: REGION.into(),
        identity_pool_id: identity.pool().into(),
        cognito_endpoint: Some(url.into()),
        s3_endpoint: Some(url.into()),
        bucket: BUCKET.into(),
        websocket_url: format!("{}/ws", url.replacen("http", "ws", 1)),
        rest_url: format!("{url}/api"),
        limits: UploadLimits {
            lecture_bytes: settings.lecture_limits.bytes,
            lecture_seconds: settings.lecture_limits.duration.0 / 1000,
            query_seconds: AudioLimits::QUESTION.duration.0 / 1000,
        },
        features: ["voice", "sessions", "captions", "report", "corrections", "waveform", "documents", "accounts", "classes"]
            .map(str::to_owned)
            .to_vec(),
        engines: equipment.engines().into_iter().map(|(role, card)| dto::engine(role, card)).collect(),
        accounts: Some(accounts.here(url)),
        sample: settings.sample.then(|| SampleDto { lecture_id: sample::ID.into(), question: sample::QUESTION.into() }),
    }
}

async fn keep_house(
    keeper: Housekeeping,
    s3: S3Endpoint,
    accounts: Accounts,
    clock: Arc<dyn Clock>,
    mut retention: watch::Receiver<Retention>,
    stop: CancellationToken,
) {
    // Objects whose event was not stored before a crash are announced first.
    if let Err(error) = s3.recover().await {
        tracing::error!(%error, "uploads that were cut off could not be announced");
    }
    loop {
        let keep = *retention.borrow_and_update();
        match keeper.sweep(keep).await {
            Ok(swept) if swept != Swept::default() => {
                let Swept { sessions, objects, lectures, documents, jobs, claims } = swept;
                tracing::info!(sessions, objects, lectures, documents, jobs, claims, "expired things were removed");
            }
            Ok(_) => {}
            Err(failure) => tracing::warn!(code = failure.code.as_str(), "expired things could not be removed"),
        }
        if let Err(error) = s3.sweep(clock.now()).await {
            tracing::warn!(%error, "unfinished uploads could not be removed");
        }
        accounts.sweep(clock.now()).await;
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(SWEEP_EVERY) => {}
            Ok(()) = retention.changed() => {}
        }
    }
}

async fn make_sample(sample: Sample, problems: Arc<Mutex<Vec<String>>>, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        made = sample.ensure() => if let Err(failure) = made {
            tracing::warn!(code = failure.code.as_str(), "the sample lecture could not be made");
            problems.lock().unwrap_or_else(PoisonError::into_inner).push(format!("the sample lecture is missing: {failure}"));
        }
    }
}
