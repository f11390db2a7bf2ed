//! The data folder: what lies in it, by which names, and whose it is while a host runs.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::private;
use crate::refusal::StartError;
use crate::settings::running_at;

/// Names within the data folder.
pub(crate) const DATABASE: &str = "synapscribe.db";
pub(crate) const OBJECTS: &str = "objects";
pub(crate) const MODELS: &str = "models";
pub(crate) const KEY: &str = "host.key";
pub(crate) const LOCK: &str = "host.lock";
pub(crate) const NOTE: &str = "host.json";

/// Held as long as the host runs.
pub(crate) fn lock(data: &Path) -> anyhow::Result<File> {
    let file = File::create(data.join(LOCK))?;
    if file.try_lock().is_err() {
        let address = running_at(data).map(|listen| format!("http://{listen}"));
        return Err(StartError::Held(data.to_owned(), address).into());
    }
    Ok(file)
}

/// The file that says where the host listens; it goes when the host does, however it is let go of.
pub(crate) struct Note(PathBuf);

impl Note {
    /// None is written yet. An earlier host that was killed left its own behind; whoever waits for this one must not believe it.
    pub fn blank(data: &Path) -> Self {
        let path = data.join(NOTE);
        let _ = std::fs::remove_file(&path);
        Self(path)
    }

    /// Says it, to whoever may read the folder.
    pub fn write(&self, said: &serde_json::Value) -> std::io::Result<()> {
        private::file(&self.0)?.write_all(said.to_string().as_bytes())
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
