//! Time, names and the one error that stores share.

use synapscribe_domain::{Code, Failure, Timestamp};
use thiserror::Error;

/// The wall clock.
pub trait Clock: Send + Sync {
    /// This moment.
    fn now(&self) -> Timestamp;
}

/// The operating system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp(since.as_millis() as i64)
    }
}

/// Fresh names.
pub trait Ids: Send + Sync {
    /// A name nobody had before.
    fn fresh(&self) -> String;
}

/// Random names that sort by time.
#[derive(Debug, Clone, Copy, Default)]
pub struct UuidIds;

impl Ids for UuidIds {
    fn fresh(&self) -> String {
        uuid::Uuid::now_v7().simple().to_string()
    }
}

/// Why a store could not do what was asked.
#[derive(Debug, Error)]
pub enum StoreError {
    /// There is no room left.
    #[error("the disk is full")]
    Full,
    /// Somebody else changed it first.
    #[error("it was changed by somebody else")]
    Conflict,
    /// What it belongs to is not there, or not any more.
    #[error("what it belongs to is not there any more")]
    Gone,
    /// The store cannot be reached now.
    #[error("the store cannot be reached: {0}")]
    Unavailable(String),
    /// What is stored cannot be read.
    #[error("what is stored cannot be read: {0}")]
    Corrupt(String),
}

/// What stores return.
pub type StoreResult<T> = Result<T, StoreError>;

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Failure::new(Code::DiskFull, "the disk is full; free some space and try again"),
            StoreError::Conflict => Failure::new(Code::Busy, "it was changed at the same moment; try again"),
            StoreError::Gone => Failure::new(Code::NotFound, "it was deleted meanwhile"),
            StoreError::Unavailable(_) | StoreError::Corrupt(_) => Failure::internal(),
        }
    }
}
