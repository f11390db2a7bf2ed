//! Lectures and what is made from them, and the passages of documents. It knows nothing of how a recording is turned into text.

use async_trait::async_trait;
use sqlx::PgConnection;
use synapscribe_domain::retrieval::Candidate;
use synapscribe_domain::{
    DocumentId, IngestReport, Lecture, LectureId, Millis, Passage, PersonId, Phrase, Source, Span, Timestamp, Visibility,
    Waveform,
};
use synapscribe_ports::{LectureChange, Library, Meaning, Scope, StoreError, StoreResult, Window};

use super::fault::fault;
use super::words::folded;
use super::{PostgresLibrary, corrections, documents, held, search};
use crate::library::{ends, finite, kind, marks_to_text, passage as joined, span};
use crate::records;
use crate::store::{from_json, to_json};

/// A passage's columns beside its source: its name, its place, where it begins and ends, the headings above it, its text, its
/// marks.
pub(super) type PassageRow = (String, i64, i64, i64, Vec<u8>, Vec<u8>, String);

#[async_trait]
impl Library for PostgresLibrary {
    async fn add_lecture(&self, lecture: &Lecture) -> StoreResult<()> {
        let mut work = self.begin().await?;
        sqlx::query("INSERT INTO lectures (id, owner, public, state, created, record) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(lecture.id.as_str())
            .bind(lecture.owner.as_str())
            .bind(lecture.visibility == Visibility::Public)
            .bind(lecture.state.name())
            .bind(lecture.created.0)
            .bind(to_json(lecture)?)
            .execute(&mut *work)
            .await
            .map_err(fault)?;
        // Asked only now: where one of this name was just being deleted, the statement above waited until it was gone.
        let deleted: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM deleted_lectures WHERE id = $1)")
            .bind(lecture.id.as_str())
            .fetch_one(&mut *work)
            .await
            .map_err(fault)?;
        if deleted {
            return Err(StoreError::Gone);
        }
        work.commit().await.map_err(fault)
    }

    async fn change_lecture(&self, id: &LectureId, change: &LectureChange<'_>) -> StoreResult<Lecture> {
        let mut work = self.begin().await?;
        let record: Option<String> = sqlx::query_scalar("SELECT record FROM lectures WHERE id = $1 FOR UPDATE")
            .bind(id.as_str())
            .fetch_optional(&mut *work)
            .await
            .map_err(fault)?;
        let mut lecture: Lecture = from_json(&record.ok_or(StoreError::Gone)?)?;
        change(&mut lecture);
        sqlx::query("UPDATE lectures SET owner = $2, public = $3, state = $4, created = $5, record = $6 WHERE id = $1")
            .bind(id.as_str())
            .bind(lecture.owner.as_str())
            .bind(lecture.visibility == Visibility::Public)
            .bind(lecture.state.name())
            .bind(lecture.created.0)
            .bind(to_json(&lecture)?)
            .execute(&mut *work)
            .await
            .map_err(fault)?;
        work.commit().await.map_err(fault)?;
        Ok(lecture)
    }

    async fn lecture(&self, id: &LectureId) -> StoreResult<Option<Lecture>> {
        let record: Option<String> = sqlx::query_scalar("SELECT record FROM lectures WHERE id = $1")
            .bind(id.as_str())
            .fetch_optional(&mut *self.connection().await?)
            .await
            .map_err(fault)?;
        record.as_deref().map(from_json).transpose()
    }

