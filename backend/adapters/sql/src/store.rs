//! The database as one value that implements every port of this crate. It knows no table.

use std::path::Path;
use std::sync::Arc;

use sqlx::sqlite::SqlitePool;
use sqlx::{Sqlite, Transaction};
use synapscribe_ports::{Lane, StoreError, StoreResult};
use thiserror::Error;
use tokio::sync::Notify;

use crate::cache::Cache;
use crate::sqlite::{self, Pools, fault, from_io};
use crate::text::Frequencies;

/// An open database; cloning it is cheap and shares everything.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    pools: Pools,
    cache: Cache,
    frequencies: Frequencies,
    bells: [Notify; Lane::ALL.len()],
}

/// Why a database was not opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// A newer version of this program wrote it.
    #[error(
        "the database was made by a newer version of this program (step {version}); update the program or choose another data folder"
    )]
    Newer {
        /// The first step this program does not know.
        version: i64,
    },
    /// An older version of this program wrote it, and whoever opens it must leave it as it is.
    #[error(
        "the database was made by an older version of this program (step {version} is still to come); start the host of this version first"
    )]
    Older {
        /// The first step that it lacks.
        version: i64,
    },
    /// Another program's file.
    #[error("the file is a database of another program; choose another data folder")]
    NotALibrary,
    /// The library this program was built with cannot be trusted with a write-ahead log.
    #[error("this program was built with SQLite {found}; 3.51.3 or newer is needed")]
    OldSqlite {
        /// Its version.
        found: String,
    },
    /// It cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Opens a database file, creating it where it is missing and bringing it up to date where it is older.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Ok(Self::over(sqlite::open_file(path.as_ref()).await?))
    }

    /// Opens the database of a host that may be running, and may be older than this program: nothing about the file is changed,
    /// and one that lacks a step is refused.
    pub async fn attach(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let store = Self::as_it_is(path).await?;
        match sqlite::lacking(store.reader()).await? {
            None => Ok(store),
            Some(version) => Err(OpenError::Older { version }),
        }
    }

    /// The same for whoever only copies the file, which may lack steps.
    pub async fn as_it_is(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Ok(Self::over(sqlite::attach_file(path.as_ref()).await?))
    }

    /// A database that is gone when the last clone is dropped.
    pub async fn open_in_memory() -> Result<Self, OpenError> {
        Ok(Self::over(sqlite::open_memory().await?))
    }

    /// Writes a complete, compact copy while work goes on; the copy appears under its name only when it is whole.
    pub async fn backup_to(&self, path: impl AsRef<Path>) -> StoreResult<()> {
        let path = path.as_ref();
        if tokio::fs::try_exists(path).await.map_err(|e| from_io(&e))? {
            return Err(StoreError::Unavailable(format!("{} exists already; a backup never replaces a file", path.display())));
        }
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let partial = Path::new(&partial);
        let text = partial.to_str().ok_or_else(|| StoreError::Unavailable("the path is not valid Unicode".into()))?;
        if let Err(error) = tokio::fs::remove_file(partial).await
            && error.kind() != std::io::ErrorKind::NotFound
        {
            return Err(from_io(&error));
        }
        // SQLite fills an empty file and leaves its rights alone.
        let mut empty = tokio::fs::OpenOptions::new();
        empty.write(true).create_new(true);
        #[cfg(unix)]
        empty.mode(0o600);
        drop(empty.open(partial).await.map_err(|e| from_io(&e))?);
        let copied = sqlx::query("VACUUM INTO $1").bind(text).execute(self.reader()).await.map_err(fault);
        if let Err(error) = copied {
            // What was written so far is of no use and takes room that may be short.
            let _ = tokio::fs::remove_file(partial).await;
            return Err(error);
        }
        let file = tokio::fs::OpenOptions::new().write(true).open(partial).await.map_err(|e| from_io(&e))?;
        file.sync_all().await.map_err(|e| from_io(&e))?;
        tokio::fs::rename(partial, path).await.map_err(|e| from_io(&e))
    }

    /// Reads the whole file and says what is wrong with it.
    pub async fn check(&self) -> StoreResult<()> {
        let mut tx = self.reader().begin().await.map_err(fault)?;
        // The check of the full-text index trusts what its connection remembers of it, which another connection may have
        // changed since; opening a cursor makes it look again.
        sqlx::query("SELECT rowid FROM passages_fts WHERE rowid = 0").fetch_optional(&mut *tx).await.map_err(fault)?;
        let found: Vec<String> = sqlx::query_scalar("PRAGMA quick_check(5)").fetch_all(&mut *tx).await.map_err(fault)?;
        if found == ["ok"] { Ok(()) } else { Err(StoreError::Corrupt(found.join("; "))) }
    }

    /// Finishes what is being written and lets go of the file; later calls fail.
    pub async fn close(&self) {
        self.inner.pools.readers.close().await;
        self.inner.pools.writer.close().await;
    }

    fn over(pools: Pools) -> Self {
        let inner = Inner { pools, cache: Cache::default(), frequencies: Frequencies::default(), bells: Default::default() };
        Self { inner: Arc::new(inner) }
    }

    pub(crate) fn reader(&self) -> &SqlitePool {
        &self.inner.pools.readers
    }

    pub(crate) fn writer(&self) -> &SqlitePool {
        &self.inner.pools.writer
    }

    pub(crate) async fn begin(&self) -> StoreResult<Transaction<'static, Sqlite>> {
        sqlite::begin(self.writer()).await
    }

    pub(crate) fn cache(&self) -> &Cache {
        &self.inner.cache
    }

    pub(crate) fn frequencies(&self) -> &Frequencies {
        &self.inner.frequencies
    }

    /// Rings when a job of the lane may be due.
    pub(crate) fn bell(&self, lane: Lane) -> &Notify {
        &self.inner.bells[lane as usize]
    }

    /// Rings in every lane.
    pub(crate) fn ring_all(&self) {
        self.inner.bells.iter().for_each(Notify::notify_one);
    }
}

