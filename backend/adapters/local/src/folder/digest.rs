//! What tells later whether a file still holds the same bytes. It must not know the layout of a folder.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

/// Reads as what it was made of, and has the digest of all that was read.
pub struct Digesting<R> {
    inner: R,
    digest: Sha256,
}

impl<R: Read> Digesting<R> {
    /// Nothing was read yet.
    pub fn new(inner: R) -> Self {
        Self { inner, digest: Sha256::new() }
    }

    /// The SHA-256 of what was read, in hexadecimal.
    pub fn finish(self) -> String {
        hex::encode(self.digest.finalize())
    }
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.digest.update(&buffer[..read]);
        Ok(read)
    }
}

/// The digest of everything that can be read there.
pub fn digest_of(reader: impl Read) -> io::Result<String> {
    let mut reader = Digesting::new(reader);
    io::copy(&mut reader, &mut io::sink())?;
    Ok(reader.finish())
}
