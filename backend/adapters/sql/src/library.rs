//! Lectures and what is made from them, and the passages of documents. It knows nothing of how a recording is turned into text.

use async_trait::async_trait;
use serde::Serialize;
use sqlx::{Sqlite, Transaction};
use synapscribe_domain::retrieval::Candidate;
use synapscribe_domain::{
    DocumentId, IngestReport, Lecture, LectureId, Mark, Millis, Pages, Passage, PassageId, PersonId, Phrase, Source, Span, Spot,
    Timestamp, Visibility, Waveform,
};
use synapscribe_ports::{LectureChange, Library, Meaning, Scope, StoreError, StoreResult, Window};

use crate::corrections;
use crate::documents;
use crate::records;
use crate::search;
use crate::sqlite::fault;
use crate::store::{Store, from_json, to_json};
use crate::vectors::{Codes, to_bytes};

#[async_trait]
impl Library for Store {
    async fn add_lecture(&self, lecture: &Lecture) -> StoreResult<()> {
        let added = sqlx::query(
            "INSERT INTO sources (id, owner, public, created, record) SELECT $1, $2, $3, $4, $5
             WHERE NOT EXISTS (SELECT 1 FROM deleted_sources WHERE id = $1)",
        )
        .bind(lecture.id.as_str())
        .bind(lecture.owner.as_str())
        .bind(lecture.visibility == Visibility::Public)
        .bind(lecture.created.0)
        .bind(to_json(lecture)?)
        .execute(self.writer())
        .await
        .map_err(fault)?;
        if added.rows_affected() == 0 { Err(StoreError::Gone) } else { Ok(()) }
    }

    async fn change_lecture(&self, id: &LectureId, change: &LectureChange<'_>) -> StoreResult<Lecture> {
        let mut tx = self.begin().await?;
        let record: Option<String> = sqlx::query_scalar("SELECT record FROM lectures WHERE id = $1")
            .bind(id.as_str())
            .fetch_optional(&mut *tx)
            .await
            .map_err(fault)?;
        let mut lecture: Lecture = from_json(&record.ok_or(StoreError::Gone)?)?;
        change(&mut lecture);
        sqlx::query("UPDATE sources SET owner = $2, public = $3, created = $4, record = $5 WHERE id = $1")
            .bind(id.as_str())
            .bind(lecture.owner.as_str())
            .bind(lecture.visibility == Visibility::Public)
            .bind(lecture.created.0)
            .bind(to_json(&lecture)?)
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        tx.commit().await.map_err(fault)?;
        Ok(lecture)
    }

    async fn lecture(&self, id: &LectureId) -> StoreResult<Option<Lecture>> {
        let record: Option<String> = sqlx::query_scalar("SELECT record FROM lectures WHERE id = $1")
            .bind(id.as_str())
            .fetch_optional(self.reader())
            .await
            .map_err(fault)?;
        record.as_deref().map(from_json).transpose()
    }

    async fn lectures(&self, person: &PersonId) -> StoreResult<Vec<Lecture>> {
        let records: Vec<String> = sqlx::query_scalar(
            "SELECT record FROM lectures WHERE public = 1 OR owner = $1 OR id IN (SELECT source FROM shown WHERE person = $1)
             ORDER BY created DESC, id DESC",
        )
        .bind(person.as_str())
        .fetch_all(self.reader())
        .await
        .map_err(fault)?;
        records.iter().map(|record| from_json(record)).collect()
    }

    async fn abandoned(&self, before: Timestamp) -> StoreResult<Vec<Lecture>> {
        let records: Vec<String> = sqlx::query_scalar(
            "SELECT record FROM lectures
             WHERE created <= $1 AND record ->> '$.state.state' IN ('uploading', 'making') ORDER BY created, id",
        )
        .bind(before.0)
        .fetch_all(self.reader())
        .await
        .map_err(fault)?;
        records.iter().map(|record| from_json(record)).collect()
    }

    async fn delete_lecture(&self, id: &LectureId) -> StoreResult<()> {
        let gone = sqlx::query("DELETE FROM sources WHERE id = $1 AND kind = 'lecture'").bind(id.as_str());
        gone.execute(self.writer()).await.map_err(fault)?;
        Ok(())
    }

    async fn plan_windows(&self, id: &LectureId, windows: &[Span]) -> StoreResult<()> {
        let mut tx = self.begin().await?;
        must_be_there(&mut tx, &id.into()).await?;
        sqlx::query("DELETE FROM windows WHERE lecture = $1").bind(id.as_str()).execute(&mut *tx).await.map_err(fault)?;
        sqlx::query(
            "INSERT INTO windows (lecture, n, from_ms, to_ms)
             SELECT $1, key, value ->> 'from', value ->> 'to' FROM json_each($2)",
        )
        .bind(id.as_str())
        .bind(to_json(&windows)?)
        .execute(&mut *tx)
        .await
        .map_err(fault)?;
        tx.commit().await.map_err(fault)
    }

