//! Objects as files: every object appears whole or not at all, on disk before anybody is told, and a crash at any moment
//! leaves either the old or the new one. It must not know HTTP, credentials or who may do what.
//!
//! The layout below the root: `objects/` (bytes and, beside them, a dot file that describes them), `incoming/` (what is
//! being written; emptied at the start), `uploads/` (parts of unfinished multipart uploads), `pending/` (objects whose
//! creation was not yet announced). One process owns a root at a time.

pub mod about;
mod committing;
pub mod digest;
mod disk;
mod drafts;
mod fault;
mod finding;
mod layout;
mod listing;
mod pending;
mod uploads;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};

use synapscribe_domain::document::DocumentLimits;
use synapscribe_domain::keys::Place;
use synapscribe_domain::{AudioLimits, ObjectKey};

pub use committing::{Condition, NewObject};
use disk::{absent_is_fine, absent_is_none, free_bytes, sync_folder};
pub use drafts::{Incoming, Sealed};
pub use fault::FolderError;
pub use finding::Found;
use layout::{about_path, object_path};
pub use listing::Listed;
pub use uploads::{Part, Upload};

/// How large objects may be and how full the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The largest recording.
    pub lecture_bytes: u64,
    /// The largest document.
    pub document_bytes: u64,
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
            document_bytes: DocumentLimits::USUAL.bytes,
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
            Place::Document(_) => self.document_bytes,
            Place::Query(_) | Place::Response(_) => self.question_bytes,
        }
    }
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

    /// Opens a folder that another process owns, to read from it: nothing is cleared, because what lies there half-written may
    /// be an upload that is still being received.
    pub fn attach(root: &Path, limits: Limits) -> io::Result<Arc<Self>> {
        Ok(Arc::new(Self { root: root.canonicalize()?, limits, naming: Mutex::new(()), last_sequencer: AtomicU64::new(0) }))
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

    /// Removes an object; removing what is not there is fine.
    pub async fn delete(self: &Arc<Self>, key: &ObjectKey) -> Result<(), FolderError> {
        let (folder, key) = (Arc::clone(self), key.clone());
        blocking(move || folder.delete_now(&key)).await
    }

    /// The object's own file, for tools that want a path.
    pub fn path(&self, key: &ObjectKey) -> PathBuf {
        object_path(&self.objects(), key)
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

    fn objects(&self) -> PathBuf {
        self.root.join("objects")
    }

    fn incoming(&self) -> PathBuf {
        self.root.join("incoming")
    }
}

/// Runs file work off the threads that serve sockets.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, FolderError> + Send + 'static,
) -> Result<T, FolderError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(FolderError::Io(io::Error::other(error))))
}
