//! Why the folder could not do what was asked. It must not know what was asked.

use std::io;

use synapscribe_ports::StoreError;
use thiserror::Error;

/// Why the folder could not do what was asked.
#[derive(Debug, Error)]
pub enum FolderError {
    /// There is no room left.
    #[error("the disk is full")]
    Full,
    /// The object is larger than its place allows.
    #[error("the object has more than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
    /// The object is, or is not, what the caller made a condition of.
    #[error("the object is not in the state that was asked for")]
    Condition,
    /// The upload never was, was finished, or was given up.
    #[error("there is no such upload")]
    NoSuchUpload,
    /// A part is not there as named.
    #[error("a part is missing or has another tag")]
    InvalidPart,
    /// A part before the last is too small.
    #[error("a part is too small")]
    SmallPart,
    /// The disk would not.
    #[error("the folder cannot be used: {0}")]
    Io(io::Error),
}

impl From<io::Error> for FolderError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => Self::Full,
            _ => Self::Io(error),
        }
    }
}

impl From<FolderError> for StoreError {
    fn from(error: FolderError) -> Self {
        match error {
            FolderError::Full => StoreError::Full,
            FolderError::Condition => StoreError::Conflict,
            other => StoreError::Unavailable(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_a_disk_says_no_room_is_the_same_to_a_caller() {
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded, io::ErrorKind::FileTooLarge] {
            assert!(matches!(FolderError::from(io::Error::from(kind)), FolderError::Full), "{kind}");
        }
        assert!(matches!(StoreError::from(FolderError::Full), StoreError::Full));
    }
}
