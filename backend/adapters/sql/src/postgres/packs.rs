//! Packs, their cards, and the classes that are shown them. It knows no role.

use async_trait::async_trait;
use sqlx::PgConnection;
use synapscribe_domain::pack::Counted;
use synapscribe_domain::{Card, CardId, ClassId, Pack, PackId, PersonId, QueryId, SessionId, Timestamp, Visibility};
use synapscribe_ports::{CardChange, Kept, PackChange, Packs, StoreError, StoreResult};

use super::PostgresLibrary;
use super::classes::number as class_number;
use super::fault::fault;
use crate::packs::{PackRow, counted};
use crate::store::{from_json, to_json};

#[async_trait]
impl Packs for PostgresLibrary {
    async fn add_pack(&self, pack: &Pack) -> StoreResult<()> {
        sqlx::query("INSERT INTO packs (id, owner, public, title, created) VALUES ($1, $2, $3, $4, $5)")
            .bind(pack.id.as_str())
            .bind(pack.owner.as_str())
            .bind(pack.visibility == Visibility::Public)
            .bind(&pack.title)
            .bind(pack.created.0)
            .execute(&mut *self.connection().await?)
            .await
            .map_err(fault)?;
        Ok(())
    }

    async fn change_pack(&self, id: &PackId, change: &PackChange<'_>) -> StoreResult<Counted> {
        let mut work = self.begin().await?;
        let row: Option<PackRow> = sqlx::query_as(
            "SELECT p.id, p.owner, p.public, p.title, p.created, (SELECT count(*) FROM cards c WHERE c.pack = p.n)
             FROM packs p WHERE p.id = $1 FOR UPDATE",
        )
        .bind(id.as_str())
        .fetch_optional(&mut *work)
        .await
        .map_err(fault)?;
        let mut found = counted(row.ok_or(StoreError::Gone)?)?;
        change(&mut found.pack);
        sqlx::query("UPDATE packs SET owner = $2, public = $3, title = $4, created = $5 WHERE id = $1")
            .bind(id.as_str())
            .bind(found.pack.owner.as_str())
            .bind(found.pack.visibility == Visibility::Public)
            .bind(&found.pack.title)
            .bind(found.pack.created.0)
            .execute(&mut *work)
            .await
            .map_err(fault)?;
        work.commit().await.map_err(fault)?;
        Ok(found)
    }

