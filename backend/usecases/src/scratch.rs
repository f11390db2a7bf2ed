//! Folders for objects that have to be files. What was fetched into one is gone when the work with it is over.

use std::io::ErrorKind;
use std::path::Path;

use synapscribe_domain::Failure;
use synapscribe_ports::StoreError;
use tempfile::TempDir;

/// A fresh folder within another; it goes when it is dropped.
pub(crate) fn folder(within: &Path) -> Result<TempDir, Failure> {
    tempfile::tempdir_in(within).map_err(|error| match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full.into(),
        _ => {
            tracing::error!(%error, "the scratch folder cannot be used");
            Failure::internal()
        }
    })
}
