//! The library of a deployment, in PostgreSQL with pgvector: everything in which it differs from the one in a file. It knows nobody
//! who runs servers.

mod access;
mod accounts;
mod classes;
mod corrections;
mod documents;
mod door;
mod fault;
mod library;
mod packs;
mod schema;
mod search;
mod words;

use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres, Transaction};
use synapscribe_domain::Source;
use synapscribe_ports::{StoreError, StoreResult};
use tokio::sync::OnceCell;

pub use access::{Address, AddressError, Login, Logins};
pub use accounts::{PostgresAccounts, PostgresProofs};
use door::Door;
use fault::fault;
use words::Frequencies;

/// Lectures in a database that many processes share; cloning it is cheap and shares everything.
#[derive(Clone)]
pub struct PostgresLibrary {
    inner: Arc<Inner>,
}

struct Inner {
    door: Door,
    checked: OnceCell<()>,
    frequencies: Frequencies,
}

impl PostgresLibrary {
    /// A library at an address, which is waited for so long. Nothing is connected yet: a process that never needs the database never
    /// waits for it.
    pub fn at(address: Address, logins: Arc<dyn Logins>, patience: Duration) -> Self {
        let door = Door::new(address, logins, patience);
        Self { inner: Arc::new(Inner { door, checked: OnceCell::new(), frequencies: Frequencies::default() }) }
    }

    /// Ends all connections; later calls fail.
    pub async fn close(&self) {
        self.inner.door.close().await;
    }

    async fn connection(&self) -> StoreResult<PoolConnection<Postgres>> {
        let mut connection = self.inner.door.connection().await?;
        self.inner.checked.get_or_try_init(|| schema::must_fit(&mut connection)).await?;
        Ok(connection)
    }

    async fn begin(&self) -> StoreResult<Work> {
        Transaction::begin(self.connection().await?, None).await.map_err(fault)
    }
}

/// Statements that are done together or not at all.
type Work = Transaction<'static, Postgres>;

/// Finds a source's number and keeps everybody else from changing the source until the transaction ends.
async fn held(work: &mut PgConnection, source: &Source) -> StoreResult<i64> {
    let found = sqlx::query_scalar("SELECT n FROM sources WHERE id = $1 AND kind = $2 FOR UPDATE");
    let found = found.bind(source.name()).bind(crate::library::kind(source));
    found.fetch_optional(work).await.map_err(fault)?.ok_or(StoreError::Gone)
}
