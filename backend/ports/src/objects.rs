//! Large files by key.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use bytes::Bytes;
use synapscribe_domain::{ObjectKey, Timestamp};

use crate::world::StoreResult;

/// An object's facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectInfo {
    /// Its key.
    pub key: ObjectKey,
    /// Its size.
    pub bytes: u64,
    /// When it was stored.
    pub stored: Timestamp,
}

/// Keeps objects.
#[async_trait]
pub trait Objects: Send + Sync {
    /// Stores small content under a key, replacing what was there.
    async fn put(&self, key: &ObjectKey, content: Bytes, content_type: &str) -> StoreResult<()>;
    /// Small content.
    async fn get(&self, key: &ObjectKey) -> StoreResult<Option<Bytes>>;
    /// The object's facts.
    async fn head(&self, key: &ObjectKey) -> StoreResult<Option<ObjectInfo>>;
    /// The object as a file that can be read while the returned path's folder exists; local stores give their own file,
    /// others fetch it into `scratch`.
    async fn as_file(&self, key: &ObjectKey, scratch: &Path) -> StoreResult<Option<PathBuf>>;
    /// Objects below a prefix, in the order of their keys.
    async fn list(&self, prefix: &str) -> StoreResult<Vec<ObjectInfo>>;
    /// Removes an object; removing what is not there is fine.
    async fn delete(&self, key: &ObjectKey) -> StoreResult<()>;
    /// An address that accepts exactly `bytes` bytes of `content_type` under the key for `seconds`.
    async fn upload_url(&self, key: &ObjectKey, content_type: &str, bytes: Option<u64>, seconds: u32) -> StoreResult<String>;
    /// An address that serves the object for `seconds`.
    async fn download_url(&self, key: &ObjectKey, seconds: u32) -> StoreResult<String>;
}
