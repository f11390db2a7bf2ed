//! The moment in which received bytes become an object: under its name, described, ordered, and on disk.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use synapscribe_domain::ObjectKey;

use super::about::{About, ObjectHeaders, written};
use super::disk::sync_folder;
use super::drafts::{Draft, Sealed};
use super::layout::about_path;
use super::{Folder, FolderError, blocking};

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
    pub checksums: BTreeMap<String, String>,
    /// The upload it was assembled from.
    pub upload: Option<String>,
    /// What the present object must be like.
    pub condition: Condition,
    /// Whether its creation must be announced; if so that is remembered until [`Folder::announced`].
    pub announce: bool,
}

impl Folder {
    /// Gives sealed bytes their name, durably, and returns their description.
    pub async fn commit(self: &Arc<Self>, sealed: Sealed, new: NewObject) -> Result<About, FolderError> {
        let folder = Arc::clone(self);
        blocking(move || folder.commit_now(sealed, new)).await
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

    /// The description of an object, written and not yet beside it.
    pub(super) fn draft_of(&self, about: &About) -> Result<Draft, FolderError> {
        let text = serde_json::to_vec(about).map_err(io::Error::other)?;
        Ok(Draft::whole(&self.incoming(), &text)?)
    }

    /// Nanoseconds as 16 hexadecimal digits, always later than the last one here and than the one it replaces, so that the
    /// order of a key's versions survives restarts and clocks that are set back.
    pub(super) fn next_sequencer(&self, replaced: Option<String>) -> String {
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
