//! The peers that are measured in the same minutes: programs nobody here wrote, and the plainest way to do the same in Python.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::table::percentile;

const RUNS: usize = 5;

/// The Python that holds what the peers need.
pub fn python() -> Command {
    Command::new(std::env::var_os("SYNAPSCRIBE_BENCH_PYTHON").unwrap_or_else(|| "python3".into()))
}

/// A script of `bench/peers`.
pub fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(name)
}

/// What a script of `bench/peers` prints when it is run with these arguments.
pub fn measured(name: &str, arguments: &[String]) -> anyhow::Result<Value> {
    let output = python().arg(script(name)).args(arguments).stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "the peer {name} failed");
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// A number of what a peer printed.
pub fn number(said: &Value, field: &str) -> anyhow::Result<f64> {
    said[field].as_f64().with_context(|| format!("a peer says its {field}"))
}

/// The median milliseconds that a command takes as a whole process.
pub fn median_ms(command: &mut Command) -> anyhow::Result<f64> {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let begun = Instant::now();
        let status = command.status().with_context(|| format!("{:?} is needed for the comparison", command.get_program()))?;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
        ensure!(status.success(), "{:?} failed", command.get_program());
    }
    Ok(percentile(&mut times, 0.5))
}

/// A script of `bench/peers` that serves until it is dropped.
pub struct Serving {
    child: Child,
    pub said: Value,
}

impl Serving {
    pub fn start(name: &str) -> anyhow::Result<Self> {
        let mut child = python().arg(script(name)).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("its output is piped")?).read_line(&mut line)?;
        let said = serde_json::from_str(&line).with_context(|| format!("the peer {name} said {line:?}"))?;
        Ok(Self { child, said })
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
