//! Sends a recording in one piece or in parts. Knows storage, not what becomes of the lecture.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata as _, SdkError};
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use futures::{StreamExt as _, TryStreamExt as _};
use tokio::sync::mpsc;

use super::meter::{Count, Meter};
use super::put::{Content, NO_SUCH_UPLOAD, full, put};
use super::saved::{Saved, Slot};
use super::{UploadEvent, tell};
use crate::client::Client;
use crate::error::{ClientError, Result, code};

/// Parts under way at once.
const PARALLEL: usize = 3;

/// How long a presigned address is good for; each attempt makes its own.
const PRESIGNED: Duration = Duration::from_secs(3600);

/// Sends what is missing; `fresh_url` is the address that came with a new place.
pub(super) async fn send(
    client: &Client,
    path: &Path,
    mut saved: Saved,
    fresh_url: Option<String>,
    slot: &mut Slot,
    events: &mpsc::Sender<UploadEvent>,
) -> Result<()> {
    let sender = Sender { client, path, count: Arc::new(Count::default()) };
    let small = saved.bytes <= saved.part_bytes;
    if small {
        tell(events, UploadEvent::Started { lecture_id: saved.lecture.clone(), resumed: 0 }).await;
        let work = sender.whole(&saved, fresh_url);
        watched(work, &sender.count, saved.bytes, 0, events).await?;
        slot.unchanged(path)?;
    } else {
        sender.in_parts(&mut saved, slot, events).await?;
    }
    saved.sent = true;
    slot.keep(&saved)
}

struct Sender<'a> {
    client: &'a Client,
    path: &'a Path,
    count: Arc<Count>,
}

