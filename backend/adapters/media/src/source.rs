//! The bytes of a recording as the parsers see them: a part of a file, with a few header bytes put right on the way.

use std::io::{self, Read, Seek, SeekFrom};

use symphonia::core::io::MediaSource;

/// What a recording can be read from.
pub(crate) trait Bytes: Read + Seek + Send + Sync {}
impl<T: Read + Seek + Send + Sync> Bytes for T {}

/// A range of an underlying file; positions are relative to its start.
pub(crate) struct Source {
    inner: Box<dyn Bytes>,
    start: u64,
    end: u64,
    at: u64,
    patches: Vec<(u64, Vec<u8>)>,
}

impl Source {
    /// All of a file.
    pub fn new(mut inner: Box<dyn Bytes>) -> io::Result<Self> {
        let end = inner.seek(SeekFrom::End(0))?;
        inner.seek(SeekFrom::Start(0))?;
        Ok(Self { inner, start: 0, end, at: 0, patches: Vec::new() })
    }

    /// How many bytes there are.
    pub fn len(&self) -> u64 {
        self.end - self.start
    }

    /// Drops bytes from both ends (tags that belong to no audio); the rest starts at zero again.
    pub fn narrow(&mut self, from_start: u64, from_end: u64) -> io::Result<()> {
        self.start = (self.start + from_start).min(self.end);
        self.end = self.end.saturating_sub(from_end).max(self.start);
        self.seek(SeekFrom::Start(0)).map(drop)
    }

    /// From now on these bytes are read at that position instead of the file's own.
    pub fn patch(&mut self, at: u64, bytes: impl Into<Vec<u8>>) {
        self.patches.push((at, bytes.into()));
    }

    /// Up to `n` bytes from a position; fewer at the end.
    pub fn peek(&mut self, at: u64, n: usize) -> io::Result<Vec<u8>> {
        self.seek(SeekFrom::Start(at))?;
        let mut bytes = Vec::with_capacity(n.min(64 * 1024));
        self.by_ref().take(n as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.len().saturating_sub(self.at);
        let want = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let got = self.inner.read(&mut buffer[..want])?;
        for (at, bytes) in &self.patches {
            let from = self.at.max(*at);
            let to = (self.at + got as u64).min(at + bytes.len() as u64);
            if from < to {
                let (here, there) = ((from - self.at) as usize, (from - at) as usize);
                let n = (to - from) as usize;
                buffer[here..here + n].copy_from_slice(&bytes[there..there + n]);
            }
        }
        self.at += got as u64;
        Ok(got)
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(n) => Some(n),
            SeekFrom::Current(n) => self.at.checked_add_signed(n),
            SeekFrom::End(n) => self.len().checked_add_signed(n),
        };
        let outside = || io::Error::new(io::ErrorKind::InvalidInput, "position outside the file");
        let at = at.ok_or_else(outside)?;
        let absolute = self.start.checked_add(at).ok_or_else(outside)?;
        self.inner.seek(SeekFrom::Start(absolute))?;
        self.at = at;
        Ok(at)
    }
}

impl MediaSource for Source {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_shows_through_reads_of_any_size() {
        for step in 1..12 {
            let mut source = Source::new(Box::new(io::Cursor::new((0u8..40).collect::<Vec<_>>()))).unwrap();
            source.patch(4, *b"abcd");
            let mut all = Vec::new();
            let mut buffer = vec![0; step];
            loop {
                let n = source.read(&mut buffer).unwrap();
                if n == 0 {
                    break;
                }
                all.extend_from_slice(&buffer[..n]);
            }
            let mut expected: Vec<u8> = (0u8..40).collect();
            expected[4..8].copy_from_slice(b"abcd");
            assert_eq!(all, expected);
        }
    }

    #[test]
    fn a_narrowed_source_starts_and_ends_where_told() {
        let mut source = Source::new(Box::new(io::Cursor::new((0u8..40).collect::<Vec<_>>()))).unwrap();
        source.narrow(10, 5).unwrap();
        assert_eq!(source.len(), 25);
        assert_eq!(source.peek(0, 3).unwrap(), [10, 11, 12]);
        assert_eq!(source.peek(23, 9).unwrap(), [33, 34]);
        source.narrow(1000, 1000).unwrap();
        assert_eq!(source.len(), 0);
    }
}
