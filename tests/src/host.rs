//! A host of one's own for a story: started from the built program on a free port, killed when the story is over. It must not
//! know what the story asks of it.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::process::{self, Log, end};
use crate::{StoryError, program, run};

/// A running `synapscribe serve`, its data and its address.
#[derive(Debug)]
pub struct Host {
    child: Child,
    address: String,
    data: PathBuf,
    log: Log,
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

    /// A host without the sample lecture.
    #[track_caller]
    pub fn quiet() -> Self {
        Self::quiet_with(|_| {}).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The same, after the story has had its say.
    pub fn quiet_with(arrange: impl FnOnce(&mut Command)) -> Result<Self, StoryError> {
        Self::start_with(without_sample(arrange))
    }

    /// The same, on a folder that the story keeps.
    pub fn quiet_on(data: &Path, arrange: impl FnOnce(&mut Command)) -> Result<Self, StoryError> {
        Self::start_on(data, without_sample(arrange))
    }

    /// A host on a folder that the story keeps, so that it can be killed and started again.
    pub fn start_on(data: &Path, arrange: impl FnOnce(&mut Command)) -> Result<Self, StoryError> {
        let mut command = Command::new(program("synapscribe")?);
        command.args(["serve", "--listen", "127.0.0.1:0", "--json", "--data"]).arg(data);
        arrange(&mut command);
        let (child, address, log) = process::start_logged(&mut command, "address")?;
        Ok(Self { child, address, data: data.to_path_buf(), log, _scratch: None })
    }

    /// A host that listens on every address of this machine; [`Host::address`] is one that it was not told.
    pub fn open_to_all() -> Result<Self, StoryError> {
        let scratch =
            TempDir::new().map_err(|source| StoryError::Process { what: "making a scratch folder".to_owned(), source })?;
        let data = scratch.path().to_path_buf();
        let mut command = Command::new(program("synapscribe")?);
        command.args(["serve", "--listen", "0.0.0.0:0", "--json", "--data"]).arg(&data).env("SYNAPSCRIBE_SAMPLE", "off");
        let (child, address, log) = process::start_logged(&mut command, "address")?;
        Ok(Self { child, address: address.replace("127.0.0.1", "127.0.0.2"), data, log, _scratch: Some(scratch) })
    }

    /// A host that clients reach at another address than its own; [`Host::address`] is its own all the same.
    pub fn start_behind(data: &Path, public_url: &str) -> Result<Self, StoryError> {
        let mut command = Command::new(program("synapscribe")?);
        command.args(["serve", "--listen", "127.0.0.1:0", "--json", "--data"]).arg(data);
        command.env("SYNAPSCRIBE_PUBLIC_URL", public_url).env("SYNAPSCRIBE_SAMPLE", "off");
        let (child, listen, log) = process::start_logged(&mut command, "listen")?;
        Ok(Self { child, address: format!("http://{listen}"), data: data.to_path_buf(), log, _scratch: None })
    }

    /// A host whose sample lecture can be asked.
    #[track_caller]
    pub fn with_sample() -> Self {
        let host = Self::start().unwrap_or_else(|error| panic!("{error}"));
        host.wait_for_sample();
        host
    }

    /// Waits until the sample lecture can be asked.
    #[track_caller]
    pub fn wait_for_sample(&self) {
        let until = Instant::now() + Duration::from_secs(180);
        loop {
            let shown = self.terminal().and_then(|mut terminal| run(terminal.args(["library", "show", "sample", "--json"])));
            let said = shown.unwrap_or_else(|error| panic!("{error}"));
            if said.out.contains("\"ready\"") {
                return;
            }
            assert!(Instant::now() < until, "the sample lecture did not become ready: {}{}", said.out, said.err);
            std::thread::sleep(Duration::from_millis(300));
        }
    }

    /// Where it answers, such as `http://127.0.0.1:40123`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The lines of its log so far.
    pub fn log(&self) -> Vec<String> {
        self.log.lines()
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
        process::stop(&mut self.child, within)
    }
}

fn without_sample(arrange: impl FnOnce(&mut Command)) -> impl FnOnce(&mut Command) {
    |command| {
        command.env("SYNAPSCRIBE_SAMPLE", "off");
        arrange(command);
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}
