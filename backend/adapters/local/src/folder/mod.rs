//! Objects as files: every object appears whole or not at all, on disk before anybody is told, and a crash at any moment
//! leaves either the old or the new one. It must not know HTTP, credentials or who may do what.
//!
//! The layout below the root: `objects/` (bytes and, beside them, a dot file that describes them), `incoming/` (what is
//! being written; emptied at the start), `uploads/` (parts of unfinished multipart uploads), `pending/` (objects whose
//! creation was not yet announced). One process owns a root at a time.

pub mod about;
mod drafts;
mod layout;
mod pending;
mod uploads;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use synapscribe_domain::keys::Place;
use synapscribe_domain::{AudioLimits, ObjectKey};
use synapscribe_ports::StoreError;
use thiserror::Error;

use about::{About, ObjectHeaders, content_type_by_name, written};
pub use drafts::{Incoming, Sealed};
use layout::{about_path, folder_of_prefix, is_about, key_of_path, object_path};
pub use uploads::{Part, Upload};

/// How large objects may be and how full the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The largest recording.
    pub lecture_bytes: u64,
    /// The largest spoken question or answer.
    pub question_bytes: u64,
    /// The smallest part of a multipart upload but its last; the published 5 MiB, less only in tests.
    pub part_bytes: u64,
    /// Bytes that uploads leave free for everything else on the disk.
    pub keep_free: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            lecture_bytes: AudioLimits::LECTURE.bytes,
            question_bytes: AudioLimits::QUESTION.bytes,
            part_bytes: 5 * 1024 * 1024,
            keep_free: 64 * 1024 * 1024,
        }
    }
}

impl Limits {
    /// The largest object a key may hold.
    pub fn of(&self, key: &ObjectKey) -> u64 {
        match key.place() {
            Place::Lecture(_) => self.lecture_bytes,
            Place::Query(_) | Place::Response(_) => self.question_bytes,
        }
    }
}

/// Why the folder could not do what was asked.
#[derive(Debug, Error)]
pub enum FolderError {
    /// There is no room left.
    #[error("the disk is full")]
    Full,
    /// The object is larger than its place allows.
    #[error("the object has more than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
    /// The object is, or is not, what the caller made a condition of.
    #[error("the object is not in the state that was asked for")]
    Condition,
    /// The upload never was, was finished, or was given up.
    #[error("there is no such upload")]
    NoSuchUpload,
    /// A part is not there as named.
    #[error("a part is missing or has another tag")]
    InvalidPart,
    /// A part before the last is too small.
    #[error("a part is too small")]
    SmallPart,
    /// The disk would not.
    #[error("the folder cannot be used: {0}")]
    Io(io::Error),
}

impl From<io::Error> for FolderError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => Self::Full,
            _ => Self::Io(error),
        }
    }
}

impl From<FolderError> for StoreError {
    fn from(error: FolderError) -> Self {
        match error {
            FolderError::Full => StoreError::Full,
            FolderError::Condition => StoreError::Conflict,
            other => StoreError::Unavailable(other.to_string()),
        }
    }
}

/// What must hold of the present object before it is replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    Always,
    /// There must be none.
    Absent,
    /// There must be one.
    Present,
    /// There must be one with this tag.
    Tag(String),
}

/// A new object, apart from its bytes.
#[derive(Debug, Clone)]
pub struct NewObject {
    /// Its key.
    pub key: ObjectKey,
    /// What the uploader said of it.
    pub headers: ObjectHeaders,
    /// Verified checksums.
    pub checksums: std::collections::BTreeMap<String, String>,
    /// The upload it was assembled from.
    pub upload: Option<String>,
    /// What the present object must be like.
    pub condition: Condition,
    /// Whether its creation must be announced; if so that is remembered until [`Folder::announced`].
    pub announce: bool,
}

/// An object that is there, with its open file, which stays readable whatever happens to the name.
#[derive(Debug)]
pub struct Found {
    /// The bytes.
    pub file: fs::File,
    /// Its description.
    pub about: About,
    /// When it was stored.
    pub stored: SystemTime,
}

/// One line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its key.
    pub key: ObjectKey,
    /// Its size.
    pub bytes: u64,
    /// When it was stored.
    pub stored: SystemTime,
}

