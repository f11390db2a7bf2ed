//! Uploads in parts: begun, continued, finished or given up. What becomes of the finished object is the service's to say.

use std::collections::BTreeMap;

use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::checks::{Checked, receive};
use super::fields::{checksum, described, e_tag, tagged, wanted_of_source};
use super::service::{Objects, condition, parse};
use super::{access, listing};
use crate::folder::about::About;
use crate::folder::{FolderError, NewObject, Upload};

/// Begins an upload in parts.
pub async fn begin(
    objects: &Objects,
    request: S3Request<CreateMultipartUploadInput>,
) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
    let input = request.input;
    let upload = objects.shared.folder.begin_upload(parse(&input.key)?, described!(input)).await?;
    Ok(S3Response::new(CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(upload.id),
        ..Default::default()
    }))
}

/// Receives a part.
pub async fn part(objects: &Objects, request: S3Request<UploadPartInput>) -> S3Result<S3Response<UploadPartOutput>> {
    let S3Request { input, headers, trailing_headers, .. } = request;
    let number = part_number(input.part_number)?;
    let upload = upload(objects, &input.upload_id, &input.key).await?;
    let limit = objects.shared.folder.limits().of(&upload.key);
    let Checked { sealed, checksums } =
        receive(&objects.shared.folder, input.body, input.content_length, limit, &headers, trailing_headers.as_ref()).await?;
    let tag = ETag::Strong(sealed.etag().to_owned());
    objects.shared.folder.keep_part(&upload, number, sealed).await?;
    Ok(S3Response::new(tagged!(UploadPartOutput, tag, checksum(&checksums))))
}

/// Takes a part from an object that is there.
pub async fn part_of_another(
    objects: &Objects,
    request: S3Request<UploadPartCopyInput>,
) -> S3Result<S3Response<UploadPartCopyOutput>> {
    let caller = access::caller(&request)?;
    let input = request.input;
    let number = part_number(input.part_number)?;
    let upload = upload(objects, &input.upload_id, &input.key).await?;
    let found = objects.source(&caller, &input.copy_source).await?;
    wanted_of_source!(input).check(&found).map_err(|_| FolderError::Condition)?;
    let range = match &input.copy_source_range {
        Some(text) => {
            let range = Range::parse(text).map_err(|error| s3_error!(error, InvalidArgument, "The range cannot be read."))?;
            range.check(found.about.bytes)?
        }
        None => 0..found.about.bytes,
    };
    let sealed = objects.shared.folder.copy_range(found, range).await?;
    let tag = ETag::Strong(sealed.etag().to_owned());
    objects.shared.folder.keep_part(&upload, number, sealed).await?;
    Ok(S3Response::new(UploadPartCopyOutput {
        copy_part_result: Some(CopyPartResult {
            e_tag: Some(tag),
            last_modified: Some(std::time::SystemTime::now().into()),
            ..Default::default()
        }),
        ..Default::default()
    }))
}

/// The parts that are there.
pub async fn parts(objects: &Objects, request: S3Request<ListPartsInput>) -> S3Result<S3Response<ListPartsOutput>> {
    let upload = upload(objects, &request.input.upload_id, &request.input.key).await?;
    let parts = objects.shared.folder.parts(&upload).await?;
    Ok(S3Response::new(listing::parts(request.input, parts)))
}

/// Makes an object of the parts.
pub async fn complete(
    objects: &Objects,
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
    let upload = match objects.shared.folder.upload(&input.upload_id, &key).await {
        Ok(upload) => upload,
        // A client that never got the answer asks again; its object is there and was announced.
        Err(FolderError::NoSuchUpload) => match objects.shared.folder.find(&key).await? {
            Some(found) if found.about.upload.as_deref() == Some(&input.upload_id) => return Ok(done(&found.about)),
            _ => return Err(FolderError::NoSuchUpload.into()),
        },
        Err(error) => return Err(error.into()),
    };
    let condition = condition(input.if_match, input.if_none_match)?;
    let wanted = input.multipart_upload.and_then(|upload| upload.parts).unwrap_or_default();
    let sealed = objects.shared.folder.assemble(&upload, wanted_parts(wanted)?).await?;
    let new = NewObject {
        key,
        headers: upload.headers.clone(),
        checksums: BTreeMap::new(),
        upload: Some(upload.id.clone()),
        condition,
        announce: true,
    };
    let about = objects.store(sealed, new).await?;
    objects.shared.folder.end_upload(&upload).await?;
    Ok(done(&about))
}

/// Gives an upload up.
pub async fn abort(
    objects: &Objects,
    request: S3Request<AbortMultipartUploadInput>,
) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
    let upload = upload(objects, &request.input.upload_id, &request.input.key).await?;
    objects.shared.folder.end_upload(&upload).await?;
    Ok(S3Response::new(AbortMultipartUploadOutput::default()))
}

async fn upload(objects: &Objects, id: &str, key: &str) -> S3Result<Upload> {
    Ok(objects.shared.folder.upload(id, &parse(key)?).await?)
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
