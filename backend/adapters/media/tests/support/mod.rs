//! Recordings made on the spot with ffmpeg, and ways to damage them.

// Every test file is a program of its own and uses a part of this one.
#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::process::Command;

use synapscribe_domain::{Failure, MediaFacts};
use synapscribe_media::SandboxedMedia;
use synapscribe_ports::{AudioFiles, DecodeReport};
use tokio::sync::mpsc;

/// A sound whose loudness and pitch move as they do in speech; every second differs from every other.
pub const VOICE: &str = "aevalsrc='0.4*sin(2*PI*(150+40*sin(2*PI*0.7*t))*t)*(0.55+0.45*sin(2*PI*3*t))\
    +0.15*sin(2*PI*(900+300*sin(2*PI*0.9*t))*t)*(0.5+0.5*sin(2*PI*2.3*t))+0.01*random(0)'";

/// A folder of recordings that goes away with the test.
pub struct Studio {
    folder: tempfile::TempDir,
}

impl Studio {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes bytes under a name.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).expect("a test file");
        path
    }

    /// Runs ffmpeg with a source of its own making; the output is `name`.
    pub fn make(&self, source: &str, options: &str, name: &str) -> PathBuf {
        let path = self.path(name);
        let mut command = Command::new("ffmpeg");
        command.args(["-hide_banner", "-loglevel", "error", "-nostdin", "-y", "-f", "lavfi", "-i", source]);
        command.args(options.split_whitespace()).arg(&path);
        let output = command.output().expect("these tests need ffmpeg: apt-get install ffmpeg");
        assert!(output.status.success(), "ffmpeg {options}: {}", String::from_utf8_lossy(&output.stderr));
        path
    }

    /// Some seconds of the voice-like sound.
    pub fn voice(&self, seconds: f64, rate: u32, options: &str, name: &str) -> PathBuf {
        self.make(&format!("{VOICE}:s={rate}:d={seconds}"), options, name)
    }
}

/// The reader under test, in its sandbox.
pub fn media() -> SandboxedMedia {
    SandboxedMedia::new(env!("CARGO_BIN_EXE_synapscribe-media-worker"))
}

/// All of a recording, at once.
pub async fn decode(media: &impl AudioFiles, path: &Path) -> Result<(Vec<f32>, DecodeReport), Failure> {
    let (sink, mut blocks) = mpsc::channel::<Vec<f32>>(4);
    let collect = async {
        let mut all = Vec::new();
        while let Some(block) = blocks.recv().await {
            assert!(block.len() <= 16_000, "a block of {} samples", block.len());
            all.extend(block);
        }
        all
    };
    let (report, all) = tokio::join!(media.decode(path, sink), collect);
    report.map(|report| (all, report))
}

/// What is measured of a recording.
pub async fn inspect(path: &Path) -> Result<MediaFacts, Failure> {
    media().inspect(path).await
}

/// A small generator, so that a failing case can be found again from its seed.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below.max(1) as u64) as usize
    }
}
