//! Words that a person put right, and which sources' indexes are behind them or behind the model. It knows nothing of how an
//! index is made.

use synapscribe_domain::{LectureId, Millis, Phrase, Source};
use synapscribe_ports::{StoreError, StoreResult};

use crate::library::{must_be_there, source};
use crate::records::put_right;
use crate::sqlite::fault;
use crate::store::Store;

/// See [`synapscribe_ports::Library::correct_phrase`].
pub(crate) async fn correct(store: &Store, id: &LectureId, from: Millis, expected: &str, text: &str) -> StoreResult<Phrase> {
    let mut tx = store.begin().await?;
    must_be_there(&mut tx, &id.into()).await?;
    let windows: Vec<(i64, String)> =
        sqlx::query_as("SELECT n, phrases FROM windows WHERE lecture = $1 AND phrases IS NOT NULL ORDER BY n")
            .bind(id.as_str())
            .fetch_all(&mut *tx)
            .await
            .map_err(fault)?;
    let (window, phrases, corrected) = put_right(&windows, from, expected, text)?;
    sqlx::query("UPDATE windows SET phrases = $3 WHERE lecture = $1 AND n = $2")
        .bind(id.as_str())
        .bind(window)
        .bind(phrases)
        .execute(&mut *tx)
        .await
        .map_err(fault)?;
    sqlx::query("UPDATE sources SET revision = revision + 1 WHERE id = $1")
        .bind(id.as_str())
        .execute(&mut *tx)
        .await
        .map_err(fault)?;
    tx.commit().await.map_err(fault)?;
    Ok(corrected)
}

/// See [`synapscribe_ports::Library::revision`].
pub(crate) async fn revision(store: &Store, id: &LectureId) -> StoreResult<u64> {
    let found: Option<i64> = sqlx::query_scalar("SELECT revision FROM lectures WHERE id = $1")
        .bind(id.as_str())
        .fetch_optional(store.reader())
        .await
        .map_err(fault)?;
    found.map(|revision| revision.max(0) as u64).ok_or(StoreError::Gone)
}

/// See [`synapscribe_ports::Library::note_indexed`].
pub(crate) async fn note_indexed(store: &Store, id: &LectureId, revision: u64) -> StoreResult<()> {
    let known = sqlx::query("UPDATE sources SET indexed = $2 WHERE id = $1")
        .bind(id.as_str())
        .bind(i64::try_from(revision).unwrap_or(i64::MAX))
        .execute(store.writer())
        .await
        .map_err(fault)?;
    if known.rows_affected() == 0 { Err(StoreError::Gone) } else { Ok(()) }
}

/// See [`synapscribe_ports::Library::stale`].
pub(crate) async fn stale(store: &Store, model: Option<&str>, after: Option<&Source>) -> StoreResult<Option<Source>> {
    let found: Option<(String, String)> = sqlx::query_as(
        "SELECT s.kind, s.id FROM sources s
         LEFT JOIN passage_rows r ON r.source = s.id LEFT JOIN vector_blocks b ON b.source = s.id
         WHERE s.id > $2 AND s.record ->> '$.state.state' = 'ready'
           AND (s.revision <> s.indexed OR ($1 IS NOT NULL AND r.source IS NOT NULL AND b.model IS NOT $1))
         ORDER BY s.id LIMIT 1",
    )
    .bind(model)
    .bind(after.map_or("", Source::name))
    .fetch_optional(store.reader())
    .await
    .map_err(fault)?;
    found.map(|(kind, name)| source(&kind, name)).transpose()
}
