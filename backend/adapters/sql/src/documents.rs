//! Documents, their pages, and what is set aside while they are made. It knows nothing of how a file is read.

use async_trait::async_trait;
use serde::Serialize;
use sqlx::{Sqlite, Transaction};
use synapscribe_domain::document::{Document, FailedPage, OutlineEntry};
use synapscribe_domain::{DocumentId, Pages, PersonId, Timestamp, Visibility};
use synapscribe_ports::{DocumentChange, Documents, Meaning, PageRead, StoreError, StoreResult};

use crate::library::must_be_there;
use crate::records::{meanings_from_bytes, meanings_to_bytes};
use crate::sqlite::fault;
use crate::store::{Store, from_json, to_json};

#[async_trait]
impl Documents for Store {
    async fn add_document(&self, document: &Document) -> StoreResult<()> {
        let added = sqlx::query(
            "INSERT INTO sources (id, kind, owner, public, created, record) SELECT $1, 'document', $2, $3, $4, $5
             WHERE NOT EXISTS (SELECT 1 FROM deleted_sources WHERE id = $1)",
        )
        .bind(document.id.as_str())
        .bind(document.owner.as_str())
        .bind(document.visibility == Visibility::Public)
        .bind(document.created.0)
        .bind(to_json(document)?)
        .execute(self.writer())
        .await
        .map_err(fault)?;
        if added.rows_affected() == 0 { Err(StoreError::Gone) } else { Ok(()) }
    }

    async fn change_document(&self, id: &DocumentId, change: &DocumentChange<'_>) -> StoreResult<Document> {
        let mut tx = self.begin().await?;
        let record: Option<String> = sqlx::query_scalar("SELECT record FROM sources WHERE id = $1 AND kind = 'document'")
            .bind(id.as_str())
            .fetch_optional(&mut *tx)
            .await
            .map_err(fault)?;
        let mut document: Document = from_json(&record.ok_or(StoreError::Gone)?)?;
        change(&mut document);
        sqlx::query("UPDATE sources SET owner = $2, public = $3, created = $4, record = $5 WHERE id = $1")
            .bind(id.as_str())
            .bind(document.owner.as_str())
            .bind(document.visibility == Visibility::Public)
            .bind(document.created.0)
            .bind(to_json(&document)?)
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        tx.commit().await.map_err(fault)?;
        Ok(document)
    }

    async fn document(&self, id: &DocumentId) -> StoreResult<Option<Document>> {
        let record: Option<String> = sqlx::query_scalar("SELECT record FROM sources WHERE id = $1 AND kind = 'document'")
            .bind(id.as_str())
            .fetch_optional(self.reader())
            .await
            .map_err(fault)?;
        record.as_deref().map(from_json).transpose()
    }

    async fn documents(&self, person: &PersonId) -> StoreResult<Vec<Document>> {
        let records: Vec<String> = sqlx::query_scalar(
            "SELECT record FROM sources
             WHERE kind = 'document' AND (public = 1 OR owner = $1 OR id IN (SELECT source FROM shown WHERE person = $1))
             ORDER BY created DESC, id DESC",
        )
        .bind(person.as_str())
        .fetch_all(self.reader())
        .await
        .map_err(fault)?;
        records.iter().map(|record| from_json(record)).collect()
    }

    async fn abandoned_documents(&self, before: Timestamp) -> StoreResult<Vec<Document>> {
        let records: Vec<String> = sqlx::query_scalar(
            "SELECT record FROM sources
             WHERE kind = 'document' AND created <= $1 AND record ->> '$.state.state' = 'uploading' ORDER BY created, id",
        )
        .bind(before.0)
        .fetch_all(self.reader())
        .await
        .map_err(fault)?;
        records.iter().map(|record| from_json(record)).collect()
    }

    async fn delete_document(&self, id: &DocumentId) -> StoreResult<()> {
        let gone = sqlx::query("DELETE FROM sources WHERE id = $1 AND kind = 'document'").bind(id.as_str());
        gone.execute(self.writer()).await.map_err(fault)?;
        Ok(())
    }

    async fn save_outline(&self, id: &DocumentId, outline: &[OutlineEntry]) -> StoreResult<()> {
        sqlx::query(
            "INSERT INTO outlines (document, record) VALUES ($1, $2) ON CONFLICT (document) DO UPDATE SET record = excluded.record",
        )
        .bind(id.as_str())
        .bind(to_json(&outline)?)
        .execute(self.writer())
        .await
        .map_err(fault)?;
        Ok(())
    }

    async fn outline(&self, id: &DocumentId) -> StoreResult<Vec<OutlineEntry>> {
        let record: Option<String> = sqlx::query_scalar("SELECT record FROM outlines WHERE document = $1")
            .bind(id.as_str())
            .fetch_optional(self.reader())
            .await
            .map_err(fault)?;
        Ok(record.as_deref().map(from_json).transpose()?.unwrap_or_default())
    }

