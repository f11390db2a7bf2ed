//! Bringing a database up to date, and refusing one that is not. It knows no lecture.

use std::sync::LazyLock;

use async_trait::async_trait;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use synapscribe_ports::{Schema, StoreError, StoreResult, Upgrade, UpgradeError};

use super::PostgresLibrary;
use super::fault::fault;

static STEPS: LazyLock<Migrator> = LazyLock::new(|| {
    let mut steps = sqlx::migrate!("./postgres");
    // Theirs is a lock of the session, which a proxy cannot hand on; ours ends with the transaction.
    steps.set_locking(false);
    steps
});

/// Only one process migrates at a time: `SynS`, as in the header of a library in a file.
const LOCK: i64 = 1_400_467_027;
/// pgvector learnt to go on looking where a filter left too little.
const OLDEST_VECTOR: (u32, u32, u32) = (0, 8, 0);

/// What every connection to the database works with. It is set here because a proxy cannot hand on a connection that sets
/// anything for itself, and each time, because a copy of a database comes without it.
const SETTINGS: &[(&str, &str)] = &[
    // How many neighbours are kept in sight while the graph of vectors is walked.
    ("hnsw.ef_search", "100"),
    // Most of what is near may be hidden from the person who asks: then the walk goes on.
    ("hnsw.iterative_scan", "relaxed_order"),
    // Each person sees another part of the library, so that no plan fits all of them.
    ("plan_cache_mode", "force_custom_plan"),
    // Compiling a search takes longer than searching.
    ("jit", "off"),
];

#[async_trait]
impl Schema for PostgresLibrary {
    async fn upgrade(&self) -> Result<Upgrade, UpgradeError> {
        // This connection was opened before the settings below were made, so nothing else may use it.
        let mut connection = self.inner.door.connection().await?.detach();
        let mut work = connection.begin().await.map_err(fault)?;
        sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *work).await.map_err(fault)?;
        let from = version(&mut work).await?;
        match STEPS.run_direct(None, &mut *work, false).await {
            Ok(()) => {}
            Err(MigrateError::VersionMissing(version)) => return Err(UpgradeError::Newer { version }),
            Err(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => return Err(fault(error).into()),
            Err(other) => return Err(StoreError::Corrupt(other.to_string()).into()),
        }
        trust(&mut work).await?;
        let settled = settle(&mut work).await?;
        work.commit().await.map_err(fault)?;
        // All is done; how the server takes leave changes nothing.
        drop(connection.close().await);
        let applied = STEPS.iter().filter(|step| from.is_none_or(|from| step.version > from));
        let applied = applied.map(|step| format!("{} {}", step.version, step.description)).collect();
        Ok(Upgrade { from: from.unwrap_or(0), to: newest(), applied, settled })
    }
}

/// Refuses a database that this program is too new for. One that is newer is fine: each step leaves the programs before it working.
pub(super) async fn must_fit(connection: &mut PgConnection) -> StoreResult<()> {
    match version(connection).await? {
        Some(found) if found >= newest() => Ok(()),
        found => {
            let (found, needed) = (found.unwrap_or(0), newest());
            Err(StoreError::Unavailable(format!(
                "the database is at step {found} and step {needed} is needed; run lambda-migrate"
            )))
        }
    }
}

/// The last step that was applied, if there was any.
async fn version(connection: &mut PgConnection) -> StoreResult<Option<i64>> {
    let there: bool = sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL")
        .fetch_one(&mut *connection)
        .await
        .map_err(fault)?;
    if !there {
        return Ok(None);
    }
    sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations").fetch_one(connection).await.map_err(fault)
}

fn newest() -> i64 {
    STEPS.iter().map(|step| step.version).max().unwrap_or(0)
}

async fn trust(work: &mut PgConnection) -> StoreResult<()> {
    let found: String = sqlx::query_scalar("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
        .fetch_one(work)
        .await
        .map_err(fault)?;
    let mut parts = found.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    if (next(), next(), next()) < OLDEST_VECTOR {
        return Err(StoreError::Unavailable(format!("the server has pgvector {found}; 0.8.0 or newer is needed")));
    }
    Ok(())
}

/// Sets for the database what is not set yet, and says what that was.
async fn settle(work: &mut PgConnection) -> StoreResult<Vec<String>> {
    let held: Option<Vec<String>> = sqlx::query_scalar(
        "SELECT s.setconfig FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
         WHERE d.datname = current_database() AND s.setrole = 0",
    )
    .fetch_optional(&mut *work)
    .await
    .map_err(fault)?;
    let held = held.unwrap_or_default();
    // The server knows pgvector's settings once it has loaded it.
    let database: String = sqlx::query_scalar("SELECT quote_ident(current_database()) WHERE '[1]'::vector IS NOT NULL")
        .fetch_one(&mut *work)
        .await
        .map_err(fault)?;
    let mut settled = Vec::new();
    for (name, value) in SETTINGS {
        let wanted = format!("{name}={value}");
        if held.contains(&wanted) {
            continue;
        }
        // Names and values are those above, and the server quoted its own name.
        let statement = AssertSqlSafe(format!("ALTER DATABASE {database} SET {name} = '{value}'"));
        sqlx::query(statement).execute(&mut *work).await.map_err(fault)?;
        settled.push(wanted);
    }
    Ok(settled)
}
