//! A host of one's own for a story: started from the built program on a free port, killed when the story is over. It must not
//! know what the story asks of it.

use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, sync_channel},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{StoryError, program};

const PATIENCE: Duration = Duration::from_secs(30);

/// A running `synapscribe serve`, its data and its address.
#[derive(Debug)]
pub struct Host {
    child: Child,
    address: String,
    data: PathBuf,
    /// Removed when the last host on it is dropped; `None` when the story keeps the folder itself.
    _scratch: Option<TempDir>,
}

impl Host {
    /// A host with nothing in it.
    pub fn start() -> Result<Self, StoryError> {
        Self::start_with(|_| {})
    }

    /// A host with nothing in it, after the story has had its say about the command (settings in the environment, mostly).
    pub fn start_with(arrange: impl FnOnce(&mut Command)) -> Result<Self, StoryError> {
        let scratch =
            TempDir::new().map_err(|source| StoryError::Process { what: "making a scratch folder".to_owned(), source })?;
        let mut host = Self::start_on(scratch.path(), arrange)?;
        host._scratch = Some(scratch);
        Ok(host)
    }

    /// A host on a folder that the story keeps, so that it can be killed and started again.
    pub fn start_on(data: &Path, arrange: impl FnOnce(&mut Command)) -> Result<Self, StoryError> {
        let mut command = Command::new(program("synapscribe")?);
        command.args(["serve", "--listen", "127.0.0.1:0", "--json", "--data"]).arg(data);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        arrange(&mut command);
        let mut child = command.spawn().map_err(|source| StoryError::Process { what: "starting the host".to_owned(), source })?;
        let lines = lines_of(&mut child);
        match address(&lines, PATIENCE) {
            Ok(address) => Ok(Self { child, address, data: data.to_path_buf(), _scratch: None }),
            Err(printed) => {
                end(&mut child);
                Err(StoryError::NoAddress { waited_s: PATIENCE.as_secs(), printed })
            }
        }
    }

    /// Where it answers, such as `http://127.0.0.1:40123`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The folder with its data.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The process, for stories that measure or signal it.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The terminal, pointed at this host, with a home of its own inside the host's folder.
    pub fn terminal(&self) -> Result<Command, StoryError> {
        let mut command = Command::new(program("synapscribe")?);
        command.args(["--server", &self.address]).env("HOME", &self.data).env("NO_COLOR", "1").stdin(Stdio::null());
        for variable in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"] {
            command.env_remove(variable);
        }
        Ok(command)
    }

    /// Ends it the hard way, as a power cut would, and returns once it is gone.
    pub fn kill(mut self) {
        end(&mut self.child);
    }

    /// Asks it to stop as an operator would, and tells whether it ended well within the time.
    pub fn stop(mut self, within: Duration) -> bool {
        let Ok(pid) = libc::pid_t::try_from(self.child.id()) else {
            return false;
        };
        // SAFETY: a signal to a child that has not been waited for, so its number cannot belong to another process.
        unsafe { libc::kill(pid, libc::SIGTERM) };
        let until = Instant::now() + within;
        while Instant::now() < until {
            match self.child.try_wait() {
                Ok(Some(status)) => return status.success(),
                Ok(None) => std::thread::sleep(Duration::from_millis(10)),
                Err(_) => return false,
            }
        }
        false
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

fn end(child: &mut Child) {
    // It may have ended by itself; then there is nothing to kill and only its status to collect.
    let _ = child.kill();
    let _ = child.wait();
}

/// Both streams, line by line, for as long as the host lives: a pipe that nobody reads would stop it.
fn lines_of(child: &mut Child) -> Receiver<(bool, String)> {
    let (sender, lines) = sync_channel(1024);
    let out = child.stdout.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>);
    let err = child.stderr.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>);
    for (is_out, stream) in [(true, out), (false, err)] {
        let Some(stream) = stream else { continue };
        let sender = sender.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                // Nobody listens any more once the address is known; reading goes on all the same.
                let _ = sender.try_send((is_out, line));
            }
        });
    }
    lines
}

/// The address in the first JSON line of standard output, or else all that was printed until then.
fn address(lines: &Receiver<(bool, String)>, patience: Duration) -> Result<String, String> {
    let until = Instant::now() + patience;
    let mut printed = String::new();
    loop {
        match lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok((is_out, line)) => {
                let event: Option<Value> = is_out.then(|| serde_json::from_str(&line).ok()).flatten();
                if let Some(address) = event.as_ref().and_then(|event| event["address"].as_str()) {
                    return Ok(address.to_owned());
                }
                printed.push_str(&line);
                printed.push('\n');
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Err(printed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_among_other_lines_and_its_absence_shows_what_was_printed() {
        let (sender, lines) = sync_channel(8);
        sender.send((false, "{\"address\":\"http://not-this\"}".to_owned())).unwrap();
        sender.send((true, "starting".to_owned())).unwrap();
        sender.send((true, "{\"address\":\"http://127.0.0.1:7\"}".to_owned())).unwrap();
        assert_eq!(address(&lines, PATIENCE).unwrap(), "http://127.0.0.1:7");
        sender.send((true, "no".to_owned())).unwrap();
        drop(sender);
        assert_eq!(address(&lines, PATIENCE).unwrap_err(), "no\n");
    }
}
