//! How long a host takes to its first answered health check, and the terminal to its help.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::peer;
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
    let helps = peer::median_ms(Command::new(synapscribe()?).arg("--help"))?;
    let ffprobe = peer::median_ms(Command::new("ffprobe").arg("-version"))?;
    let python = python_server(&http).await?;
    table.add(
        Row::new("start: host to first answered health check, p50", percentile(&mut starts, 0.5), "ms", Better::Lower)
            .bar(300.0)
            .peer("python -m http.server", python),
    );
    table.add(Row::new("start: terminal --help, p50", helps, "ms", Better::Lower).bar(20.0).peer("ffprobe -version", ffprobe));
    Ok(())
}

/// How long the plainest server takes to its first answer.
async fn python_server(http: &reqwest::Client) -> anyhow::Result<f64> {
    let mut starts = Vec::new();
    for _ in 0..5 {
        let folder = tempfile::tempdir()?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let begun = Instant::now();
        let mut server = peer::python();
        server.args(["-m", "http.server", "--bind", "127.0.0.1", "--directory"]).arg(folder.path()).arg(port.to_string());
        let mut child = server.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        while http.get(format!("http://127.0.0.1:{port}/")).send().await.is_err() && begun.elapsed() < Duration::from_secs(20) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        starts.push(begun.elapsed().as_secs_f64() * 1000.0);
        child.kill()?;
        child.wait()?;
    }
    Ok(percentile(&mut starts, 0.5))
}
