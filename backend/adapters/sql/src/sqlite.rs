//! What is particular to SQLite: how it is opened and brought up to date, and what its errors mean. It knows no table.

use std::path::Path;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, Transaction};
use synapscribe_ports::{StoreError, StoreResult};

use crate::store::OpenError;

/// The first version without the fault that could damage a write-ahead log (sqlite.org/wal.html, "The WAL-reset bug").
pub(crate) const OLDEST: (u32, u32, u32) = (3, 51, 3);
/// `SynS`, the mark the first migration leaves in the file's header.
const APPLICATION: i64 = 1_400_467_027;
/// Readers do not wait for each other; more than this only adds memory.
const READERS: u32 = 3;
/// Pages a reader keeps, in KiB (negative is how SQLite is told so): enough for what searches come back to.
const READ_CACHE: &str = "-32000";
/// How long a writer waits for another process before it gives up.
const PATIENCE: Duration = Duration::from_secs(10);

// Result codes, from sqlite.org/rescode.html.
const BUSY: i32 = 5;
const LOCKED: i32 = 6;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// The connection that writes, and those that read.
pub(crate) struct Pools {
    pub(crate) writer: SqlitePool,
    pub(crate) readers: SqlitePool,
}

/// Opens a file, creating it and its folder where they are missing.
pub(crate) async fn open_file(path: &Path) -> Result<Pools, OpenError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        tokio::fs::create_dir_all(folder).await.map_err(|e| OpenError::Store(from_io(&e)))?;
    }
    let writer = pool(1, writing(path).create_if_missing(true)).await?;
    refuse_unusable(&writer).await?;
    log_ahead(&writer).await?;
    migrate(&writer).await?;
    Ok(Pools { writer, readers: readers(path) })
}

/// Opens a file that is there, whatever steps it lacks.
pub(crate) async fn attach_file(path: &Path) -> Result<Pools, OpenError> {
    let writer = pool(1, writing(path)).await?;
    refuse_unusable(&writer).await?;
    let known = |version: &i64| MIGRATIONS.iter().any(|step| step.version == *version);
    match steps(&writer).await?.into_iter().find(|version| !known(version)) {
        Some(version) => Err(OpenError::Newer { version }),
        None => Ok(Pools { writer, readers: readers(path) }),
    }
}

/// The first step that a database lacks.
pub(crate) async fn lacking(pool: &SqlitePool) -> Result<Option<i64>, OpenError> {
    let taken = steps(pool).await?;
    Ok(MIGRATIONS.iter().map(|step| step.version).find(|version| !taken.contains(version)))
}

/// The steps that a database has taken.
async fn steps(pool: &SqlitePool) -> Result<Vec<i64>, OpenError> {
    let noted: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_master WHERE name = '_sqlx_migrations'")
        .fetch_one(pool)
        .await
        .map_err(fault)?;
    if noted == 0 {
        return Err(OpenError::NotALibrary);
    }
    let taken = sqlx::query_scalar("SELECT version FROM _sqlx_migrations ORDER BY version").fetch_all(pool).await;
    Ok(taken.map_err(fault)?)
}

fn writing(path: &Path) -> SqliteConnectOptions {
    common()
        .filename(path)
        .synchronous(SqliteSynchronous::Normal)
        // Deleted words and recordings' texts are overwritten, not only forgotten.
        .pragma("secure_delete", "ON")
        .pragma("journal_size_limit", "67108864")
}

fn readers(path: &Path) -> SqlitePool {
    let reading = common().filename(path).read_only(true).pragma("cache_size", READ_CACHE);
    pool_options(READERS).connect_lazy_with(reading)
}

/// Opens a database that lives as long as it is held.
pub(crate) async fn open_memory() -> Result<Pools, OpenError> {
    // A second connection would see another, empty database.
    let writer = pool(1, common().in_memory(true)).await?;
    refuse_unusable(&writer).await?;
    migrate(&writer).await?;
    Ok(Pools { readers: writer.clone(), writer })
}

/// Begins a transaction that may write; it waits here for other processes rather than failing half-way.
pub(crate) async fn begin(writer: &SqlitePool) -> StoreResult<Transaction<'static, Sqlite>> {
    const IMMEDIATE: &str = "BEGIN IMMEDIATE";
    match writer.begin_with(IMMEDIATE).await {
        // A commit for which there was no room leaves a connection that takes itself to be within a transaction for ever.
        Err(sqlx::Error::InvalidSavePointStatement) => {
            writer.acquire().await.map_err(fault)?.close().await.map_err(fault)?;
            writer.begin_with(IMMEDIATE).await.map_err(fault)
        }
        begun => begun.map_err(fault),
    }
}

/// Whether what is written next by this connection waits until it is on the disk. Without that it outlasts the process, not a
/// power cut; waiting for every write would cost a hundred times as much.
pub(crate) async fn wait_for_disk(writer: &mut SqliteConnection, wait: bool) -> StoreResult<()> {
    let statement = if wait { "PRAGMA synchronous = FULL" } else { "PRAGMA synchronous = NORMAL" };
    sqlx::query(statement).execute(writer).await.map_err(fault)?;
    Ok(())
}