    async fn windows(&self, id: &LectureId) -> StoreResult<Vec<Window>> {
        let rows: Vec<(i64, i64, bool, Option<String>)> =
            sqlx::query_as("SELECT from_ms, to_ms, phrases IS NOT NULL, skipped FROM windows WHERE lecture = $1 ORDER BY n")
                .bind(id.as_str())
                .fetch_all(self.reader())
                .await
                .map_err(fault)?;
        let window = |(from, to, finished, skipped)| Window { span: span(from, to), finished, skipped };
        Ok(rows.into_iter().map(window).collect())
    }

    /// The first result stands.
    async fn finish_window(&self, id: &LectureId, window: usize, phrases: &[Phrase], skipped: Option<&str>) -> StoreResult<()> {
        let phrases: Vec<Phrase> = phrases.iter().cloned().map(finite).collect();
        let mut tx = self.begin().await?;
        let known = sqlx::query(
            "UPDATE windows SET phrases = coalesce(phrases, $3), skipped = iif(phrases IS NULL, $4, skipped)
             WHERE lecture = $1 AND n = $2",
        )
        .bind(id.as_str())
        .bind(window as i64)
        .bind(to_json(&phrases)?)
        .bind(skipped)
        .execute(&mut *tx)
        .await
        .map_err(fault)?;
        if known.rows_affected() == 0 {
            must_be_there(&mut tx, &id.into()).await?;
            return Err(StoreError::Conflict);
        }
        tx.commit().await.map_err(fault)
    }

    async fn phrases(&self, id: &LectureId) -> StoreResult<Vec<Phrase>> {
        let lists: Vec<String> =
            sqlx::query_scalar("SELECT phrases FROM windows WHERE lecture = $1 AND phrases IS NOT NULL ORDER BY n")
                .bind(id.as_str())
                .fetch_all(self.reader())
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
        records::dimension(passages, meanings)?;
        let mut tx = self.begin().await?;
        let first_row = replace_passages(&mut tx, source, passages).await?;
        if let Some(first_row) = first_row
            && !meanings.is_empty()
        {
            insert_vectors(&mut tx, first_row, meanings).await?;
            let vectors: Vec<Vec<f32>> = meanings.iter().map(|meaning| meaning.whole.clone()).collect();
            insert_codes(&mut tx, source, first_row, model, &vectors).await?;
        }
        tx.commit().await.map_err(fault)
    }

    async fn index_aside(&self, id: &DocumentId, passages: &[Passage], model: &str) -> StoreResult<bool> {
        let source = Source::from(id);
        let mut tx = self.begin().await?;
        let Some(first_row) = replace_passages(&mut tx, &source, passages).await? else { return Ok(false) };
        let mut vectors: Vec<Vec<f32>> = Vec::with_capacity(passages.len());
        while vectors.len() < passages.len() {
            let done = vectors.len();
            let stretch = documents::stretch(&mut tx, id, model, done).await?;
            let Some(dimension) = records::dimension_of_next(passages, done, &stretch)? else { return Ok(false) };
            records::must_be_alike(vectors.first().map_or(dimension, Vec::len), dimension)?;
            insert_vectors(&mut tx, first_row + done as i64, &stretch).await?;
            vectors.extend(stretch.into_iter().map(|meaning| meaning.whole));
        }
        insert_codes(&mut tx, &source, first_row, model, &vectors).await?;
        tx.commit().await.map_err(fault).map(|()| true)
    }

    async fn note_indexed(&self, id: &LectureId, revision: u64) -> StoreResult<()> {
        corrections::note_indexed(self, id, revision).await
    }

    async fn stale(&self, model: Option<&str>, after: Option<&Source>) -> StoreResult<Option<Source>> {
        corrections::stale(self, model, after).await
    }

    async fn passages(&self, source: &Source) -> StoreResult<Vec<Passage>> {
        let rows: Vec<PassageRow> = sqlx::query_as(
            "SELECT id, idx, begins, ends, heading, text, marks FROM passages WHERE source = $1 ORDER BY idx, row",
        )
        .bind(source.name())
        .fetch_all(self.reader())
        .await
        .map_err(fault)?;
        rows.into_iter().map(|row| passage(source.clone(), row)).collect()
    }

