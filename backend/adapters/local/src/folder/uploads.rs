//! Multipart uploads: parts wait in a folder of their own until they are put together. An upload belongs to its key, not to
//! the credentials that began it, so that it can be resumed after those have expired and after either side was restarted.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use s3s::crypto::{Checksum, Md5};
use serde::{Deserialize, Serialize};
use synapscribe_domain::{ObjectKey, Timestamp};
use uuid::Uuid;

use super::about::ObjectHeaders;
use super::disk::{absent_is_fine, absent_is_none, sync_folder};
use super::drafts::{Draft, Sealed};
use super::{Folder, FolderError, blocking};

/// An upload that is not finished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// Its name.
    pub id: String,
    /// What it will become.
    pub key: ObjectKey,
    /// When it began.
    pub began: Timestamp,
    /// What the uploader said of it.
    pub headers: ObjectHeaders,
}

/// A part that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// 1 to 10,000.
    pub number: u32,
    /// The MD5 of its bytes in hexadecimal.
    pub etag: String,
    /// Its size.
    pub bytes: u64,
    /// When it was stored.
    pub stored: SystemTime,
}

const ABOUT: &str = "upload.json";

impl Folder {
    /// Begins an upload.
    pub async fn begin_upload(self: &Arc<Self>, key: ObjectKey, headers: ObjectHeaders) -> Result<Upload, FolderError> {
        let folder = Arc::clone(self);
        blocking(move || {
            folder.check_room(0)?;
            let began = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let upload = Upload {
                id: Uuid::new_v4().simple().to_string(),
                key,
                began: Timestamp(i64::try_from(began.as_millis()).unwrap_or(i64::MAX)),
                headers,
            };
            let place = folder.uploads().join(&upload.id);
            fs::create_dir(&place)?;
            let text = serde_json::to_vec(&upload).map_err(io::Error::other)?;
            Draft::whole(&folder.incoming(), &text)?.rename(&place.join(ABOUT))?;
            sync_folder(&place)?;
            sync_folder(&folder.uploads())?;
            Ok(upload)
        })
        .await
    }

    /// An upload to this key.
    pub async fn upload(self: &Arc<Self>, id: &str, key: &ObjectKey) -> Result<Upload, FolderError> {
        let (folder, id, key) = (Arc::clone(self), id.to_owned(), key.clone());
        blocking(move || folder.upload_now(&id, &key)).await
    }

    /// Keeps a part, replacing an earlier one of the same number.
    pub async fn keep_part(self: &Arc<Self>, upload: &Upload, number: u32, sealed: Sealed) -> Result<(), FolderError> {
        let (folder, upload) = (Arc::clone(self), upload.clone());
        blocking(move || folder.keep_part_now(&upload, number, sealed)).await
    }

    /// The parts that arrived, in the order of their numbers.
    pub async fn parts(self: &Arc<Self>, upload: &Upload) -> Result<Vec<Part>, FolderError> {
        let (folder, id) = (Arc::clone(self), upload.id.clone());
        blocking(move || folder.parts_now(&id)).await
    }

    /// Puts the named parts together. They stay until [`Folder::end_upload`], so that a crash or a failing listener after
    /// this leaves the upload as it was and finishing it can be asked for again.
    pub async fn assemble(self: &Arc<Self>, upload: &Upload, parts: Vec<(u32, String)>) -> Result<Sealed, FolderError> {
        let (folder, upload) = (Arc::clone(self), upload.clone());
        blocking(move || folder.assemble_now(&upload, &parts)).await
    }

    /// Forgets an upload and its parts, finished or given up.
    pub async fn end_upload(self: &Arc<Self>, upload: &Upload) -> Result<(), FolderError> {
        let (folder, id) = (Arc::clone(self), upload.id.clone());
        blocking(move || folder.end_upload_now(&id)).await
    }

    /// All unfinished uploads to keys with this prefix, by key and then by age.
    pub async fn unfinished(self: &Arc<Self>, prefix: &str) -> Result<Vec<Upload>, FolderError> {
        let (folder, prefix) = (Arc::clone(self), prefix.to_owned());
        blocking(move || {
            let mut found: Vec<Upload> = folder
                .all_uploads()?
                .into_iter()
                .filter_map(|(_, upload)| upload)
                .filter(|u| u.key.as_str().starts_with(&prefix))
                .collect();
            found.sort_by(|a, b| (&a.key, a.began.0).cmp(&(&b.key, b.began.0)));
            Ok(found)
        })
        .await
    }

    /// Forgets uploads that began before a moment; returns how many.
    pub async fn end_uploads_before(self: &Arc<Self>, moment: Timestamp) -> Result<u64, FolderError> {
        let folder = Arc::clone(self);
        blocking(move || {
            let mut ended = 0;
            for (id, upload) in folder.all_uploads()? {
                // A folder without a description is what a crash left of a beginning; it has no parts anybody can name.
                if upload.is_none_or(|upload| upload.began.0 < moment.0) {
                    folder.end_upload_now(&id)?;
                    ended += 1;
                }
            }
            Ok(ended)
        })
        .await
    }

