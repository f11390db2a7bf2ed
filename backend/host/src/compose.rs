//! Starts a host: one router over the handlers that run in AWS as functions, and the workers beside it.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use axum::http::HeaderValue;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::serve::ListenerExt;
use synapscribe_agentcore::{AgentCore, HttpAgent, Places, Worker, sockets};
use synapscribe_local::{Door, GuestRate, IdentityEndpoint, S3Endpoint, SignatureVerifier};
use synapscribe_ports::{Agent, Bias};
use synapscribe_usecases::complaints::Complaints;
use synapscribe_usecases::end_session::Ending;
use synapscribe_usecases::{Catalogue, Conversing, Insistent, Revising};
use tokio::net::TcpListener;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use crate::accounts::Accounts;
use crate::authorise;
use crate::chores;
use crate::discovery::discovery;
use crate::folder::{self, Note};
use crate::gateway::{self, Gateway};
use crate::lines::HubLines;
use crate::live;
use crate::operator::Operator;
use crate::pages::{self, Pages};
use crate::parts::Parts;
use crate::private;
use crate::proxies;
use crate::reach::{self, Reach};
use crate::refusal::StartError;
use crate::retention::Chosen;
use crate::running::Running;
use crate::sample;
use crate::settings::Settings;
use crate::site;

/// Starts a host; it answers when this returns.
pub async fn start(settings: Settings) -> anyhow::Result<Running> {
    let data = settings.data.clone();
    private::folder(&data).with_context(|| format!("{} cannot be made; name another folder with --data", data.display()))?;
    let lock = folder::lock(&data)?;
    let note = Note::blank(&data);
    let listener = TcpListener::bind(settings.listen).await.map_err(|error| refused(settings.listen, error))?;
    let listen = listener.local_addr()?;
    let url = settings.public_url.clone().unwrap_or_else(|| format!("http://{}", reachable(listen)));

    let parts = Parts::open(settings, url).await?;
    let core = Arc::new(AgentCore::new(parts.asking(), parts.settings.capacity));
    let agent: Arc<dyn Agent> = match &parts.settings.agent_url {
        Some(url) => Arc::new(Insistent::over(Arc::new(HttpAgent::new(url, parts.settings.agent_token.clone())?))),
        None => Arc::clone(&core) as Arc<dyn Agent>,
    };
    let conversing = parts.conversing(Arc::clone(&agent));
    let doors = Doors::of(&parts);
    let (s3, accounts, operator) = (doors.s3.clone(), doors.accounts.clone(), doors.operator.clone());
    let stop = CancellationToken::new();
    let worker = worker(&parts, conversing.clone());
    let app = router(&parts, doors, core, agent, conversing, &stop);

    let Parts { jobs, clock, .. } = &parts;
    jobs.recover(clock.now()).await?;
    let retention = Chosen::read(&data);
    let house = chores::keep_house(parts.housekeeping(), s3, accounts, Arc::clone(clock), retention.watch(), stop.clone());
    let mut working = vec![tokio::spawn(worker.run(stop.clone())), tokio::spawn(house)];
    let (indexing, ended) = (parts.indexing(), stop.clone());
    working.push(tokio::spawn(async move { indexing.keep_up(&ended).await }));
    // The first spoken question should not wait for the recogniser's models.
    let ear = Arc::clone(&parts.engines.transcriber);
    tokio::spawn(async move { ear.warm(&Bias::default()).await });
    if parts.settings.sample {
        working.push(tokio::spawn(chores::make_sample(parts.sample(), Arc::clone(&parts.problems), stop.clone())));
    }
    let ended = stop.clone();
    // Small messages leave at once: waiting to fill a packet would cost an answer its first 40 ms.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let serving = tokio::spawn(
        axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>())
            .with_graceful_shutdown(async move { ended.cancelled().await })
            .into_future(),
    );
    let Parts { url, store, .. } = parts;
    let listens = reachable(listen).to_string();
    let said = serde_json::json!({ "listen": listens, "url": url, "pid": std::process::id(), "operator": operator.key() });
    note.write(&said)?;
    Ok(Running { listen, url, stop, serving, working, store, retention, note, lock })
}

/// Who may come in, and by which doors.
struct Doors {
    accounts: Accounts,
    identity: IdentityEndpoint,
    s3: S3Endpoint,
    door: Door,
    operator: Operator,
}

impl Doors {
    fn of(parts: &Parts) -> Self {
        let Parts { settings, url, store, keyring, clock, ids, jobs, .. } = parts;
        let accounts =
            Accounts::new(&settings.data, store, keyring, Arc::clone(ids), Arc::clone(clock), url, settings.invited_only);
        let admission = Arc::clone(&accounts.admission);
        let announce = chores::announce(Arc::clone(jobs), Arc::clone(clock));
        Self {
            s3: S3Endpoint::new(Arc::clone(&parts.folder), Arc::clone(keyring), Arc::clone(clock), announce)
                .admitting(Arc::clone(&admission)),
            identity: IdentityEndpoint::federating(
                Arc::clone(keyring),
                Arc::clone(clock),
                GuestRate::default(),
                Arc::clone(&admission),
            ),
            door: Door::new(SignatureVerifier::new(Arc::clone(keyring)), Some(admission), Arc::clone(clock)),
            accounts,
            operator: Operator::fresh(),
        }
    }
}

