//! Counts of what the daemon does, in the text form Prometheus reads.

use prometheus::core::Collector;
use prometheus::{Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, Opts, Registry, TextEncoder};

/// The upper ends of the first-audio histogram, in milliseconds.
const BOUNDS: [f64; 8] = [50.0, 100.0, 200.0, 400.0, 800.0, 1_600.0, 3_200.0, 6_400.0];
/// Why none of these can be refused.
const SOUND: &str = "the names are valid and each is used once";

/// Counters of one agent.
#[derive(Debug)]
pub struct Metrics {
    /// Turns taken.
    pub taken: IntCounter,
    /// Turns refused because all places were in use.
    pub refused: IntCounter,
    /// Turns that ended well.
    pub done: IntCounter,
    /// Turns that failed.
    pub failed: IntCounter,
    /// Turns that were stopped.
    pub cancelled: IntCounter,
    /// Turns running now.
    pub running: IntGauge,
    /// Turns waiting for a place now.
    pub waiting: IntGauge,
    /// How long turns took to their first sound, in milliseconds.
    pub first_audio: Histogram,
    registry: Registry,
}

impl Default for Metrics {
    fn default() -> Self {
        let registry = Registry::new();
        let counter = |name, help| shown(&registry, IntCounter::new(name, help));
        let gauge = |name, help| shown(&registry, IntGauge::new(name, help));
        let ended = IntCounterVec::new(Opts::new("synapscribe_turns_ended_total", "Questions by how they ended."), &["end"]);
        let ended = shown(&registry, ended);
        let waited = HistogramOpts::new("synapscribe_first_audio_milliseconds", "Time from a question to its first sound.");
        Self {
            taken: counter("synapscribe_turns_taken_total", "Questions taken."),
            refused: counter("synapscribe_turns_refused_total", "Questions refused because the queue was full."),
            done: ended.with_label_values(&["done"]),
            failed: ended.with_label_values(&["failed"]),
            cancelled: ended.with_label_values(&["cancelled"]),
            running: gauge("synapscribe_turns_running", "Questions being answered now."),
            waiting: gauge("synapscribe_turns_waiting", "Questions waiting for a place."),
            first_audio: shown(&registry, Histogram::with_opts(waited.buckets(BOUNDS.to_vec()))),
            registry,
        }
    }
}

impl Metrics {
    /// The text form.
    pub fn render(&self) -> String {
        TextEncoder::new().encode_to_string(&self.registry.gather()).expect("what was counted can be written")
    }
}

fn shown<C: Collector + Clone + 'static>(registry: &Registry, made: prometheus::Result<C>) -> C {
    let collector = made.expect(SOUND);
    registry.register(Box::new(collector.clone())).expect(SOUND);
    collector
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_shown_under_its_name() {
        let metrics = Metrics::default();
        metrics.taken.inc();
        metrics.done.inc();
        metrics.running.inc();
        metrics.first_audio.observe(120.0);
        let text = metrics.render();
        for line in [
            "# TYPE synapscribe_turns_taken_total counter",
            "synapscribe_turns_taken_total 1",
            "synapscribe_turns_ended_total{end=\"done\"} 1",
            "synapscribe_turns_ended_total{end=\"failed\"} 0",
            "synapscribe_turns_running 1",
            "synapscribe_first_audio_milliseconds_bucket{le=\"100\"} 0",
            "synapscribe_first_audio_milliseconds_bucket{le=\"200\"} 1",
            "synapscribe_first_audio_milliseconds_bucket{le=\"+Inf\"} 1",
            "synapscribe_first_audio_milliseconds_sum 120",
            "synapscribe_first_audio_milliseconds_count 1",
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line} is not in\n{text}");
        }
        assert!(Metrics::default().render().contains("synapscribe_turns_taken_total 0"), "each agent has counters of its own");
    }
}
