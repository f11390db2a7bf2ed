//! Where the client keeps what it must remember between runs: guest identities, sign-ins and unfinished uploads. Knows no server.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use crate::error::{ClientError, Result, code};

/// The client's own folder.
#[derive(Debug, Clone)]
pub struct Home {
    root: PathBuf,
    platform: bool,
}

impl Home {
    /// The platform's data folder, such as `~/.local/share/synapscribe`.
    pub fn of_platform() -> Result<Self> {
        let dirs = directories::ProjectDirs::from("", "", "synapscribe")
            .ok_or_else(|| ClientError::new(code::DISK, "this machine names no folder for data; set HOME and try again"))?;
        Ok(Self { root: dirs.data_local_dir().join("client"), platform: true })
    }

    /// A folder of one's own choice.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), platform: false }
    }

    /// Whether it is the person's own, to whom the keychain belongs as well.
    pub(crate) fn is_of_platform(&self) -> bool {
        self.platform
    }

    /// Where it is noted who signed in at a server.
    pub(crate) fn account_file(&self, server: &str) -> PathBuf {
        self.root.join("accounts").join(format!("{}.json", fingerprint(&[server])))
    }

    /// Where the guest identity for a server is kept.
    pub(crate) fn guest_file(&self, server: &str) -> PathBuf {
        self.root.join("guests").join(format!("{}.json", fingerprint(&[server])))
    }

    /// Where the state of an upload is kept.
    pub(crate) fn upload_file(&self, parts: &[&str]) -> PathBuf {
        self.root.join("uploads").join(format!("{}.json", fingerprint(parts)))
    }

    /// Where the list of uploads to a server is kept.
    pub(crate) fn tray_file(&self, server: &str) -> PathBuf {
        self.root.join("trays").join(format!("{}.json", fingerprint(&[server])))
    }

    /// The folder that holds everything.
    pub fn root(&self) -> &Path {
        &self.root
    }
}

/// A short name for a file that stands for some texts.
fn fingerprint(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hex::encode(&hash.finalize()[..16])
}

/// Reads a JSON file; one that is missing or damaged counts as absent, because all it holds can be made anew.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    let text = fs::read(path).ok()?;
    match serde_json::from_slice(&text) {
        Ok(value) => Some(value),
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "a file of the client is damaged and is made anew");
            None
        }
    }
}

/// Writes a JSON file that only its owner can read, whole or not at all.
pub(crate) fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<()> {
    put_json(path, value).map_err(|error| ClientError::new(code::DISK, format!("{} cannot be written: {error}", path.display())))
}

/// The same, with the system's own reason where it cannot.
pub(crate) fn put_json<T: Serialize>(path: &Path, value: &T) -> std::io::Result<()> {
    let folder = path.parent().ok_or_else(|| std::io::Error::other("no folder"))?;
    make_private_folder(folder)?;
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    let mut file = private_file(&draft)?;
    file.write_all(&serde_json::to_vec(value)?)?;
    file.sync_all()?;
    fs::rename(&draft, path)
}

/// Creates a file with owner-only rights.
pub(crate) fn private_file(path: &Path) -> std::io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

/// Creates a folder with owner-only rights.
pub(crate) fn make_private_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_private_and_survive_damage() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::at(dir.path().join("new"));
        let path = home.guest_file("http://localhost:1");
        write_json(&path, &vec![1, 2]).unwrap();
        assert_eq!(read_json::<Vec<u8>>(&path), Some(vec![1, 2]));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        fs::write(&path, b"{half").unwrap();
        assert_eq!(read_json::<Vec<u8>>(&path), None);
        assert_ne!(home.guest_file("a"), home.guest_file("b"));
    }

    #[test]
    fn texts_do_not_run_into_each_other() {
        assert_ne!(fingerprint(&["ab", "c"]), fingerprint(&["a", "bc"]));
    }
}