    async fn pack(&self, id: &PackId) -> StoreResult<Option<Counted>> {
        let row: Option<PackRow> = sqlx::query_as(
            "SELECT p.id, p.owner, p.public, p.title, p.created, (SELECT count(*) FROM cards c WHERE c.pack = p.n)
             FROM packs p WHERE p.id = $1",
        )
        .bind(id.as_str())
        .fetch_optional(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        row.map(counted).transpose()
    }

    async fn packs(&self, person: &PersonId) -> StoreResult<Vec<Counted>> {
        let rows: Vec<PackRow> = sqlx::query_as(
            "SELECT p.id, p.owner, p.public, p.title, p.created, (SELECT count(*) FROM cards c WHERE c.pack = p.n)
             FROM packs p WHERE p.public OR p.owner = $1 OR p.n IN (SELECT pack FROM shown_packs WHERE person = $1)
             ORDER BY p.created DESC, p.id DESC",
        )
        .bind(person.as_str())
        .fetch_all(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        rows.into_iter().map(counted).collect()
    }

    async fn packs_of(&self, owner: &PersonId) -> StoreResult<Vec<Counted>> {
        let rows: Vec<PackRow> = sqlx::query_as(
            "SELECT p.id, p.owner, p.public, p.title, p.created, (SELECT count(*) FROM cards c WHERE c.pack = p.n)
             FROM packs p WHERE p.owner = $1 ORDER BY p.created DESC, p.id DESC",
        )
        .bind(owner.as_str())
        .fetch_all(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        rows.into_iter().map(counted).collect()
    }

    async fn delete_pack(&self, id: &PackId) -> StoreResult<()> {
        let gone = sqlx::query("DELETE FROM packs WHERE id = $1").bind(id.as_str());
        gone.execute(&mut *self.connection().await?).await.map_err(fault)?;
        Ok(())
    }

    async fn keep_card(&self, id: &PackId, card: &Card, turn: Option<(&SessionId, &QueryId)>, most: usize) -> StoreResult<Kept> {
        let mut work = self.begin().await?;
        let pack = number(&mut work, id).await?.ok_or(StoreError::Gone)?;
        let (session, query) = turn.map(|(session, query)| (session.as_str(), query.as_str())).unzip();
        let there: Option<String> =
            sqlx::query_scalar("SELECT record FROM cards WHERE pack = $1 AND session = $2 AND query = $3")
                .bind(pack)
                .bind(session)
                .bind(query)
                .fetch_optional(&mut *work)
                .await
                .map_err(fault)?;
        if let Some(there) = there {
            return from_json(&there).map(Kept::There);
        }
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM cards WHERE pack = $1")
            .bind(pack)
            .fetch_one(&mut *work)
            .await
            .map_err(fault)?;
        if usize::try_from(count).is_ok_and(|count| count >= most) {
            return Ok(Kept::Full);
        }
        sqlx::query("INSERT INTO cards (pack, id, session, query, record) VALUES ($1, $2, $3, $4, $5)")
            .bind(pack)
            .bind(card.id.as_str())
            .bind(session)
            .bind(query)
            .bind(to_json(card)?)
            .execute(&mut *work)
            .await
            .map_err(fault)?;
        work.commit().await.map_err(fault)?;
        Ok(Kept::New)
    }

    async fn change_card(&self, id: &PackId, card: &CardId, change: &CardChange<'_>) -> StoreResult<Card> {
        let mut work = self.begin().await?;
        let pack = number(&mut work, id).await?.ok_or(StoreError::Gone)?;
        let record: Option<String> = sqlx::query_scalar("SELECT record FROM cards WHERE pack = $1 AND id = $2")
            .bind(pack)
            .bind(card.as_str())
            .fetch_optional(&mut *work)
            .await
            .map_err(fault)?;
        let mut found: Card = from_json(&record.ok_or(StoreError::Gone)?)?;
        change(&mut found);
        sqlx::query("UPDATE cards SET record = $3 WHERE pack = $1 AND id = $2")
            .bind(pack)
            .bind(card.as_str())
            .bind(to_json(&found)?)
            .execute(&mut *work)
            .await
            .map_err(fault)?;
        work.commit().await.map_err(fault)?;
        Ok(found)
    }

    async fn remove_card(&self, id: &PackId, card: &CardId) -> StoreResult<bool> {
        let removed = sqlx::query("DELETE FROM cards c USING packs p WHERE p.n = c.pack AND p.id = $1 AND c.id = $2")
            .bind(id.as_str())
            .bind(card.as_str())
            .execute(&mut *self.connection().await?)
            .await
            .map_err(fault)?;
        Ok(removed.rows_affected() > 0)
    }

    async fn cards(&self, id: &PackId) -> StoreResult<Vec<Card>> {
        let records: Vec<String> =
            sqlx::query_scalar("SELECT c.record FROM cards c JOIN packs p ON p.n = c.pack WHERE p.id = $1 ORDER BY c.n")
                .bind(id.as_str())
                .fetch_all(&mut *self.connection().await?)
                .await
                .map_err(fault)?;
        records.iter().map(|record| from_json(record)).collect()
    }

    async fn show_pack(&self, class: &ClassId, pack: &PackId, now: Timestamp) -> StoreResult<()> {
        let mut work = self.begin().await?;
        let pack = number(&mut work, pack).await?.ok_or(StoreError::Gone)?;
        let class = class_number(&mut work, class).await?.ok_or(StoreError::Gone)?;
        sqlx::query("INSERT INTO class_packs (class, pack, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .bind(class)
            .bind(pack)
            .bind(now.0)
            .execute(&mut *work)
            .await
            .map_err(fault)?;
        work.commit().await.map_err(fault)
    }

    async fn hide_pack(&self, class: &ClassId, pack: &PackId) -> StoreResult<bool> {
        let hidden = sqlx::query(
            "DELETE FROM class_packs x USING classes c, packs p
             WHERE c.n = x.class AND p.n = x.pack AND c.id = $1 AND p.id = $2",
        )
        .bind(class.as_str())
        .bind(pack.as_str())
        .execute(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        Ok(hidden.rows_affected() > 0)
    }

    async fn packs_shown(&self, class: &ClassId) -> StoreResult<Vec<Counted>> {
        let rows: Vec<PackRow> = sqlx::query_as(
            "SELECT p.id, p.owner, p.public, p.title, p.created, (SELECT count(*) FROM cards c WHERE c.pack = p.n)
             FROM class_packs x JOIN classes c ON c.n = x.class JOIN packs p ON p.n = x.pack
             WHERE c.id = $1 ORDER BY x.since DESC, p.id",
        )
        .bind(class.as_str())
        .fetch_all(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        rows.into_iter().map(counted).collect()
    }

    async fn is_pack_shown_to(&self, pack: &PackId, person: &PersonId) -> StoreResult<bool> {
        sqlx::query_scalar(
            "SELECT EXISTS (SELECT FROM shown_packs x JOIN packs p ON p.n = x.pack WHERE p.id = $1 AND x.person = $2)",
        )
        .bind(pack.as_str())
        .bind(person.as_str())
        .fetch_one(&mut *self.connection().await?)
        .await
        .map_err(fault)
    }
}

/// Finds a pack's number and keeps everybody else from changing it until the transaction ends.
async fn number(work: &mut PgConnection, id: &PackId) -> StoreResult<Option<i64>> {
    let found = sqlx::query_scalar("SELECT n FROM packs WHERE id = $1 FOR UPDATE").bind(id.as_str());
    found.fetch_optional(work).await.map_err(fault)
}
