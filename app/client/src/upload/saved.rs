//! What is remembered of an upload so that it goes on after an interruption, kill included, and a file is not brought twice. Does no
//! network.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::error::{ClientError, Result, code};
use crate::home::{self, Home};

/// An upload that has a place on the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Saved {
    pub lecture: String,
    pub key: String,
    pub content_type: String,
    pub bytes: u64,
    pub part_bytes: u64,
    /// The name of the multipart upload, once begun.
    pub multipart: Option<String>,
    /// The fingerprint of the captions that were sent.
    #[serde(default)]
    pub captions_sent: Option<String>,
    /// Whether the recording is complete on the server.
    pub sent: bool,
    /// Whether the upload came to its end.
    #[serde(default)]
    pub ended: bool,
    /// What the file of this path had become before.
    #[serde(default)]
    pub former: Option<String>,
}

/// The place on disk of one upload, held by one process at a time.
#[derive(Debug)]
pub(super) struct Slot {
    file: PathBuf,
    /// Where the name is noted that a file of this path was given last, whatever was in the file.
    latest: PathBuf,
    stamp: Stamp,
    // The lock is released by the system when the process ends, however it ends.
    _lock: File,
}

/// What tells whether a file is still the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    bytes: u64,
    modified: u128,
}

impl Stamp {
    pub fn of(path: &Path) -> std::io::Result<Self> {
        let meta = fs::metadata(path)?;
        let modified = meta.modified().ok().and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
        Ok(Self { bytes: meta.len(), modified: modified.map_or(0, |since| since.as_nanos()) })
    }
}

impl Slot {
    /// Opens the place of a file; a file that changed has a new place.
    pub fn open(home: &Home, server: &str, path: &Path) -> Result<Self> {
        let unreadable = |error: std::io::Error| ClientError::unreadable(&path.display().to_string(), &error);
        let full = path.canonicalize().map_err(unreadable)?;
        let stamp = Stamp::of(&full).map_err(unreadable)?;
        let latest = home.upload_file(&[server, &full.to_string_lossy()]);
        let parts = [server, &full.to_string_lossy(), &stamp.bytes.to_string(), &stamp.modified.to_string()];
        let file = home.upload_file(&parts);
        let disk = |error: io::Error| unwritable(&file, &error);
        if let Some(folder) = file.parent() {
            home::make_private_folder(folder).map_err(disk)?;
        }
        let lock = home::private_file(&file.with_extension("lock")).map_err(disk)?;
        if let Err(fs::TryLockError::WouldBlock) = lock.try_lock() {
            return Err(ClientError::passing(
                code::BUSY,
                format!("{} is being uploaded by another window already", path.display()),
            ));
        }
        Ok(Self { file, latest, stamp, _lock: lock })
    }

    /// What an earlier attempt left.
    pub fn saved(&self) -> Option<Saved> {
        home::read_json(&self.file)
    }

    /// Remembers an upload that was given a place, and what came before it.
    pub fn begin(&mut self, saved: Saved) -> Result<Saved> {
        let saved = Saved { former: home::read_json(&self.latest), ..saved };
        self.keep(&saved)?;
        home::put_json(&self.latest, &saved.lecture).map_err(|error| unwritable(&self.latest, &error))?;
        Ok(saved)
    }

    /// Remembers where the upload stands.
    pub fn keep(&mut self, saved: &Saved) -> Result<()> {
        home::put_json(&self.file, saved).map_err(|error| unwritable(&self.file, &error))
    }

    /// Notes that the upload came to its end, and what its file has become; what cannot be noted is forgotten.
    pub fn end(&mut self, lecture: &str) {
        let ended = |saved: Saved| Saved { lecture: lecture.to_owned(), sent: true, ended: true, ..saved };
        let noted = self.saved().is_some_and(|saved| self.keep(&ended(saved)).is_ok());
        if !noted {
            self.forget();
        }
    }

    /// Forgets the upload.
    pub fn forget(&mut self) {
        let _ = fs::remove_file(&self.file);
    }

    /// Fails when the file is not the one the upload began with.
    pub fn unchanged(&self, path: &Path) -> Result<()> {
        match Stamp::of(path) {
            Ok(stamp) if stamp == self.stamp => Ok(()),
            _ => Err(ClientError::new(
                code::CHANGED,
                format!("{} changed while it was being uploaded; wait until it is complete and upload it again", path.display()),
            )),
        }
    }
}

/// What has to be remembered cannot be; on a full disk that passes.
fn unwritable(path: &Path, error: &io::Error) -> ClientError {
    let full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    let why = format!("{} cannot be written: {error}", path.display());
    if full { ClientError::passing(code::DISK, why) } else { ClientError::new(code::DISK, why) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_full_disk_may_have_room_later() {
        for (kind, passes) in
            [(io::ErrorKind::StorageFull, true), (io::ErrorKind::QuotaExceeded, true), (io::ErrorKind::PermissionDenied, false)]
        {
            let error = unwritable(Path::new("/home/person/list.json"), &kind.into());
            assert_eq!((error.code.as_str(), error.retryable), (code::DISK, passes), "{kind}");
        }
    }

    #[test]
    fn one_process_at_a_time_and_one_place_for_each_version_of_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::at(dir.path().join("home"));
        let path = dir.path().join("a.wav");
        fs::write(&path, b"one").unwrap();
        let mut slot = Slot::open(&home, "s", &path).unwrap();
        assert_eq!(Slot::open(&home, "s", &path).unwrap_err().code, code::BUSY);
        let saved = Saved {
            lecture: "l".into(),
            key: "k".into(),
            content_type: "audio/wav".into(),
            bytes: 3,
            part_bytes: 8,
            multipart: Some("m".into()),
            captions_sent: None,
            sent: false,
            ended: false,
            former: None,
        };
        assert_eq!(slot.begin(saved.clone()).unwrap(), saved);
        drop(slot);
        assert_eq!(Slot::open(&home, "s", &path).unwrap().saved(), Some(saved.clone()));
        assert_eq!(Slot::open(&home, "another server", &path).unwrap().saved(), None);
        let slot = Slot::open(&home, "s", &path).unwrap();
        fs::write(&path, b"longer").unwrap();
        assert_eq!(slot.unchanged(&path).unwrap_err().code, code::CHANGED);
        let mut slot = Slot::open(&home, "s", &path).unwrap();
        assert_eq!(slot.saved(), None);
        assert_eq!(slot.begin(Saved { lecture: "l2".into(), ..saved }).unwrap().former.as_deref(), Some("l"));
    }
}
