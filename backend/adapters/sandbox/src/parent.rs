//! The parent's side: starts a child for one file, listens to it no longer than allowed, and tells why it ended.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use synapscribe_domain::{Code, Failure};
use tokio::process::{ChildStdout, Command};

use crate::frames::{self, Longest};
use crate::worker::BROKEN;

/// The running program, by a name under which it can be started again.
pub fn this_program() -> io::Result<PathBuf> {
    // On Linux this name works even when the file was replaced by an update while the program runs.
    if cfg!(target_os = "linux") { Ok("/proc/self/exe".into()) } else { std::env::current_exe() }
}

/// A running child; dropping it kills it.
#[derive(Debug)]
pub struct Child {
    process: tokio::process::Child,
    output: ChildStdout,
    patience: Duration,
}

/// How a child ended without its last word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It could not be started, or could not set itself up.
    NotStarted,
    /// It used up its processor time.
    TooSlow,
    /// It used up its memory.
    TooGreedy,
    /// The machine was in the way, and not the file: only the child's own limits speak against a file.
    HeldUp,
    /// It crashed, or said nothing that makes sense.
    Broken,
}

impl End {
    /// The failure for the two ends that no file is to blame for.
    pub fn of_machine(self) -> Option<Failure> {
        match self {
            Self::NotStarted => Some(Failure::internal()),
            Self::HeldUp => Some(Failure::new(
                Code::Internal,
                "reading the file was cut off because the server is short of memory or time; try again when it is less busy",
            )),
            Self::TooSlow | Self::TooGreedy | Self::Broken => None,
        }
    }
}

impl Child {
    /// Starts a program that reads `input` as its standard input; `patience` is how long it is waited for in all, not counting
    /// the time in which nobody asks it for anything.
    pub fn start(program: &Path, arguments: &[&str], input: File, patience: Duration) -> Result<Self, End> {
        let mut command = Command::new(program);
        command.args(arguments);
        // The child needs nothing of the parent's surroundings, least of all its secrets; only the loader may need its path.
        command.env_clear().envs(std::env::vars_os().filter(|(name, _)| name == OsStr::new("LD_LIBRARY_PATH")));
        command.stdin(Stdio::from(input)).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut process = command.spawn().map_err(|_| End::NotStarted)?;
        let output = process.stdout.take().ok_or(End::NotStarted)?;
        Ok(Self { process, output, patience })
    }

    /// The next frame, or why there is none.
    pub async fn next(&mut self, longest: Longest) -> Result<(u8, Vec<u8>), End> {
        let asked = Instant::now();
        let frame = tokio::time::timeout(self.patience, frames::read(&mut self.output, longest)).await;
        self.patience = self.patience.saturating_sub(asked.elapsed());
        match frame {
            Ok(Ok(frame)) => Ok(frame),
            Ok(Err(_)) => {
                // Its output has ended, so it has ended or is about to; a child that lingers is not waited for.
                let ended = tokio::time::timeout(Duration::from_secs(1), self.process.wait()).await;
                Err(end(ended.ok().and_then(Result::ok)))
            }
            Err(_) => {
                let _ = self.process.kill().await;
                Err(End::HeldUp)
            }
        }
    }
}

fn end(status: Option<ExitStatus>) -> End {
    #[cfg(unix)]
    if let Some(signal) = status.and_then(|s| std::os::unix::process::ExitStatusExt::signal(&s)) {
        return match signal {
            libc::SIGXCPU => End::TooSlow,
            // The child's own limits never end so: it was the system, short of memory, or somebody at the machine.
            libc::SIGKILL => End::HeldUp,
            // An allocation beyond the limit ends in an abort.
            libc::SIGABRT => End::TooGreedy,
            _ => End::Broken,
        };
    }
    match status.and_then(|status| status.code()) {
        None | Some(0 | BROKEN) => End::Broken,
        // The only other end without a last word is a child that could not set itself up.
        Some(_) => End::NotStarted,
    }
}

/// Why a file cannot be opened; `what` names it to a person.
pub fn explain_opening(error: &io::Error, what: &str) -> Failure {
    match error.kind() {
        io::ErrorKind::NotFound => Failure::not_found(what),
        _ => Failure::new(Code::Internal, "the file could not be read from the disk; try again in a moment"),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    #[test]
    fn a_file_is_broken_where_a_panic_ended_the_child_and_too_much_where_an_allocation_did() {
        let ended = |raw: i32| end(Some(ExitStatus::from_raw(raw)));
        assert_eq!(ended(BROKEN << 8), End::Broken);
        assert_eq!(ended(2 << 8), End::NotStarted);
        assert_eq!(ended(libc::SIGABRT), End::TooGreedy);
        assert_eq!((ended(libc::SIGSEGV), ended(0), end(None)), (End::Broken, End::Broken, End::Broken));
    }
}
