//! The log as JSON: one flat object a line, which names what it is about at the top.

use std::fmt::Debug;
use std::io::Write as _;

use serde_json::{Map, Value};
use synapscribe_domain::trace::MEASURED;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::measure::embed;

const CORRELATION: &str = "correlation";

/// Writes events as they happen; of spans it takes only what they are about.
pub(crate) struct JsonLines<W> {
    out: W,
    measured: Option<String>,
}

/// What a span is about.
struct About(String);

impl<W> JsonLines<W> {
    pub(crate) fn new(out: W, measured: Option<String>) -> Self {
        Self { out, measured }
    }
}

impl<S, W> Layer<S> for JsonLines<W>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    W: for<'writer> MakeWriter<'writer> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let (Some(span), Some(name)) = (context.span(id), fields.correlation()) {
            span.extensions_mut().replace(About(name));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        values.record(&mut fields);
        if let (Some(span), Some(name)) = (context.span(id), fields.correlation()) {
            span.extensions_mut().replace(About(name));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let now = OffsetDateTime::now_utc();
        let mut fields = Fields::default();
        event.record(&mut fields);
        let mut line = fields.0;
        if !line.contains_key(CORRELATION)
            && let Some(name) = about(event, &context)
        {
            line.insert(CORRELATION.into(), name.into());
        }
        let (level, target) = (event.metadata().level().as_str(), event.metadata().target());
        line.insert("timestamp".into(), now.format(&Rfc3339).unwrap_or_default().into());
        line.insert("level".into(), level.into());
        line.insert("target".into(), target.into());
        if let Some(deployment) = self.measured.as_deref().filter(|_| target == MEASURED) {
            embed(&mut line, deployment, (now.unix_timestamp_nanos() / 1_000_000) as i64);
        }
        let mut text = Value::Object(line).to_string();
        text.push('\n');
        // A log that nobody takes is no reason to stop.
        let _ = self.out.make_writer_for(event.metadata()).write_all(text.as_bytes());
    }
}

/// What the nearest span around an event is about.
fn about<S: Subscriber + for<'span> LookupSpan<'span>>(event: &Event<'_>, context: &Context<'_, S>) -> Option<String> {
    context.event_scope(event)?.find_map(|span| span.extensions().get::<About>().map(|about| about.0.clone()))
}

/// Fields as JSON.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn correlation(&self) -> Option<String> {
        self.0.get(CORRELATION)?.as_str().map(str::to_owned)
    }

    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.put(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use serde_json::json;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The lines that some work logs.
    fn logged(measured: Option<&str>, work: impl FnOnce()) -> Vec<Value> {
        let paper = Paper::default();
        let out = paper.clone();
        let layer = JsonLines::new(move || out.clone(), measured.map(str::to_owned));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), work);
        let text = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_line_names_what_the_nearest_span_is_about_however_late_it_was_known() {
        let lines = logged(None, || {
            let outer = tracing::error_span!("outer", correlation = "request");
            let inner = tracing::error_span!(parent: &outer, "inner", correlation = tracing::field::Empty);
            inner.in_scope(|| tracing::info!(bytes = 3, "early\n\"quoted\""));
            inner.record("correlation", "q-1");
            inner.in_scope(|| tracing::error_span!("deeper").in_scope(|| tracing::warn!(code = "busy", "late")));
            tracing::info!(correlation = "q-2", "alone");
            tracing::info!("nobody's");
        });
        let names: Vec<_> = lines.iter().map(|line| line["correlation"].as_str()).collect();
        assert_eq!(names, [Some("request"), Some("q-1"), Some("q-2"), None]);
        assert_eq!((&lines[0]["message"], &lines[0]["bytes"]), (&json!("early\n\"quoted\""), &json!(3)));
        assert_eq!((&lines[1]["level"], &lines[1]["code"]), (&json!("WARN"), &json!("busy")));
        assert!(lines.iter().all(|line| line["timestamp"].as_str().is_some_and(|time| time.ends_with('Z'))));
    }

    #[test]
    fn a_measurement_is_what_cloudwatch_reads_as_metrics_and_other_lines_are_not() {
        let work = || {
            tracing::info!(target: MEASURED, correlation = "q-1", operation = "answer", turn.ms = 1_200, failed.count = 0, part = 7, "answered");
            tracing::info!(turn.ms = 5, "not measured");
        };
        let lines = logged(Some("prod"), work);
        let metrics = &lines[0]["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(
            metrics["Metrics"],
            json!([{ "Name": "failed.count", "Unit": "Count" }, { "Name": "turn.ms", "Unit": "Milliseconds" }])
        );
        assert_eq!(metrics["Dimensions"], json!([["deployment"], ["deployment", "operation"]]));
        assert_eq!(
            (&lines[0]["deployment"], &lines[0]["operation"], &lines[0]["turn.ms"]),
            (&json!("prod"), &json!("answer"), &json!(1_200))
        );
        assert!(lines[0]["_aws"]["Timestamp"].as_i64().is_some_and(|ms| ms > 1_700_000_000_000));
        assert!(lines[1].get("_aws").is_none());
        assert!(logged(None, work).iter().all(|line| line.get("_aws").is_none()), "only a deployment on AWS has such metrics");
    }
}
