//! Measuring a 60-minute mp3 in the sandbox, beside librosa and ffprobe on the same file.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, ensure};
use synapscribe_media::SandboxedMedia;
use synapscribe_ports::AudioFiles;

use crate::peer;
use crate::table::{Better, Row, Table, percentile};

const RUNS: usize = 11;

pub async fn measure(table: &mut Table) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("hour.mp3");
    eprintln!("validate: making a 60-minute mp3");
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", "anoisesrc=d=3600:c=pink:r=44100:a=0.2", "-ac", "1", "-b:a", "128k"])
        .arg(&file)
        .status()
        .context("ffmpeg is needed to make the recording")?;
    ensure!(made.success(), "ffmpeg could not make the recording");
    let media = SandboxedMedia::this_program()?;
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let begun = Instant::now();
        let facts = media.inspect(&file).await?;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
        ensure!(facts.duration.0.abs_diff(3_600_000) < 100, "measured {}", facts.duration);
    }
    let ffprobe = peer::median_ms(Command::new("ffprobe").args(["-v", "error", "-show_entries", "format=duration"]).arg(&file))?;
    let (librosa, librosa_mb) = librosa(&file)?;
    let ms = percentile(&mut times, 0.5);
    table.add(
        Row::new("validate: a 60-minute mp3, p50 (peer ffprobe)", ms, "ms", Better::Lower).bar(150.0).peer("ffprobe", ffprobe),
    );
    table.add(
        Row::new("validate: a 60-minute mp3, p50 (peer librosa)", ms, "ms", Better::Lower)
            .bar(150.0)
            .peer("librosa load", librosa),
    );
    let peak = worker_peak_mb(&file)?;
    let asked = ["ffprobe", "-v", "error", "-show_entries", "format=duration"].map(OsStr::new);
    let (_, ffprobe_mb) = timed(&[&asked[..], &[file.as_os_str()]].concat())?;
    for (peer, megabytes) in [("librosa load", librosa_mb), ("ffprobe", ffprobe_mb)] {
        let name = format!("validate: memory of the child process (peer {peer})");
        table.add(Row::new(name, peak, "MB", Better::Lower).bar(64.0).peer(peer, megabytes));
    }
    Ok(())
}

/// Runs a command under GNU time once and returns milliseconds and peak megabytes.
fn timed(command: &[&OsStr]) -> anyhow::Result<(f64, f64)> {
    let begun = Instant::now();
    let output = Command::new("/usr/bin/time").args(["-f", "%M"]).args(command).output().context("GNU time is needed")?;
    let ms = begun.elapsed().as_secs_f64() * 1000.0;
    let text = String::from_utf8_lossy(&output.stderr);
    let last = text.lines().last().unwrap_or_default();
    let kilobytes: f64 = last.trim().parse().with_context(|| format!("time said {text:?}"))?;
    Ok((ms, kilobytes / 1024.0))
}

/// The peak memory of the very work the sandbox does, in a process of its own.
fn worker_peak_mb(file: &Path) -> anyhow::Result<f64> {
    let own = std::env::current_exe()?;
    let limits = serde_json::to_string(&synapscribe_media::WorkLimits::INSPECT)?;
    let script = format!("exec \"$0\" __media-worker inspect '{limits}' < \"$1\" > /dev/null");
    let arguments: [&OsStr; 5] = ["sh".as_ref(), "-c".as_ref(), script.as_ref(), own.as_os_str(), file.as_os_str()];
    Ok(timed(&arguments)?.1)
}

/// What a validation by librosa costs: it decodes the whole file.
fn librosa(file: &Path) -> anyhow::Result<(f64, f64)> {
    let python = peer::python();
    let code = "import sys, librosa; y, sr = librosa.load(sys.argv[1], sr=None); print(len(y) / sr)";
    timed(&[python.get_program(), "-c".as_ref(), code.as_ref(), file.as_os_str()]).context("librosa is needed for the comparison")
}