/// A record as it is stored.
pub(crate) fn to_json<T: serde::Serialize>(record: &T) -> StoreResult<String> {
    serde_json::to_string(record).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// A stored record.
pub(crate) fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> StoreResult<T> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt(error.to_string()))
}

#[cfg(test)]
mod tests {
    use synapscribe_domain::{LectureId, Passage, Source, Span};
    use synapscribe_ports::{Jobs, Library};

    use super::*;

    #[tokio::test]
    async fn a_full_disk_is_told_as_such_and_nothing_is_half_stored() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("library.db")).await.unwrap();
        let id = LectureId::parse("l1").unwrap();
        sqlx::query("INSERT INTO sources (id, owner, public, created, record) VALUES ('l1', 'ada', 0, 0, '{}')")
            .execute(store.writer())
            .await
            .unwrap();
        let limit = async |pages: i64| {
            // There is one writing connection, so what is set here holds for everything that is written.
            sqlx::query(sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"))).execute(store.writer()).await.unwrap();
        };
        limit(1).await;
        let passage = |n: usize| Passage::said(&id, n as u32, Span::default(), format!("word{n} ").repeat(200));
        let passages: Vec<Passage> = (0..200).map(passage).collect();
        let full = store.index(&Source::from(&id), &passages, "", &[]).await;
        assert!(matches!(full, Err(StoreError::Full)), "{full:?}");
        assert_eq!(store.passages(&Source::from(&id)).await.unwrap(), []);
        assert_eq!(store.depth().await.unwrap(), (0, 0, 0), "reading goes on");
        limit(1_000_000).await;
        store.index(&Source::from(&id), &passages, "", &[]).await.unwrap();
        assert_eq!(store.passages(&Source::from(&id)).await.unwrap(), passages, "once there is room it works again");
    }
}
