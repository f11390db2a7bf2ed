//! The child's side: one recording on standard input, frames on standard output, and nothing else in reach.

use std::io::{BufWriter, Write};
use std::ops::ControlFlow;

use synapscribe_domain::Failure;
use synapscribe_sandbox::worker;

use crate::frames::{Verdict, write_sound, write_verdict};
use crate::limits::WorkLimits;
use crate::{decode, inspect, verdict};

/// The first argument of a process that is to read one recording for its parent.
pub(crate) const ARGUMENT: &str = "__media-worker";
pub(crate) const INSPECT: &str = "inspect";
pub(crate) const DECODE: &str = "decode";
pub(crate) const HEAR: &str = "hear";

/// Does the child's work and ends the process, when that is what it was started for; otherwise returns at once.
///
/// Call this first in `main`, before threads are started: every program that uses [`crate::SandboxedMedia`] runs itself again
/// with a hidden argument.
pub fn run_worker_if_asked() {
    let Some(arguments) = worker::asked(ARGUMENT) else { return };
    let [work, limits, ..] = arguments.as_slice() else { worker::end(false) };
    let limits = serde_json::from_str::<WorkLimits>(limits).ok();
    worker::end(limits.is_some_and(|limits| limits.of_process().enter().is_ok() && run(work, &limits).is_ok()))
}

fn run(work: &str, limits: &WorkLimits) -> std::io::Result<()> {
    worker::silence_panics();
    let mut out = BufWriter::with_capacity(64 * 1024, std::io::stdout().lock());
    let verdict = guarded(|| {
        let input = Box::new(worker::standard_input());
        match work {
            DECODE => {
                let mut emit = |block: &[f32]| match write_sound(&mut out, block).and_then(|()| out.flush()) {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(_) => ControlFlow::Break(()),
                };
                decode::decode(input, &mut emit).map(Verdict::from)
            }
            HEAR => decode::hear(input, limits.output_seconds).map(Verdict::from),
            _ => inspect::inspect(input).map(Verdict::Facts),
        }
    });
    write_verdict(&mut out, &verdict.unwrap_or_else(Verdict::Refused))
}

/// Runs parsers whose panics mean nothing more than that the file is broken.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    worker::guarded(work).unwrap_or_else(|| Err(verdict::corrupt()))
}
