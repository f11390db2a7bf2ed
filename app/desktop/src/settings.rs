//! What the shell itself remembers: the server that was chosen.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The shell's own settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The address of a server; empty for the host inside the app.
    #[serde(default)]
    pub server: String,
}

impl Settings {
    /// Reads them; a file that is missing or damaged counts as empty.
    pub fn read(folder: &Path) -> Self {
        std::fs::read(file(folder)).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
    }

    /// Writes them, whole or not at all.
    pub fn write(&self, folder: &Path) -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let draft = file(folder).with_extension("new");
        std::fs::write(&draft, serde_json::to_vec_pretty(self)?)?;
        std::fs::rename(draft, file(folder))
    }
}

fn file(folder: &Path) -> PathBuf {
    folder.join("shell.json")
}
