//! Bytes on their way in: written under a throw-away name, hashed as they come, synced, and only then renamed. A draft that
//! is dropped removes its file.

use std::fs;
use std::io::{self, Read, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use s3s::crypto::{Checksum, Md5};
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt, BufWriter};
use uuid::Uuid;

use super::{FolderError, blocking};

/// Gathered before a write, so that a large upload does not cross threads for every packet.
const BUFFER: usize = 512 * 1024;

/// An object or part that is being received.
pub struct Incoming {
    writer: BufWriter<tokio::fs::File>,
    draft: Draft,
    md5: Md5,
    bytes: u64,
}

/// Received bytes, complete and on disk, without a name yet.
pub struct Sealed {
    draft: Draft,
    etag: String,
    bytes: u64,
}

impl Incoming {
    pub(super) fn begin(folder: &Path) -> Result<Self, FolderError> {
        let (draft, file) = Draft::begin(folder)?;
        let writer = BufWriter::with_capacity(BUFFER, tokio::fs::File::from_std(file));
        Ok(Self { writer, draft, md5: Md5::new(), bytes: 0 })
    }

    /// Takes the next bytes.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), FolderError> {
        self.md5.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(self.writer.write_all(bytes).await?)
    }

    /// So many came so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Everything came; puts it on disk.
    pub async fn seal(mut self) -> Result<Sealed, FolderError> {
        self.writer.flush().await?;
        self.writer.get_ref().sync_all().await?;
        Ok(Sealed { draft: self.draft, etag: hex::encode(self.md5.finalize()), bytes: self.bytes })
    }
}

impl Sealed {
    /// The entity tag: the MD5 of the bytes in hexadecimal, unless they were assembled from parts.
    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// The size.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// A copy of an open file, with the tag it already has. The kernel copies, and shares the blocks where it can.
    pub(super) fn copy(folder: &Path, sources: Vec<fs::File>, etag: String) -> Result<Self, FolderError> {
        let (draft, mut file) = Draft::begin(folder)?;
        let mut bytes = 0;
        for mut source in sources {
            bytes += io::copy(&mut source, &mut file)?;
        }
        file.sync_all()?;
        Ok(Self { draft, etag, bytes })
    }

    pub(super) fn path(&self) -> &Path {
        &self.draft.0
    }

    pub(super) fn rename(self, to: &Path) -> io::Result<()> {
        self.draft.rename(to)
    }
}

impl super::Folder {
    /// A copy of an object's bytes, ready to be given another name.
    pub async fn copy_of(self: &std::sync::Arc<Self>, found: super::Found) -> Result<Sealed, FolderError> {
        let folder = std::sync::Arc::clone(self);
        blocking(move || {
            folder.check_room(found.about.bytes)?;
            Sealed::copy(&folder.incoming(), vec![found.file], found.about.etag)
        })
        .await
    }

    /// A copy of some of an object's bytes, with a tag of their own.
    pub async fn copy_range(self: &std::sync::Arc<Self>, found: super::Found, range: Range<u64>) -> Result<Sealed, FolderError> {
        let mut incoming = self.receive(Some(range.end - range.start)).await?;
        let mut source = tokio::fs::File::from_std(found.file);
        source.seek(io::SeekFrom::Start(range.start)).await?;
        let mut source = source.take(range.end - range.start);
        let mut buffer = vec![0; BUFFER];
        loop {
            match source.read(&mut buffer).await? {
                0 => return incoming.seal().await,
                n => incoming.write(&buffer[..n]).await?,
            }
        }
    }
}

/// A file that goes away unless it is renamed.
pub(super) struct Draft(PathBuf);

impl Draft {
    pub(super) fn begin(folder: &Path) -> io::Result<(Self, fs::File)> {
        let path = folder.join(Uuid::new_v4().simple().to_string());
        let file = fs::OpenOptions::new().write(true).create_new(true).open(&path)?;
        Ok((Self(path), file))
    }

    pub(super) fn whole(folder: &Path, content: &[u8]) -> io::Result<Self> {
        let (draft, mut file) = Self::begin(folder)?;
        file.write_all(content)?;
        file.sync_all()?;
        Ok(draft)
    }

    pub(super) fn rename(mut self, to: &Path) -> io::Result<()> {
        fs::rename(&self.0, to)?;
        self.0 = PathBuf::new();
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.0.as_os_str().is_empty() {
            // Should this fail, the next start clears the folder.
            let _ = fs::remove_file(&self.0);
        }
    }
}

pub(super) fn md5_of(file: &mut fs::File) -> io::Result<String> {
    let mut md5 = Md5::new();
    let mut buffer = vec![0; BUFFER];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex::encode(md5.finalize())),
            n => md5.update(&buffer[..n]),
        }
    }
}
