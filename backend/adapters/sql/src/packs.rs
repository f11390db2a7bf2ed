//! Packs, their cards, and the classes that are shown them. It knows no role.

use async_trait::async_trait;
use sqlx::{Sqlite, Transaction};
use synapscribe_domain::pack::Counted;
use synapscribe_domain::{Card, CardId, ClassId, Pack, PackId, PersonId, QueryId, SessionId, Timestamp, Visibility};
use synapscribe_ports::{CardChange, Kept, PackChange, Packs, StoreError, StoreResult};

use crate::classes::{odd, person};
use crate::sqlite::fault;
use crate::store::{Store, from_json, to_json};

/// A pack as both databases give it: its name, whose it is, whether everybody sees it, its title, when it was made, how many cards it
/// holds.
pub(crate) type PackRow = (String, String, bool, String, i64, i64);

#[async_trait]
impl Packs for Store {
    async fn add_pack(&self, pack: &Pack) -> StoreResult<()> {
        sqlx::query("INSERT INTO packs (id, owner, public, title, created) VALUES ($1, $2, $3, $4, $5)")
            .bind(pack.id.as_str())
            .bind(pack.owner.as_str())
            .bind(pack.visibility == Visibility::Public)
            .bind(&pack.title)
            .bind(pack.created.0)
            .execute(self.writer())
            .await
            .map_err(fault)?;
        Ok(())
    }

    async fn change_pack(&self, id: &PackId, change: &PackChange<'_>) -> StoreResult<Counted> {
        let mut tx = self.begin().await?;
        let row: Option<PackRow> = sqlx::query_as(
            "SELECT id, owner, public, title, created, (SELECT count(*) FROM cards c WHERE c.pack = p.id)
             FROM packs p WHERE id = $1",
        )
        .bind(id.as_str())
        .fetch_optional(&mut *tx)
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
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        tx.commit().await.map_err(fault)?;
        Ok(found)
    }

    async fn pack(&self, id: &PackId) -> StoreResult<Option<Counted>> {
        let row: Option<PackRow> = sqlx::query_as(
            "SELECT id, owner, public, title, created, (SELECT count(*) FROM cards c WHERE c.pack = p.id)
             FROM packs p WHERE id = $1",
        )
        .bind(id.as_str())
        .fetch_optional(self.reader())
        .await
        .map_err(fault)?;
        row.map(counted).transpose()
    }

    async fn packs(&self, person: &PersonId) -> StoreResult<Vec<Counted>> {
        let rows: Vec<PackRow> = sqlx::query_as(
            "SELECT id, owner, public, title, created, (SELECT count(*) FROM cards c WHERE c.pack = p.id)
             FROM packs p WHERE public OR owner = $1 OR id IN (SELECT pack FROM shown_packs WHERE person = $1)
             ORDER BY created DESC, id DESC",
        )
        .bind(person.as_str())
        .fetch_all(self.reader())
        .await
        .map_err(fault)?;
        rows.into_iter().map(counted).collect()
    }

    async fn packs_of(&self, owner: &PersonId) -> StoreResult<Vec<Counted>> {
        let rows: Vec<PackRow> = sqlx::query_as(
            "SELECT id, owner, public, title, created, (SELECT count(*) FROM cards c WHERE c.pack = p.id)
             FROM packs p WHERE owner = $1 ORDER BY created DESC, id DESC",
        )
        .bind(owner.as_str())
        .fetch_all(self.reader())
        .await
        .map_err(fault)?;
        rows.into_iter().map(counted).collect()
    }

    async fn delete_pack(&self, id: &PackId) -> StoreResult<()> {
        let gone = sqlx::query("DELETE FROM packs WHERE id = $1").bind(id.as_str());
        gone.execute(self.writer()).await.map_err(fault)?;
        Ok(())
    }

    async fn keep_card(&self, id: &PackId, card: &Card, turn: Option<(&SessionId, &QueryId)>, most: usize) -> StoreResult<Kept> {
        let mut tx = self.begin().await?;
        let (session, query) = turn.map(|(session, query)| (session.as_str(), query.as_str())).unzip();
        let there: Option<String> =
            sqlx::query_scalar("SELECT record FROM cards WHERE pack = $1 AND session = $2 AND query = $3")
                .bind(id.as_str())
                .bind(session)
                .bind(query)
                .fetch_optional(&mut *tx)
                .await
                .map_err(fault)?;
        if let Some(there) = there {
            return from_json(&there).map(Kept::There);
        }
        if number_of_cards(&mut tx, id).await? >= most {
            return Ok(Kept::Full);
        }
        // A pack that is not there is a row that refers to none, which is gone.
        sqlx::query("INSERT INTO cards (pack, id, session, query, record) VALUES ($1, $2, $3, $4, $5)")
            .bind(id.as_str())
            .bind(card.id.as_str())
            .bind(session)
            .bind(query)
            .bind(to_json(card)?)
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        tx.commit().await.map_err(fault)?;
        Ok(Kept::New)
    }

