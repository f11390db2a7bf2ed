//! The parent's side: reads one recording in a child, and explains an end without a last word.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use synapscribe_domain::{Code, Failure, MediaFacts};
use synapscribe_ports::{AudioFiles, DecodeReport, SpeechMap};
use synapscribe_sandbox::{Child, End, explain_opening, this_program};
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
        this_program().map(Self::new)
    }

    fn start(&self, work: &str, limits: &WorkLimits, recording: std::fs::File) -> Result<Worker, Failure> {
        let limits_text = serde_json::to_string(limits).map_err(|_| Failure::internal())?;
        let patience = Duration::from_secs(limits.wait_seconds);
        Child::start(&self.program, &[ARGUMENT, work, &limits_text], recording, patience).map(Worker).map_err(explain)
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

/// A child that reads a recording.
struct Worker(Child);

impl Worker {
    /// The next frame, or why there is none.
    async fn next(&mut self) -> Result<Frame, Failure> {
        let frame = self.0.next(frames::longest).await.map_err(explain)?;
        frames::parse(frame).ok_or_else(verdict::corrupt)
    }
}

/// Why a child ended without a verdict.
fn explain(end: End) -> Failure {
    end.of_machine().unwrap_or_else(|| match end {
        End::TooSlow => Failure::new(
            Code::AudioCorrupt,
            "reading the file takes longer than any recording does, so its contents are damaged; export it again",
        ),
        End::TooGreedy => Failure::new(
            Code::AudioCorrupt,
            "reading the file would need more memory than any recording does, so its header is damaged; export it again",
        ),
        _ => verdict::corrupt(),
    })
}

/// Opens a recording for a child.
pub(crate) async fn open(path: &Path) -> Result<std::fs::File, Failure> {
    let meta = tokio::fs::metadata(path).await.map_err(|error| explain_opening(&error, "recording"))?;
    if !meta.is_file() {
        return Err(verdict::unknown_format());
    }
    if meta.len() == 0 {
        return Err(verdict::empty());
    }
    Ok(tokio::fs::File::open(path).await.map_err(|error| explain_opening(&error, "recording"))?.into_std().await)
}
