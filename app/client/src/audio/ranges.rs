//! A recording on the server as a file that can be read anywhere, fetched by ranges. Knows no sound.

use std::collections::HashMap;
use std::io::{self, Read, Seek, SeekFrom};

use symphonia::core::io::MediaSource;
use tokio::runtime::Handle;

/// Bytes fetched at once: some seconds of most recordings.
const BLOCK: u64 = 256 * 1024;

/// Blocks kept, so that a search for a place does not fetch again; 16 MiB in all.
const KEPT: usize = 64;

/// A file behind an address. To be read from a blocking thread.
pub(super) struct RangeFile {
    http: reqwest::Client,
    runtime: Handle,
    url: String,
    length: u64,
    at: u64,
    blocks: HashMap<u64, bytes::Bytes>,
}

impl RangeFile {
    /// Opens the address; from a blocking thread of the runtime.
    pub fn open(http: reqwest::Client, runtime: Handle, url: String) -> io::Result<Self> {
        let mut file = Self { http, runtime, url, length: 0, at: 0, blocks: HashMap::new() };
        let (first, length) = file.fetch(0)?;
        file.length = length;
        file.blocks.insert(0, first);
        Ok(file)
    }

    fn fetch(&self, block: u64) -> io::Result<(bytes::Bytes, u64)> {
        let from = block * BLOCK;
        let asking = async {
            let range = format!("bytes={from}-{}", from.saturating_add(BLOCK - 1));
            let answer = self.http.get(&self.url).header(http::header::RANGE, range).send().await?.error_for_status()?;
            let partial = answer.status() == http::StatusCode::PARTIAL_CONTENT;
            let total =
                answer.headers().get(http::header::CONTENT_RANGE).and_then(|range| range.to_str().ok()).map(str::to_owned);
            Ok::<_, reqwest::Error>((partial, total, answer.bytes().await?))
        };
        // The address is signed, so it stays out of messages.
        let (partial, total, bytes) = self.runtime.block_on(asking).map_err(|error| io::Error::other(error.without_url()))?;
        if !partial {
            // A server without ranges sends everything; the stretch asked for is cut out of it.
            let length = bytes.len() as u64;
            let start = usize::try_from(from.min(length)).unwrap_or(usize::MAX);
            let end = usize::try_from(from.saturating_add(BLOCK).min(length)).unwrap_or(usize::MAX);
            return Ok((bytes.slice(start..end), length));
        }
        let length = total.and_then(|text| whole_length(&text));
        Ok((bytes, length.ok_or_else(|| io::Error::other("the server does not say how long the recording is"))?))
    }
}

/// The length of the whole that a `Content-Range` of `bytes FIRST-LAST/ALL` names; nothing where it makes no sense.
pub fn whole_length(range: &str) -> Option<u64> {
    let (range, all) = range.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten();
    let (first, last, all) = (number(first)?, number(last)?, number(all)?);
    (first <= last && last < all).then_some(all)
}

impl Read for RangeFile {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.length || out.is_empty() {
            return Ok(0);
        }
        let block = self.at / BLOCK;
        if !self.blocks.contains_key(&block) {
            let (bytes, _) = self.fetch(block)?;
            if self.blocks.len() >= KEPT {
                self.blocks.retain(|kept, _| *kept == 0);
            }
            self.blocks.insert(block, bytes);
        }
        let bytes = &self.blocks[&block];
        let offset = usize::try_from(self.at % BLOCK).unwrap_or(usize::MAX);
        let rest = bytes.get(offset..).unwrap_or_default();
        if rest.is_empty() {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
        }
        let count = rest.len().min(out.len());
        out[..count].copy_from_slice(&rest[..count]);
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for RangeFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

impl MediaSource for RangeFile {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_believed_only_where_the_range_makes_sense() {
        for (value, length) in [
            ("bytes 0-9/10", Some(10)),
            (" bytes 262144-300000/300001 ", Some(300_001)),
            ("bytes 0-9/*", None),
            ("bytes 0-10/10", None),
            ("bytes 9-0/10", None),
            ("bytes */10", None),
            ("10", None),
            ("bytes 0-9/+10", None),
        ] {
            assert_eq!(whole_length(value), length, "{value}");
        }
    }
}
