//! The child's side: one recording on standard input, frames on standard output, and nothing else in reach.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use synapscribe_domain::Failure;

use crate::frames::{Verdict, write_sound, write_verdict};
use crate::limits::WorkLimits;
use crate::source::Bytes;
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
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() != Some(ARGUMENT) {
        return;
    }
    let work = arguments.next().unwrap_or_default();
    let limits = arguments.next().and_then(|text| serde_json::from_str::<WorkLimits>(&text).ok());
    let done = limits.is_some_and(|limits| limits.enter().is_ok() && run(&work, &limits).is_ok());
    std::process::exit(if done { 0 } else { 2 });
}

fn run(work: &str, limits: &WorkLimits) -> std::io::Result<()> {
    // The parent wants a verdict and not the text of a panic.
    std::panic::set_hook(Box::new(|_| {}));
    let mut out = BufWriter::with_capacity(64 * 1024, std::io::stdout().lock());
    let verdict = guarded(|| {
        let input = Box::new(standard_input());
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
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(verdict::corrupt()))
}

#[cfg(unix)]
fn standard_input() -> impl Bytes + 'static {
    use std::os::fd::{FromRawFd, OwnedFd};
    // SAFETY: descriptor 0 is open (the parent put the recording there), nothing else in this process uses it, and the
    // process ends when the work is done.
    File::from(unsafe { OwnedFd::from_raw_fd(0) })
}

#[cfg(windows)]
fn standard_input() -> impl Bytes + 'static {
    use std::os::windows::io::{AsHandle, OwnedHandle};
    let handle: OwnedHandle =
        std::io::stdin().as_handle().try_clone_to_owned().expect("the parent hands the recording over as standard input");
    File::from(handle)
}
