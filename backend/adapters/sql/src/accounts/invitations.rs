//! Invitations, used within transactions, so that no more get in than one says.

use async_trait::async_trait;
use sqlx::{Sqlite, Transaction};
use synapscribe_domain::Timestamp;
use synapscribe_domain::account::{AccountId, Digest, Invitation, InvitationId};
use synapscribe_ports::StoreResult;
use synapscribe_ports::accounts::{Invitations, Redeemed};

use crate::sqlite::fault;
use crate::store::{Store, from_json, to_json};

#[async_trait]
impl Invitations for Store {
    async fn invite(&self, invitation: &Invitation) -> StoreResult<()> {
        sqlx::query("INSERT INTO invitations (id, digest, record) VALUES ($1, $2, $3)")
            .bind(invitation.id.as_str())
            .bind(invitation.digest.0.as_slice())
            .bind(to_json(invitation)?)
            .execute(self.writer())
            .await
            .map_err(fault)?;
        Ok(())
    }

    async fn invitations(&self) -> StoreResult<Vec<Invitation>> {
        let records: Vec<String> =
            sqlx::query_scalar("SELECT record FROM invitations ORDER BY n DESC").fetch_all(self.reader()).await.map_err(fault)?;
        records.iter().map(|record| from_json(record)).collect()
    }

    async fn redeem(&self, code: &Digest, now: Timestamp) -> StoreResult<Redeemed> {
        let mut tx = self.begin().await?;
        let record: Option<String> = sqlx::query_scalar("SELECT record FROM invitations WHERE digest = $1")
            .bind(code.0.as_slice())
            .fetch_optional(&mut *tx)
            .await
            .map_err(fault)?;
        let Some(record) = record else { return Ok(Redeemed::Unknown) };
        let mut invitation: Invitation = from_json(&record)?;
        match invitation.admit(now) {
            Ok(role) => {
                save(&mut tx, &invitation).await?;
                tx.commit().await.map_err(fault)?;
                Ok(Redeemed::In(invitation.id, role))
            }
            Err(why) => Ok(Redeemed::Out(why)),
        }
    }

    async fn give_back(&self, id: &InvitationId) -> StoreResult<()> {
        self.change(id, Invitation::give_back).await?;
        Ok(())
    }

    async fn unname(&self, by: &AccountId) -> StoreResult<()> {
        for one in self.invitations().await?.into_iter().filter(|one| one.by.as_ref() == Some(by)) {
            self.change(&one.id, |invitation| invitation.by = None).await?;
        }
        Ok(())
    }

    async fn revoke(&self, id: &InvitationId, now: Timestamp) -> StoreResult<bool> {
        self.change(id, |invitation| invitation.revoked = invitation.revoked.or(Some(now))).await
    }
}

impl Store {
    async fn change(&self, id: &InvitationId, change: impl FnOnce(&mut Invitation) + Send) -> StoreResult<bool> {
        let mut tx = self.begin().await?;
        let record: Option<String> = sqlx::query_scalar("SELECT record FROM invitations WHERE id = $1")
            .bind(id.as_str())
            .fetch_optional(&mut *tx)
            .await
            .map_err(fault)?;
        let Some(record) = record else { return Ok(false) };
        let mut invitation: Invitation = from_json(&record)?;
        change(&mut invitation);
        save(&mut tx, &invitation).await?;
        tx.commit().await.map_err(fault)?;
        Ok(true)
    }
}

async fn save(tx: &mut Transaction<'static, Sqlite>, invitation: &Invitation) -> StoreResult<()> {
    sqlx::query("UPDATE invitations SET record = $2 WHERE id = $1")
        .bind(invitation.id.as_str())
        .bind(to_json(invitation)?)
        .execute(&mut **tx)
        .await
        .map_err(fault)?;
    Ok(())
}
