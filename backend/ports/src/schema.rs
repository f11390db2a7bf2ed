//! Bringing a store up to date before programs that need its newest form are started.

use async_trait::async_trait;
use thiserror::Error;

use crate::world::StoreError;

/// What was done to a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upgrade {
    /// The step it was at; 0 is an empty store.
    pub from: i64,
    /// The step it is at.
    pub to: i64,
    /// The steps in between, by number and name.
    pub applied: Vec<String>,
    /// What was set for the store besides its steps.
    pub settled: Vec<String>,
}

/// Why a store was not brought up to date; it is as it was.
#[derive(Debug, Error)]
pub enum UpgradeError {
    /// A newer version of the program did this already.
    #[error("the store was made by a newer version of this program (step {version}); deploy that version")]
    Newer {
        /// The first step this program does not know.
        version: i64,
    },
    /// It cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A store whose form changes from version to version.
#[async_trait]
pub trait Schema: Send + Sync {
    /// Does what is still to be done, all of it or nothing. Doing it again, or by several at once, does nothing more.
    async fn upgrade(&self) -> Result<Upgrade, UpgradeError>;
}