    async fn passages_on(&self, id: &DocumentId, page: u32) -> StoreResult<Vec<Passage>> {
        let rows: Vec<PassageRow> = sqlx::query_as(
            "SELECT id, idx, begins, ends, heading, text, marks FROM passages
             WHERE source = $1 AND begins <= $2 AND ends >= $2 ORDER BY idx, row",
        )
        .bind(id.as_str())
        .bind(i64::from(page))
        .fetch_all(self.reader())
        .await
        .map_err(fault)?;
        rows.into_iter().map(|row| passage(Source::from(id), row)).collect()
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
        sqlx::query(
            "INSERT INTO reports (lecture, record) VALUES ($1, $2) ON CONFLICT (lecture) DO UPDATE SET record = excluded.record",
        )
        .bind(id.as_str())
        .bind(to_json(report)?)
        .execute(self.writer())
        .await
        .map_err(fault)?;
        Ok(())
    }

    async fn report(&self, id: &LectureId) -> StoreResult<Option<IngestReport>> {
        let record: Option<String> = sqlx::query_scalar("SELECT record FROM reports WHERE lecture = $1")
            .bind(id.as_str())
            .fetch_optional(self.reader())
            .await
            .map_err(fault)?;
        record.as_deref().map(from_json).transpose()
    }

    async fn save_waveform(&self, id: &LectureId, waveform: &Waveform) -> StoreResult<()> {
        sqlx::query(
            "INSERT INTO waveforms (lecture, peaks) VALUES ($1, $2) ON CONFLICT (lecture) DO UPDATE SET peaks = excluded.peaks",
        )
        .bind(id.as_str())
        .bind(waveform.peaks.as_slice())
        .execute(self.writer())
        .await
        .map_err(fault)?;
        Ok(())
    }

    async fn waveform(&self, id: &LectureId) -> StoreResult<Option<Waveform>> {
        let peaks: Option<Vec<u8>> = sqlx::query_scalar("SELECT peaks FROM waveforms WHERE lecture = $1")
            .bind(id.as_str())
            .fetch_optional(self.reader())
            .await
            .map_err(fault)?;
        Ok(peaks.map(|peaks| Waveform { peaks }))
    }
}

/// Nothing is stored for a source that is gone.
pub(crate) async fn must_be_there(tx: &mut Transaction<'_, Sqlite>, source: &Source) -> StoreResult<()> {
    let found: Option<i64> = sqlx::query_scalar("SELECT 1 FROM sources WHERE id = $1 AND kind = $2")
        .bind(source.name())
        .bind(kind(source))
        .fetch_optional(&mut **tx)
        .await
        .map_err(fault)?;
    found.map(drop).ok_or(StoreError::Gone)
}

/// What a source is, as the column has it.
pub(crate) fn kind(source: &Source) -> &'static str {
    match source {
        Source::Lecture(_) => "lecture",
        Source::Document(_) => "document",
    }
}

/// A source from its columns.
pub(crate) fn source(kind: &str, name: String) -> StoreResult<Source> {
    let source = match kind {
        "document" => DocumentId::parse(name).map(Source::from),
        _ => LectureId::parse(name).map(Source::from),
    };
    source.map_err(|_| StoreError::Corrupt("a source has a name that is none".into()))
}

/// A passage's columns beside its source: its name, its place, where it begins and ends, the headings above it, its text, its
/// marks.
pub(crate) type PassageRow = (String, u32, i64, i64, String, String, String);

/// A passage from its columns.
pub(crate) fn passage(source: Source, (id, index, begins, ends, heading, text, marks): PassageRow) -> StoreResult<Passage> {
    let id = PassageId::parse(id).map_err(|_| StoreError::Corrupt("a passage has a name that is none".into()))?;
    let spot = spot(&source, begins, ends);
    let marks = marks_from_text(&source, &marks)?;
    Ok(Passage { id, source, index, spot, heading, text, marks })
}

fn spot(source: &Source, begins: i64, ends: i64) -> Spot {
    let page = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
    match source {
        Source::Lecture(_) => Spot::Said(span(begins, ends)),
        Source::Document(_) => Spot::Printed(Pages::new(page(begins), page(ends))),
    }
}

/// A passage's marks as a column has them: of each its place in the text, where it begins and where it ends; nothing where there
/// are none.
pub(crate) fn marks_to_text(marks: &[Mark]) -> StoreResult<String> {
    let row = |mark: &Mark| {
        let (begins, ends) = ends(mark.spot);
        (mark.at, begins, ends)
    };
    if marks.is_empty() { Ok(String::new()) } else { to_json(&marks.iter().map(row).collect::<Vec<_>>()) }
}

fn marks_from_text(source: &Source, text: &str) -> StoreResult<Vec<Mark>> {
    let rows: Vec<(usize, i64, i64)> = if text.is_empty() { Vec::new() } else { from_json(text)? };
    Ok(rows.into_iter().map(|(at, begins, ends)| Mark { at, spot: spot(source, begins, ends) }).collect())
}

