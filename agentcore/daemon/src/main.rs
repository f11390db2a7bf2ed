//! The GPU host's daemon, from its settings to its end: AgentCore over a host's data folder, or over a deployment on AWS, whose
//! recordings it then turns into lectures as well.

mod cloud;
mod local;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, ensure};
use axum::serve::ListenerExt;
use clap::Parser;
use synapscribe_agentcore::{AgentCore, Capacity, router};
use synapscribe_engines::config::VARIABLES;
use synapscribe_telemetry as telemetry;
use synapscribe_usecases::Asking;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Hears, answers and speaks: the part of SynapScribe that belongs on the machine with the GPU.
#[derive(Debug, Parser)]
#[command(name = "synapscribe-agentcore", version, max_term_width = 110, after_long_help = variables_help())]
struct Options {
    /// The address and port to listen on; port 0 picks one and prints it.
    #[arg(long, env = "SYNAPSCRIBE_AGENT_LISTEN", default_value = "127.0.0.1:5000", value_name = "ADDR:PORT")]
    listen: SocketAddr,
    /// The data folder of the host whose lectures are asked; left out, those of a deployment on AWS are.
    #[arg(long, env = "SYNAPSCRIBE_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
    /// Questions answered at once.
    #[arg(long, env = "SYNAPSCRIBE_RUNNING", default_value_t = Capacity::default().running)]
    running: usize,
    /// Questions that may wait for a place; more are refused with 503.
    #[arg(long, env = "SYNAPSCRIBE_WAITING", default_value_t = Capacity::default().waiting)]
    waiting: usize,
    /// A secret that callers of /invoke must present; needed when others can reach the port.
    #[arg(long, env = "SYNAPSCRIBE_AGENT_TOKEN", hide_env_values = true, value_name = "SECRET")]
    token: Option<String>,
    /// The name of that secret in Secrets Manager, for a deployment on AWS.
    #[arg(long, env = "SYNAPSCRIBE_AGENT_SECRET", value_name = "NAME")]
    secret: Option<String>,
    /// Log as JSON, one object a line.
    #[arg(long, env = "SYNAPSCRIBE_LOG_JSON")]
    log_json: bool,
}

/// What the daemon serves, wherever it is kept.
struct Service {
    asking: Asking,
    /// What callers must present, where its place says so.
    token: Option<String>,
    /// Ends when the token given at the start is cancelled.
    working: Vec<JoinHandle<()>>,
}

fn variables_help() -> String {
    let list =
        |variables: &[(&str, &str)]| -> String { variables.iter().map(|(name, what)| format!("  {name:40} {what}\n")).collect() };
    let (engines, deployment) = (list(VARIABLES), list(synapscribe_deployment::VARIABLES));
    format!("Engines are chosen by the environment:\n{engines}\nWithout a data folder, so is the deployment:\n{deployment}")
}

fn main() -> anyhow::Result<()> {
    synapscribe_media::run_worker_if_asked();
    synapscribe_reader::run_worker_if_asked();
    let options = Options::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_env("SYNAPSCRIBE_LOG").unwrap_or_else(|_| "info".into());
    // Over a deployment, what it measures of ingests becomes metrics beside those of the functions.
    let deployment = std::env::var("SYNAPSCRIBE_TABLES").ok().filter(|_| options.data.is_none());
    telemetry::begin("synapscribe-agentcore", telemetry::Lines::of(deployment, options.log_json), filter)?;
    let served = tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(options));
    telemetry::end();
    served
}

async fn serve(options: Options) -> anyhow::Result<()> {
    let named = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let (token, secret) = (named(options.token), named(options.secret));
    ensure!(
        options.listen.ip().is_loopback() || token.is_some() || secret.is_some(),
        "{} can be reached from other machines, and without a token anybody there could ask every lecture; set SYNAPSCRIBE_AGENT_TOKEN, or listen on 127.0.0.1",
        options.listen
    );
    let stop = CancellationToken::new();
    let service = match &options.data {
        Some(data) => local::open(data).await?,
        None => cloud::open(secret.as_deref(), &stop).await?,
    };
    let core = AgentCore::new(service.asking, Capacity { running: options.running, waiting: options.waiting });
    let token = token.or(service.token);
    let listener = tokio::net::TcpListener::bind(options.listen)
        .await
        .with_context(|| format!("{} is taken or not allowed; choose another with --listen", options.listen))?;
    println!("{}", serde_json::json!({ "listen": listener.local_addr()?.to_string() }));
    // Small messages leave at once: waiting to fill a packet would cost an answer its first 40 ms.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let ending = async move {
        told_to_stop().await;
        stop.cancel();
    };
    axum::serve(listener, router(Arc::new(core), token.map(Into::into))).with_graceful_shutdown(ending).await?;
    // What is under way is given back, so that another host takes it at once.
    for work in service.working {
        work.await?;
    }
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
