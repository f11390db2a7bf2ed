//! The bytes of a file, where possible without a copy of them in memory.

use std::fs::File;
use std::io;

/// A file's bytes.
#[derive(Debug)]
pub(crate) enum Input {
    /// As the system maps them.
    Mapped(memmap2::Mmap),
    /// As somebody holds them.
    Held(Vec<u8>),
}

impl Input {
    /// Maps a file.
    pub fn of(file: &File) -> io::Result<Self> {
        // SAFETY: only the child that reads a file does this. Should somebody cut the file meanwhile, the child ends with a
        // signal, which the parent explains like any other end.
        unsafe { memmap2::Mmap::map(file) }.map(Self::Mapped)
    }
}

impl AsRef<[u8]> for Input {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Mapped(bytes) => bytes,
            Self::Held(bytes) => bytes,
        }
    }
}
