//! How often something was done. It knows keys only.

use async_trait::async_trait;
use synapscribe_domain::Timestamp;
use synapscribe_domain::account::{Rate, Taken};
use synapscribe_ports::StoreResult;
use synapscribe_ports::accounts::Limits;

use crate::sqlite::fault;
use crate::store::Store;

#[async_trait]
impl Limits for Store {
    async fn take(&self, key: &str, rate: Rate, now: Timestamp) -> StoreResult<Taken> {
        let mut tx = self.begin().await?;
        let kept: Option<i64> = sqlx::query_scalar("SELECT free FROM rate_limits WHERE key = $1")
            .bind(key)
            .fetch_optional(&mut *tx)
            .await
            .map_err(fault)?;
        let taken = rate.take(kept.map(Timestamp), now);
        if let Taken::Allowed(free) = taken {
            sqlx::query(
                "INSERT INTO rate_limits (key, free) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET free = excluded.free",
            )
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
        let gone =
            sqlx::query("DELETE FROM rate_limits WHERE free <= $1").bind(now.0).execute(self.writer()).await.map_err(fault)?;
        Ok(gone.rows_affected())
    }
}
