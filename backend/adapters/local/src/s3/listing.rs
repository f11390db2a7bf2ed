//! Lists of objects, uploads and parts, page by page.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

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
            let key = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
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
        next_continuation_token: page.next.as_ref().map(|last| URL_SAFE_NO_PAD.encode(last)),
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
    let (objects, folders, next) = cut(all, prefix, delimiter.filter(|text| !text.is_empty()), after.unwrap_or_default(), most);
    let tags = shared.folder.tags(objects.iter().map(|listed| listed.key.clone()).collect()).await?;
    Ok(Page { objects: objects.into_iter().zip(tags).collect(), folders, most: most as i32, next })
}

/// Goes through sorted keys once; keys below a common prefix stand together, so each prefix is met as one run.
fn cut(
    all: Vec<Listed>,
    prefix: &str,
    delimiter: Option<&str>,
    after: &str,
    most: usize,
) -> (Vec<Listed>, Vec<String>, Option<String>) {
    let (mut objects, mut folders): (Vec<Listed>, Vec<String>) = (Vec::new(), Vec::new());
    let mut last: Option<String> = None;
    for listed in all {
        let key = listed.key.as_str();
        let folder = delimiter.and_then(|delimiter| {
            let place = key[prefix.len()..].find(delimiter)?;
            Some(key[..prefix.len() + place + delimiter.len()].to_owned())
        });
        let shown = folder.as_deref().unwrap_or(key);
        // A marker inside a common prefix, or that prefix itself, has been shown with it.
        if shown <= after || last.as_deref() == Some(shown) || (folder.is_some() && after.starts_with(shown)) {
            continue;
        }
        if objects.len() + folders.len() == most {
            return (objects, folders, last);
        }
        last = Some(shown.to_owned());
        match folder {
            Some(folder) => folders.push(folder),
            None => objects.push(listed),
        }
    }
    (objects, folders, None)
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

#[cfg(test)]
mod tests {
    use synapscribe_domain::ObjectKey;

    use super::*;

    #[test]
    fn pages_with_folders_show_everything_once() {
        let keys = ["lectures/p/a/1.mp3", "lectures/p/a/2.mp3", "lectures/p/b/1.mp3", "queries/p/q1.wav", "queries/p/q2.wav"];
        let all: Vec<Listed> = keys
            .iter()
            .map(|key| Listed { key: ObjectKey::parse(*key).unwrap(), bytes: 1, stored: std::time::UNIX_EPOCH })
            .collect();
        let cases: [(&str, Option<&str>, Vec<&str>); 4] = [
            ("", None, keys.to_vec()),
            ("", Some("/"), vec!["lectures/", "queries/"]),
            ("lectures/p/", Some("/"), vec!["lectures/p/a/", "lectures/p/b/"]),
            ("queries/p/", Some("/"), vec!["queries/p/q1.wav", "queries/p/q2.wav"]),
        ];
        for (prefix, delimiter, expected) in cases {
            for most in 1..=6 {
                let (mut shown, mut after) = (Vec::new(), String::new());
                loop {
                    let listed: Vec<Listed> = all.iter().filter(|l| l.key.as_str().starts_with(prefix)).cloned().collect();
                    let (objects, folders, next) = cut(listed, prefix, delimiter, &after, most);
                    assert!(objects.len() + folders.len() <= most);
                    shown.extend(objects.iter().map(|listed| listed.key.as_str().to_owned()));
                    shown.extend(folders);
                    match next {
                        Some(next) => after = next,
                        None => break,
                    }
                }
                assert_eq!(shown, expected, "prefix {prefix:?}, delimiter {delimiter:?}, {most} a page");
            }
        }
    }

    #[test]
    fn an_empty_page_ends_the_list() {
        let listed = Listed { key: ObjectKey::parse("queries/p/q1.wav").unwrap(), bytes: 1, stored: std::time::UNIX_EPOCH };
        assert_eq!(cut(vec![listed], "", None, "", 0), (vec![], vec![], None));
    }
}