/// Objects below one folder.
pub struct Folder {
    root: PathBuf,
    limits: Limits,
    /// Held for the moment in which an object takes or loses its name, so that conditions and sequencers are exact.
    naming: Mutex<()>,
    last_sequencer: AtomicU64,
}

impl Folder {
    /// Opens the folder, makes what is missing and clears away what a crash left half-written.
    pub fn open(root: &Path, limits: Limits) -> io::Result<Arc<Self>> {
        for part in ["objects", "incoming", "uploads", "pending"] {
            fs::create_dir_all(root.join(part))?;
        }
        let folder = Self { root: root.canonicalize()?, limits, naming: Mutex::new(()), last_sequencer: AtomicU64::new(0) };
        for left in fs::read_dir(folder.incoming())? {
            let path = left?.path();
            if path.is_dir() { fs::remove_dir_all(path)? } else { fs::remove_file(path)? }
        }
        Ok(Arc::new(folder))
    }

    /// The limits it was opened with.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Begins to take bytes; refused at once when `expected` of them would not fit on the disk.
    pub async fn receive(self: &Arc<Self>, expected: Option<u64>) -> Result<Incoming, FolderError> {
        let folder = Arc::clone(self);
        blocking(move || {
            folder.check_room(expected.unwrap_or(0))?;
            Incoming::begin(&folder.incoming())
        })
        .await
    }

    /// Gives sealed bytes their name, durably, and returns their description.
    pub async fn commit(self: &Arc<Self>, sealed: Sealed, new: NewObject) -> Result<About, FolderError> {
        let folder = Arc::clone(self);
        blocking(move || folder.commit_now(sealed, new)).await
    }

    /// Opens an object.
    pub async fn find(self: &Arc<Self>, key: &ObjectKey) -> Result<Option<Found>, FolderError> {
        let (folder, key) = (Arc::clone(self), key.clone());
        blocking(move || folder.find_now(&key)).await
    }

    /// Removes an object; removing what is not there is fine.
    pub async fn delete(self: &Arc<Self>, key: &ObjectKey) -> Result<(), FolderError> {
        let (folder, key) = (Arc::clone(self), key.clone());
        blocking(move || folder.delete_now(&key)).await
    }

    /// The objects whose keys start with the prefix, in the order of their keys.
    pub async fn list(self: &Arc<Self>, prefix: &str) -> Result<Vec<Listed>, FolderError> {
        let (folder, prefix) = (Arc::clone(self), prefix.to_owned());
        blocking(move || folder.list_now(&prefix)).await
    }

    /// The entity tags of objects, in the same order; nothing for one that went away.
    pub async fn tags(self: &Arc<Self>, keys: Vec<ObjectKey>) -> Result<Vec<Option<String>>, FolderError> {
        let folder = Arc::clone(self);
        blocking(move || keys.iter().map(|key| Ok(folder.find_now(key)?.map(|found| found.about.etag))).collect()).await
    }

    /// The object's own file, for tools that want a path.
    pub fn path(&self, key: &ObjectKey) -> PathBuf {
        object_path(&self.objects(), key)
    }

