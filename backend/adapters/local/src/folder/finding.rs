//! An object with its description, whatever a crash or a hand left beside each other. It must not know who asks.

use std::fs;
use std::io::Seek;
use std::path::Path;
use std::sync::{Arc, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use synapscribe_domain::ObjectKey;

use super::about::{About, ObjectHeaders, content_type_by_name, written};
use super::disk::absent_is_none;
use super::layout::about_path;
use super::{Folder, FolderError, blocking, drafts};

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

impl Folder {
    /// Opens an object.
    pub async fn find(self: &Arc<Self>, key: &ObjectKey) -> Result<Option<Found>, FolderError> {
        let (folder, key) = (Arc::clone(self), key.clone());
        blocking(move || folder.find_now(&key)).await
    }

    pub(super) fn find_now(&self, key: &ObjectKey) -> Result<Option<Found>, FolderError> {
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

    pub(super) fn present(&self, key: &ObjectKey, path: &Path) -> Result<Option<About>, FolderError> {
        let Some(mut file) = absent_is_none(fs::File::open(path))? else {
            return Ok(None);
        };
        let facts = file.metadata()?;
        match read_about(path).filter(|about| about.describes(&facts)) {
            Some(about) => Ok(Some(about)),
            None => Ok(Some(self.describe_anew(key, &mut file, &facts)?)),
        }
    }

    /// Bytes without their description: a crash between two renames, a file restored from a backup, or one put there by
    /// hand. The new description is kept, so that they are read through only once.
    fn describe_anew(&self, key: &ObjectKey, file: &mut fs::File, facts: &fs::Metadata) -> Result<About, FolderError> {
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
}

/// The description beside an object's bytes, which may be of others.
pub(super) fn read_about(object: &Path) -> Option<About> {
    serde_json::from_slice(&fs::read(about_path(object)).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::super::{Condition, Limits, NewObject};
    use super::*;

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
