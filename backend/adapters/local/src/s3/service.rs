//! The operations of the protocol that this endpoint offers, each one or two steps of the folder. Rights were checked before;
//! only what names keys inside its body is checked here.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use futures::TryFutureExt;
use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};
use synapscribe_domain::ObjectKey as Key;
use synapscribe_ports::ObjectCreated;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

use super::checks::{Checked, receive};
use super::reading::{Wanted, checksum, e_tag};
use super::{BUCKET, Shared, access, listener_failed, listing};
use crate::credentials::Caller;
use crate::folder::about::{About, ObjectHeaders};
use crate::folder::{Condition, FolderError, Found, NewObject, Sealed, Upload};

/// Read and sent at a time.
const CHUNK: usize = 128 * 1024;

/// The S3 protocol over the folder.
pub struct Objects {
    shared: Arc<Shared>,
}

impl Objects {
    pub fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    async fn found(&self, key: &str) -> S3Result<Found> {
        let found = self.shared.folder.find(&parse(key)?).await?;
        found.ok_or_else(|| s3_error!(NoSuchKey, "The specified key does not exist."))
    }

    /// The object that a copy is made of, which must be the caller's own too.
    async fn source(&self, caller: &Caller, source: &CopySource) -> S3Result<Found> {
        let CopySource::Bucket { bucket, key, .. } = source else {
            return Err(s3_error!(InvalidArgument, "The source must be BUCKET/KEY."));
        };
        if bucket.as_ref() != BUCKET {
            return Err(s3_error!(NoSuchBucket, "The specified bucket does not exist."));
        }
        self.found(access::own_key(caller, key)?.as_str()).await
    }

    async fn upload(&self, id: &str, key: &str) -> S3Result<Upload> {
        Ok(self.shared.folder.upload(id, &parse(key)?).await?)
    }

    /// Names the object and announces it. It runs on its own, so that a client that hangs up cannot part the two.
    async fn store(&self, sealed: Sealed, new: NewObject) -> S3Result<About> {
        let shared = Arc::clone(&self.shared);
        let work = async move {
            let about = shared.folder.commit(sealed, new).await?;
            let event = ObjectCreated { key: about.key.clone(), bytes: about.bytes, sequencer: about.sequencer.clone() };
            shared.announce(event).await.map_err(listener_failed)?;
            Ok(about)
        };
        tokio::spawn(work).await.unwrap_or_else(|error| Err(s3_error!(error, InternalError, "The server failed; try again.")))
    }
}

