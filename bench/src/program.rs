//! The built programs as processes: where they are, and a host to measure.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, ensure};

/// The folder the programs were built into.
pub fn artefacts() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe()?;
    Ok(own.parent().context("a program lies in a folder")?.to_owned())
}

/// The built `synapscribe`.
pub fn synapscribe() -> anyhow::Result<PathBuf> {
    let program = artefacts()?.join("synapscribe");
    ensure!(program.is_file(), "{} is missing; build it with `make bench`", program.display());
    Ok(program)
}

/// A running host, ended when it is dropped.
pub struct Host {
    child: Child,
    pub address: String,
    /// Removed when the host is dropped.
    _data: tempfile::TempDir,
}

impl Host {
    /// Starts one on a folder of its own.
    pub fn start(sample: bool) -> anyhow::Result<Self> {
        Self::start_with(sample, &[])
    }

    /// The same with settings of its own.
    pub fn start_with(sample: bool, settings: &[(&str, OsString)]) -> anyhow::Result<Self> {
        let data = tempfile::tempdir()?;
        let mut command = Command::new(synapscribe()?);
        command.args(["serve", "--listen", "127.0.0.1:0", "--json", "--data"]).arg(data.path());
        command.envs(settings.iter().map(|(name, value)| (*name, value)));
        if !sample {
            command.env("SYNAPSCRIBE_SAMPLE", "off");
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let output = child.stdout.take().context("its output is piped")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let said: serde_json::Value = serde_json::from_str(&line).with_context(|| format!("the host said {line:?}"))?;
        let address = ["url", "address"].iter().find_map(|f| said.get(f)?.as_str()).context("the host names its address")?;
        let address = if address.starts_with("http") { address.to_owned() } else { format!("http://{address}") };
        Ok(Self { child, address, _data: data })
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Its resident memory in megabytes.
    pub fn memory_mb(&self) -> anyhow::Result<f64> {
        memory_mb(self.pid())
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // It is ours and holds only scratch data.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A process's resident memory in megabytes.
pub fn memory_mb(pid: u32) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).context("a process tells its memory")?;
    let kilobytes: f64 = line.split_whitespace().nth(1).context("the memory is a number")?.parse()?;
    Ok(kilobytes / 1024.0)
}

/// The processes that another one started and that still run. Not every kernel lists them with their parent.
pub fn children(pid: u32) -> Vec<u32> {
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let all = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    all.filter(|one| parent(*one) == Some(pid)).collect()
}

/// The second field behind a process's name, which may hold anything, a bracket too.
fn parent(pid: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}
