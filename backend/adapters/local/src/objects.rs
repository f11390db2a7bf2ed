//! The `Objects` port on the same folder that the S3 endpoint serves: what one stores the other sees, and signed addresses
//! lead to the endpoint. It must not know the protocol behind those addresses.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use synapscribe_domain::{ObjectKey, Timestamp};
use synapscribe_ports::{ObjectInfo, Objects, StoreError, StoreResult};

use crate::credentials::Keyring;
use crate::folder::about::ObjectHeaders;
use crate::folder::{Condition, Folder, FolderError, NewObject, blocking};
use crate::s3::{BUCKET, millis};
use crate::sigv4::presign_object;

tokio::task_local! {
    /// Where whoever is being served reaches the S3 endpoint.
    static REACHED: Option<Arc<str>>;
}

/// Does some work for somebody who reaches the S3 endpoint there, such as at `http://192.168.1.7:4000`: addresses that are signed
/// within it lead there, and not to where the host says it is.
pub async fn reached_at<T>(base: Option<Arc<str>>, work: impl Future<Output = T>) -> T {
    REACHED.scope(base, work).await
}

/// Where whoever is being served reaches the S3 endpoint, for work that goes on in a task of its own.
pub fn reached() -> Option<Arc<str>> {
    REACHED.try_with(Clone::clone).ok().flatten()
}

/// Objects of this machine.
pub struct FolderObjects {
    folder: Arc<Folder>,
    keyring: Arc<Keyring>,
    base: OnceLock<String>,
}

impl FolderObjects {
    /// Objects in a folder; signed addresses need [`FolderObjects::serve_at`] first.
    pub fn new(folder: Arc<Folder>, keyring: Arc<Keyring>) -> Self {
        Self { folder, keyring, base: OnceLock::new() }
    }

    /// Tells where the S3 endpoint can be reached, such as `http://127.0.0.1:4000`, once the port is known. The first call
    /// counts; it returns whether this was it.
    pub fn serve_at(&self, base: &str) -> bool {
        self.base.set(base.trim_end_matches('/').to_owned()).is_ok()
    }

    fn address(&self, method: &str, key: &ObjectKey, headers: &[(&str, &str)], seconds: u32) -> StoreResult<String> {
        let reached = reached();
        let base = reached.as_deref().or_else(|| self.base.get().map(String::as_str));
        let base = base.ok_or_else(|| StoreError::Unavailable("the server's address is not known yet".into()))?;
        let path = format!("/{BUCKET}/{key}");
        let lifetime = Duration::from_secs(seconds.into());
        presign_object(self.keyring.service(), method, base, &path, headers, lifetime, SystemTime::now())
            .map_err(|error| StoreError::Unavailable(error.to_string()))
    }
}

#[async_trait]
impl Objects for FolderObjects {
    async fn put(&self, key: &ObjectKey, content: Bytes, content_type: &str) -> StoreResult<()> {
        let mut incoming = self.folder.receive(Some(content.len() as u64)).await?;
        incoming.write(&content).await?;
        let sealed = incoming.seal().await?;
        let new = NewObject {
            key: key.clone(),
            headers: ObjectHeaders { content_type: Some(content_type.to_owned()), ..ObjectHeaders::default() },
            checksums: Default::default(),
            upload: None,
            condition: Condition::Always,
            // Whoever stores through the port is the product itself and knows already.
            announce: false,
        };
        self.folder.commit(sealed, new).await?;
        Ok(())
    }

    async fn get(&self, key: &ObjectKey) -> StoreResult<Option<Bytes>> {
        let Some(mut found) = self.folder.find(key).await? else {
            return Ok(None);
        };
        let read = blocking(move || {
            let mut content = Vec::with_capacity(usize::try_from(found.about.bytes).unwrap_or(0));
            std::io::Read::read_to_end(&mut found.file, &mut content).map_err(FolderError::from)?;
            Ok(Bytes::from(content))
        });
        Ok(Some(read.await?))
    }

    async fn head(&self, key: &ObjectKey) -> StoreResult<Option<ObjectInfo>> {
        let found = self.folder.find(key).await?;
        Ok(found.map(|found| ObjectInfo { key: key.clone(), bytes: found.about.bytes, stored: Timestamp(millis(found.stored)) }))
    }