#[async_trait::async_trait]
impl S3 for Objects {
    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let S3Request { input, headers, trailing_headers, .. } = request;
        let key = parse(&input.key)?;
        let condition = condition(input.if_match, input.if_none_match)?;
        let limit = self.shared.folder.limits().of(&key);
        let Checked { sealed, checksums } =
            receive(&self.shared.folder, input.body, input.content_length, limit, &headers, trailing_headers.as_ref()).await?;
        let described = ObjectHeaders {
            content_type: input.content_type,
            content_disposition: input.content_disposition,
            content_encoding: input.content_encoding.and_then(stored_encoding),
            content_language: input.content_language,
            cache_control: input.cache_control,
            metadata: pairs(input.metadata),
        };
        let new = NewObject { key, headers: described, checksums, upload: None, condition, announce: true };
        let about = self.store(sealed, new).await?;
        let sums = checksum(&about.checksums);
        Ok(S3Response::new(PutObjectOutput {
            e_tag: Some(e_tag(&about)),
            checksum_crc32: sums.checksum_crc32,
            checksum_crc32c: sums.checksum_crc32c,
            checksum_crc64nvme: sums.checksum_crc64nvme,
            checksum_sha1: sums.checksum_sha1,
            checksum_sha256: sums.checksum_sha256,
            ..Default::default()
        }))
    }

    async fn copy_object(&self, request: S3Request<CopyObjectInput>) -> S3Result<S3Response<CopyObjectOutput>> {
        let caller = access::caller(&request)?;
        let input = request.input;
        let found = self.source(&caller, &input.copy_source).await?;
        let wanted = Wanted {
            if_match: input.copy_source_if_match,
            if_none_match: input.copy_source_if_none_match,
            if_modified_since: input.copy_source_if_modified_since,
            if_unmodified_since: input.copy_source_if_unmodified_since,
        };
        wanted.check(&found).map_err(|_| FolderError::Condition)?;
        let key = parse(&input.key)?;
        let limit = self.shared.folder.limits().of(&key);
        if found.about.bytes > limit {
            return Err(FolderError::TooLarge { limit }.into());
        }
        let replace = input.metadata_directive.is_some_and(|directive| directive.as_str() == MetadataDirective::REPLACE);
        let headers = if replace {
            ObjectHeaders {
                content_type: input.content_type,
                content_disposition: input.content_disposition,
                content_encoding: input.content_encoding,
                content_language: input.content_language,
                cache_control: input.cache_control,
                metadata: pairs(input.metadata),
            }
        } else {
            found.about.headers.clone()
        };
        let checksums = found.about.checksums.clone();
        let sealed = self.shared.folder.copy_of(found).await?;
        let new = NewObject { key, headers, checksums, upload: None, condition: Condition::Always, announce: true };
        let about = self.store(sealed, new).await?;
        let written = std::time::UNIX_EPOCH + std::time::Duration::from_nanos(about.written);
        Ok(S3Response::new(CopyObjectOutput {
            copy_object_result: Some(CopyObjectResult {
                e_tag: Some(e_tag(&about)),
                last_modified: Some(written.into()),
                ..Default::default()
            }),
            ..Default::default()
        }))
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let input = request.input;
        let found = self.found(&input.key).await?;
        let wanted = Wanted {
            if_match: input.if_match,
            if_none_match: input.if_none_match,
            if_modified_since: input.if_modified_since,
            if_unmodified_since: input.if_unmodified_since,
        };
        wanted.check(&found)?;
        let whole = found.about.bytes;
        let range = input.range.map(|range| range.check(whole)).transpose()?;
        let (start, end) = range.as_ref().map_or((0, whole), |range| (range.start, range.end));
        let mut file = tokio::fs::File::from_std(found.file);
        file.seek(std::io::SeekFrom::Start(start)).await.map_err(FolderError::from)?;
        let body = StreamingBlob::wrap(ReaderStream::with_capacity(file.take(end - start), CHUNK));
        let about = &found.about;
        // A checksum is of the whole; beside a part of it a client would find it wrong.
        let sums = if range.is_none() && input.checksum_mode.is_some() { checksum(&about.checksums) } else { Default::default() };
        Ok(S3Response::new(GetObjectOutput {
            body: Some(body),
            accept_ranges: Some("bytes".to_owned()),
            content_length: Some((end - start) as i64),
            content_range: range.map(|_| format!("bytes {start}-{}/{whole}", end.saturating_sub(1))),
            content_type: input.response_content_type.or_else(|| about.headers.content_type.clone()),
            content_disposition: input.response_content_disposition.or_else(|| about.headers.content_disposition.clone()),
            content_encoding: input.response_content_encoding.or_else(|| about.headers.content_encoding.clone()),
            content_language: input.response_content_language.or_else(|| about.headers.content_language.clone()),
            cache_control: input.response_cache_control.or_else(|| about.headers.cache_control.clone()),
            metadata: metadata(about),
            e_tag: Some(e_tag(about)),
            last_modified: Some(found.stored.into()),
            checksum_crc32: sums.checksum_crc32,
            checksum_crc32c: sums.checksum_crc32c,
            checksum_crc64nvme: sums.checksum_crc64nvme,
            checksum_sha1: sums.checksum_sha1,
            checksum_sha256: sums.checksum_sha256,
            ..Default::default()
        }))
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        let input = request.input;
        let found = self.found(&input.key).await?;
        let wanted = Wanted {
            if_match: input.if_match,
            if_none_match: input.if_none_match,
            if_modified_since: input.if_modified_since,
            if_unmodified_since: input.if_unmodified_since,
        };
        wanted.check(&found)?;
        let about = &found.about;
        let sums = if input.checksum_mode.is_some() { checksum(&about.checksums) } else { Default::default() };
        Ok(S3Response::new(HeadObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            content_length: Some(about.bytes as i64),
            content_type: about.headers.content_type.clone(),
            content_disposition: about.headers.content_disposition.clone(),
            content_encoding: about.headers.content_encoding.clone(),
            content_language: about.headers.content_language.clone(),
            cache_control: about.headers.cache_control.clone(),
            metadata: metadata(about),
            e_tag: Some(e_tag(about)),
            last_modified: Some(found.stored.into()),
            checksum_crc32: sums.checksum_crc32,
            checksum_crc32c: sums.checksum_crc32c,
            checksum_crc64nvme: sums.checksum_crc64nvme,
            checksum_sha1: sums.checksum_sha1,
            checksum_sha256: sums.checksum_sha256,
            ..Default::default()
        }))
    }

    async fn delete_object(&self, request: S3Request<DeleteObjectInput>) -> S3Result<S3Response<DeleteObjectOutput>> {
        self.shared.folder.delete(&parse(&request.input.key)?).await?;
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    async fn delete_objects(&self, request: S3Request<DeleteObjectsInput>) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let caller = access::caller(&request)?;
        let delete = request.input.delete;
        if delete.objects.len() > 1000 {
            return Err(s3_error!(MalformedXML, "At most 1000 keys can be deleted in one request."));
        }
        let (mut deleted, mut errors) = (Vec::new(), Vec::new());
        for object in delete.objects {
            let outcome = async { access::own_key(&caller, &object.key) }
                .and_then(|key| async move { Ok(self.shared.folder.delete(&key).await?) })
                .await;
            match outcome {
                Ok(()) => deleted.push(DeletedObject { key: Some(object.key), ..Default::default() }),
                Err(error) => errors.push(Error {
                    code: Some(error.code().as_str().to_owned()),
                    message: error.message().map(str::to_owned),
                    key: Some(object.key),
                    ..Default::default()
                }),
            }
        }
        let deleted = (!delete.quiet.unwrap_or(false)).then_some(deleted);
        Ok(S3Response::new(DeleteObjectsOutput { deleted, errors: Some(errors), ..Default::default() }))
    }

    async fn head_bucket(&self, _: S3Request<HeadBucketInput>) -> S3Result<S3Response<HeadBucketOutput>> {
        Ok(S3Response::new(HeadBucketOutput::default()))
    }

    async fn get_bucket_location(&self, _: S3Request<GetBucketLocationInput>) -> S3Result<S3Response<GetBucketLocationOutput>> {
        // The constraint of the first region is empty, by the published definition.
        Ok(S3Response::new(GetBucketLocationOutput::default()))
    }

    async fn list_objects(&self, request: S3Request<ListObjectsInput>) -> S3Result<S3Response<ListObjectsOutput>> {
        listing::version_1(&self.shared, request).await
    }

    async fn list_objects_v2(&self, request: S3Request<ListObjectsV2Input>) -> S3Result<S3Response<ListObjectsV2Output>> {
        listing::version_2(&self.shared, request).await
    }

    async fn list_multipart_uploads(
        &self,
        request: S3Request<ListMultipartUploadsInput>,
    ) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
        listing::uploads(&self.shared, request).await
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        let input = request.input;
        let headers = ObjectHeaders {
            content_type: input.content_type,
            content_disposition: input.content_disposition,
            content_encoding: input.content_encoding,
            content_language: input.content_language,
            cache_control: input.cache_control,
            metadata: pairs(input.metadata),
        };
        let upload = self.shared.folder.begin_upload(parse(&input.key)?, headers).await?;
        Ok(S3Response::new(CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(upload.id),
            ..Default::default()
        }))
    }

    async fn upload_part(&self, request: S3Request<UploadPartInput>) -> S3Result<S3Response<UploadPartOutput>> {
        let S3Request { input, headers, trailing_headers, .. } = request;
        let number = part_number(input.part_number)?;
        let upload = self.upload(&input.upload_id, &input.key).await?;
        let limit = self.shared.folder.limits().of(&upload.key);
        let Checked { sealed, checksums } =
            receive(&self.shared.folder, input.body, input.content_length, limit, &headers, trailing_headers.as_ref()).await?;
        let tag = ETag::Strong(sealed.etag().to_owned());
        self.shared.folder.keep_part(&upload, number, sealed).await?;
        let sums = checksum(&checksums);
        Ok(S3Response::new(UploadPartOutput {
            e_tag: Some(tag),
            checksum_crc32: sums.checksum_crc32,
            checksum_crc32c: sums.checksum_crc32c,
            checksum_crc64nvme: sums.checksum_crc64nvme,
            checksum_sha1: sums.checksum_sha1,
            checksum_sha256: sums.checksum_sha256,
            ..Default::default()
        }))
    }

    async fn upload_part_copy(&self, request: S3Request<UploadPartCopyInput>) -> S3Result<S3Response<UploadPartCopyOutput>> {
        let caller = access::caller(&request)?;
        let input = request.input;
        let number = part_number(input.part_number)?;
        let upload = self.upload(&input.upload_id, &input.key).await?;
        let found = self.source(&caller, &input.copy_source).await?;
        let wanted = Wanted {
            if_match: input.copy_source_if_match,
            if_none_match: input.copy_source_if_none_match,
            if_modified_since: input.copy_source_if_modified_since,
            if_unmodified_since: input.copy_source_if_unmodified_since,
        };
        wanted.check(&found).map_err(|_| FolderError::Condition)?;
        let range = match &input.copy_source_range {
            Some(text) => {
                let range = Range::parse(text).map_err(|error| s3_error!(error, InvalidArgument, "The range cannot be read."))?;
                range.check(found.about.bytes)?
            }
            None => 0..found.about.bytes,
        };
        let sealed = self.shared.folder.copy_range(found, range).await?;
        let tag = ETag::Strong(sealed.etag().to_owned());
        self.shared.folder.keep_part(&upload, number, sealed).await?;
        Ok(S3Response::new(UploadPartCopyOutput {
            copy_part_result: Some(CopyPartResult {
                e_tag: Some(tag),
                last_modified: Some(std::time::SystemTime::now().into()),
                ..Default::default()
            }),
            ..Default::default()
        }))
    }

    async fn list_parts(&self, request: S3Request<ListPartsInput>) -> S3Result<S3Response<ListPartsOutput>> {
        let upload = self.upload(&request.input.upload_id, &request.input.key).await?;
        let parts = self.shared.folder.parts(&upload).await?;
        Ok(S3Response::new(listing::parts(request.input, parts)))
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let input = request.input;
        let key = parse(&input.key)?;
        let done = |about: &About| {
            S3Response::new(CompleteMultipartUploadOutput {
                bucket: Some(input.bucket.clone()),
                key: Some(input.key.clone()),
                e_tag: Some(e_tag(about)),
                ..Default::default()
            })
        };
        let upload = match self.shared.folder.upload(&input.upload_id, &key).await {
            Ok(upload) => upload,
            // A client that never got the answer asks again; its object is there and was announced.
            Err(FolderError::NoSuchUpload) => match self.shared.folder.find(&key).await? {
                Some(found) if found.about.upload.as_deref() == Some(&input.upload_id) => return Ok(done(&found.about)),
                _ => return Err(FolderError::NoSuchUpload.into()),
            },
            Err(error) => return Err(error.into()),
        };
        let condition = condition(input.if_match, input.if_none_match)?;
        let wanted = input.multipart_upload.and_then(|upload| upload.parts).unwrap_or_default();
        let sealed = self.shared.folder.assemble(&upload, wanted_parts(wanted)?).await?;
        let new = NewObject {
            key,
            headers: upload.headers.clone(),
            checksums: BTreeMap::new(),
            upload: Some(upload.id.clone()),
            condition,
            announce: true,
        };
        let about = self.store(sealed, new).await?;
        self.shared.folder.end_upload(&upload).await?;
        Ok(done(&about))
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        let upload = self.upload(&request.input.upload_id, &request.input.key).await?;
        self.shared.folder.end_upload(&upload).await?;
        Ok(S3Response::new(AbortMultipartUploadOutput::default()))
    }
}

