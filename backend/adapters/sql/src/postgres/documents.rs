//! Documents, their pages, and what is set aside while they are made. It knows nothing of how a file is read.

use async_trait::async_trait;
use sqlx::PgConnection;
use synapscribe_domain::document::{Document, FailedPage, OutlineEntry};
use synapscribe_domain::{DocumentId, Pages, PersonId, Timestamp, Visibility};
use synapscribe_ports::{DocumentChange, Documents, Meaning, PageRead, StoreError, StoreResult};

use super::fault::fault;
use super::{PostgresLibrary, held};
use crate::documents::{NewPage, page};
use crate::records::{meanings_from_bytes, meanings_to_bytes};
use crate::store::{from_json, to_json};

#[async_trait]
impl Documents for PostgresLibrary {
    async fn add_document(&self, document: &Document) -> StoreResult<()> {
        let mut work = self.begin().await?;
        sqlx::query(
            "INSERT INTO sources (id, kind, owner, public, state, created, record) VALUES ($1, 'document', $2, $3, $4, $5, $6)",
        )
        .bind(document.id.as_str())
        .bind(document.owner.as_str())
        .bind(document.visibility == Visibility::Public)
        .bind(document.state.name())
        .bind(document.created.0)
        .bind(to_json(document)?)
        .execute(&mut *work)
        .await
        .map_err(fault)?;
        // Asked only now: where one of this name was just being deleted, the statement above waited until it was gone.
        let deleted: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM deleted_lectures WHERE id = $1)")
            .bind(document.id.as_str())
            .fetch_one(&mut *work)
            .await
            .map_err(fault)?;
        if deleted {
            return Err(StoreError::Gone);
        }
        work.commit().await.map_err(fault)
    }

    async fn change_document(&self, id: &DocumentId, change: &DocumentChange<'_>) -> StoreResult<Document> {
        let mut work = self.begin().await?;
        let record: Option<String> =
            sqlx::query_scalar("SELECT record FROM sources WHERE id = $1 AND kind = 'document' FOR UPDATE")
                .bind(id.as_str())
                .fetch_optional(&mut *work)
                .await
                .map_err(fault)?;
        let mut document: Document = from_json(&record.ok_or(StoreError::Gone)?)?;
        change(&mut document);
        sqlx::query("UPDATE sources SET owner = $2, public = $3, state = $4, created = $5, record = $6 WHERE id = $1")
            .bind(id.as_str())
            .bind(document.owner.as_str())
            .bind(document.visibility == Visibility::Public)
            .bind(document.state.name())
            .bind(document.created.0)
            .bind(to_json(&document)?)
            .execute(&mut *work)
            .await
            .map_err(fault)?;
        work.commit().await.map_err(fault)?;
        Ok(document)
    }

    async fn document(&self, id: &DocumentId) -> StoreResult<Option<Document>> {
        let record: Option<String> = sqlx::query_scalar("SELECT record FROM sources WHERE id = $1 AND kind = 'document'")
            .bind(id.as_str())
            .fetch_optional(&mut *self.connection().await?)
            .await
            .map_err(fault)?;
        record.as_deref().map(from_json).transpose()
    }

    async fn documents(&self, person: &PersonId) -> StoreResult<Vec<Document>> {
        let records: Vec<String> = sqlx::query_scalar(
            "SELECT record FROM sources
             WHERE kind = 'document' AND (public OR owner = $1 OR n IN (SELECT source FROM shown WHERE person = $1))
             ORDER BY created DESC, id DESC",
        )
        .bind(person.as_str())
        .fetch_all(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        records.iter().map(|record| from_json(record)).collect()
    }

    async fn abandoned_documents(&self, before: Timestamp) -> StoreResult<Vec<Document>> {
        let records: Vec<String> = sqlx::query_scalar(
            "SELECT record FROM sources WHERE kind = 'document' AND created <= $1 AND state = 'uploading' ORDER BY created, id",
        )
        .bind(before.0)
        .fetch_all(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        records.iter().map(|record| from_json(record)).collect()
    }

    async fn delete_document(&self, id: &DocumentId) -> StoreResult<()> {
        sqlx::query(
            "WITH gone AS (DELETE FROM sources WHERE id = $1 AND kind = 'document' RETURNING id)
             INSERT INTO deleted_lectures (id) SELECT id FROM gone ON CONFLICT DO NOTHING",
        )
        .bind(id.as_str())
        .execute(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        Ok(())
    }

    async fn save_outline(&self, id: &DocumentId, outline: &[OutlineEntry]) -> StoreResult<()> {
        let saved = sqlx::query(
            "INSERT INTO outlines (document, record) SELECT n, $2 FROM sources WHERE id = $1 AND kind = 'document'
             ON CONFLICT (document) DO UPDATE SET record = excluded.record",
        )
        .bind(id.as_str())
        .bind(to_json(&outline)?)
        .execute(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        if saved.rows_affected() == 0 { Err(StoreError::Gone) } else { Ok(()) }
    }

    async fn outline(&self, id: &DocumentId) -> StoreResult<Vec<OutlineEntry>> {
        let record: Option<String> =
            sqlx::query_scalar("SELECT o.record FROM outlines o JOIN sources s ON s.n = o.document WHERE s.id = $1")
                .bind(id.as_str())
                .fetch_optional(&mut *self.connection().await?)
                .await
                .map_err(fault)?;
        Ok(record.as_deref().map(from_json).transpose()?.unwrap_or_default())
    }

    async fn save_pages(&self, id: &DocumentId, pages: &[PageRead]) -> StoreResult<()> {
        let rows = pages.iter().map(NewPage::of).collect::<StoreResult<Vec<_>>>()?;
        let mut work = self.begin().await?;
        let document = held(&mut work, &id.into()).await?;
        sqlx::query(
            "INSERT INTO pages (document, number, failed, record)
             SELECT $1, number, failed, record FROM unnest($2::bigint[], $3::boolean[], $4::text[]) AS p (number, failed, record)
             ON CONFLICT (document, number) DO UPDATE SET failed = excluded.failed, record = excluded.record",
        )
        .bind(document)
        .bind(rows.iter().map(|row| i64::from(row.0)).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.1).collect::<Vec<_>>())
        .bind(rows.into_iter().map(|row| row.2).collect::<Vec<_>>())
        .execute(&mut *work)
        .await
        .map_err(fault)?;
        work.commit().await.map_err(fault)
    }

    async fn pages(&self, id: &DocumentId, among: Pages) -> StoreResult<Vec<PageRead>> {
        let rows: Vec<(bool, String)> = sqlx::query_as(
            "SELECT p.failed, p.record FROM pages p JOIN sources s ON s.n = p.document
             WHERE s.id = $1 AND p.number BETWEEN $2 AND $3 ORDER BY p.number",
        )
        .bind(id.as_str())
        .bind(i64::from(among.from))
        .bind(i64::from(among.to))
        .fetch_all(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        rows.into_iter().map(|(failed, record)| page(failed, &record)).collect()
    }

    async fn pages_read(&self, id: &DocumentId) -> StoreResult<u32> {
        // The first page whose place is not its number stands behind a gap.
        let count: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM (
                 SELECT p.number, row_number() OVER (ORDER BY p.number) AS place
                 FROM pages p JOIN sources s ON s.n = p.document WHERE s.id = $1
             ) AS placed WHERE number = place",
        )
        .bind(id.as_str())
        .fetch_one(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    async fn failed_pages(&self, id: &DocumentId) -> StoreResult<Vec<FailedPage>> {
        let records: Vec<String> = sqlx::query_scalar(
            "SELECT p.record FROM pages p JOIN sources s ON s.n = p.document WHERE s.id = $1 AND p.failed ORDER BY p.number",
        )
        .bind(id.as_str())
        .fetch_all(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        records.iter().map(|record| from_json(record)).collect()
    }

    async fn set_aside(&self, id: &DocumentId, model: &str, from: u32, meanings: &[Meaning]) -> StoreResult<()> {
        let saved = sqlx::query(
            "INSERT INTO vectors_aside (document, model, first, dimension, v)
             SELECT n, $2, $3, $4, $5 FROM sources WHERE id = $1 AND kind = 'document'
             ON CONFLICT (document, model, first) DO UPDATE SET dimension = excluded.dimension, v = excluded.v",
        )
        .bind(id.as_str())
        .bind(model)
        .bind(i64::from(from))
        .bind(meanings.first().map_or(0, |meaning| meaning.whole.len()) as i64)
        .bind(meanings_to_bytes(meanings))
        .execute(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        if saved.rows_affected() == 0 { Err(StoreError::Gone) } else { Ok(()) }
    }

    async fn aside(&self, id: &DocumentId, model: &str) -> StoreResult<Vec<u32>> {
        let rows: Vec<i64> = sqlx::query_scalar(
            "SELECT a.first FROM vectors_aside a JOIN sources s ON s.n = a.document
             WHERE s.id = $1 AND a.model = $2 ORDER BY a.first",
        )
        .bind(id.as_str())
        .bind(model)
        .fetch_all(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        Ok(rows.into_iter().map(|first| u32::try_from(first).unwrap_or(u32::MAX)).collect())
    }

    async fn clear_aside(&self, id: &DocumentId) -> StoreResult<()> {
        sqlx::query("DELETE FROM vectors_aside WHERE document = (SELECT n FROM sources WHERE id = $1 AND kind = 'document')")
            .bind(id.as_str())
            .execute(&mut *self.connection().await?)
            .await
            .map_err(fault)?;
        Ok(())
    }
}

/// What was set aside of the passages from one on; nothing where no stretch begins there.
pub(super) async fn stretch(work: &mut PgConnection, source: i64, model: &str, from: usize) -> StoreResult<Vec<Meaning>> {
    let found: Option<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT dimension, v FROM vectors_aside WHERE document = $1 AND model = $2 AND first = $3")
            .bind(source)
            .bind(model)
            .bind(from as i64)
            .fetch_optional(work)
            .await
            .map_err(fault)?;
    Ok(found.map(|(dimension, bytes)| meanings_from_bytes(dimension, &bytes)).unwrap_or_default())
}
