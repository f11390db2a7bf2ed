//! The operations of the protocol that this endpoint offers, each one or two steps of the folder. Rights were checked before;
//! only what names keys inside its body is checked here. Uploads in parts and lists are told in modules of their own.

use std::sync::Arc;

use futures::TryFutureExt;
use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};
use synapscribe_domain::ObjectKey as Key;
use synapscribe_ports::ObjectCreated;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

use super::checks::{Checked, receive};
use super::fields::{checksum, described, e_tag, shown, tagged, wanted, wanted_of_source};
use super::{BUCKET, Shared, access, listener_failed, listing, multipart};
use crate::credentials::Caller;
use crate::folder::about::About;
use crate::folder::{Condition, FolderError, Found, NewObject, Sealed};

/// Read and sent at a time.
const CHUNK: usize = 128 * 1024;

/// The S3 protocol over the folder.
pub struct Objects {
    pub(super) shared: Arc<Shared>,
}

impl Objects {
    pub fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    pub(super) async fn found(&self, key: &str) -> S3Result<Found> {
        let found = self.shared.folder.find(&parse(key)?).await?;
        found.ok_or_else(|| s3_error!(NoSuchKey, "The specified key does not exist."))
    }

    /// The object that a copy is made of, which must be the caller's own too.
    pub(super) async fn source(&self, caller: &Caller, source: &CopySource) -> S3Result<Found> {
        let CopySource::Bucket { bucket, key, .. } = source else {
            return Err(s3_error!(InvalidArgument, "The source must be BUCKET/KEY."));
        };
        if bucket.as_ref() != BUCKET {
            return Err(s3_error!(NoSuchBucket, "The specified bucket does not exist."));
        }
        self.found(access::own_key(caller, key)?.as_str()).await
    }

    /// Names the object and announces it. It runs on its own, so that a client that hangs up cannot part the two.
    pub(super) async fn store(&self, sealed: Sealed, new: NewObject) -> S3Result<About> {
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
        let new = NewObject { key, headers: described!(input), checksums, upload: None, condition, announce: true };
        let about = self.store(sealed, new).await?;
        Ok(S3Response::new(tagged!(PutObjectOutput, e_tag(&about), checksum(&about.checksums))))
    }

    async fn copy_object(&self, request: S3Request<CopyObjectInput>) -> S3Result<S3Response<CopyObjectOutput>> {
        let caller = access::caller(&request)?;
        let input = request.input;
        let found = self.source(&caller, &input.copy_source).await?;
        wanted_of_source!(input).check(&found).map_err(|_| FolderError::Condition)?;
        let key = parse(&input.key)?;
        let limit = self.shared.folder.limits().of(&key);
        if found.about.bytes > limit {
            return Err(FolderError::TooLarge { limit }.into());
        }
        let replace = input.metadata_directive.is_some_and(|directive| directive.as_str() == MetadataDirective::REPLACE);
        let headers = if replace { described!(input) } else { found.about.headers.clone() };
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
        wanted!(input).check(&found)?;
        let whole = found.about.bytes;
        let range = input.range.map(|range| range.check(whole)).transpose()?;
        let (start, end) = range.as_ref().map_or((0, whole), |range| (range.start, range.end));
        // A checksum is of the whole; beside a part of it a client would find it wrong.
        let sums =
            if range.is_none() && input.checksum_mode.is_some() { checksum(&found.about.checksums) } else { Default::default() };
        let mut shown = shown!(GetObjectOutput, found, sums);
        let mut file = tokio::fs::File::from_std(found.file);
        file.seek(std::io::SeekFrom::Start(start)).await.map_err(FolderError::from)?;
        shown.body = Some(StreamingBlob::wrap(ReaderStream::with_capacity(file.take(end - start), CHUNK)));
        shown.content_length = Some((end - start) as i64);
        shown.content_range = range.map(|_| format!("bytes {start}-{}/{whole}", end.saturating_sub(1)));
        shown.content_type = input.response_content_type.or(shown.content_type);
        shown.content_disposition = input.response_content_disposition.or(shown.content_disposition);
        shown.content_encoding = input.response_content_encoding.or(shown.content_encoding);
        shown.content_language = input.response_content_language.or(shown.content_language);
        shown.cache_control = input.response_cache_control.or(shown.cache_control);
        Ok(S3Response::new(shown))
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        let input = request.input;
        let found = self.found(&input.key).await?;
        wanted!(input).check(&found)?;
        let sums = if input.checksum_mode.is_some() { checksum(&found.about.checksums) } else { Default::default() };
        Ok(S3Response::new(shown!(HeadObjectOutput, found, sums)))
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
        multipart::begin(self, request).await
    }

    async fn upload_part(&self, request: S3Request<UploadPartInput>) -> S3Result<S3Response<UploadPartOutput>> {
        multipart::part(self, request).await
    }

    async fn upload_part_copy(&self, request: S3Request<UploadPartCopyInput>) -> S3Result<S3Response<UploadPartCopyOutput>> {
        multipart::part_of_another(self, request).await
    }

    async fn list_parts(&self, request: S3Request<ListPartsInput>) -> S3Result<S3Response<ListPartsOutput>> {
        multipart::parts(self, request).await
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        multipart::complete(self, request).await
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        multipart::abort(self, request).await
    }
}

/// The key of the layout that a request names.
pub(super) fn parse(key: &str) -> S3Result<Key> {
    access::own_key(&Caller::Service, key)
}

/// Under which condition an object is written.
pub(super) fn condition(if_match: Option<IfMatch>, if_none_match: Option<IfNoneMatch>) -> S3Result<Condition> {
    match (if_match, if_none_match) {
        (None, None) => Ok(Condition::Always),
        (None, Some(ETagCondition::Any)) => Ok(Condition::Absent),
        (Some(ETagCondition::Any), None) => Ok(Condition::Present),
        (Some(ETagCondition::ETag(tag)), None) => Ok(Condition::Tag(tag.into_value())),
        _ => Err(s3_error!(NotImplemented, "Of If-None-Match only * is offered for writing, and not together with If-Match.")),
    }
}
