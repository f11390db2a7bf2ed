//! The daemon's composition root: reads its settings, opens the library, serves until it is told to stop.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, ensure};
use axum::serve::ListenerExt;
use clap::Parser;
use synapscribe_agentcore::{AgentCore, Capacity, router};
use synapscribe_domain::AudioLimits;
use synapscribe_domain::retrieval::Weights;
use synapscribe_engines::config::{EngineSettings, VARIABLES, build};
use synapscribe_engines::openai::Timeouts;
use synapscribe_local::{Folder, FolderObjects, Keyring, Limits};
use synapscribe_media::SandboxedMedia;
use synapscribe_sql::Store;
use synapscribe_usecases::Asking;
use synapscribe_usecases::patience::Patience;

/// Hears, answers and speaks: the part of SynapScribe that belongs on the machine with the GPU.
#[derive(Debug, Parser)]
#[command(name = "synapscribe-agentcore", version, max_term_width = 110, after_long_help = engines_help())]
struct Options {
    /// The address and port to listen on; port 0 picks one and prints it.
    #[arg(long, env = "SYNAPSCRIBE_AGENT_LISTEN", default_value = "127.0.0.1:5000", value_name = "ADDR:PORT")]
    listen: SocketAddr,
    /// The data folder of the host whose lectures are asked.
    #[arg(long, env = "SYNAPSCRIBE_DATA", value_name = "DIR")]
    data: PathBuf,
    /// Questions answered at once.
    #[arg(long, env = "SYNAPSCRIBE_RUNNING", default_value_t = Capacity::default().running)]
    running: usize,
    /// Questions that may wait for a place; more are refused with 503.
    #[arg(long, env = "SYNAPSCRIBE_WAITING", default_value_t = Capacity::default().waiting)]
    waiting: usize,
    /// A secret that callers of /invoke must present; needed when others can reach the port.
    #[arg(long, env = "SYNAPSCRIBE_AGENT_TOKEN", hide_env_values = true, value_name = "SECRET")]
    token: Option<String>,
    /// Log as JSON, one object a line.
    #[arg(long, env = "SYNAPSCRIBE_LOG_JSON")]
    log_json: bool,
}

fn engines_help() -> String {
    let lines: String = VARIABLES.iter().map(|(name, what)| format!("  {name:40} {what}\n")).collect();
    format!("Engines are chosen by the environment:\n{lines}")
}

fn main() -> anyhow::Result<()> {
    synapscribe_media::run_worker_if_asked();
    let options = Options::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_env("SYNAPSCRIBE_LOG").unwrap_or_else(|_| "info".into());
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if options.log_json {
        log.json().init()
    } else {
        log.init()
    }
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(options))
}

async fn serve(options: Options) -> anyhow::Result<()> {
    let token = options.token.filter(|token| !token.trim().is_empty());
    ensure!(
        options.listen.ip().is_loopback() || token.is_some(),
        "{} can be reached from other machines, and without a token anybody there could ask every lecture; set SYNAPSCRIBE_AGENT_TOKEN, or listen on 127.0.0.1",
        options.listen
    );
    let store = Store::open(options.data.join("synapscribe.db"))
        .await
        .with_context(|| format!("{} holds no host's data; start a host there first", options.data.display()))?;
    let keyring = Arc::new(Keyring::open(&options.data.join("host.key"))?);
    // The host owns the folder and may be receiving uploads into it now.
    let folder = Folder::attach(&options.data.join("objects"), Limits::default())
        .with_context(|| format!("{} holds no host's objects; start a host there first", options.data.display()))?;
    let cache = directories::BaseDirs::new();
    let settings = EngineSettings::from_env(|name| std::env::var(name).ok())?
        .with_found_models(&options.data, cache.as_ref().map(directories::BaseDirs::cache_dir));
    let timeouts = Timeouts::from(&settings);
    let engines = build(&settings)?;
    let core = AgentCore::new(
        Asking {
            library: Arc::new(store.clone()),
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
        },
        Capacity { running: options.running, waiting: options.waiting },
    );
    let listener = tokio::net::TcpListener::bind(options.listen)
        .await
        .with_context(|| format!("{} is taken or not allowed; choose another with --listen", options.listen))?;
    println!("{}", serde_json::json!({ "listen": listener.local_addr()?.to_string() }));
    // Small messages leave at once: waiting to fill a packet would cost an answer its first 40 ms.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    axum::serve(listener, router(Arc::new(core), token.map(Into::into))).with_graceful_shutdown(told_to_stop()).await?;
    store.close().await;
    Ok(())
}

async fn told_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = interrupt => {}
                    _ = terminate.recv() => {}
                }
            }
            // Without the handler the default action of the signal ends the process, which is what was asked for.
            Err(_) => drop(interrupt.await),
        }
    }
    #[cfg(not(unix))]
    drop(interrupt.await);
}
