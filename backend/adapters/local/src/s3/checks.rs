//! What an uploader claims of its bytes, compared with what came, before they get a name.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::StreamExt;
use http::HeaderMap;
use s3s::checksum::ChecksumHasher;
use s3s::dto::StreamingBlob;
use s3s::{S3Result, TrailingHeaders, s3_error};

use crate::folder::{Folder, FolderError, Sealed};

/// A connection that brings nothing for this long is given up, so that dead clients do not hold files open.
const PATIENCE: Duration = Duration::from_secs(60);

const ALGORITHMS: [&str; 5] = ["crc32", "crc32c", "crc64nvme", "sha1", "sha256"];

/// Bytes that are all there and are what they were said to be.
pub struct Checked {
    /// The bytes.
    pub sealed: Sealed,
    /// Their checksums, by the names that S3 gives them.
    pub checksums: BTreeMap<String, String>,
}

/// Receives a body and verifies its length, its MD5 and its checksums, in the header or behind the body.
pub async fn receive(
    folder: &Arc<Folder>,
    body: Option<StreamingBlob>,
    length: Option<i64>,
    limit: u64,
    headers: &HeaderMap,
    trailers: Option<&TrailingHeaders>,
) -> S3Result<Checked> {
    let length = length.and_then(|length| u64::try_from(length).ok());
    if length.is_some_and(|length| length > limit) {
        return Err(FolderError::TooLarge { limit }.into());
    }
    let mut hasher = hasher_for(headers);
    let mut incoming = folder.receive(length).await?;
    if let Some(mut body) = body {
        while let Some(bytes) = tokio::time::timeout(PATIENCE, body.next())
            .await
            .map_err(|_| s3_error!(RequestTimeout, "Nothing was received for a minute; upload it again."))?
        {
            let bytes = bytes.map_err(|error| match error.downcast::<s3s::S3Error>() {
                Ok(error) => *error,
                Err(error) => {
                    tracing::debug!(%error, "an upload broke off");
                    s3_error!(IncompleteBody, "The body ended early or was damaged on its way; upload it again.")
                }
            })?;
            if incoming.bytes() + bytes.len() as u64 > limit {
                return Err(FolderError::TooLarge { limit }.into());
            }
            hasher.update(&bytes);
            incoming.write(&bytes).await?;
        }
    }
    if length.is_some_and(|length| length != incoming.bytes()) {
        return Err(s3_error!(IncompleteBody, "You did not provide the number of bytes specified by the Content-Length header."));
    }
    let computed = named(hasher.finalize());
    let behind = trailers.and_then(TrailingHeaders::take).unwrap_or_default();
    for (name, value) in &computed {
        let claimed = behind.get(name).or_else(|| headers.get(name));
        if claimed.is_some_and(|claimed| claimed.as_bytes() != value.as_bytes()) {
            return Err(s3_error!(BadDigest, "The {name} you specified did not match what we received."));
        }
    }
    let sealed = incoming.seal().await?;
    if let Some(claimed) = headers.get("content-md5") {
        let claimed = STANDARD.decode(claimed).map_err(|_| s3_error!(InvalidDigest, "The Content-MD5 is not valid."))?;
        if hex::encode(claimed) != sealed.etag() {
            return Err(s3_error!(BadDigest, "The Content-MD5 you specified did not match what we received."));
        }
    }
    Ok(Checked { sealed, checksums: computed })
}

/// Computes every checksum that is claimed in a header, announced as a trailer, or only asked for by name.
fn hasher_for(headers: &HeaderMap) -> ChecksumHasher {
    let mut hasher = ChecksumHasher::default();
    let announced = headers.get_all("x-amz-trailer").iter().filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(','));
    let asked = ["x-amz-sdk-checksum-algorithm", "x-amz-checksum-algorithm"]
        .into_iter()
        .filter_map(|name| headers.get(name)?.to_str().ok());
    let claimed = headers.keys().map(|name| name.as_str());
    for name in announced.chain(asked).chain(claimed) {
        let name = name.trim().to_ascii_lowercase();
        match name.strip_prefix("x-amz-checksum-").unwrap_or(&name) {
            "crc32" => hasher.crc32 = Some(Default::default()),
            "crc32c" => hasher.crc32c = Some(Default::default()),
            "crc64nvme" => hasher.crc64nvme = Some(Default::default()),
            "sha1" => hasher.sha1 = Some(Default::default()),
            "sha256" => hasher.sha256 = Some(Default::default()),
            _ => {}
        }
    }
    hasher
}

fn named(sums: s3s::dto::Checksum) -> BTreeMap<String, String> {
    let values = [sums.checksum_crc32, sums.checksum_crc32c, sums.checksum_crc64nvme, sums.checksum_sha1, sums.checksum_sha256];
    ALGORITHMS.iter().zip(values).filter_map(|(name, value)| Some((format!("x-amz-checksum-{name}"), value?))).collect()
}