    fn all_uploads(&self) -> Result<Vec<(String, Option<Upload>)>, FolderError> {
        let mut found = Vec::new();
        for entry in fs::read_dir(self.uploads())? {
            let id = entry?.file_name().to_string_lossy().into_owned();
            let text = absent_is_none(fs::read(self.uploads().join(&id).join(ABOUT)))?;
            found.push((id, text.and_then(|text| serde_json::from_slice(&text).ok())));
        }
        Ok(found)
    }

    fn upload_now(&self, id: &str, key: &ObjectKey) -> Result<Upload, FolderError> {
        // The name becomes part of a path, so only what could have been given out is looked for.
        if id.len() != 32 || !id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
            return Err(FolderError::NoSuchUpload);
        }
        let text = absent_is_none(fs::read(self.uploads().join(id).join(ABOUT)))?.ok_or(FolderError::NoSuchUpload)?;
        let upload: Upload = serde_json::from_slice(&text).map_err(|_| FolderError::NoSuchUpload)?;
        if upload.key == *key { Ok(upload) } else { Err(FolderError::NoSuchUpload) }
    }

    fn keep_part_now(&self, upload: &Upload, number: u32, sealed: Sealed) -> Result<(), FolderError> {
        let limit = self.limits.of(&upload.key);
        let earlier = self.parts_now(&upload.id)?;
        let others: u64 = earlier.iter().filter(|part| part.number != number).map(|part| part.bytes).sum();
        if others + sealed.bytes() > limit {
            return Err(FolderError::TooLarge { limit });
        }
        let place = self.uploads().join(&upload.id);
        let name = part_name(number, sealed.etag());
        absent_is_none(sealed.rename(&place.join(&name)))?.ok_or(FolderError::NoSuchUpload)?;
        for old in earlier.iter().filter(|part| part.number == number) {
            let old = part_name(number, &old.etag);
            if old != name {
                absent_is_fine(fs::remove_file(place.join(old)))?;
            }
        }
        absent_is_none(sync_folder(&place))?.ok_or(FolderError::NoSuchUpload)
    }

    fn parts_now(&self, id: &str) -> Result<Vec<Part>, FolderError> {
        let entries = absent_is_none(fs::read_dir(self.uploads().join(id)))?.ok_or(FolderError::NoSuchUpload)?;
        let mut parts = Vec::new();
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let named = name.to_str().and_then(|name| name.strip_suffix(".part")?.split_once('-'));
            let Some((number, etag)) = named else { continue };
            let (Ok(number), Some(facts)) = (number.parse(), absent_is_none(entry.metadata())?) else {
                continue;
            };
            let stored = facts.modified().unwrap_or(UNIX_EPOCH);
            parts.push(Part { number, etag: etag.to_owned(), bytes: facts.len(), stored });
        }
        // A crash while a part was replaced can leave both; the newer one counts.
        parts.sort_by(|a, b| (a.number, b.stored).cmp(&(b.number, a.stored)));
        parts.dedup_by_key(|part| part.number);
        Ok(parts)
    }

    fn assemble_now(&self, upload: &Upload, wanted: &[(u32, String)]) -> Result<Sealed, FolderError> {
        let limit = self.limits.of(&upload.key);
        let there = self.parts_now(&upload.id)?;
        let (mut files, mut total, mut tags) = (Vec::with_capacity(wanted.len()), 0, Md5::new());
        for (place, (number, etag)) in wanted.iter().enumerate() {
            let part = there.iter().find(|part| part.number == *number && part.etag == *etag).ok_or(FolderError::InvalidPart)?;
            if part.bytes < self.limits.part_bytes && place + 1 < wanted.len() {
                return Err(FolderError::SmallPart);
            }
            tags.update(&hex::decode(etag).map_err(|_| FolderError::InvalidPart)?);
            total += part.bytes;
            let path = self.uploads().join(&upload.id).join(part_name(*number, etag));
            files.push(absent_is_none(fs::File::open(path))?.ok_or(FolderError::InvalidPart)?);
        }
        if total > limit {
            return Err(FolderError::TooLarge { limit });
        }
        self.check_room(total)?;
        let etag = format!("{}-{}", hex::encode(tags.finalize()), wanted.len());
        Sealed::copy(&self.incoming(), files, etag)
    }

    fn end_upload_now(&self, id: &str) -> Result<(), FolderError> {
        // Moved away first, so that a crash half-way leaves nothing that looks like an upload.
        let gone = self.incoming().join(Uuid::new_v4().simple().to_string());
        if absent_is_none(fs::rename(self.uploads().join(id), &gone))?.is_some() {
            fs::remove_dir_all(gone)?;
        }
        Ok(())
    }

    fn uploads(&self) -> PathBuf {
        self.root.join("uploads")
    }
}

fn part_name(number: u32, etag: &str) -> String {
    format!("{number:05}-{etag}.part")
}
