//! The parent's side: starts a child for one recording, listens to it no longer than allowed, and explains its end.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use synapscribe_domain::{Code, Failure, MediaFacts};
use synapscribe_ports::{AudioFiles, DecodeReport, SpeechMap};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::mpsc;

use crate::frames::{self, Frame, Verdict};
use crate::limits::WorkLimits;
use crate::verdict;
use crate::worker::{ARGUMENT, DECODE, HEAR, INSPECT};

/// Reads recordings in child processes with limits on memory, time and output.
#[derive(Debug, Clone)]
pub struct SandboxedMedia {
    /// The program to run; its `main` starts with [`crate::run_worker_if_asked`].
    pub program: PathBuf,
    /// The limits of measuring.
    pub inspect: WorkLimits,
    /// The limits of decoding.
    pub decode: WorkLimits,
}

impl SandboxedMedia {
    /// With the given program as the child and the usual limits.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), inspect: WorkLimits::INSPECT, decode: WorkLimits::DECODE }
    }

    /// With the running program as the child.
    pub fn this_program() -> io::Result<Self> {
        // On Linux this name works even when the file was replaced by an update while the program runs.
        if cfg!(target_os = "linux") { Ok(Self::new("/proc/self/exe")) } else { std::env::current_exe().map(Self::new) }
    }

    fn start(&self, work: &str, limits: &WorkLimits, recording: std::fs::File) -> Result<Worker, Failure> {
        let limits_text = serde_json::to_string(limits).map_err(|_| Failure::internal())?;
        let mut command = Command::new(&self.program);
        command.arg(ARGUMENT).arg(work).arg(limits_text);
        // The child needs nothing of the parent's surroundings, least of all its secrets; only the loader may need its path.
        command.env_clear().envs(std::env::vars_os().filter(|(name, _)| name == OsStr::new("LD_LIBRARY_PATH")));
        command.stdin(Stdio::from(recording)).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|_| Failure::internal())?;
        let output = child.stdout.take().ok_or_else(Failure::internal)?;
        Ok(Worker { child, output, patience: Duration::from_secs(limits.wait_seconds) })
    }
}

#[async_trait]
impl AudioFiles for SandboxedMedia {
    async fn inspect(&self, path: &Path) -> Result<MediaFacts, Failure> {
        let mut worker = self.start(INSPECT, &self.inspect, open(path).await?)?;
        match worker.next().await? {
            Frame::Verdict(Verdict::Facts(facts)) => Ok(facts),
            Frame::Verdict(Verdict::Refused(failure)) => Err(failure),
            _ => Err(verdict::corrupt()),
        }
    }

    async fn speech(&self, path: &Path) -> Result<SpeechMap, Failure> {
        let mut worker = self.start(HEAR, &self.decode, open(path).await?)?;
        match worker.next().await? {
            Frame::Verdict(Verdict::Heard { spans, loudest_rms, length, waveform, damaged_packets }) => {
                Ok(SpeechMap { spans, loudest_rms, length, waveform, damaged_packets })
            }
            Frame::Verdict(Verdict::Refused(failure)) => Err(failure),
            _ => Err(verdict::corrupt()),
        }
    }

    async fn decode(&self, path: &Path, sink: mpsc::Sender<Vec<f32>>) -> Result<DecodeReport, Failure> {
        let mut worker = self.start(DECODE, &self.decode, open(path).await?)?;
        let most = self.decode.output_seconds.saturating_mul(u64::from(synapscribe_domain::audio::SPEECH_RATE));
        let mut samples = 0u64;
        loop {
            match worker.next().await? {
                Frame::Sound(block) => {
                    samples += block.len() as u64;
                    if samples > most {
                        return Err(verdict::endless());
                    }
                    if sink.send(block).await.is_err() {
                        return Ok(DecodeReport { damaged_packets: 0, samples });
                    }
                }
                Frame::Verdict(Verdict::Decoded { damaged_packets, .. }) => return Ok(DecodeReport { damaged_packets, samples }),
                Frame::Verdict(Verdict::Refused(failure)) => return Err(failure),
                Frame::Verdict(_) => return Err(verdict::corrupt()),
            }
        }
    }
}

/// A running child; dropping it kills it.
struct Worker {
    child: Child,
    output: ChildStdout,
    patience: Duration,
}

impl Worker {
    /// The next frame, or why there is none.
    async fn next(&mut self) -> Result<Frame, Failure> {
        let asked = Instant::now();
        let frame = tokio::time::timeout(self.patience, frames::read(&mut self.output)).await;
        self.patience = self.patience.saturating_sub(asked.elapsed());
        match frame {
            Ok(Ok(frame)) => Ok(frame),
            Ok(Err(_)) => {
                // Its output has ended, so it has ended or is about to; a child that lingers is not waited for.
                let ended = tokio::time::timeout(Duration::from_secs(1), self.child.wait()).await;
                Err(explain(ended.ok().and_then(Result::ok)))
            }
            Err(_) => {
                let _ = self.child.kill().await;
                Err(held_up())
            }
        }
    }
}

/// Why a child ended without a verdict.
fn explain(status: Option<ExitStatus>) -> Failure {
    #[cfg(unix)]
    if let Some(signal) = status.and_then(|s| std::os::unix::process::ExitStatusExt::signal(&s)) {
        return match signal {
            libc::SIGXCPU => too_slow(),
            // The child's own limits never end so: it was the system, short of memory, or somebody at the machine.
            libc::SIGKILL => held_up(),
            // An allocation beyond the limit ends in an abort.
            libc::SIGABRT => Failure::new(
                Code::AudioCorrupt,
                "reading the file would need more memory than any recording does, so its header is damaged; export it again",
            ),
            _ => verdict::corrupt(),
        };
    }
    // The only other end without a verdict is a child that could not set itself up.
    status.filter(|s| !s.success()).map_or_else(verdict::corrupt, |_| Failure::internal())
}

fn too_slow() -> Failure {
    Failure::new(
        Code::AudioCorrupt,
        "reading the file takes longer than any recording does, so its contents are damaged; export it again",
    )
}

/// The machine was in the way, and not the file: only the child's own limits speak against a recording.
fn held_up() -> Failure {
    Failure::new(
        Code::Internal,
        "reading the file was cut off because the server is short of memory or time; try again when it is less busy",
    )
}

/// Opens a recording for a child.
pub(crate) async fn open(path: &Path) -> Result<std::fs::File, Failure> {
    let meta = tokio::fs::metadata(path).await.map_err(|error| explain_open(&error))?;
    if !meta.is_file() {
        return Err(verdict::unknown_format());
    }
    if meta.len() == 0 {
        return Err(verdict::empty());
    }
    Ok(tokio::fs::File::open(path).await.map_err(|error| explain_open(&error))?.into_std().await)
}

fn explain_open(error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::NotFound => Failure::not_found("recording"),
        _ => verdict::unreadable(),
    }
}