/// Where a passage begins and ends, as the columns have it.
pub(crate) fn ends(spot: Spot) -> (i64, i64) {
    let ms = |time: Millis| i64::try_from(time.0).unwrap_or(i64::MAX);
    match spot {
        Spot::Said(span) => (ms(span.from), ms(span.to)),
        Spot::Printed(pages) => (pages.from.into(), pages.to.into()),
    }
}

/// Puts passages in the place of those that a source had, and says where their rows start, if there are any.
async fn replace_passages(tx: &mut Transaction<'_, Sqlite>, source: &Source, passages: &[Passage]) -> StoreResult<Option<i64>> {
    must_be_there(tx, source).await?;
    let old = [
        "DELETE FROM passages WHERE source = $1",
        "DELETE FROM passage_rows WHERE source = $1",
        "DELETE FROM vector_blocks WHERE source = $1",
    ];
    for statement in old {
        sqlx::query(statement).bind(source.name()).execute(&mut **tx).await.map_err(fault)?;
    }
    sqlx::query("UPDATE search_state SET generation = generation + 1").execute(&mut **tx).await.map_err(fault)?;
    if passages.is_empty() { Ok(None) } else { insert_passages(tx, source, passages).await.map(Some) }
}

/// Stores the passages in one statement and in their order, which makes their rows one range; says where it starts.
async fn insert_passages(tx: &mut Transaction<'_, Sqlite>, source: &Source, passages: &[Passage]) -> StoreResult<i64> {
    let new = passages.iter().map(NewPassage::of).collect::<StoreResult<Vec<_>>>()?;
    sqlx::query(
        "INSERT INTO passages (source, id, idx, begins, ends, heading, text, marks)
         SELECT $1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
         FROM json_each($2) ORDER BY key",
    )
    .bind(source.name())
    .bind(to_json(&new)?)
    .execute(&mut **tx)
    .await
    .map_err(fault)?;
    sqlx::query_scalar(
        "INSERT INTO passage_rows (source, first_row, last_row)
         SELECT source, min(row), max(row) FROM passages WHERE source = $1 RETURNING first_row",
    )
    .bind(source.name())
    .fetch_one(&mut **tx)
    .await
    .map_err(fault)
}

/// Stores the exact vectors of the passages from a row on, and those of their sentences.
async fn insert_vectors(tx: &mut Transaction<'_, Sqlite>, first_row: i64, meanings: &[Meaning]) -> StoreResult<()> {
    for (row, meaning) in (first_row..).zip(meanings) {
        let parts = (!meaning.parts.is_empty()).then(|| records::parts_to_bytes(&meaning.parts));
        sqlx::query("INSERT INTO vectors (row, v, parts) VALUES ($1, $2, $3)")
            .bind(row)
            .bind(to_bytes(meaning.whole.iter()))
            .bind(parts)
            .execute(&mut **tx)
            .await
            .map_err(fault)?;
    }
    Ok(())
}

/// Stores the vectors of all passages in eight bits.
async fn insert_codes(
    tx: &mut Transaction<'_, Sqlite>,
    source: &Source,
    first_row: i64,
    model: &str,
    vectors: &[Vec<f32>],
) -> StoreResult<()> {
    sqlx::query("INSERT INTO vector_blocks (source, model, dimension, codes) VALUES ($1, $2, $3, $4)")
        .bind(source.name())
        .bind(model)
        .bind(vectors.first().map_or(0, Vec::len) as i64)
        .bind(Codes::quantise(first_row, vectors).to_bytes())
        .execute(&mut **tx)
        .await
        .map_err(fault)?;
    Ok(())
}

/// The columns of a new passage, in the order of the statement that stores it.
#[derive(Serialize)]
struct NewPassage<'a>(&'a str, u32, i64, i64, &'a str, &'a str, String);

impl<'a> NewPassage<'a> {
    fn of(passage: &'a Passage) -> StoreResult<Self> {
        let (begins, ends) = ends(passage.spot);
        let marks = marks_to_text(&passage.marks)?;
        Ok(Self(passage.id.as_str(), passage.index, begins, ends, &passage.heading, &passage.text, marks))
    }
}

pub(crate) fn span(from: i64, to: i64) -> Span {
    Span::new(Millis(from.max(0) as u64), Millis(to.max(0) as u64))
}

/// JSON has no way to write a confidence that is no number, and one that cannot be read again would hide a whole lecture.
pub(crate) fn finite(mut phrase: Phrase) -> Phrase {
    let fix = |confidence: &mut f32| *confidence = if confidence.is_finite() { *confidence } else { 0.0 };
    fix(&mut phrase.confidence);
    phrase.words.iter_mut().for_each(|word| fix(&mut word.confidence));
    phrase
}
