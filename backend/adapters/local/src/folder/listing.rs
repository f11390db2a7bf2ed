//! Which objects there are. It must not know what is in them.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use synapscribe_domain::ObjectKey;

use super::finding::read_about;
use super::layout::{folder_of_prefix, is_about, key_of_path};
use super::{Folder, FolderError, blocking};

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

impl Folder {
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
}
