//! Puts bytes to a presigned address, streamed and counted, and again where the network fails. Knows no lecture.

use std::io::SeekFrom;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt as _;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use super::meter::Count;
use crate::error::{ClientError, Result, code};
use crate::net::Net;

/// A transfer slower than this many bytes a second is given up and begun again.
const SLOWEST: u64 = 16 * 1024;

/// How often a transfer is begun.
const ATTEMPTS: u32 = 6;

/// How often a transfer is begun to a server that takes no connection: for about two minutes, in which it may be started anew.
const ATTEMPTS_TO_REACH: u32 = 12;

/// What is sent.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// Bytes in memory.
    Memory(Bytes),
    /// A stretch of a file.
    File { path: PathBuf, from: u64, bytes: u64 },
}

impl Content {
    fn len(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File { bytes, .. } => *bytes,
        }
    }

    async fn body(&self, count: Arc<Count>, sent: Arc<Count>) -> Result<reqwest::Body> {
        let (path, from, bytes) = match self {
            Self::Memory(bytes) => return Ok(reqwest::Body::from(bytes.clone())),
            Self::File { path, from, bytes } => (path, *from, *bytes),
        };
        let unreadable = |error: std::io::Error| ClientError::unreadable(&path.display().to_string(), &error);
        let mut file = tokio::fs::File::open(path).await.map_err(unreadable)?;
        file.seek(SeekFrom::Start(from)).await.map_err(unreadable)?;
        let stream = ReaderStream::with_capacity(file.take(bytes), 64 * 1024).inspect(move |piece| {
            if let Ok(piece) = piece {
                count.add(piece.len() as u64);
                sent.add(piece.len() as u64);
            }
        });
        Ok(reqwest::Body::wrap_stream(stream))
    }
}

/// Puts `content` to the address that `address` makes for each attempt, and gives back its entity tag.
pub(crate) async fn put<F, A>(
    net: &Net,
    address: F,
    content_type: Option<&str>,
    content: &Content,
    count: &Arc<Count>,
) -> Result<String>
where
    F: Fn() -> A,
    A: Future<Output = Result<String>>,
{
    let mut pause = Duration::from_millis(500);
    let mut attempt = 1;
    loop {
        let sent = Arc::new(Count::default());
        let outcome = once(net, &address().await?, content_type, content, count, &sent).await;
        match outcome {
            Err(error) if error.retryable && attempt < attempts(&error) => {
                tracing::debug!(%error, attempt, "a transfer failed and is tried again");
                count.take_back(sent.bytes());
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(16));
                attempt += 1;
            }
            other => return other,
        }
    }
}

fn attempts(error: &ClientError) -> u32 {
    match error.code.as_str() {
        // Nobody makes room on a server within seconds, so a full one is told at once.
        code::SERVER_FULL => 0,
        code::UNREACHABLE => ATTEMPTS_TO_REACH,
        _ => ATTEMPTS,
    }
}

/// Puts to an address that was given.
pub(crate) async fn put_url(net: &Net, url: &str, content_type: &str, content: &Content) -> Result<()> {
    put(net, || std::future::ready(Ok(url.to_owned())), Some(content_type), content, &Arc::new(Count::default())).await.map(drop)
}

async fn once(
    net: &Net,
    url: &str,
    content_type: Option<&str>,
    content: &Content,
    count: &Arc<Count>,
    sent: &Arc<Count>,
) -> Result<String> {
    let broken = || {
        ClientError::passing(
            code::UPLOAD,
            "the upload was interrupted and could not be resumed; run it again to go on where it stopped",
        )
    };
    let length = content.len();
    let body = content.body(Arc::clone(count), Arc::clone(sent)).await?;
    let mut request = net.http.put(url).header(http::header::CONTENT_LENGTH, length).body(body);
    if let Some(kind) = content_type {
        request = request.header(http::header::CONTENT_TYPE, kind);
    }
    let answer = request.timeout(Duration::from_secs(30 + length / SLOWEST)).send().await.map_err(|error| {
        let refused = error.is_connect();
        tracing::debug!(error = %error.without_url(), "a transfer failed");
        if refused {
            let why = "the server does not answer any more; run it again to go on where it stopped";
            return ClientError::passing(code::UNREACHABLE, why);
        }
        broken()
    })?;
    let status = answer.status();
    if status.is_success() {
        let tag = answer.headers().get(http::header::ETAG).and_then(|tag| tag.to_str().ok());
        return Ok(tag.unwrap_or_default().to_owned());
    }
    let body = answer.text().await.unwrap_or_default();
    let reason = xml_field(&body, "Code").unwrap_or_default();
    tracing::debug!(%status, reason, "a transfer was refused");
    match (status.as_u16(), reason) {
        (404, "NoSuchUpload") => Err(ClientError::passing(NO_SUCH_UPLOAD, "the server gave the upload up; it begins anew")),
        (507, _) => Err(full(xml_field(&body, "Message"))),
        (408 | 429 | 500.., _) => Err(broken()),
        (_, "RequestTimeout" | "SlowDown") => Err(broken()),
        _ => Err(ClientError::new(
            code::UPLOAD,
            format!(
                "the server does not take the file ({status}): {}",
                xml_field(&body, "Message").unwrap_or("it gave no reason")
            ),
        )),
    }
}

/// The server has no room; `said` is its own sentence.
pub(super) fn full(said: Option<&str>) -> ClientError {
    let sentence = said.unwrap_or("the server's disk is full; free some space there and upload again");
    ClientError::passing(code::SERVER_FULL, sentence)
}

/// The multipart upload is gone.
pub(super) const NO_SUCH_UPLOAD: &str = "no_such_upload";

/// The text of an element in S3's small error documents.
pub fn xml_field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    rest.split_once("</").map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_read_from_error_documents() {
        let text = "<?xml version=\"1.0\"?><Error><Code>NoSuchUpload</Code><Message>gone</Message></Error>";
        assert_eq!(xml_field(text, "Code"), Some("NoSuchUpload"));
        assert_eq!(xml_field("<Code>half", "Code"), None);
        assert_eq!(xml_field("", "Code"), None);
    }
}