    pub(crate) fn list_now(&self, prefix: &str) -> Result<Vec<Listed>, FolderError> {
        let objects = self.objects();
        let mut found = Vec::new();
        let mut open: Vec<PathBuf> = folder_of_prefix(&objects, prefix).into_iter().collect();
        while let Some(folder) = open.pop() {
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                // Folders come and go with their last object.
                Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => continue,
                Err(error) => return Err(error.into()),
            };
            for entry in entries {
                let entry = entry?;
                let Ok(facts) = entry.metadata() else { continue };
                if facts.is_dir() {
                    open.push(entry.path());
                } else if !is_about(&entry.file_name().to_string_lossy()) {
                    let path = entry.path();
                    let key = key_of_path(&objects, &path).or_else(|| read_about(&path).map(|about| about.key));
                    if let Some(key) = key.filter(|key| key.as_str().starts_with(prefix)) {
                        found.push(Listed { key, bytes: facts.len(), stored: facts.modified().unwrap_or(UNIX_EPOCH) });
                    }
                }
            }
        }
        found.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(found)
    }

    pub(crate) fn delete_now(&self, key: &ObjectKey) -> Result<(), FolderError> {
        let path = self.path(key);
        let _naming = self.naming.lock().unwrap_or_else(PoisonError::into_inner);
        absent_is_fine(fs::remove_file(&path))?;
        absent_is_fine(fs::remove_file(about_path(&path)))?;
        let objects = self.objects();
        let mut above = path.parent();
        while let Some(folder) = above.filter(|folder| *folder != objects) {
            // A folder that still holds something refuses, which is just right.
            match absent_is_none(fs::remove_dir(folder)) {
                Ok(_) => above = folder.parent(),
                Err(_) => break,
            }
        }
        match above {
            Some(folder) => Ok(sync_folder(folder)?),
            None => Ok(()),
        }
    }

    pub(crate) fn check_room(&self, bytes: u64) -> Result<(), FolderError> {
        let needed = bytes.saturating_add(self.limits.keep_free);
        if free_bytes(&self.root)? < needed { Err(FolderError::Full) } else { Ok(()) }
    }

    fn commit_now(&self, sealed: Sealed, new: NewObject) -> Result<About, FolderError> {
        let path = self.path(&new.key);
        let parent = path.parent().unwrap_or(&self.root).to_owned();
        let naming = self.naming.lock().unwrap_or_else(PoisonError::into_inner);
        let present = self.present(&new.key, &path)?;
        if !new.condition.holds(present.as_ref()) {
            return Err(FolderError::Condition);
        }
        let facts = fs::metadata(sealed.path())?;
        let about = About {
            bytes: facts.len(),
            written: written(&facts),
            etag: sealed.etag().to_owned(),
            sequencer: self.next_sequencer(present.map(|about| about.sequencer)),
            upload: new.upload,
            headers: new.headers,
            checksums: new.checksums,
            key: new.key,
        };
        let described = self.draft_of(&about)?;
        if new.announce {
            self.remember(&about)?;
        }
        self.make_folders(&parent)?;
        // The description goes first: it says which bytes it belongs to, so beside the old ones it is known to be early.
        described.rename(&about_path(&path))?;
        sealed.rename(&path)?;
        drop(naming);
        sync_folder(&parent)?;
        Ok(about)
    }

    fn find_now(&self, key: &ObjectKey) -> Result<Option<Found>, FolderError> {
        let path = self.path(key);
        // Between the two renames of a commit the description is ahead of the bytes; that moment is short.
        for _ in 0..3 {
            let Some(file) = absent_is_none(fs::File::open(&path))? else {
                return Ok(None);
            };
            let facts = file.metadata()?;
            if facts.is_dir() {
                return Ok(None);
            }
            if let Some(about) = read_about(&path).filter(|about| about.describes(&facts)) {
                return Ok(Some(Found { file, about, stored: facts.modified().unwrap_or(UNIX_EPOCH) }));
            }
            std::thread::yield_now();
        }
        let _naming = self.naming.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(mut file) = absent_is_none(fs::File::open(&path))? else {
            return Ok(None);
        };
        let facts = file.metadata()?;
        let about = match read_about(&path).filter(|about| about.describes(&facts)) {
            Some(about) => about,
            None => self.describe_anew(key, &mut file, &facts)?,
        };
        Ok(Some(Found { file, about, stored: facts.modified().unwrap_or(UNIX_EPOCH) }))
    }

    /// Bytes without their description: a crash between two renames, a file restored from a backup, or one put there by
    /// hand. The new description is kept, so that they are read through only once.
    fn describe_anew(&self, key: &ObjectKey, file: &mut fs::File, facts: &fs::Metadata) -> Result<About, FolderError> {
        use std::io::Seek;
        let etag = drafts::md5_of(file)?;
        file.rewind()?;
        let content_type = Some(content_type_by_name(key.file_name()).to_owned());
        let about = About {
            key: key.clone(),
            bytes: facts.len(),
            written: written(facts),
            etag,
            sequencer: self.next_sequencer(None),
            upload: None,
            headers: ObjectHeaders { content_type, ..ObjectHeaders::default() },
            checksums: Default::default(),
        };
        self.draft_of(&about)?.rename(&about_path(&self.path(key)))?;
        Ok(about)
    }

    fn present(&self, key: &ObjectKey, path: &Path) -> Result<Option<About>, FolderError> {
        let Some(mut file) = absent_is_none(fs::File::open(path))? else {
            return Ok(None);
        };
        let facts = file.metadata()?;
        match read_about(path).filter(|about| about.describes(&facts)) {
            Some(about) => Ok(Some(about)),
            None => Ok(Some(self.describe_anew(key, &mut file, &facts)?)),
        }
    }

    fn draft_of(&self, about: &About) -> Result<drafts::Draft, FolderError> {
        let text = serde_json::to_vec(about).map_err(io::Error::other)?;
        Ok(drafts::Draft::whole(&self.incoming(), &text)?)
    }

    /// Nanoseconds as 16 hexadecimal digits, always later than the last one here and than the one it replaces, so that the
    /// order of a key's versions survives restarts and clocks that are set back.
    fn next_sequencer(&self, replaced: Option<String>) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
        let replaced = replaced.and_then(|text| u64::from_str_radix(&text, 16).ok()).unwrap_or(0);
        let last = self
            .last_sequencer
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |last| Some(now.max(last + 1).max(replaced + 1)))
            .unwrap_or_default();
        format!("{:016X}", now.max(last + 1).max(replaced + 1))
    }

    /// Makes the folders of an object last, since a file is only as durable as the folders above it.
    fn make_folders(&self, parent: &Path) -> io::Result<()> {
        if parent.is_dir() {
            return Ok(());
        }
        fs::create_dir_all(parent)?;
        let mut above = parent.parent();
        while let Some(folder) = above.filter(|folder| folder.starts_with(&self.root)) {
            sync_folder(folder)?;
            above = folder.parent();
        }
        Ok(())
    }

    fn objects(&self) -> PathBuf {
        self.root.join("objects")
    }

    fn incoming(&self) -> PathBuf {
        self.root.join("incoming")
    }
}