    async fn change_card(&self, id: &PackId, card: &CardId, change: &CardChange<'_>) -> StoreResult<Card> {
        let mut tx = self.begin().await?;
        let record: Option<String> = sqlx::query_scalar("SELECT record FROM cards WHERE pack = $1 AND id = $2")
            .bind(id.as_str())
            .bind(card.as_str())
            .fetch_optional(&mut *tx)
            .await
            .map_err(fault)?;
        let mut found: Card = from_json(&record.ok_or(StoreError::Gone)?)?;
        change(&mut found);
        sqlx::query("UPDATE cards SET record = $3 WHERE pack = $1 AND id = $2")
            .bind(id.as_str())
            .bind(card.as_str())
            .bind(to_json(&found)?)
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        tx.commit().await.map_err(fault)?;
        Ok(found)
    }

    async fn remove_card(&self, id: &PackId, card: &CardId) -> StoreResult<bool> {
        let removed = sqlx::query("DELETE FROM cards WHERE pack = $1 AND id = $2")
            .bind(id.as_str())
            .bind(card.as_str())
            .execute(self.writer())
            .await
            .map_err(fault)?;
        Ok(removed.rows_affected() > 0)
    }

    async fn cards(&self, id: &PackId) -> StoreResult<Vec<Card>> {
        let records: Vec<String> = sqlx::query_scalar("SELECT record FROM cards WHERE pack = $1 ORDER BY n")
            .bind(id.as_str())
            .fetch_all(self.reader())
            .await
            .map_err(fault)?;
        records.iter().map(|record| from_json(record)).collect()
    }

    async fn show_pack(&self, class: &ClassId, pack: &PackId, now: Timestamp) -> StoreResult<()> {
        // A class or a pack that is not there is a row that refers to none, which is gone.
        sqlx::query("INSERT INTO class_packs (class, pack, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .bind(class.as_str())
            .bind(pack.as_str())
            .bind(now.0)
            .execute(self.writer())
            .await
            .map_err(fault)?;
        Ok(())
    }

    async fn hide_pack(&self, class: &ClassId, pack: &PackId) -> StoreResult<bool> {
        let hidden = sqlx::query("DELETE FROM class_packs WHERE class = $1 AND pack = $2")
            .bind(class.as_str())
            .bind(pack.as_str())
            .execute(self.writer())
            .await
            .map_err(fault)?;
        Ok(hidden.rows_affected() > 0)
    }

    async fn packs_shown(&self, class: &ClassId) -> StoreResult<Vec<Counted>> {
        let rows: Vec<PackRow> = sqlx::query_as(
            "SELECT p.id, p.owner, p.public, p.title, p.created, (SELECT count(*) FROM cards c WHERE c.pack = p.id)
             FROM class_packs x JOIN packs p ON p.id = x.pack WHERE x.class = $1 ORDER BY x.since DESC, p.id",
        )
        .bind(class.as_str())
        .fetch_all(self.reader())
        .await
        .map_err(fault)?;
        rows.into_iter().map(counted).collect()
    }

    async fn is_pack_shown_to(&self, pack: &PackId, person: &PersonId) -> StoreResult<bool> {
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM shown_packs WHERE pack = $1 AND person = $2)")
            .bind(pack.as_str())
            .bind(person.as_str())
            .fetch_one(self.reader())
            .await
            .map_err(fault)
    }
}

async fn number_of_cards(tx: &mut Transaction<'static, Sqlite>, id: &PackId) -> StoreResult<usize> {
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM cards WHERE pack = $1")
        .bind(id.as_str())
        .fetch_one(&mut **tx)
        .await
        .map_err(fault)?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

pub(crate) fn counted((id, owner, public, title, created, cards): PackRow) -> StoreResult<Counted> {
    let pack = Pack {
        id: PackId::parse(id).map_err(odd)?,
        owner: person(owner)?,
        visibility: if public { Visibility::Public } else { Visibility::Private },
        title,
        created: Timestamp(created),
    };
    Ok(Counted { pack, cards: u32::try_from(cards).unwrap_or(u32::MAX) })
}