fn worker(parts: &Parts, conversing: Conversing) -> Worker {
    Worker {
        jobs: Arc::clone(&parts.jobs),
        handler: Arc::new(parts.dispatcher(conversing)),
        clock: Arc::clone(&parts.clock),
        places: Places::for_cores(parts.cores),
    }
}

/// Everything that is served at the one port.
fn router(
    parts: &Parts,
    doors: Doors,
    core: Arc<AgentCore>,
    agent: Arc<dyn Agent>,
    conversing: Conversing,
    stop: &CancellationToken,
) -> Router {
    let Parts { settings, url, clock, ids, library, connections, audience, .. } = parts;
    let Doors { accounts, identity, s3, door, operator } = doors;
    let (reading, shelf, granting, equipment) = (parts.reading(), parts.shelf(), parts.granting(), parts.equipment());
    let origins: Vec<HeaderValue> = settings.origins.iter().filter_map(|o| HeaderValue::from_str(o).ok()).collect();
    let reach = Reach::of(settings, url);
    let pages = Arc::new(Pages {
        discovery: discovery(settings, url, &identity, &equipment, &accounts),
        reach: reach.clone(),
        library: Arc::clone(library),
        complaints: Complaints { jobs: Arc::clone(&parts.jobs), library: Arc::clone(library), clock: Arc::clone(clock) },
        operator: operator.clone(),
        narrator: Arc::clone(&parts.engines.narrator),
        patience: parts.patience,
        sample_question: sample::QUESTION,
        spoken_question: OnceCell::new(),
        problems: Arc::clone(&parts.problems),
    });
    let sharing = accounts.sharing(Arc::clone(library), Arc::clone(connections), Arc::clone(audience));
    let lines = Arc::new(HubLines { hub: parts.hub.clone(), ids: Arc::clone(ids), stop: stop.clone() });
    let live = live::live(conversing.clone(), Arc::clone(ids), door.clone(), Arc::clone(&lines), stop.clone());
    let rest = lambda_library::Context {
        catalogue: Catalogue { library: Arc::clone(library), accounts: Some(Arc::clone(&sharing.accounts)) },
        reading: reading.clone(),
        shelf: shelf.clone(),
        granting: granting.clone(),
        editing: parts.editing(),
        revising: Revising {
            library: Arc::clone(library),
            sessions: Arc::clone(&parts.sessions),
            ids: Arc::clone(ids),
            clock: Arc::clone(clock),
        },
        sharing: Some(sharing),
        conversing: conversing.clone(),
        lines: Some(lines),
        streaming_url: None,
        searching: parts.searching(),
        equipment,
        ids: Arc::clone(ids),
    };
    let gateway = Arc::new(Gateway {
        hub: parts.hub.clone(),
        door: door.clone(),
        ids: Arc::clone(ids),
        handler: lambda_websocket::Context {
            granting,
            conversing,
            ending: Ending { sessions: Arc::clone(&parts.sessions), agent, clock: Arc::clone(clock) },
            connections: Arc::clone(connections),
            audience: Arc::clone(audience),
            // The door looks at who comes, and at how long they may stay.
            vouching: None,
            clock: Arc::clone(clock),
        },
        terms: sockets::Terms::default(),
        stop: stop.clone(),
    });
    // Whoever may ask the agent may ask any lecture, so without a token of the operator's nobody may from outside.
    let agent_token: Arc<str> = settings.agent_token.clone().unwrap_or_else(|| uuid::Uuid::new_v4().to_string()).into();
    Router::new()
        .merge(identity.router())
        .merge(pages::router(pages))
        .merge(site::router(url, reach.clone()))
        .merge(lambda_library::description())
        .merge(lambda_library::router(rest).layer(from_fn_with_state(door.clone(), authorise::check)))
        .merge(
            lambda_accounts::router(accounts.context(reading, shelf))
                .layer(from_fn_with_state((door, operator), authorise::announce)),
        )
        .merge(gateway::router(gateway))
        .merge(synapscribe_agentcore::live::router(live))
        .nest("/agentcore", synapscribe_agentcore::router(core, Some(agent_token)))
        .layer(synapscribe_local::s3::cors(&origins))
        .fallback_service(s3.router(&origins).fallback_service(nowhere(&origins)))
        .layer(from_fn_with_state(reach, reach::remember))
        .layer(from_fn_with_state(Arc::new(settings.proxies.clone()), proxies::look_behind))
}

/// What is said at addresses at which nothing is: to clients of storage in its own form, to all others in that of REST.
fn nowhere(origins: &[HeaderValue]) -> Router {
    lambda_library::nowhere().layer(from_fn(synapscribe_local::s3::another_bucket)).layer(synapscribe_local::s3::cors(origins))
}

fn refused(listen: SocketAddr, error: std::io::Error) -> anyhow::Error {
    match StartError::of_listening(listen, &error) {
        Some(refusal) => refusal.into(),
        None => anyhow::Error::new(error).context(format!("one cannot listen at {listen}")),
    }
}

/// The address to reach a listener at from this machine.
fn reachable(listen: SocketAddr) -> SocketAddr {
    if listen.ip().is_unspecified() { SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, listen.port())) } else { listen }
}
