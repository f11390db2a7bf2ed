//! The child's side: one file on standard input, frames on standard output, and nothing else in reach.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What the process was asked for, when it was started with this hidden argument in front.
pub fn asked(argument: &str) -> Option<Vec<String>> {
    let mut arguments = std::env::args().skip(1);
    (arguments.next().as_deref() == Some(argument)).then(|| arguments.collect())
}

/// Ends the process; a child that could not even begin says so by its status.
pub fn end(done: bool) -> ! {
    std::process::exit(if done { 0 } else { 2 })
}

/// The status of a child that found the file broken and could not say so.
pub(crate) const BROKEN: i32 = 3;

/// Keeps panics off the standard error: the parent wants a verdict and not the text of a panic. In a program whose panics end it,
/// they end it otherwise than by an abort, which is how an allocation beyond the limit ends.
pub fn silence_panics() {
    std::panic::set_hook(Box::new(|_| {
        if cfg!(panic = "abort") {
            std::process::exit(BROKEN);
        }
    }));
}

/// Runs parsers whose panics mean nothing more than that the file is broken.
pub fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

/// The file that the parent put on standard input. It may be taken once.
#[cfg(unix)]
pub fn standard_input() -> File {
    use std::os::fd::{FromRawFd, OwnedFd};
    // SAFETY: descriptor 0 is open (the parent put the file there), nothing else in this process uses it, and the process ends
    // when the work is done.
    File::from(unsafe { OwnedFd::from_raw_fd(0) })
}

/// The file that the parent put on standard input. It may be taken once.
#[cfg(windows)]
pub fn standard_input() -> File {
    use std::os::windows::io::{AsHandle, OwnedHandle};
    let handle: OwnedHandle =
        std::io::stdin().as_handle().try_clone_to_owned().expect("the parent hands the file over as standard input");
    File::from(handle)
}
