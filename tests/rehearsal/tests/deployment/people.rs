//! The people of a deployment at their terminals, each with a home of their own.

use std::io::{Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use synapscribe_rehearsal::Scene;
use synapscribe_stories::{Said, program, run, speak};

/// Somebody at a terminal.
pub struct Person<'a> {
    scene: &'a Scene,
    home: PathBuf,
}

/// Who meets a deployment.
pub trait People {
    /// Somebody whom nobody has met; the one without a name is whoever uses [`People::terminal`].
    fn person(&self, name: &str) -> Person<'_>;
    /// Runs the terminal as one person until it ends.
    async fn terminal(&self, arguments: &[&str]) -> Said;
    /// Runs the terminal as whoever deployed all this, by the name of the stack and with credentials of AWS.
    async fn operates(&self, arguments: &[&str]) -> Said;
    /// Speaks a text into a file.
    fn recording(&self, name: &str, text: &str) -> PathBuf;
    /// Uploads a recording and waits until it can be asked.
    async fn lecture(&self, recording: &Path) -> String;
}

impl People for Scene {
    fn person(&self, name: &str) -> Person<'_> {
        let home = self.folder.path().join(name);
        std::fs::create_dir_all(&home).unwrap();
        Person { scene: self, home }
    }

    async fn terminal(&self, arguments: &[&str]) -> Said {
        self.person("").terminal(arguments, "").await
    }

    async fn operates(&self, arguments: &[&str]) -> Said {
        let mut command = Command::new(program("synapscribe").unwrap());
        command.arg("ops").args(arguments).arg("--json").env("HOME", self.folder.path()).envs(self.operator());
        let path = std::env::var_os("PATH").unwrap_or_default();
        let tools = Scene::tools().unwrap();
        let path = std::env::join_paths(tools.into_iter().chain(std::env::split_paths(&path))).unwrap();
        command.env("PATH", path);
        at_home(&mut command);
        tokio::task::spawn_blocking(move || run(&mut command).unwrap()).await.unwrap()
    }

    fn recording(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        speak(text, "slt", &path).unwrap();
        path
    }

    async fn lecture(&self, recording: &Path) -> String {
        self.person("").lecture(recording).await
    }
}

impl Person<'_> {
    /// Runs the terminal until it ends, with something typed.
    pub async fn terminal(&self, arguments: &[&str], typed: &str) -> Said {
        let mut typing = tempfile::tempfile().unwrap();
        typing.write_all(typed.as_bytes()).unwrap();
        typing.rewind().unwrap();
        let mut command = Command::new(program("synapscribe").unwrap());
        command.args(["--server", self.scene.gateway.address()]).args(arguments).stdin(typing);
        command.env("HOME", &self.home).env("NO_COLOR", "1");
        at_home(&mut command);
        // The gateways are served by this very process meanwhile.
        tokio::task::spawn_blocking(move || run(&mut command).unwrap()).await.unwrap()
    }

    /// Runs it with something typed, and gives whether it was content, and its last word.
    pub async fn typed(&self, arguments: &[&str], typed: &str) -> (bool, Value) {
        let said = self.terminal(&[arguments, &["--json"]].concat(), &format!("{typed}\n")).await;
        (said.status.success(), said.events().pop().unwrap_or_default())
    }

    /// Does something, and gives the last word about it.
    pub async fn does(&self, arguments: &[&str]) -> Value {
        let (done, told) = self.typed(arguments, "").await;
        assert!(done, "{arguments:?}: {told}");
        told
    }

    /// Uploads a recording or a document and waits until it can be asked.
    pub async fn lecture(&self, recording: &Path) -> String {
        let last = self.does(&["upload", &recording.to_string_lossy(), "--wait"]).await;
        assert_eq!(last["state"], "ready", "{last}");
        last["lectureId"].as_str().unwrap().to_owned()
    }

    /// The letter that came last to an address, once there is one after so many.
    pub async fn letter(&self, address: &str, after: usize) -> String {
        for _ in 0..100 {
            let letters = self.scene.cloud.letters(address).await.unwrap();
            if let Some(letter) = letters.get(after..).and_then(<[String]>::last) {
                return letter.clone();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("no letter came to {address}");
    }
}

/// Whatever a program remembers lies below its home, and in no keychain.
fn at_home(command: &mut Command) {
    for variable in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "DBUS_SESSION_BUS_ADDRESS"] {
        command.env_remove(variable);
    }
}

/// The words of an answer.
pub fn text_of(said: &Said) -> String {
    said.of_type("answer_text").iter().filter_map(|line| line["delta"].as_str()).collect()
}

/// The last word about an answer.
pub fn done(said: &Said) -> Value {
    said.of_type("answer_done").pop().unwrap_or_else(|| panic!("it was not answered: {}{}", said.out, said.err))
}