    async fn as_file(&self, key: &ObjectKey, _scratch: &Path) -> StoreResult<Option<PathBuf>> {
        Ok(self.folder.find(key).await?.map(|_| self.folder.path(key)))
    }

    async fn list(&self, prefix: &str) -> StoreResult<Vec<ObjectInfo>> {
        let listed = self.folder.list(prefix).await?;
        Ok(listed
            .into_iter()
            .map(|object| ObjectInfo { key: object.key, bytes: object.bytes, stored: Timestamp(millis(object.stored)) })
            .collect())
    }

    async fn delete(&self, key: &ObjectKey) -> StoreResult<()> {
        Ok(self.folder.delete(key).await?)
    }

    async fn upload_url(&self, key: &ObjectKey, content_type: &str, bytes: Option<u64>, seconds: u32) -> StoreResult<String> {
        let length = bytes.map(|bytes| bytes.to_string());
        let mut headers = vec![("content-type", content_type)];
        headers.extend(length.as_deref().map(|length| ("content-length", length)));
        self.address("PUT", key, &headers, seconds)
    }

    async fn download_url(&self, key: &ObjectKey, seconds: u32) -> StoreResult<String> {
        self.address("GET", key, &[], seconds)
    }
}

#[cfg(test)]
mod tests {
    use synapscribe_ports::conformance::objects;

    use super::*;
    use crate::folder::Limits;

    #[tokio::test]
    async fn it_behaves_as_every_store() {
        let (root, scratch) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let folder = Folder::open(root.path(), Limits::default()).unwrap();
        let store = FolderObjects::new(folder, Arc::new(Keyring::new([1; 32])));
        objects::suite(&store, scratch.path()).await;
        let left: Vec<_> = std::fs::read_dir(root.path().join("objects")).unwrap().collect();
        assert!(left.is_empty(), "deleting the last object leaves no folders: {left:?}");
    }

    #[tokio::test]
    async fn a_second_process_reads_what_is_there_and_leaves_an_upload_that_is_being_received_alone() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path(), Limits::default()).unwrap();
        let owner = FolderObjects::new(Arc::clone(&folder), Arc::new(Keyring::new([1; 32])));
        let (there, coming) = (ObjectKey::parse("queries/p/q1.wav").unwrap(), ObjectKey::parse("queries/p/q2.wav").unwrap());
        owner.put(&there, Bytes::from_static(b"one"), "audio/wav").await.unwrap();
        let mut incoming = folder.receive(None).await.unwrap();
        incoming.write(b"half of ").await.unwrap();

        let reading = Folder::attach(root.path(), Limits::default()).unwrap();
        let reader = FolderObjects::new(reading, Arc::new(Keyring::new([1; 32])));
        assert_eq!(reader.get(&there).await.unwrap().unwrap(), "one");

        incoming.write(b"two").await.unwrap();
        let sealed = incoming.seal().await.unwrap();
        let new = NewObject {
            key: coming.clone(),
            headers: ObjectHeaders::default(),
            checksums: Default::default(),
            upload: None,
            condition: Condition::Always,
            announce: false,
        };
        folder.commit(sealed, new).await.unwrap();
        assert_eq!(reader.get(&coming).await.unwrap().unwrap(), "half of two");
        assert!(Folder::attach(&root.path().join("nothing"), Limits::default()).is_err());
    }

    #[tokio::test]
    async fn addresses_wait_for_the_port() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path(), Limits::default()).unwrap();
        let store = FolderObjects::new(folder, Arc::new(Keyring::new([1; 32])));
        let key = ObjectKey::parse("queries/p/q.wav").unwrap();
        assert!(store.download_url(&key, 60).await.is_err());
        assert!(store.serve_at("http://127.0.0.1:1/"));
        assert!(!store.serve_at("http://127.0.0.1:2"));
        assert!(store.download_url(&key, 60).await.unwrap().starts_with("http://127.0.0.1:1/synapscribe/queries/p/q.wav?"));
        let elsewhere = reached_at(Some("http://10.0.0.7:1".into()), store.download_url(&key, 60)).await.unwrap();
        assert!(elsewhere.starts_with("http://10.0.0.7:1/synapscribe/queries/p/q.wav?"), "{elsewhere}");
    }
}