fn parse(key: &str) -> S3Result<Key> {
    access::own_key(&Caller::Service, key)
}

fn part_number(number: i32) -> S3Result<u32> {
    u32::try_from(number)
        .ok()
        .filter(|number| (1..=10_000).contains(number))
        .ok_or_else(|| s3_error!(InvalidArgument, "Part number must be an integer between 1 and 10000, inclusive."))
}

fn wanted_parts(parts: Vec<CompletedPart>) -> S3Result<Vec<(u32, String)>> {
    let mut wanted: Vec<(u32, String)> = Vec::with_capacity(parts.len());
    for part in parts {
        let number = part.part_number.and_then(|number| u32::try_from(number).ok());
        let (Some(number), Some(tag)) = (number, part.e_tag) else {
            return Err(s3_error!(MalformedXML, "Every part needs its number and its entity tag."));
        };
        if wanted.last().is_some_and(|(last, _)| *last >= number) {
            return Err(s3_error!(InvalidPartOrder, "The list of parts was not in ascending order."));
        }
        wanted.push((number, tag.into_value()));
    }
    if wanted.is_empty() {
        return Err(s3_error!(MalformedXML, "You must specify at least one part."));
    }
    Ok(wanted)
}

fn condition(if_match: Option<IfMatch>, if_none_match: Option<IfNoneMatch>) -> S3Result<Condition> {
    match (if_match, if_none_match) {
        (None, None) => Ok(Condition::Always),
        (None, Some(ETagCondition::Any)) => Ok(Condition::Absent),
        (Some(ETagCondition::Any), None) => Ok(Condition::Present),
        (Some(ETagCondition::ETag(tag)), None) => Ok(Condition::Tag(tag.into_value())),
        _ => Err(s3_error!(NotImplemented, "Of If-None-Match only * is offered for writing, and not together with If-Match.")),
    }
}

/// `aws-chunked` describes the transfer, not the object.
fn stored_encoding(encoding: String) -> Option<String> {
    let kept: Vec<&str> = encoding.split(',').map(str::trim).filter(|part| !part.is_empty() && *part != "aws-chunked").collect();
    (!kept.is_empty()).then(|| kept.join(","))
}

fn pairs(metadata: Option<HashMap<String, String>>) -> BTreeMap<String, String> {
    metadata.into_iter().flatten().collect()
}

fn metadata(about: &About) -> Option<HashMap<String, String>> {
    let metadata = &about.headers.metadata;
    (!metadata.is_empty()).then(|| metadata.clone().into_iter().collect())
}
