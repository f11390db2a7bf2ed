//! The keys that sign. Whoever may read the table may sign, so only the programs of a deployment may.

use async_trait::async_trait;
use synapscribe_domain::Timestamp;
use synapscribe_ports::StoreResult;
use synapscribe_ports::accounts::{Keys, SigningKey};

use crate::postgres::PostgresLibrary;
use crate::postgres::fault::fault;

#[async_trait]
impl Keys for PostgresLibrary {
    async fn signing_keys(&self) -> StoreResult<Vec<SigningKey>> {
        let rows: Vec<(String, i64, Vec<u8>)> = sqlx::query_as("SELECT kid, made, pkcs8 FROM signing_keys ORDER BY n")
            .fetch_all(&mut *self.connection().await?)
            .await
            .map_err(fault)?;
        Ok(rows.into_iter().map(|(kid, made, pkcs8)| SigningKey { kid, made: Timestamp(made), pkcs8 }).collect())
    }

    async fn add_signing_key(&self, key: &SigningKey, after: Option<&str>) -> StoreResult<bool> {
        let mut tx = self.begin().await?;
        // Whoever comes at the same time waits, and finds that there is one.
        sqlx::query("LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE").execute(&mut *tx).await.map_err(fault)?;
        let newest: Option<String> = sqlx::query_scalar("SELECT kid FROM signing_keys ORDER BY n DESC LIMIT 1")
            .fetch_optional(&mut *tx)
            .await
            .map_err(fault)?;
        if newest.as_deref() != after {
            return Ok(false);
        }
        sqlx::query("INSERT INTO signing_keys (kid, made, pkcs8) VALUES ($1, $2, $3)")
            .bind(&key.kid)
            .bind(key.made.0)
            .bind(&key.pkcs8)
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        tx.commit().await.map_err(fault)?;
        Ok(true)
    }

    async fn forget_signing_keys(&self, before: Timestamp) -> StoreResult<u64> {
        let gone = sqlx::query("DELETE FROM signing_keys WHERE made < $1 AND n < (SELECT max(n) FROM signing_keys)")
            .bind(before.0)
            .execute(&mut *self.connection().await?)
            .await
            .map_err(fault)?;
        Ok(gone.rows_affected())
    }
}