/// The meaning of a database error to those who know no database.
pub(crate) fn fault(error: sqlx::Error) -> StoreError {
    const CORRUPT: i32 = 11;
    const FULL: i32 = 13;
    const CONSTRAINT: i32 = 19;
    // A row refers to one that is not there.
    const FOREIGN_KEY: i32 = 787;
    const NOT_A_DATABASE: i32 = 26;
    // The index of the write-ahead log could not grow, which has no other cause than a full disk.
    const SHARED_MEMORY_SIZE: i32 = 4874;
    // SQLite calls only one of the system's reasons a full disk; a quota or a limit on the size of files is this one.
    const WRITE_REFUSED: i32 = 778;
    match &error {
        sqlx::Error::Database(inner) => {
            let code = inner.code().and_then(|code| code.parse::<i32>().ok()).unwrap_or_default();
            match code & 0xFF {
                FULL => StoreError::Full,
                _ if code == SHARED_MEMORY_SIZE || code == WRITE_REFUSED => {
                    tracing::error!(code, message = inner.message(), "the database could not be written");
                    StoreError::Full
                }
                _ if code == FOREIGN_KEY => StoreError::Gone,
                CONSTRAINT => StoreError::Conflict,
                BUSY | LOCKED => StoreError::Unavailable("another process holds the database".into()),
                CORRUPT | NOT_A_DATABASE => StoreError::Corrupt(inner.message().to_owned()),
                _ => {
                    tracing::error!(code, message = inner.message(), "the database did not do what it was asked");
                    StoreError::Unavailable(inner.message().to_owned())
                }
            }
        }
        sqlx::Error::Io(inner) => from_io(inner),
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => StoreError::Corrupt(error.to_string()),
        _ => {
            tracing::error!(%error, "the database did not do what it was asked");
            StoreError::Unavailable(error.to_string())
        }
    }
}

/// The meaning of a file system error.
pub(crate) fn from_io(error: &std::io::Error) -> StoreError {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded | std::io::ErrorKind::FileTooLarge => {
            StoreError::Full
        }
        _ => StoreError::Unavailable(error.to_string()),
    }
}

fn common() -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .busy_timeout(PATIENCE)
        .foreign_keys(true)
        .pragma("temp_store", "MEMORY")
        .pragma("cache_size", "-16000")
}

fn pool_options(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .min_connections(0)
        .idle_timeout(None)
        .max_lifetime(None)
        // A connection to a file does not break while it rests.
        .test_before_acquire(false)
}

async fn pool(connections: u32, options: SqliteConnectOptions) -> Result<SqlitePool, OpenError> {
    Ok(pool_options(connections).connect_with(options).await.map_err(fault)?)
}

/// Refuses an SQLite that is too old and a file that is not ours, before anything is changed.
async fn refuse_unusable(writer: &SqlitePool) -> Result<(), OpenError> {
    let (found, mark, tables): (String, i64, i64) = sqlx::query_as(
        "SELECT sqlite_version(), (SELECT application_id FROM pragma_application_id), (SELECT count(*) FROM sqlite_master)",
    )
    .fetch_one(writer)
    .await
    .map_err(fault)?;
    trust(found)?;
    if mark != APPLICATION && (mark != 0 || tables != 0) {
        return Err(OpenError::NotALibrary);
    }
    Ok(())
}

/// Turns on the write-ahead log. SQLite does not wait when two processes do this to a new file at once, so it is asked again.
async fn log_ahead(writer: &SqlitePool) -> Result<(), OpenError> {
    let give_up = tokio::time::Instant::now() + PATIENCE;
    loop {
        let outcome: Result<String, _> = sqlx::query_scalar("PRAGMA journal_mode = WAL").fetch_one(writer).await;
        match outcome {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(mode) => {
                let reason = format!("this file system allows no write-ahead log (mode {mode}); choose a local folder");
                return Err(OpenError::Store(StoreError::Unavailable(reason)));
            }
            Err(error) if is_busy(&error) && tokio::time::Instant::now() < give_up => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Err(error) => return Err(OpenError::Store(fault(error))),
        }
    }
}

/// Applies the missing migrations in one transaction, so that two processes starting at once do not trip over each other.
async fn migrate(writer: &SqlitePool) -> Result<(), OpenError> {
    let mut tx = begin(writer).await?;
    match MIGRATIONS.run_direct(None, &mut *tx, false).await {
        Ok(()) => {}
        Err(MigrateError::VersionMissing(version)) => return Err(OpenError::Newer { version }),
        Err(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => {
            return Err(OpenError::Store(fault(error)));
        }
        Err(other) => return Err(OpenError::Store(StoreError::Corrupt(other.to_string()))),
    }
    tx.commit().await.map_err(fault)?;
    Ok(())
}

fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|e| e.code()).and_then(|code| code.parse::<i32>().ok());
    code.is_some_and(|code| matches!(code & 0xFF, BUSY | LOCKED))
}

/// Whether this version of SQLite may be trusted with a write-ahead log.
fn trust(found: String) -> Result<(), OpenError> {
    if parse_version(&found).is_none_or(|version| version < OLDEST) { Err(OpenError::OldSqlite { found }) } else { Ok(()) }
}

fn parse_version(text: &str) -> Option<(u32, u32, u32)> {
    let mut parts = text.split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_that_may_damage_the_log_is_refused_by_name() {
        for fine in ["3.51.3", "3.52.0", "4.0.0"] {
            assert!(trust(fine.into()).is_ok(), "{fine}");
        }
        for old in ["3.51.2", "3.9.20", "2.99.99", "nonsense"] {
            let refused = trust(old.into()).unwrap_err().to_string();
            assert!(refused.contains(old) && refused.contains("3.51.3 or newer"), "{refused}");
        }
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(parse_version("3.51.3") >= Some(OLDEST));
        assert!(parse_version("3.9.20") < Some(OLDEST));
        assert_eq!(parse_version("nonsense"), None);
    }
}
