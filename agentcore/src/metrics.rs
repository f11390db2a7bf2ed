//! Counts of what the daemon does, in the text form Prometheus reads.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The upper ends of the first-audio histogram, in milliseconds.
const BOUNDS: [u64; 8] = [50, 100, 200, 400, 800, 1_600, 3_200, 6_400];

/// Counters of one process.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Turns taken.
    pub taken: AtomicU64,
    /// Turns refused because all places were in use.
    pub refused: AtomicU64,
    /// Turns that ended well.
    pub done: AtomicU64,
    /// Turns that failed.
    pub failed: AtomicU64,
    /// Turns that were stopped.
    pub cancelled: AtomicU64,
    /// Turns running now.
    pub running: AtomicU64,
    /// Turns waiting for a place now.
    pub waiting: AtomicU64,
    buckets: [AtomicU64; BOUNDS.len()],
    audio_count: AtomicU64,
    audio_sum: AtomicU64,
}

impl Metrics {
    /// Notes how long a turn took to its first sound.
    pub fn first_audio(&self, ms: u64) {
        for (bound, bucket) in BOUNDS.iter().zip(&self.buckets) {
            if ms <= *bound {
                bucket.fetch_add(1, Relaxed);
            }
        }
        self.audio_count.fetch_add(1, Relaxed);
        self.audio_sum.fetch_add(ms, Relaxed);
    }

    /// The text form.
    pub fn render(&self) -> String {
        let mut out = String::new();
        let mut one = |name: &str, kind: &str, help: &str, lines: &[(&str, u64)]| {
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
            for (labels, value) in lines {
                let _ = writeln!(out, "{name}{labels} {value}");
            }
        };
        one("synapscribe_turns_taken_total", "counter", "Questions taken.", &[("", self.taken.load(Relaxed))]);
        one(
            "synapscribe_turns_refused_total",
            "counter",
            "Questions refused because the queue was full.",
            &[("", self.refused.load(Relaxed))],
        );
        one(
            "synapscribe_turns_ended_total",
            "counter",
            "Questions by how they ended.",
            &[
                ("{end=\"done\"}", self.done.load(Relaxed)),
                ("{end=\"failed\"}", self.failed.load(Relaxed)),
                ("{end=\"cancelled\"}", self.cancelled.load(Relaxed)),
            ],
        );
        one("synapscribe_turns_running", "gauge", "Questions being answered now.", &[("", self.running.load(Relaxed))]);
        one("synapscribe_turns_waiting", "gauge", "Questions waiting for a place.", &[("", self.waiting.load(Relaxed))]);
        let name = "synapscribe_first_audio_milliseconds";
        let _ = writeln!(out, "# HELP {name} Time from a question to its first sound.\n# TYPE {name} histogram");
        for (bound, bucket) in BOUNDS.iter().zip(&self.buckets) {
            let _ = writeln!(out, "{name}_bucket{{le=\"{bound}\"}} {}", bucket.load(Relaxed));
        }
        let count = self.audio_count.load(Relaxed);
        let _ = writeln!(
            out,
            "{name}_bucket{{le=\"+Inf\"}} {count}\n{name}_sum {}\n{name}_count {count}",
            self.audio_sum.load(Relaxed)
        );
        out
    }
}
