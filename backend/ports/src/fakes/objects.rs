//! Objects in memory; one that is wanted as a file is written into the scratch folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use synapscribe_domain::{ObjectKey, Timestamp};

use super::open;
use crate::{Clock, ObjectInfo, Objects, StoreError, StoreResult};

/// Keeps objects for as long as it lives.
pub struct MemoryObjects {
    clock: Arc<dyn Clock>,
    kept: Mutex<BTreeMap<ObjectKey, (Bytes, Timestamp)>>,
}

impl MemoryObjects {
    /// No objects yet; what is stored bears this clock's time.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, kept: Mutex::default() }
    }

    /// The keys of all objects.
    pub fn keys(&self) -> Vec<ObjectKey> {
        open(&self.kept).keys().cloned().collect()
    }
}

#[async_trait]
impl Objects for MemoryObjects {
    async fn put(&self, key: &ObjectKey, content: Bytes, _content_type: &str) -> StoreResult<()> {
        open(&self.kept).insert(key.clone(), (content, self.clock.now()));
        Ok(())
    }

    async fn get(&self, key: &ObjectKey) -> StoreResult<Option<Bytes>> {
        Ok(open(&self.kept).get(key).map(|(content, _)| content.clone()))
    }

    async fn head(&self, key: &ObjectKey) -> StoreResult<Option<ObjectInfo>> {
        Ok(open(&self.kept).get(key).map(|(content, stored)| info(key, content, *stored)))
    }

    async fn as_file(&self, key: &ObjectKey, scratch: &Path) -> StoreResult<Option<PathBuf>> {
        let Some(content) = self.get(key).await? else { return Ok(None) };
        let extension = key.file_name().rsplit_once('.').map_or("bin", |(_, extension)| extension);
        let place = open(&self.kept).keys().position(|known| known == key).unwrap_or_default();
        let path = scratch.join(format!("object-{place}.{extension}"));
        std::fs::write(&path, content).map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Some(path))
    }

    async fn list(&self, prefix: &str) -> StoreResult<Vec<ObjectInfo>> {
        let kept = open(&self.kept);
        let below = kept.iter().filter(|(key, _)| key.as_str().starts_with(prefix));
        Ok(below.map(|(key, (content, stored))| info(key, content, *stored)).collect())
    }

    async fn delete(&self, key: &ObjectKey) -> StoreResult<()> {
        open(&self.kept).remove(key);
        Ok(())
    }

    async fn upload_url(&self, key: &ObjectKey, content_type: &str, bytes: Option<u64>, seconds: u32) -> StoreResult<String> {
        Ok(format!("memory:put/{key}?type={content_type}&bytes={}&seconds={seconds}", bytes.unwrap_or_default()))
    }

    async fn download_url(&self, key: &ObjectKey, seconds: u32) -> StoreResult<String> {
        Ok(format!("memory:get/{key}?seconds={seconds}"))
    }
}

fn info(key: &ObjectKey, content: &Bytes, stored: Timestamp) -> ObjectInfo {
    ObjectInfo { key: key.clone(), bytes: content.len() as u64, stored }
}
