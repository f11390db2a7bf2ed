//! How long a host takes to its first answered health check, and the terminal to its help.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::program::{Host, synapscribe};
use crate::table::{Better, Row, Table, percentile};

const RUNS: usize = 11;

pub async fn measure(table: &mut Table) -> anyhow::Result<()> {
    let http = reqwest::Client::new();
    let mut starts = Vec::new();
    for _ in 0..RUNS {
        let begun = Instant::now();
        let host = Host::start(false)?;
        loop {
            match http.get(format!("{}/health", host.address)).send().await {
                Ok(answer) if answer.status().is_success() => break,
                _ => tokio::time::sleep(Duration::from_millis(1)).await,
            }
        }
        starts.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    let program = synapscribe()?;
    let helps = time(Command::new(&program).arg("--help"))?;
    let peer = time(Command::new("ffprobe").arg("-version")).unwrap_or(f64::NAN);
    table.add(
        Row::new("start: host to first answered health check, p50", percentile(&mut starts, 0.5), "ms", Better::Lower).bar(300.0),
    );
    table.add(Row::new("start: terminal --help, p50", helps, "ms", Better::Lower).bar(20.0).peer("ffprobe -version", peer));
    Ok(())
}

fn time(command: &mut Command) -> anyhow::Result<f64> {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let begun = Instant::now();
        command.status()?;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(percentile(&mut times, 0.5))
}
