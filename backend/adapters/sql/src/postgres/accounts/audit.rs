//! The record of security events.

use async_trait::async_trait;
use synapscribe_domain::Timestamp;
use synapscribe_domain::account::{AccountId, SecurityEvent};
use synapscribe_ports::StoreResult;
use synapscribe_ports::accounts::Audit;

use crate::postgres::PostgresLibrary;
use crate::postgres::fault::fault;
use crate::store::{from_json, to_json};

#[async_trait]
impl Audit for PostgresLibrary {
    async fn record(&self, event: &SecurityEvent) -> StoreResult<()> {
        sqlx::query("INSERT INTO security_events (at, account, record) VALUES ($1, $2, $3::jsonb)")
            .bind(event.at.0)
            .bind(event.account.as_ref().map(AccountId::as_str))
            .bind(to_json(event)?)
            .execute(&mut *self.connection().await?)
            .await
            .map_err(fault)?;
        Ok(())
    }

    async fn events(&self, account: Option<&AccountId>, before: Option<Timestamp>, most: u32) -> StoreResult<Vec<SecurityEvent>> {
        let records: Vec<String> = sqlx::query_scalar(
            "SELECT record::text FROM security_events WHERE ($1::text IS NULL OR account = $1) AND at < $2
             ORDER BY at DESC, n DESC LIMIT $3",
        )
        .bind(account.map(AccountId::as_str))
        .bind(before.map_or(i64::MAX, |before| before.0))
        .bind(i64::from(most))
        .fetch_all(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        records.iter().map(|record| from_json(record)).collect()
    }

    async fn unname(&self, account: &AccountId) -> StoreResult<()> {
        sqlx::query(
            r#"UPDATE security_events SET account = NULL,
                 record = record || '{"account": null, "sign_in": null}'
             WHERE account = $1"#,
        )
        .bind(account.as_str())
        .execute(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        Ok(())
    }

    async fn forget(&self, before: Timestamp) -> StoreResult<u64> {
        let gone = sqlx::query("DELETE FROM security_events WHERE at < $1")
            .bind(before.0)
            .execute(&mut *self.connection().await?)
            .await
            .map_err(fault)?;
        Ok(gone.rows_affected())
    }
}
