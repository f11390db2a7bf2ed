//! The few connections of one process, and the login that opens them. It knows no table.
//!
//! A proxy in front of the server shares its connections among all processes, as long as nothing is left behind in one: so no
//! statement here sets anything for its session, takes a lock that outlives its transaction, or makes temporary tables; what searches
//! need is set for the database when it is migrated. Statements are prepared by the protocol, not by `PREPARE`, which Amazon's proxy
//! follows from one connection to the next; a statement longer than 16 KiB would hold on to one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::{Connection, Postgres};
use synapscribe_ports::{StoreError, StoreResult};
use tokio::sync::Mutex;

use super::access::{Address, Login, Logins};
use super::fault::{fault, is_refused};

/// A function handles one event at a time, which reads two things at once at most; hundreds of functions share one server.
const CONNECTIONS: u32 = 2;
/// A function may be frozen between two events, and its connections are closed meanwhile; one that rested for so long is tried
/// before it is used.
const RESTED: Duration = Duration::from_secs(10);
/// A token opens connections for fifteen minutes. What was said longer ago than this is asked for again.
const FRESH: Duration = Duration::from_secs(10 * 60);

pub(super) struct Door {
    address: Address,
    logins: Arc<dyn Logins>,
    pool: PgPool,
    patience: Duration,
    asked: Mutex<Option<Instant>>,
}

impl Door {
    pub(super) fn new(address: Address, logins: Arc<dyn Logins>, patience: Duration) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .min_connections(0)
            .acquire_timeout(patience)
            .test_before_acquire(false)
            .before_acquire(|connection, rest| {
                Box::pin(async move {
                    if rest.idle_for > RESTED {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_lazy_with(address.options(&Login { user: None, password: None }));
        Self { address, logins, pool, patience, asked: Mutex::default() }
    }

    /// A connection of this process, a new one where none is free.
    pub(super) async fn connection(&self) -> StoreResult<PoolConnection<Postgres>> {
        self.ask(false).await?;
        let opened = match self.pool.acquire().await {
            // The password was changed, or a token came too late.
            Err(error) if is_refused(&error) => {
                self.ask(true).await?;
                self.pool.acquire().await
            }
            other => other,
        };
        opened.map_err(|error| match error {
            sqlx::Error::PoolTimedOut => StoreError::Unavailable(format!(
                "{} gave no connection within {} s: it does not answer, or all {CONNECTIONS} of this process are busy",
                self.address.host(),
                self.patience.as_secs(),
            )),
            other => fault(other),
        })
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }

    /// Asks who opens connections, where one may have to be opened and what was said is old.
    async fn ask(&self, refused: bool) -> StoreResult<()> {
        let mut asked = self.asked.lock().await;
        let fresh = asked.is_some_and(|asked| asked.elapsed() < FRESH);
        if !refused && (fresh || (asked.is_some() && self.pool.num_idle() > 0)) {
            return Ok(());
        }
        let login = self.logins.login().await?;
        self.pool.set_connect_options(self.address.options(&login));
        *asked = Some(Instant::now());
        Ok(())
    }
}