impl Sender<'_> {
    async fn whole(&self, saved: &Saved, fresh_url: Option<String>) -> Result<()> {
        let content = Content::File { path: self.path.to_owned(), from: 0, bytes: saved.bytes };
        let kind = Some(saved.content_type.as_str());
        if let Some(url) = fresh_url {
            return put(self.client.net(), || std::future::ready(Ok(url.clone())), kind, &content, &self.count).await.map(drop);
        }
        let (s3, bucket) = (self.client.s3(), self.client.bucket());
        let address = move || async move {
            let request = s3.put_object().bucket(bucket).key(&saved.key).content_type(&saved.content_type);
            let length = i64::try_from(saved.bytes).unwrap_or(i64::MAX);
            presigned(Box::pin(request.content_length(length).presigned(lifetime(self.client)?)).await)
        };
        put(self.client.net(), address, kind, &content, &self.count).await.map(drop)
    }

    async fn in_parts(&self, saved: &mut Saved, slot: &mut Slot, events: &mpsc::Sender<UploadEvent>) -> Result<()> {
        let mut begun_anew = false;
        loop {
            let outcome = self.parts_once(saved, slot, events).await;
            match outcome {
                // The server may have cleared an upload that lay about for long; that is no reason to give up.
                Err(error) if error.code == NO_SUCH_UPLOAD && !begun_anew => {
                    begun_anew = true;
                    saved.multipart = None;
                    slot.keep(saved)?;
                    self.count.take_back(self.count.bytes());
                }
                other => return other,
            }
        }
    }

    async fn parts_once(&self, saved: &mut Saved, slot: &mut Slot, events: &mpsc::Sender<UploadEvent>) -> Result<()> {
        let (s3, bucket) = (self.client.s3(), self.client.bucket());
        let mut there = BTreeMap::new();
        let upload = match saved.multipart.clone() {
            Some(upload) => {
                there = self.parts_there(saved, &upload).await?;
                upload
            }
            None => {
                let request = s3.create_multipart_upload().bucket(bucket).key(&saved.key).content_type(&saved.content_type);
                // The SDK's futures are large, so they live on the heap.
                let begun = Box::pin(request.send()).await.map_err(|error| refused(&error))?;
                let upload = begun.upload_id.ok_or_else(|| ClientError::new(code::UPLOAD, "the server began no upload"))?;
                saved.multipart = Some(upload.clone());
                slot.keep(saved)?;
                upload
            }
        };
        let parts = layout(saved.bytes, saved.part_bytes);
        let resumed = parts.iter().filter(|part| there.contains_key(&part.number)).map(|part| part.bytes).sum();
        self.count.add(resumed);
        tell(events, UploadEvent::Started { lecture_id: saved.lecture.clone(), resumed }).await;

        let missing: Vec<_> = parts.into_iter().filter(|part| !there.contains_key(&part.number)).collect();
        let work = futures::stream::iter(missing.into_iter().map(|part| self.part(saved, &upload, part)))
            .buffer_unordered(PARALLEL)
            .try_collect::<Vec<_>>();
        there.extend(watched(work, &self.count, saved.bytes, resumed, events).await?);
        if let Err(error) = slot.unchanged(self.path) {
            let _ = Box::pin(s3.abort_multipart_upload().bucket(bucket).key(&saved.key).upload_id(&upload).send()).await;
            slot.forget();
            return Err(error);
        }
        let parts = there.into_iter().map(|(number, tag)| CompletedPart::builder().part_number(number).e_tag(tag).build());
        let whole = CompletedMultipartUpload::builder().set_parts(Some(parts.collect())).build();
        let request = s3.complete_multipart_upload().bucket(bucket).key(&saved.key).upload_id(&upload).multipart_upload(whole);
        match Box::pin(request.send()).await.map_err(|error| refused(&error)) {
            Ok(_) => Ok(()),
            // The answer to an earlier attempt may have been lost on its way; then the recording is there.
            Err(error) if error.code == NO_SUCH_UPLOAD && self.is_there(saved).await => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn part(&self, saved: &Saved, upload: &str, part: Part) -> Result<(i32, String)> {
        let (s3, bucket) = (self.client.s3(), self.client.bucket());
        let content = Content::File { path: self.path.to_owned(), from: part.from, bytes: part.bytes };
        let address = move || async move {
            let request = s3.upload_part().bucket(bucket).key(&saved.key).upload_id(upload).part_number(part.number);
            presigned(Box::pin(request.presigned(lifetime(self.client)?)).await)
        };
        let tag = put(self.client.net(), address, None, &content, &self.count).await?;
        Ok((part.number, tag))
    }

    /// The parts an earlier attempt brought over, as far as they have the size they should.
    async fn parts_there(&self, saved: &Saved, upload: &str) -> Result<BTreeMap<i32, String>> {
        let expected: BTreeMap<i32, u64> =
            layout(saved.bytes, saved.part_bytes).into_iter().map(|part| (part.number, part.bytes)).collect();
        let mut there = BTreeMap::new();
        let mut after: Option<String> = None;
        loop {
            let request = self.client.s3().list_parts().bucket(self.client.bucket()).key(&saved.key).upload_id(upload);
            let page = Box::pin(request.set_part_number_marker(after.clone()).send()).await.map_err(|error| refused(&error))?;
            for part in page.parts() {
                if let (Some(number), Some(tag), Some(size)) = (part.part_number, &part.e_tag, part.size)
                    && expected.get(&number).copied() == u64::try_from(size).ok()
                {
                    there.insert(number, tag.clone());
                }
            }
            let next = page.next_part_number_marker().map(str::to_owned);
            if page.is_truncated != Some(true) || next.is_none() || next == after {
                return Ok(there);
            }
            after = next;
        }
    }

    async fn is_there(&self, saved: &Saved) -> bool {
        let head = Box::pin(self.client.s3().head_object().bucket(self.client.bucket()).key(&saved.key).send()).await;
        head.is_ok_and(|head| head.content_length.and_then(|length| u64::try_from(length).ok()) == Some(saved.bytes))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    number: i32,
    from: u64,
    bytes: u64,
}

fn layout(total: u64, part: u64) -> Vec<Part> {
    let part = part.max(1);
    (0..total.div_ceil(part))
        .zip(1..)
        .map(|(index, number)| Part { number, from: index * part, bytes: part.min(total - index * part) })
        .collect()
}

/// Runs `work` and tells of its progress meanwhile.
async fn watched<T>(
    work: impl Future<Output = Result<T>>,
    count: &Count,
    total: u64,
    already: u64,
    events: &mpsc::Sender<UploadEvent>,
) -> Result<T> {
    let mut meter = Meter::new(total, already, Instant::now());
    // A short upload is told of too, and a long one not too often.
    let mut pause = Duration::from_millis(20);
    tokio::pin!(work);
    let done = loop {
        tokio::select! {
            done = &mut work => break done?,
            // Progress may be skipped when nobody reads it; waiting for a reader would slow the upload down.
            () = tokio::time::sleep(pause) => {
                let _ = events.try_send(meter.read(count.bytes(), Instant::now()));
                pause = (pause * 3 / 2).min(Duration::from_millis(250));
            }
        }
    };
    tell(events, meter.read(total, Instant::now())).await;
    Ok(done)
}

fn lifetime(client: &Client) -> Result<PresigningConfig> {
    let lifetime = PresigningConfig::builder().start_time(client.net().time.now()).expires_in(PRESIGNED).build();
    lifetime.map_err(|error| ClientError::new(code::UPLOAD, error.to_string()))
}

fn presigned<E: std::error::Error + Send + Sync + 'static>(
    made: std::result::Result<aws_sdk_s3::presigning::PresignedRequest, SdkError<E>>,
) -> Result<String> {
    // Only missing credentials make this fail.
    made.map(|request| request.uri().to_owned())
        .map_err(|error| ClientError::passing(code::CREDENTIALS, DisplayErrorContext(error).to_string()))
}

fn refused<E>(error: &SdkError<E>) -> ClientError
where
    E: aws_sdk_s3::error::ProvideErrorMetadata + std::error::Error + 'static,
{
    match error {
        SdkError::ServiceError(_) if error.code() == Some("NoSuchUpload") => {
            ClientError::passing(NO_SUCH_UPLOAD, "the server gave the upload up; run it again to begin anew")
        }
        SdkError::ServiceError(answer) if answer.raw().status().as_u16() == 507 => full(error.message()),
        SdkError::ServiceError(answer) => ClientError {
            code: code::UPLOAD.into(),
            message: format!(
                "the server does not take the file: {}",
                error.message().or(error.code()).unwrap_or("it gave no reason")
            ),
            retryable: answer.raw().status().is_server_error(),
            correlation: None,
        },
        other => {
            tracing::debug!(error = %DisplayErrorContext(other), "storage cannot be reached");
            ClientError::passing(code::UPLOAD, "the upload was interrupted; run it again to go on where it stopped")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_cover_a_file_without_gap_or_overlap(total in 1u64..5_000, part in 1u64..600) {
            let parts = layout(total, part);
            let mut at = 0;
            for (index, piece) in parts.iter().enumerate() {
                prop_assert_eq!(piece.number as usize, index + 1);
                prop_assert_eq!(piece.from, at);
                prop_assert!(piece.bytes > 0 && piece.bytes <= part);
                at += piece.bytes;
            }
            prop_assert_eq!(at, total);
        }
    }
}
