//! What a process tells its operator: a log of JSON lines, traces by OpenTelemetry, and measurements. Knows no handler, no operation
//! and no vendor but by the headers and lines that they read.
//!
//! Everything about one question or one lecture carries its name in the field `correlation`, which is what a student sees with an
//! error. A span with that field lends it to every line below it, and is exported when `OTEL_EXPORTER_OTLP_ENDPOINT` is set. Such
//! spans are opened at the level of errors, so that no filter of the log takes the name from a line.
//!
//! An event whose target is [`MEASURED`](synapscribe_domain::trace::MEASURED) is a measurement; see [`Lines::Measured`].

mod export;
mod lines;
mod measure;
mod trace;
mod xray;

use std::io::{IsTerminal as _, stderr};

use tracing_subscriber::filter::{EnvFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer, Registry};

pub use export::{BadExporter, end, flush};
pub use trace::{following, given, here, on};
pub use xray::from_xray;

/// How the log is written, always to the standard error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lines {
    /// For people.
    Text {
        /// Whether in colours.
        colours: bool,
    },
    /// One JSON object a line.
    Json,
    /// The same, with measurements that CloudWatch makes metrics of, for the deployment of this name.
    Measured(String),
}

impl Lines {
    /// What `SYNAPSCRIBE_LOG_JSON` asks for.
    pub fn json(wanted: bool) -> Self {
        if wanted { Self::Json } else { Self::Text { colours: stderr().is_terminal() } }
    }

    /// The same for a process of a deployment on AWS, where it is one.
    pub fn of(deployment: Option<String>, wanted: bool) -> Self {
        match deployment {
            Some(deployment) if wanted => Self::Measured(deployment),
            _ => Self::json(wanted),
        }
    }
}

/// Begins the log, filtered as `filter` says, and the export of traces where the environment names a collector.
pub fn begin(program: &'static str, lines: Lines, filter: EnvFilter) -> Result<(), BadExporter> {
    let named = |metadata: &tracing::Metadata<'_>| metadata.is_span() && metadata.fields().field("correlation").is_some();
    let traces = export::tracer(program)?.map(|tracer| {
        let layer = tracing_opentelemetry::layer().with_tracer(tracer).with_location(false).with_threads(false);
        layer.with_filter(filter_fn(named))
    });
    // A process that has a log already, as a test may, keeps it.
    let _ = tracing_subscriber::registry().with(log(lines, filter)).with(traces).try_init();
    Ok(())
}

/// Begins the log alone.
pub fn log_only(lines: Lines, filter: EnvFilter) {
    let _ = tracing_subscriber::registry().with(log(lines, filter)).try_init();
}

fn log(lines: Lines, filter: EnvFilter) -> Box<dyn Layer<Registry> + Send + Sync> {
    match lines {
        Lines::Text { colours } => {
            tracing_subscriber::fmt::layer().with_ansi(colours).with_writer(stderr).with_filter(filter).boxed()
        }
        Lines::Json => lines::JsonLines::new(stderr, None).with_filter(filter).boxed(),
        Lines::Measured(deployment) => lines::JsonLines::new(stderr, Some(deployment)).with_filter(filter).boxed(),
    }
}