impl Condition {
    fn holds(&self, present: Option<&About>) -> bool {
        match self {
            Self::Always => true,
            Self::Absent => present.is_none(),
            Self::Present => present.is_some(),
            Self::Tag(tag) => present.is_some_and(|about| about.etag == *tag),
        }
    }
}

/// Runs file work off the threads that serve sockets.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, FolderError> + Send + 'static,
) -> Result<T, FolderError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(FolderError::Io(io::Error::other(error))))
}

fn read_about(object: &Path) -> Option<About> {
    serde_json::from_slice(&fs::read(about_path(object)).ok()?).ok()
}

fn absent_is_none<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error),
    }
}

fn absent_is_fine(result: io::Result<()>) -> io::Result<()> {
    absent_is_none(result).map(Option::unwrap_or_default)
}

/// Makes renames in a folder last. Systems whose folders cannot be opened as files need no such call.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { fs::File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(unix)]
fn free_bytes(path: &Path) -> io::Result<u64> {
    let facts = rustix::fs::statvfs(path)?;
    Ok(facts.f_bavail.saturating_mul(facts.f_frsize))
}

#[cfg(not(unix))]
fn free_bytes(_path: &Path) -> io::Result<u64> {
    Ok(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_a_disk_says_no_room_is_the_same_to_a_caller() {
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded, io::ErrorKind::FileTooLarge] {
            assert!(matches!(FolderError::from(io::Error::from(kind)), FolderError::Full), "{kind}");
        }
        assert!(matches!(StoreError::from(FolderError::Full), StoreError::Full));
    }

    #[tokio::test]
    async fn a_description_is_never_taken_for_other_bytes() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path(), Limits::default()).unwrap();
        let key = ObjectKey::parse("lectures/p/l/a.mp3").unwrap();
        let mut incoming = folder.receive(None).await.unwrap();
        incoming.write(b"the first").await.unwrap();
        let headers = ObjectHeaders { content_type: Some("audio/x-special".into()), ..ObjectHeaders::default() };
        let (checksums, condition) = (Default::default(), Condition::Always);
        let new = NewObject { key: key.clone(), headers, checksums, upload: None, condition, announce: false };
        let before = folder.commit(incoming.seal().await.unwrap(), new).await.unwrap();
        // As a crash between the two renames, or a hand, leaves it: other bytes beside the same description.
        fs::write(folder.path(&key), b"something else").unwrap();
        let found = folder.find(&key).await.unwrap().unwrap();
        assert_eq!(found.about.bytes, 14);
        assert_ne!(found.about.etag, before.etag);
        assert_eq!(found.about.headers.content_type.as_deref(), Some("audio/mpeg"));
        assert!(found.about.sequencer > before.sequencer);
    }
}
