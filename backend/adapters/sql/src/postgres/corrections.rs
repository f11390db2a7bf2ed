//! Words that a person put right, and which sources' indexes are behind them or behind the model. It knows nothing of how an
//! index is made.

use synapscribe_domain::{LectureId, Millis, Phrase, Source};
use synapscribe_ports::{StoreError, StoreResult};

use super::fault::fault;
use super::{PostgresLibrary, held};
use crate::library::source;
use crate::records::put_right;

/// See [`synapscribe_ports::Library::correct_phrase`].
pub(super) async fn correct(
    store: &PostgresLibrary,
    id: &LectureId,
    from: Millis,
    expected: &str,
    text: &str,
) -> StoreResult<Phrase> {
    let mut work = store.begin().await?;
    let lecture = held(&mut work, &id.into()).await?;
    let windows: Vec<(i64, String)> =
        sqlx::query_as("SELECT n, phrases FROM windows WHERE lecture = $1 AND phrases IS NOT NULL ORDER BY n")
            .bind(lecture)
            .fetch_all(&mut *work)
            .await
            .map_err(fault)?;
    let (window, phrases, corrected) = put_right(&windows, from, expected, text)?;
    sqlx::query("UPDATE windows SET phrases = $3 WHERE lecture = $1 AND n = $2")
        .bind(lecture)
        .bind(window)
        .bind(phrases)
        .execute(&mut *work)
        .await
        .map_err(fault)?;
    sqlx::query("UPDATE lectures SET revision = revision + 1 WHERE n = $1")
        .bind(lecture)
        .execute(&mut *work)
        .await
        .map_err(fault)?;
    work.commit().await.map_err(fault)?;
    Ok(corrected)
}

/// See [`synapscribe_ports::Library::revision`].
pub(super) async fn revision(store: &PostgresLibrary, id: &LectureId) -> StoreResult<u64> {
    let found: Option<i64> = sqlx::query_scalar("SELECT revision FROM lectures WHERE id = $1")
        .bind(id.as_str())
        .fetch_optional(&mut *store.connection().await?)
        .await
        .map_err(fault)?;
    found.map(|revision| revision.max(0) as u64).ok_or(StoreError::Gone)
}

/// See [`synapscribe_ports::Library::note_indexed`].
pub(super) async fn note_indexed(store: &PostgresLibrary, id: &LectureId, revision: u64) -> StoreResult<()> {
    let known = sqlx::query("UPDATE lectures SET indexed = $2 WHERE id = $1")
        .bind(id.as_str())
        .bind(i64::try_from(revision).unwrap_or(i64::MAX))
        .execute(&mut *store.connection().await?)
        .await
        .map_err(fault)?;
    if known.rows_affected() == 0 { Err(StoreError::Gone) } else { Ok(()) }
}

/// See [`synapscribe_ports::Library::stale`].
pub(super) async fn stale(store: &PostgresLibrary, model: Option<&str>, after: Option<&Source>) -> StoreResult<Option<Source>> {
    let found: Option<(String, String)> = sqlx::query_as(
        "SELECT kind, id FROM sources
         WHERE id > $2 AND state = 'ready'
           AND (revision <> indexed OR ($1::text IS NOT NULL AND has_passages AND model IS DISTINCT FROM $1))
         ORDER BY id LIMIT 1",
    )
    .bind(model)
    .bind(after.map_or("", Source::name))
    .fetch_optional(&mut *store.connection().await?)
    .await
    .map_err(fault)?;
    found.map(|(kind, name)| source(&kind, name)).transpose()
}