    async fn save_pages(&self, id: &DocumentId, pages: &[PageRead]) -> StoreResult<()> {
        let rows = pages.iter().map(NewPage::of).collect::<StoreResult<Vec<_>>>()?;
        let mut tx = self.begin().await?;
        there(&mut tx, id).await?;
        sqlx::query(
            "INSERT INTO pages (document, number, failed, record)
             SELECT $1, value ->> 0, value ->> 1, value ->> 2 FROM json_each($2) WHERE true
             ON CONFLICT (document, number) DO UPDATE SET failed = excluded.failed, record = excluded.record",
        )
        .bind(id.as_str())
        .bind(to_json(&rows)?)
        .execute(&mut *tx)
        .await
        .map_err(fault)?;
        tx.commit().await.map_err(fault)
    }

    async fn pages(&self, id: &DocumentId, among: Pages) -> StoreResult<Vec<PageRead>> {
        let rows: Vec<(bool, String)> =
            sqlx::query_as("SELECT failed, record FROM pages WHERE document = $1 AND number BETWEEN $2 AND $3 ORDER BY number")
                .bind(id.as_str())
                .bind(among.from)
                .bind(among.to)
                .fetch_all(self.reader())
                .await
                .map_err(fault)?;
        rows.into_iter().map(|(failed, record)| page(failed, &record)).collect()
    }

    async fn pages_read(&self, id: &DocumentId) -> StoreResult<u32> {
        // The first page whose place is not its number stands behind a gap.
        sqlx::query_scalar(
            "SELECT count(*) FROM (SELECT number, row_number() OVER (ORDER BY number) AS place FROM pages WHERE document = $1)
             WHERE number = place",
        )
        .bind(id.as_str())
        .fetch_one(self.reader())
        .await
        .map_err(fault)
    }

    async fn failed_pages(&self, id: &DocumentId) -> StoreResult<Vec<FailedPage>> {
        let records: Vec<String> =
            sqlx::query_scalar("SELECT record FROM pages WHERE document = $1 AND failed = 1 ORDER BY number")
                .bind(id.as_str())
                .fetch_all(self.reader())
                .await
                .map_err(fault)?;
        records.iter().map(|record| from_json(record)).collect()
    }

    async fn set_aside(&self, id: &DocumentId, model: &str, from: u32, meanings: &[Meaning]) -> StoreResult<()> {
        sqlx::query(
            "INSERT INTO vectors_aside (document, model, first, dimension, v) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (document, model, first) DO UPDATE SET dimension = excluded.dimension, v = excluded.v",
        )
        .bind(id.as_str())
        .bind(model)
        .bind(from)
        .bind(meanings.first().map_or(0, |meaning| meaning.whole.len()) as i64)
        .bind(meanings_to_bytes(meanings))
        .execute(self.writer())
        .await
        .map_err(fault)?;
        Ok(())
    }

    async fn aside(&self, id: &DocumentId, model: &str) -> StoreResult<Vec<u32>> {
        sqlx::query_scalar("SELECT first FROM vectors_aside WHERE document = $1 AND model = $2 ORDER BY first")
            .bind(id.as_str())
            .bind(model)
            .fetch_all(self.reader())
            .await
            .map_err(fault)
    }

    async fn clear_aside(&self, id: &DocumentId) -> StoreResult<()> {
        let clear = sqlx::query("DELETE FROM vectors_aside WHERE document = $1").bind(id.as_str());
        clear.execute(self.writer()).await.map_err(fault)?;
        Ok(())
    }
}

/// What was set aside of the passages from one on; nothing where no stretch begins there.
pub(crate) async fn stretch(
    tx: &mut Transaction<'_, Sqlite>,
    id: &DocumentId,
    model: &str,
    from: usize,
) -> StoreResult<Vec<Meaning>> {
    let found: Option<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT dimension, v FROM vectors_aside WHERE document = $1 AND model = $2 AND first = $3")
            .bind(id.as_str())
            .bind(model)
            .bind(from as i64)
            .fetch_optional(&mut **tx)
            .await
            .map_err(fault)?;
    Ok(found.map(|(dimension, bytes)| meanings_from_bytes(dimension, &bytes)).unwrap_or_default())
}

/// A page from its columns.
pub(crate) fn page(failed: bool, record: &str) -> StoreResult<PageRead> {
    Ok(if failed { Err(from_json(record)?) } else { Ok(from_json(record)?) })
}

/// The columns of a page, in the order of the statement that stores it.
#[derive(Serialize)]
pub(crate) struct NewPage(pub(crate) u32, pub(crate) bool, pub(crate) String);

impl NewPage {
    pub(crate) fn of(page: &PageRead) -> StoreResult<Self> {
        match page {
            Ok(page) => Ok(Self(page.number, false, to_json(page)?)),
            Err(failed) => Ok(Self(failed.number, true, to_json(failed)?)),
        }
    }
}

async fn there(tx: &mut Transaction<'_, Sqlite>, id: &DocumentId) -> StoreResult<()> {
    must_be_there(tx, &id.into()).await
}
