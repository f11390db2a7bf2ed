//! The record of security events.

use async_trait::async_trait;
use synapscribe_domain::Timestamp;
use synapscribe_domain::account::{AccountId, SecurityEvent};
use synapscribe_ports::StoreResult;
use synapscribe_ports::accounts::{Audit, Before};

use crate::sqlite::fault;
use crate::store::{Store, from_json, to_json};

#[async_trait]
impl Audit for Store {
    async fn record(&self, event: &SecurityEvent) -> StoreResult<()> {
        sqlx::query("INSERT INTO security_events (at, account, record) VALUES ($1, $2, $3)")
            .bind(event.at.0)
            .bind(event.account.as_ref().map(AccountId::as_str))
            .bind(to_json(event)?)
            .execute(self.writer())
            .await
            .map_err(fault)?;
        Ok(())
    }

    async fn events(
        &self,
        account: Option<&AccountId>,
        before: Option<Before>,
        most: u32,
    ) -> StoreResult<Vec<(i64, SecurityEvent)>> {
        let records: Vec<(i64, String)> = sqlx::query_as(
            "SELECT n, record FROM security_events
             WHERE ($1 IS NULL OR (account = $1
                 AND json_extract(record, '$.what') NOT IN ('sign_in_refused', 'code_refused', 'reset_asked')))
                 AND (at, n) < ($2, $3)
             ORDER BY at DESC, n DESC LIMIT $4",
        )
        .bind(account.map(AccountId::as_str))
        .bind(before.map_or(i64::MAX, |before| before.at.0))
        .bind(before.map_or(i64::MAX, |before| before.number))
        .bind(most)
        .fetch_all(self.reader())
        .await
        .map_err(fault)?;
        records.iter().map(|(number, record)| Ok((*number, from_json(record)?))).collect()
    }

    async fn unname(&self, account: &AccountId) -> StoreResult<()> {
        sqlx::query(
            "UPDATE security_events SET account = NULL,
                 record = json_set(record, '$.account', json('null'), '$.sign_in', json('null'))
             WHERE account = $1",
        )
        .bind(account.as_str())
        .execute(self.writer())
        .await
        .map_err(fault)?;
        Ok(())
    }

    async fn forget(&self, before: Timestamp) -> StoreResult<u64> {
        let gone = sqlx::query("DELETE FROM security_events WHERE at < $1")
            .bind(before.0)
            .execute(self.writer())
            .await
            .map_err(fault)?;
        Ok(gone.rows_affected())
    }
}
