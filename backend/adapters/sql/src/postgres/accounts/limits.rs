//! How often something was done. It knows keys only.

use async_trait::async_trait;
use synapscribe_domain::Timestamp;
use synapscribe_domain::account::{Rate, Taken};
use synapscribe_ports::StoreResult;
use synapscribe_ports::accounts::Limits;

use crate::postgres::PostgresLibrary;
use crate::postgres::fault::fault;

#[async_trait]
impl Limits for PostgresLibrary {
    async fn take(&self, key: &str, rate: Rate, now: Timestamp) -> StoreResult<Taken> {
        let mut tx = self.begin().await?;
        // A key that nobody knows yet is made first, because only a row that is there can be held.
        sqlx::query("INSERT INTO rate_limits (key, free) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING")
            .bind(key)
            .bind(now.0)
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        let kept: i64 = sqlx::query_scalar("SELECT free FROM rate_limits WHERE key = $1 FOR UPDATE")
            .bind(key)
            .fetch_one(&mut *tx)
            .await
            .map_err(fault)?;
        let taken = rate.take(Some(Timestamp(kept)), now);
        if let Taken::Allowed(free) = taken {
            sqlx::query("UPDATE rate_limits SET free = $2 WHERE key = $1")
                .bind(key)
                .bind(free.0)
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
            tx.commit().await.map_err(fault)?;
        }
        Ok(taken)
    }

    async fn forget(&self, now: Timestamp) -> StoreResult<u64> {
        let gone = sqlx::query("DELETE FROM rate_limits WHERE free <= $1")
            .bind(now.0)
            .execute(&mut *self.connection().await?)
            .await
            .map_err(fault)?;
        Ok(gone.rows_affected())
    }
}
