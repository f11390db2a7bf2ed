//! Sign-ins. A token is presented while its row is held, so that of many processes one renews.

use async_trait::async_trait;
use sqlx::PgConnection;
use synapscribe_domain::account::{AccountId, Digest, Next, Place, Presented, SignIn, SignInId, Why};
use synapscribe_domain::{PersonId, Timestamp};
use synapscribe_ports::StoreResult;
use synapscribe_ports::accounts::SignIns;

use crate::postgres::PostgresLibrary;
use crate::postgres::fault::fault;
use crate::store::{from_json, to_json};

#[async_trait]
impl SignIns for PostgresLibrary {
    async fn begin(&self, sign_in: &SignIn) -> StoreResult<()> {
        sqlx::query("INSERT INTO sign_ins (id, account, used, expires, ended, record) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(sign_in.id.as_str())
            .bind(sign_in.account.as_str())
            .bind(sign_in.used.0)
            .bind(sign_in.expires.0)
            .bind(sign_in.ended.map(|(at, _)| at.0))
            .bind(to_json(sign_in)?)
            .execute(&mut *self.connection().await?)
            .await
            .map_err(fault)?;
        Ok(())
    }

    async fn present(
        &self,
        id: &SignInId,
        token: &Digest,
        next: &Next,
        place: &Place,
        now: Timestamp,
    ) -> StoreResult<Option<(SignIn, Presented)>> {
        let mut tx = PostgresLibrary::begin(self).await?;
        let Some(mut sign_in) = find(&mut tx, id).await? else { return Ok(None) };
        let before = sign_in.clone();
        let presented = sign_in.present(token, next, now);
        if presented == Presented::Renewed {
            sign_in.place = place.clone();
        }
        if sign_in != before {
            save(&mut tx, &sign_in).await?;
            tx.commit().await.map_err(fault)?;
        }
        Ok(Some((sign_in, presented)))
    }

    async fn sign_in(&self, id: &SignInId) -> StoreResult<Option<SignIn>> {
        let record: Option<String> = sqlx::query_scalar("SELECT record FROM sign_ins WHERE id = $1")
            .bind(id.as_str())
            .fetch_optional(&mut *self.connection().await?)
            .await
            .map_err(fault)?;
        record.as_deref().map(from_json).transpose()
    }

    async fn of(&self, account: &AccountId, now: Timestamp) -> StoreResult<Vec<SignIn>> {
        let records: Vec<String> = sqlx::query_scalar(
            "SELECT record FROM sign_ins WHERE account = $1 AND ended IS NULL AND expires > $2 ORDER BY used DESC, id DESC",
        )
        .bind(account.as_str())
        .bind(now.0)
        .fetch_all(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        records.iter().map(|record| from_json(record)).collect()
    }

    async fn end(&self, account: &AccountId, id: &SignInId, why: Why, now: Timestamp) -> StoreResult<bool> {
        let mut tx = PostgresLibrary::begin(self).await?;
        let found = find(&mut tx, id).await?.filter(|sign_in| sign_in.account == *account && sign_in.lasts(now));
        let Some(mut sign_in) = found else { return Ok(false) };
        sign_in.end(why, now);
        save(&mut tx, &sign_in).await?;
        tx.commit().await.map_err(fault)?;
        Ok(true)
    }

    async fn end_all(&self, account: &AccountId, why: Why, now: Timestamp) -> StoreResult<Vec<SignInId>> {
        let mut tx = PostgresLibrary::begin(self).await?;
        let mut ended = Vec::new();
        for mut sign_in in all(&mut tx, account).await?.into_iter().filter(|sign_in| sign_in.lasts(now)) {
            sign_in.end(why, now);
            save(&mut tx, &sign_in).await?;
            ended.push(sign_in.id);
        }
        tx.commit().await.map_err(fault)?;
        Ok(ended)
    }

    async fn ended_since(&self, since: Timestamp) -> StoreResult<Vec<SignInId>> {
        let ids: Vec<String> = sqlx::query_scalar("SELECT id FROM sign_ins WHERE ended >= $1")
            .bind(since.0)
            .fetch_all(&mut *self.connection().await?)
            .await
            .map_err(fault)?;
        Ok(ids.into_iter().filter_map(|id| SignInId::parse(id).ok()).collect())
    }

    async fn erase(&self, account: &AccountId, departed: &PersonId) -> StoreResult<()> {
        let mut tx = PostgresLibrary::begin(self).await?;
        for mut sign_in in all(&mut tx, account).await? {
            sign_in.erase(departed);
            save(&mut tx, &sign_in).await?;
        }
        tx.commit().await.map_err(fault)
    }

    async fn has_departed(&self, person: &PersonId, since: Timestamp) -> StoreResult<bool> {
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM sign_ins WHERE ended >= $1 AND record::jsonb ->> 'departed' = $2)")
            .bind(since.0)
            .bind(person.as_str())
            .fetch_one(&mut *self.connection().await?)
            .await
            .map_err(fault)
    }

    async fn forget(&self, before: Timestamp) -> StoreResult<u64> {
        let gone = sqlx::query("DELETE FROM sign_ins WHERE least(ended, expires) < $1")
            .bind(before.0)
            .execute(&mut *self.connection().await?)
            .await
            .map_err(fault)?;
        Ok(gone.rows_affected())
    }
}

async fn find(tx: &mut PgConnection, id: &SignInId) -> StoreResult<Option<SignIn>> {
    let record: Option<String> = sqlx::query_scalar("SELECT record FROM sign_ins WHERE id = $1 FOR UPDATE")
        .bind(id.as_str())
        .fetch_optional(&mut *tx)
        .await
        .map_err(fault)?;
    record.as_deref().map(from_json).transpose()
}

async fn all(tx: &mut PgConnection, account: &AccountId) -> StoreResult<Vec<SignIn>> {
    let records: Vec<String> = sqlx::query_scalar("SELECT record FROM sign_ins WHERE account = $1 ORDER BY id FOR UPDATE")
        .bind(account.as_str())
        .fetch_all(&mut *tx)
        .await
        .map_err(fault)?;
    records.iter().map(|record| from_json(record)).collect()
}

async fn save(tx: &mut PgConnection, sign_in: &SignIn) -> StoreResult<()> {
    sqlx::query("UPDATE sign_ins SET used = $2, ended = $3, record = $4 WHERE id = $1")
        .bind(sign_in.id.as_str())
        .bind(sign_in.used.0)
        .bind(sign_in.ended.map(|(at, _)| at.0))
        .bind(to_json(sign_in)?)
        .execute(&mut *tx)
        .await
        .map_err(fault)?;
    Ok(())
}
