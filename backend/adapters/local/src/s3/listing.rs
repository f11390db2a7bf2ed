//! Lists of objects, uploads and parts, page by page.

use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::cut::{self, Cut, Keyed};
use super::{Shared, access};
use crate::credentials::Caller;
use crate::folder::{self, Listed};
use crate::sigv4::encode;

/// The most a page holds, as published.
const MOST: usize = 1000;

/// The newer list of objects.
pub async fn version_2(shared: &Shared, request: S3Request<ListObjectsV2Input>) -> S3Result<S3Response<ListObjectsV2Output>> {
    let caller = access::caller(&request)?;
    let input = request.input;
    let after = match &input.continuation_token {
        Some(token) => {
            let key = cut::key_of(token);
            Some(key.ok_or_else(|| s3_error!(InvalidArgument, "The continuation token provided is incorrect."))?)
        }
        None => input.start_after.clone(),
    };
    let (prefix, delimiter) = (input.prefix.as_deref().unwrap_or_default(), input.delimiter.as_deref());
    let page = page(shared, &caller, prefix, delimiter, after.as_deref(), input.max_keys).await?;
    let show = Show::new(input.encoding_type.as_ref());
    Ok(S3Response::new(ListObjectsV2Output {
        name: Some(input.bucket),
        key_count: Some((page.objects.len() + page.folders.len()) as i32),
        max_keys: Some(page.most),
        is_truncated: Some(page.next.is_some()),
        next_continuation_token: page.next.as_deref().map(cut::token_of),
        contents: Some(page.objects(&show)),
        common_prefixes: Some(page.folders(&show)),
        continuation_token: input.continuation_token,
        prefix: input.prefix.map(|text| show.key(&text)),
        delimiter: input.delimiter.map(|text| show.key(&text)),
        start_after: input.start_after.map(|text| show.key(&text)),
        encoding_type: input.encoding_type,
        ..Default::default()
    }))
}

/// The older list of objects.
pub async fn version_1(shared: &Shared, request: S3Request<ListObjectsInput>) -> S3Result<S3Response<ListObjectsOutput>> {
    let caller = access::caller(&request)?;
    let input = request.input;
    let (prefix, delimiter) = (input.prefix.as_deref().unwrap_or_default(), input.delimiter.as_deref());
    let page = page(shared, &caller, prefix, delimiter, input.marker.as_deref(), input.max_keys).await?;
    let show = Show::new(input.encoding_type.as_ref());
    Ok(S3Response::new(ListObjectsOutput {
        name: Some(input.bucket),
        max_keys: Some(page.most),
        is_truncated: Some(page.next.is_some()),
        next_marker: page.next.as_ref().map(|last| show.key(last)),
        contents: Some(page.objects(&show)),
        common_prefixes: Some(page.folders(&show)),
        marker: input.marker.map(|text| show.key(&text)),
        prefix: input.prefix.map(|text| show.key(&text)),
        delimiter: input.delimiter.map(|text| show.key(&text)),
        encoding_type: input.encoding_type,
        ..Default::default()
    }))
}

/// Unfinished uploads; a person has few, so they fit on one page.
pub async fn uploads(
    shared: &Shared,
    request: S3Request<ListMultipartUploadsInput>,
) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
    let caller = access::caller(&request)?;
    let input = request.input;
    let prefix = input.prefix.clone().unwrap_or_default();
    access::own_prefix(&caller, &prefix)?;
    let show = Show::new(input.encoding_type.as_ref());
    let marker = input.key_marker.unwrap_or_default();
    let mut found = shared.folder.unfinished(&prefix).await?;
    found.retain(|upload| upload.key.as_str() > marker.as_str());
    let uploads = found
        .into_iter()
        .take(MOST)
        .map(|upload| MultipartUpload {
            key: Some(show.key(upload.key.as_str())),
            initiated: Some((std::time::UNIX_EPOCH + std::time::Duration::from_millis(upload.began.0.max(0) as u64)).into()),
            upload_id: Some(upload.id),
            ..Default::default()
        })
        .collect();
    Ok(S3Response::new(ListMultipartUploadsOutput {
        bucket: Some(input.bucket),
        prefix: input.prefix.map(|text| show.key(&text)),
        encoding_type: input.encoding_type,
        is_truncated: Some(false),
        uploads: Some(uploads),
        ..Default::default()
    }))
}