    async fn lectures(&self, person: &PersonId) -> StoreResult<Vec<Lecture>> {
        let records: Vec<String> = sqlx::query_scalar(
            "SELECT record FROM lectures WHERE public OR owner = $1 OR n IN (SELECT source FROM shown WHERE person = $1)
             ORDER BY created DESC, id DESC",
        )
        .bind(person.as_str())
        .fetch_all(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        records.iter().map(|record| from_json(record)).collect()
    }

    async fn abandoned(&self, before: Timestamp) -> StoreResult<Vec<Lecture>> {
        let records: Vec<String> = sqlx::query_scalar(
            "SELECT record FROM lectures WHERE created <= $1 AND state IN ('uploading', 'making') ORDER BY created, id",
        )
        .bind(before.0)
        .fetch_all(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        records.iter().map(|record| from_json(record)).collect()
    }

    async fn delete_lecture(&self, id: &LectureId) -> StoreResult<()> {
        sqlx::query(
            "WITH gone AS (DELETE FROM sources WHERE id = $1 AND kind = 'lecture' RETURNING id)
             INSERT INTO deleted_lectures (id) SELECT id FROM gone ON CONFLICT DO NOTHING",
        )
        .bind(id.as_str())
        .execute(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        Ok(())
    }

    async fn plan_windows(&self, id: &LectureId, windows: &[Span]) -> StoreResult<()> {
        let mut work = self.begin().await?;
        let lecture = held(&mut work, &id.into()).await?;
        sqlx::query("DELETE FROM windows WHERE lecture = $1").bind(lecture).execute(&mut *work).await.map_err(fault)?;
        sqlx::query(
            "INSERT INTO windows (lecture, n, from_ms, to_ms)
             SELECT $1, n - 1, from_ms, to_ms FROM unnest($2::bigint[], $3::bigint[]) WITH ORDINALITY AS w (from_ms, to_ms, n)",
        )
        .bind(lecture)
        .bind(windows.iter().map(|window| ms(window.from)).collect::<Vec<_>>())
        .bind(windows.iter().map(|window| ms(window.to)).collect::<Vec<_>>())
        .execute(&mut *work)
        .await
        .map_err(fault)?;
        work.commit().await.map_err(fault)
    }

    async fn windows(&self, id: &LectureId) -> StoreResult<Vec<Window>> {
        let rows: Vec<(i64, i64, bool, Option<String>)> = sqlx::query_as(
            "SELECT w.from_ms, w.to_ms, w.phrases IS NOT NULL, w.skipped FROM windows w
             JOIN lectures l ON l.n = w.lecture WHERE l.id = $1 ORDER BY w.n",
        )
        .bind(id.as_str())
        .fetch_all(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        let window = |(from, to, finished, skipped)| Window { span: span(from, to), finished, skipped };
        Ok(rows.into_iter().map(window).collect())
    }

    /// The first result stands.
    async fn finish_window(&self, id: &LectureId, window: usize, phrases: &[Phrase], skipped: Option<&str>) -> StoreResult<()> {
        let phrases: Vec<Phrase> = phrases.iter().cloned().map(finite).collect();
        let mut work = self.begin().await?;
        let lecture = held(&mut work, &id.into()).await?;
        let known = sqlx::query(
            "UPDATE windows SET phrases = coalesce(phrases, $3), skipped = CASE WHEN phrases IS NULL THEN $4 ELSE skipped END
             WHERE lecture = $1 AND n = $2",
        )
        .bind(lecture)
        .bind(window as i64)
        .bind(to_json(&phrases)?)
        // Text cannot hold this character, and a reason needs none.
        .bind(skipped.map(|reason| reason.replace('\0', "")))
        .execute(&mut *work)
        .await
        .map_err(fault)?;
        if known.rows_affected() == 0 {
            return Err(StoreError::Conflict);
        }
        work.commit().await.map_err(fault)
    }

    async fn phrases(&self, id: &LectureId) -> StoreResult<Vec<Phrase>> {
        let lists: Vec<String> = sqlx::query_scalar(
            "SELECT w.phrases FROM windows w JOIN lectures l ON l.n = w.lecture
             WHERE l.id = $1 AND w.phrases IS NOT NULL ORDER BY w.n",
        )
        .bind(id.as_str())
        .fetch_all(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        records::in_order(&lists)
    }

    async fn correct_phrase(&self, id: &LectureId, from: Millis, expected: &str, text: &str) -> StoreResult<Phrase> {
        corrections::correct(self, id, from, expected, text).await
    }

    async fn revision(&self, id: &LectureId) -> StoreResult<u64> {
        corrections::revision(self, id).await
    }

    async fn index(&self, source: &Source, passages: &[Passage], model: &str, meanings: &[Meaning]) -> StoreResult<()> {
        let dimension = records::dimension(passages, meanings)?;
        let mut work = self.begin().await?;
        let n = replace_passages(&mut work, source, passages, (!meanings.is_empty()).then_some(model)).await?;
        if !meanings.is_empty() {
            insert_vectors(&mut work, n, model, dimension, 0, meanings).await?;
        }
        work.commit().await.map_err(fault)
    }

    async fn index_aside(&self, id: &DocumentId, passages: &[Passage], model: &str) -> StoreResult<bool> {
        if passages.is_empty() {
            return Ok(false);
        }
        let mut work = self.begin().await?;
        let n = replace_passages(&mut work, &Source::from(id), passages, Some(model)).await?;
        let (mut done, mut before) = (0, None);
        while done < passages.len() {
            let stretch = documents::stretch(&mut work, n, model, done).await?;
            let Some(dimension) = records::dimension_of_next(passages, done, &stretch)? else { return Ok(false) };
            records::must_be_alike(*before.get_or_insert(dimension), dimension)?;
            insert_vectors(&mut work, n, model, dimension, done, &stretch).await?;
            done += stretch.len();
        }
        work.commit().await.map_err(fault).map(|()| true)
    }

    async fn note_indexed(&self, id: &LectureId, revision: u64) -> StoreResult<()> {
        corrections::note_indexed(self, id, revision).await
    }

    async fn stale(&self, model: Option<&str>, after: Option<&Source>) -> StoreResult<Option<Source>> {
        corrections::stale(self, model, after).await
    }

    async fn passages(&self, source: &Source) -> StoreResult<Vec<Passage>> {
        let rows: Vec<PassageRow> = sqlx::query_as(
            "SELECT p.id, p.idx, p.from_ms, p.to_ms, p.heading, p.text, p.marks FROM passages p JOIN sources s ON s.n = p.lecture
             WHERE s.id = $1 AND s.kind = $2 ORDER BY p.idx, p.at",
        )
        .bind(source.name())
        .bind(kind(source))
        .fetch_all(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        rows.into_iter().map(|row| passage(source.clone(), row)).collect()
    }

    async fn passages_on(&self, id: &DocumentId, page: u32) -> StoreResult<Vec<Passage>> {
        let source = Source::from(id);
        let rows: Vec<PassageRow> = sqlx::query_as(
            "SELECT p.id, p.idx, p.from_ms, p.to_ms, p.heading, p.text, p.marks FROM passages p JOIN sources s ON s.n = p.lecture
             WHERE s.id = $1 AND s.kind = $2 AND p.from_ms <= $3 AND p.to_ms >= $3 ORDER BY p.idx, p.at",
        )
        .bind(source.name())
        .bind(kind(&source))
        .bind(i64::from(page))
        .fetch_all(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        rows.into_iter().map(|row| passage(source.clone(), row)).collect()
    }

    async fn search(
        &self,
        scope: &Scope,
        words: &[String],
        vector: Option<(&str, &[f32])>,
        limit: usize,
    ) -> StoreResult<Vec<Candidate>> {
        search::search(self, scope, words, vector, limit).await
    }

    async fn save_report(&self, id: &LectureId, report: &IngestReport) -> StoreResult<()> {
        let saved = sqlx::query(
            "INSERT INTO reports (lecture, record) SELECT n, $2 FROM lectures WHERE id = $1
             ON CONFLICT (lecture) DO UPDATE SET record = excluded.record",
        )
        .bind(id.as_str())
        .bind(to_json(report)?)
        .execute(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        if saved.rows_affected() == 0 { Err(StoreError::Gone) } else { Ok(()) }
    }

    async fn report(&self, id: &LectureId) -> StoreResult<Option<IngestReport>> {
        let record: Option<String> =
            sqlx::query_scalar("SELECT r.record FROM reports r JOIN lectures l ON l.n = r.lecture WHERE l.id = $1")
                .bind(id.as_str())
                .fetch_optional(&mut *self.connection().await?)
                .await
                .map_err(fault)?;
        record.as_deref().map(from_json).transpose()
    }

    async fn save_waveform(&self, id: &LectureId, waveform: &Waveform) -> StoreResult<()> {
        let saved = sqlx::query(
            "INSERT INTO waveforms (lecture, peaks) SELECT n, $2 FROM lectures WHERE id = $1
             ON CONFLICT (lecture) DO UPDATE SET peaks = excluded.peaks",
        )
        .bind(id.as_str())
        .bind(waveform.peaks.as_slice())
        .execute(&mut *self.connection().await?)
        .await
        .map_err(fault)?;
        if saved.rows_affected() == 0 { Err(StoreError::Gone) } else { Ok(()) }
    }

    async fn waveform(&self, id: &LectureId) -> StoreResult<Option<Waveform>> {
        let peaks: Option<Vec<u8>> =
            sqlx::query_scalar("SELECT w.peaks FROM waveforms w JOIN lectures l ON l.n = w.lecture WHERE l.id = $1")
                .bind(id.as_str())
                .fetch_optional(&mut *self.connection().await?)
                .await
                .map_err(fault)?;
        Ok(peaks.map(|peaks| Waveform { peaks }))
    }
}

/// A passage from its columns.
pub(super) fn passage(source: Source, (id, index, begins, ends, heading, text, marks): PassageRow) -> StoreResult<Passage> {
    let read = |bytes| String::from_utf8(bytes).map_err(|_| StoreError::Corrupt("a passage's text is not Unicode".into()));
    joined(source, (id, u32::try_from(index).unwrap_or(u32::MAX), begins, ends, read(heading)?, read(text)?, marks))
}

/// The vector at length one, where it has a direction.
pub(super) fn unit(vector: &[f32]) -> Option<Vec<f32>> {
    // The squares of large numbers are beyond single precision, and so is what they are divided by.
    let length = vector.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
    (length.is_finite() && length > 0.0).then(|| vector.iter().map(|x| (f64::from(*x) / length) as f32).collect())
}

/// Puts passages in the place of those that a source had, and notes in which space they will have vectors.
async fn replace_passages(
    work: &mut PgConnection,
    source: &Source,
    passages: &[Passage],
    model: Option<&str>,
) -> StoreResult<i64> {
    let n = held(work, source).await?;
    for statement in ["DELETE FROM vectors WHERE lecture = $1", "DELETE FROM passages WHERE lecture = $1"] {
        sqlx::query(statement).bind(n).execute(&mut *work).await.map_err(fault)?;
    }
    insert_passages(work, n, passages).await?;
    sqlx::query("UPDATE sources SET has_passages = $2, model = $3 WHERE n = $1")
        .bind(n)
        .bind(!passages.is_empty())
        .bind(model)
        .execute(work)
        .await
        .map_err(fault)?;
    Ok(n)
}

async fn insert_passages(work: &mut PgConnection, source: i64, passages: &[Passage]) -> StoreResult<()> {
    let marks = passages.iter().map(|p| marks_to_text(&p.marks)).collect::<StoreResult<Vec<_>>>()?;
    sqlx::query(
        "INSERT INTO passages (lecture, at, id, idx, from_ms, to_ms, heading, text, words, marks)
         SELECT $1, at - 1, id, idx, from_ms, to_ms, heading, text, to_tsvector('lecture_words', words), marks
         FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bytea[], $7::bytea[], $8::text[], $9::text[])
         WITH ORDINALITY AS p (id, idx, from_ms, to_ms, heading, text, words, marks, at)",
    )
    .bind(source)
    .bind(passages.iter().map(|p| p.id.as_str()).collect::<Vec<_>>())
    .bind(passages.iter().map(|p| i64::from(p.index)).collect::<Vec<_>>())
    .bind(passages.iter().map(|p| ends(p.spot).0).collect::<Vec<_>>())
    .bind(passages.iter().map(|p| ends(p.spot).1).collect::<Vec<_>>())
    .bind(passages.iter().map(|p| p.heading.as_bytes()).collect::<Vec<_>>())
    .bind(passages.iter().map(|p| p.text.as_bytes()).collect::<Vec<_>>())
    .bind(passages.iter().map(|p| folded(&p.in_context())).collect::<Vec<_>>())
    .bind(marks)
    .execute(work)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Stores those vectors of the passages from one on that have a direction; to the others nothing is near.
async fn insert_vectors(
    work: &mut PgConnection,
    source: i64,
    model: &str,
    dimension: usize,
    first: usize,
    meanings: &[Meaning],
) -> StoreResult<()> {
    let first = i32::try_from(first).map_err(|_| StoreError::Corrupt("nothing has so many passages".into()))?;
    let dimension = i32::try_from(dimension).map_err(|_| StoreError::Corrupt("no model has such long vectors".into()))?;
    sqlx::query("INSERT INTO models (name, dimension) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(model)
        .bind(dimension)
        .execute(&mut *work)
        .await
        .map_err(fault)?;
    let directed: Vec<(i32, Vec<f32>)> =
        (first..).zip(meanings).filter_map(|(at, meaning)| Some((at, unit(&meaning.whole)?))).collect();
    // All in one flat array, which is cut on the other side: a list of lists costs as much to read as text.
    sqlx::query(
        "INSERT INTO vectors (lecture, at, model, dimension, v)
         SELECT $1, at, m.n, m.dimension, ($5::real[])[(place - 1) * m.dimension + 1 : place * m.dimension]::vector
         FROM unnest($4::integer[]) WITH ORDINALITY AS p (at, place), models m WHERE m.name = $2 AND m.dimension = $3",
    )
    .bind(source)
    .bind(model)
    .bind(dimension)
    .bind(directed.iter().map(|(at, _)| *at).collect::<Vec<_>>())
    .bind(directed.into_iter().flat_map(|(_, vector)| vector).collect::<Vec<_>>())
    .execute(&mut *work)
    .await
    .map_err(fault)?;
    let parted = (first..).zip(meanings).filter(|(_, meaning)| !meaning.parts.is_empty());
    let (places, parts): (Vec<i32>, Vec<Vec<u8>>) =
        parted.map(|(at, meaning)| (at, records::parts_to_bytes(&meaning.parts))).unzip();
    if !places.is_empty() {
        sqlx::query(
            "UPDATE vectors v SET parts = kept.parts FROM unnest($2::integer[], $3::bytea[]) AS kept (at, parts)
             WHERE v.lecture = $1 AND v.at = kept.at",
        )
        .bind(source)
        .bind(places)
        .bind(parts)
        .execute(work)
        .await
        .map_err(fault)?;
    }
    Ok(())
}

fn ms(time: Millis) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX)
}
