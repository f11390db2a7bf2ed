//! A terminal with somebody in front of it, who reads the screen and presses keys: tmux, which nobody here wrote.

use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::{StoryError, run};

const PATIENCE: Duration = Duration::from_secs(60);

/// A running terminal; ended when it is dropped.
pub struct Terminal {
    folder: TempDir,
}

impl Terminal {
    /// Opens one of 110 by 34 characters and runs a program in it, with its arguments and environment.
    pub fn open(command: &Command) -> Result<Self, StoryError> {
        let folder = TempDir::new().map_err(|source| StoryError::Process { what: "making a folder".to_owned(), source })?;
        let terminal = Self { folder };
        let mut open = terminal.tmux();
        open.args(["-f", "/dev/null", "new-session", "-d", "-x", "110", "-y", "34"]);
        for (name, value) in command.get_envs().filter_map(|(name, value)| Some((name, value?))) {
            open.arg("-e").arg(format!("{}={}", name.display(), value.display()));
        }
        open.arg("--").arg(command.get_program()).args(command.get_args());
        run(&mut open)?.well();
        Ok(terminal)
    }

    /// The same for a program that ends by itself: the screen stays, and its last line tells the status it `ended with`.
    pub fn watch(command: &Command) -> Result<Self, StoryError> {
        let mut shell = Command::new("sh");
        // Ctrl-C is for the program and not for the shell around it.
        shell.args(["-c", "trap : INT; env \"$@\"; echo ended with $?; read _", "sh"]);
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.arg("-u").arg(name),
            };
        }
        shell.arg(command.get_program()).args(command.get_args());
        Self::open(&shell)
    }

    /// What the screen shows.
    pub fn screen(&self) -> Result<String, StoryError> {
        Ok(run(self.tmux().args(["capture-pane", "-p"]))?.out)
    }

    /// What the screen shows, with the marks that give it its colours.
    pub fn painted(&self) -> Result<String, StoryError> {
        Ok(run(self.tmux().args(["capture-pane", "-p", "-e"]))?.out)
    }

    /// Waits until the screen shows a text, and gives the screen.
    #[track_caller]
    pub fn see(&self, text: &str) -> String {
        let begun = Instant::now();
        loop {
            let screen = self.screen().unwrap_or_default();
            if screen.contains(text) {
                return screen;
            }
            assert!(begun.elapsed() < PATIENCE, "{text:?} did not appear:\n{screen}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Presses keys by the names tmux has for them.
    pub fn press(&self, keys: &[&str]) -> Result<(), StoryError> {
        run(self.tmux().arg("send-keys").args(keys))?.well();
        Ok(())
    }

    /// Types a text.
    pub fn write(&self, text: &str) -> Result<(), StoryError> {
        run(self.tmux().args(["send-keys", "-l", text]))?.well();
        Ok(())
    }

    /// Waits until the program has ended, which closes the terminal.
    #[track_caller]
    pub fn ended(&self) {
        let begun = Instant::now();
        while run(self.tmux().arg("has-session")).is_ok_and(|said| said.status.success()) {
            assert!(begun.elapsed() < PATIENCE, "the program did not end:\n{}", self.screen().unwrap_or_default());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn tmux(&self) -> Command {
        let mut command = Command::new("tmux");
        // A server of its own, so that nobody else's terminals are touched.
        command.arg("-S").arg(self.folder.path().join("socket")).env_remove("TMUX").env("LC_ALL", "C.UTF-8");
        command
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = run(self.tmux().arg("kill-server"));
    }
}