/// The parts of an upload, by which a client that was interrupted finds out where to go on.
pub fn parts(input: ListPartsInput, parts: Vec<folder::Part>) -> ListPartsOutput {
    let marker = u32::try_from(input.part_number_marker.unwrap_or(0)).unwrap_or(0);
    let most = input.max_parts.and_then(|most| usize::try_from(most).ok()).unwrap_or(MOST).min(MOST);
    let mut rest = parts.into_iter().filter(|part| part.number > marker).peekable();
    let shown: Vec<folder::Part> = rest.by_ref().take(most).collect();
    ListPartsOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        max_parts: Some(most as i32),
        is_truncated: Some(rest.peek().is_some()),
        next_part_number_marker: shown.last().map(|part| part.number as i32),
        part_number_marker: input.part_number_marker,
        parts: Some(
            shown
                .into_iter()
                .map(|part| Part {
                    part_number: Some(part.number as i32),
                    e_tag: Some(ETag::Strong(part.etag)),
                    size: Some(part.bytes as i64),
                    last_modified: Some(part.stored.into()),
                    ..Default::default()
                })
                .collect(),
        ),
        ..Default::default()
    }
}

impl Keyed for Listed {
    fn key(&self) -> &str {
        self.key.as_str()
    }
}

struct Page {
    objects: Vec<(Listed, Option<String>)>,
    folders: Vec<String>,
    most: i32,
    /// The last thing shown, when there is more.
    next: Option<String>,
}

impl Page {
    fn objects(&self, show: &Show) -> Vec<Object> {
        self.objects
            .iter()
            .map(|(listed, tag)| Object {
                key: Some(show.key(listed.key.as_str())),
                size: Some(listed.bytes as i64),
                last_modified: Some(listed.stored.into()),
                e_tag: tag.clone().map(ETag::Strong),
                storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
                ..Default::default()
            })
            .collect()
    }

    fn folders(&self, show: &Show) -> Vec<CommonPrefix> {
        self.folders.iter().map(|folder| CommonPrefix { prefix: Some(show.key(folder)) }).collect()
    }
}

async fn page(
    shared: &Shared,
    caller: &Caller,
    prefix: &str,
    delimiter: Option<&str>,
    after: Option<&str>,
    most: Option<i32>,
) -> S3Result<Page> {
    access::own_prefix(caller, prefix)?;
    let most = usize::try_from(most.unwrap_or(MOST as i32))
        .map_err(|_| s3_error!(InvalidArgument, "Argument maxKeys must be an integer between 0 and 2147483647."))?
        .min(MOST);
    let all = shared.folder.list(prefix).await?;
    let delimiter = delimiter.filter(|text| !text.is_empty());
    let Cut { objects, folders, next } = cut::cut(all, prefix, delimiter, after.unwrap_or_default(), most);
    let tags = shared.folder.tags(objects.iter().map(|listed| listed.key.clone()).collect()).await?;
    Ok(Page { objects: objects.into_iter().zip(tags).collect(), folders, most: most as i32, next })
}

/// Keys may hold characters that XML does not, so clients may ask for them percent-encoded.
struct Show {
    encoded: bool,
}

impl Show {
    fn new(encoding: Option<&EncodingType>) -> Self {
        Self { encoded: encoding.is_some_and(|encoding| encoding.as_str() == EncodingType::URL) }
    }

    fn key(&self, text: &str) -> String {
        if self.encoded { encode(text.as_bytes(), true) } else { text.to_owned() }
    }
}
