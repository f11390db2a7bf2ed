//! What the processes of a deployment have in common: how they begin, their log and their deadline.

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use anyhow::Context;
use synapscribe_aws::Site;
use synapscribe_domain::LectureId;
use synapscribe_ports::{Library, Schema};
use synapscribe_telemetry::{Lines, begin, flush, following, from_xray, on};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use tracing_subscriber::EnvFilter;

use crate::database::Database;
use crate::deployment::Deployment;
use crate::settings::{Settings, SettingsError};
use crate::warming::reach;

/// What is under way is given back so long before AWS ends the process.
const SPARE: Duration = Duration::from_secs(3);

/// Begins the log, reads the settings of this process and opens its deployment.
pub async fn open() -> anyhow::Result<Deployment> {
    begin_log()?;
    Deployment::open(Settings::from_env()?).await
}

/// Begins the log and connects the database that is to be brought up to date, for which the rest of a deployment need not be there.
pub async fn open_schema() -> anyhow::Result<Arc<dyn Schema>> {
    begin_log()?;
    let set = |name| std::env::var(name).ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let database = Database::read(set)?;
    let region = set("AWS_REGION").ok_or(SettingsError::Missing("AWS_REGION"))?;
    let config = synapscribe_aws::connect(&Site { region, endpoint: set("AWS_ENDPOINT_URL") }).await;
    let schema =
        database.schema(&config).context("SYNAPSCRIBE_DATABASE is a file, which is brought up to date when it is opened")?;
    if let Ok(nothing) = LectureId::parse("warming") {
        // An empty or an old database refuses this, and is connected all the same.
        let asked = async {
            drop(schema.lecture(&nothing).await);
            Ok::<(), Infallible>(())
        };
        reach("the database", asked).await;
    }
    Ok(Arc::new(schema))
}

fn begin_log() -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_env("SYNAPSCRIBE_LOG").unwrap_or_else(|_| "info".into());
    // A process whose settings are wrong still has to say so.
    let deployment = std::env::var("SYNAPSCRIBE_TABLES").unwrap_or_default();
    Ok(begin(program(), Lines::Measured(deployment), filter)?)
}

/// The function's name in traces; AWS gives each process that of its function.
fn program() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| std::env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_else(|_| "synapscribe".into()))
}

/// Handles one event under the name that AWS gave its request, within the trace that X-Ray follows. What was traced has left this
/// process when it returns, because AWS may freeze it then.
pub async fn traced<T>(request: &str, xray: Option<&str>, work: impl Future<Output = T>) -> T {
    let done = invocation(request, xray, work).await;
    flush().await;
    done
}

/// The same for an answer that may go on after this returned: whoever sees its end sends what was traced.
pub async fn invocation<T>(request: &str, xray: Option<&str>, work: impl Future<Output = T>) -> T {
    let parent = xray.and_then(from_xray);
    let span = on(tracing::error_span!("invocation", correlation = request), parent.as_ref());
    following(parent, work.instrument(span)).await
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
