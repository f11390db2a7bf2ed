//! AgentCore as the daemon it is on a machine with an accelerator: started from the built program, killed when the story is over.

use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::process::{self, Log, end};
use crate::{StoryError, curl, program};

/// A condition is waited for this long.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running `synapscribe-agentcore`.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    listen: String,
    log: Log,
}

impl Daemon {
    /// A daemon for the lectures in a host's data folder, at `ADDR:PORT` (port 0 picks one), after the story has had its say.
    pub fn start(data: &Path, listen: &str, arrange: impl FnOnce(&mut Command)) -> Result<Self, StoryError> {
        Self::start_with(listen, |command| {
            command.arg("--data").arg(data);
            arrange(command);
        })
    }

    /// A daemon that is told by the story where its lectures are.
    pub fn start_with(listen: &str, arrange: impl FnOnce(&mut Command)) -> Result<Self, StoryError> {
        let mut command = Command::new(program("synapscribe-agentcore")?);
        command.args(["--listen", listen]);
        arrange(&mut command);
        let (child, listen, log) = process::start_logged(&mut command, "listen")?;
        Ok(Self { child, listen, log })
    }

    /// Where it listens, such as `127.0.0.1:40123`.
    pub fn listen(&self) -> &str {
        &self.listen
    }

    /// The lines of its log so far.
    pub fn log(&self) -> Vec<String> {
        self.log.lines()
    }

    /// The address of one of its routes.
    pub fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.listen)
    }

    /// One of its metrics, by the name with its labels as Prometheus reads it.
    #[track_caller]
    pub fn metric(&self, name: &str) -> u64 {
        let reply = curl(&[&self.at("/metrics")]).unwrap();
        let line = reply.body.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("there is no metric {name}: {}", reply.body))
    }

    /// Waits until a metric has a value.
    #[track_caller]
    pub fn wait_for(&self, name: &str, value: u64) {
        let until = Instant::now() + PATIENCE;
        loop {
            let now = self.metric(name);
            if now == value {
                return;
            }
            assert!(Instant::now() < until, "{name} is {now} and did not become {value}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Asks it to stop as an operator would, and tells whether it ended well within the time.
    pub fn stop(mut self, within: Duration) -> bool {
        process::stop(&mut self.child, within)
    }

    /// Ends it the hard way and returns once it is gone.
    pub fn kill(mut self) {
        end(&mut self.child);
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}
