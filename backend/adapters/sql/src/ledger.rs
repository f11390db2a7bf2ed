//! Claims on work by key. It knows nothing of the work.

use async_trait::async_trait;
use synapscribe_domain::Timestamp;
use synapscribe_ports::{Claim, Ledger, StoreResult};

use crate::sqlite::fault;
use crate::store::Store;

/// A claim that was given back keeps its place in the order and can be taken by anybody at once.
const FREE: i64 = i64::MIN;

#[async_trait]
impl Ledger for Store {
    async fn claim(&self, key: &str, order: &str, now: Timestamp, until: Timestamp) -> StoreResult<Claim> {
        let mut tx = self.begin().await?;
        let held: Option<(String, Option<String>, i64)> = sqlx::query_as("SELECT ord, note, until FROM ledger WHERE key = $1")
            .bind(key)
            .fetch_optional(&mut *tx)
            .await
            .map_err(fault)?;
        if let Some((held_order, note, held_until)) = held {
            match (order.cmp(held_order.as_str()), note) {
                (std::cmp::Ordering::Less, _) => return Ok(Claim::Outdated),
                (std::cmp::Ordering::Equal, Some(note)) => return Ok(Claim::Done(note)),
                (std::cmp::Ordering::Equal, None) if held_until > now.0 => return Ok(Claim::InProgress),
                // An abandoned claim is taken over, and a newer event takes the place of an older one.
                (std::cmp::Ordering::Equal | std::cmp::Ordering::Greater, _) => {}
            }
        }
        sqlx::query(
            "INSERT INTO ledger (key, ord, note, until, claimed) VALUES ($1, $2, NULL, $3, $4)
             ON CONFLICT (key) DO UPDATE SET ord = excluded.ord, note = NULL, until = excluded.until, claimed = excluded.claimed",
        )
        .bind(key)
        .bind(order)
        .bind(until.0)
        .bind(now.0)
        .execute(&mut *tx)
        .await
        .map_err(fault)?;
        tx.commit().await.map_err(fault)?;
        Ok(Claim::Granted)
    }

    async fn finish(&self, key: &str, order: &str, note: &str) -> StoreResult<()> {
        sqlx::query("UPDATE ledger SET note = $3 WHERE key = $1 AND ord = $2 AND note IS NULL")
            .bind(key)
            .bind(order)
            .bind(note)
            .execute(self.writer())
            .await
            .map_err(fault)?;
        Ok(())
    }

    async fn release(&self, key: &str, order: &str) -> StoreResult<()> {
        sqlx::query("UPDATE ledger SET until = $3 WHERE key = $1 AND ord = $2 AND note IS NULL")
            .bind(key)
            .bind(order)
            .bind(FREE)
            .execute(self.writer())
            .await
            .map_err(fault)?;
        Ok(())
    }

    async fn forget(&self, before: Timestamp) -> StoreResult<u64> {
        let gone = sqlx::query("DELETE FROM ledger WHERE claimed < $1 AND (until <= $1 OR note IS NOT NULL)")
            .bind(before.0)
            .execute(self.writer())
            .await
            .map_err(fault)?;
        Ok(gone.rows_affected())
    }
}
