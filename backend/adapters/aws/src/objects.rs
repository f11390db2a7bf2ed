//! Objects in an S3 bucket. It knows nothing of what an object is for.

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{RequestChecksumCalculation, ResponseChecksumValidation};
use aws_sdk_s3::operation::get_object::{GetObjectError, GetObjectOutput};
use aws_sdk_s3::operation::head_object::HeadObjectError;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::DateTime;
use bytes::Bytes;
use synapscribe_domain::{ObjectKey, Timestamp};
use synapscribe_ports::{ObjectInfo, Objects, StoreError, StoreResult};
use tokio::io::AsyncWriteExt;

use crate::SdkConfig;
use crate::fault::fault;

/// Objects in one bucket.
#[derive(Debug, Clone)]
pub struct S3Objects {
    client: Client,
    bucket: String,
}

impl S3Objects {
    /// Objects in `bucket`.
    pub fn new(config: &SdkConfig, bucket: &str) -> Self {
        let client = aws_sdk_s3::config::Builder::from(config)
            // An emulator has one name for all buckets.
            .force_path_style(config.endpoint_url().is_some())
            // A signed address must not demand a checksum that whoever uses it would have to know.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .build();
        Self { client: Client::from_conf(client), bucket: bucket.to_owned() }
    }

    async fn open(&self, key: &ObjectKey) -> StoreResult<Option<GetObjectOutput>> {
        match self.client.get_object().bucket(&self.bucket).key(key.as_str()).send().await {
            Ok(found) => Ok(Some(found)),
            Err(error) if matches!(error.as_service_error(), Some(GetObjectError::NoSuchKey(_))) => Ok(None),
            Err(error) => Err(fault(error)),
        }
    }
}

#[async_trait]
impl Objects for S3Objects {
    async fn put(&self, key: &ObjectKey, content: Bytes, content_type: &str) -> StoreResult<()> {
        let put = self.client.put_object().bucket(&self.bucket).key(key.as_str()).content_type(content_type);
        put.body(content.into()).send().await.map(drop).map_err(fault)
    }

    async fn get(&self, key: &ObjectKey) -> StoreResult<Option<Bytes>> {
        let Some(found) = self.open(key).await? else { return Ok(None) };
        found.body.collect().await.map(|content| Some(content.into_bytes())).map_err(unavailable)
    }

    async fn head(&self, key: &ObjectKey) -> StoreResult<Option<ObjectInfo>> {
        match self.client.head_object().bucket(&self.bucket).key(key.as_str()).send().await {
            Ok(found) => Ok(Some(info(key.clone(), found.content_length, found.last_modified.as_ref()))),
            Err(error) if matches!(error.as_service_error(), Some(HeadObjectError::NotFound(_))) => Ok(None),
            Err(error) => Err(fault(error)),
        }
    }

    async fn as_file(&self, key: &ObjectKey, scratch: &Path) -> StoreResult<Option<PathBuf>> {
        let Some(found) = self.open(key).await? else { return Ok(None) };
        // The object's own name may be longer than a file's may be; only its extension says something to tools.
        let extension = Path::new(key.file_name()).extension().and_then(|extension| extension.to_str()).unwrap_or("bin");
        let path = scratch.join(format!("{:016x}.{extension}", rand::random::<u64>()));
        let fetched = fetch(found, &path).await;
        if fetched.is_err() {
            // Half a recording must not stay to be taken for a whole one.
            let _ = tokio::fs::remove_file(&path).await;
        }
        fetched.map(|()| Some(path))
    }

    async fn list(&self, prefix: &str) -> StoreResult<Vec<ObjectInfo>> {
        let mut pages = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix).into_paginator().send();
        let mut listed = Vec::new();
        while let Some(page) = pages.next().await {
            for object in page.map_err(fault)?.contents() {
                // What somebody else put into the bucket is none of ours.
                let Some(key) = object.key().and_then(|key| ObjectKey::parse(key).ok()) else { continue };
                listed.push(info(key, object.size(), object.last_modified()));
            }
        }
        Ok(listed)
    }

    async fn delete(&self, key: &ObjectKey) -> StoreResult<()> {
        self.client.delete_object().bucket(&self.bucket).key(key.as_str()).send().await.map(drop).map_err(fault)
    }

    async fn upload_url(&self, key: &ObjectKey, content_type: &str, bytes: Option<u64>, seconds: u32) -> StoreResult<String> {
        let put = self.client.put_object().bucket(&self.bucket).key(key.as_str()).content_type(content_type);
        // The length is signed, so that nobody stores more than was granted.
        let put = put.set_content_length(bytes.and_then(|bytes| i64::try_from(bytes).ok()));
        let signed = put.presigned(lifetime(seconds)?).await.map_err(fault)?;
        Ok(signed.uri().to_owned())
    }

    async fn download_url(&self, key: &ObjectKey, seconds: u32) -> StoreResult<String> {
        let get = self.client.get_object().bucket(&self.bucket).key(key.as_str());
        Ok(get.presigned(lifetime(seconds)?).await.map_err(fault)?.uri().to_owned())
    }
}

async fn fetch(found: GetObjectOutput, path: &Path) -> StoreResult<()> {
    let whole = found.content_length.unwrap_or_default();
    let mut body = found.body;
    let mut file = tokio::fs::File::create_new(path).await.map_err(full)?;
    let mut written = 0;
    while let Some(part) = body.try_next().await.map_err(unavailable)? {
        file.write_all(&part).await.map_err(full)?;
        written += part.len() as i64;
    }
    file.flush().await.map_err(full)?;
    if written == whole { Ok(()) } else { Err(StoreError::Unavailable(format!("{written} of {whole} bytes came"))) }
}

fn info(key: ObjectKey, bytes: Option<i64>, stored: Option<&DateTime>) -> ObjectInfo {
    let stored = stored.and_then(|moment| moment.to_millis().ok()).unwrap_or_default();
    ObjectInfo { key, bytes: bytes.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default(), stored: Timestamp(stored) }
}

fn lifetime(seconds: u32) -> StoreResult<PresigningConfig> {
    PresigningConfig::expires_in(Duration::from_secs(seconds.into())).map_err(unavailable)
}

fn unavailable(error: impl std::fmt::Display) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

fn full(error: std::io::Error) -> StoreError {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => StoreError::Full,
        _ => unavailable(error),
    }
}
