//! What the processes of a deployment have in common: how they begin, their log and their deadline.

use std::time::{Duration, SystemTime};

use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::deployment::Deployment;
use crate::settings::Settings;

/// What is under way is given back so long before AWS ends the process.
const SPARE: Duration = Duration::from_secs(3);

/// Begins the log, reads the settings of this process and opens its deployment.
pub async fn open() -> anyhow::Result<Deployment> {
    let filter = EnvFilter::try_from_env("SYNAPSCRIBE_LOG").unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt().json().flatten_event(true).with_env_filter(filter).with_writer(std::io::stderr).init();
    Deployment::open(Settings::from_env()?).await
}

/// A token that is cancelled shortly before this moment, in milliseconds since 1970.
pub fn before(deadline: u64) -> CancellationToken {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let left = Duration::from_millis(deadline).saturating_sub(now).saturating_sub(SPARE);
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    tokio::spawn(async move {
        tokio::time::sleep(left).await;
        stopped.cancel();
    });
    stop
}
