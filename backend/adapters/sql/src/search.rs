//! Searching by words and by meaning at once. It knows nothing of how the two scores are joined into one order.

use std::collections::{HashMap, HashSet};

use synapscribe_domain::retrieval::Candidate;
use synapscribe_domain::{LectureId, PersonId};
use synapscribe_ports::{Scope, StoreError, StoreResult};

use crate::sqlite::fault;
use crate::store::{Store, to_json};
use crate::text::{self, Hit};
use crate::vectors::{Probe, cosine, from_bytes, nearest};

/// Nobody reads more than this many passages.
const MOST: usize = 1_000;
/// Eight bits find this many times the passages asked for, so that comparing these almost exactly can put them right.
const WIDER: usize = 5;
/// But never fewer than this.
const LEAST_WIDE: usize = 50;
/// Below this many vectors a second thread costs more than it brings.
const WORTH_SPLITTING: usize = 20_000;

/// A vector to search with, in the space of a model.
type Meaning<'a> = (&'a str, &'a [f32]);

/// See [`synapscribe_ports::Library::search`]. The closest in meaning come first; without a vector, the best by words.
pub(crate) async fn search(
    store: &Store,
    scope: &Scope,
    words: &[String],
    vector: Option<Meaning<'_>>,
    limit: usize,
) -> StoreResult<Vec<Candidate>> {
    let limit = limit.min(MOST);
    let phrases = text::phrases(words);
    // A vector without a direction is as far from everything as from anything else.
    let vector = vector.filter(|(_, v)| v.iter().all(|x| x.is_finite()) && v.iter().any(|x| *x != 0.0));
    if limit == 0 || (phrases.is_empty() && vector.is_none()) {
        return Ok(Vec::new());
    }
    let (hits, near) = match scope {
        Scope::Lecture(lecture) => in_lecture(store, lecture, &phrases, vector, limit).await?,
        Scope::VisibleTo(person) => in_sight(store, person, &phrases, vector, limit).await?,
    };
    join(store, scope, vector, hits, near, limit).await
}

/// In one lecture everything is compared exactly.
async fn in_lecture(
    store: &Store,
    lecture: &LectureId,
    phrases: &[String],
    vector: Option<Meaning<'_>>,
    limit: usize,
) -> StoreResult<(Vec<Hit>, Vec<Hit>)> {
    let rows: Option<(i64, i64)> = sqlx::query_as("SELECT first_row, last_row FROM passage_rows WHERE lecture = $1")
        .bind(lecture.as_str())
        .fetch_optional(store.reader())
        .await
        .map_err(fault)?;
    let Some((first, last)) = rows else { return Ok((Vec::new(), Vec::new())) };
    let by_words = async {
        if phrases.is_empty() { Ok(Vec::new()) } else { text::in_rows(store.reader(), phrases, (first, last), limit).await }
    };
    let by_meaning = async {
        let Some((model, probe)) = vector else { return Ok(Vec::new()) };
        let found: Vec<(i64, Vec<u8>)> = sqlx::query_as(
            "SELECT v.row, v.v FROM vector_blocks b JOIN vectors v ON v.row BETWEEN $4 AND $5
             WHERE b.lecture = $1 AND b.model = $2 AND b.dimension = $3",
        )
        .bind(lecture.as_str())
        .bind(model)
        .bind(probe.len() as i64)
        .bind(first)
        .bind(last)
        .fetch_all(store.reader())
        .await
        .map_err(fault)?;
        Ok(compare(probe, found))
    };
    tokio::try_join!(by_words, by_meaning)
}

/// Across lectures words and vectors are looked for at the same time, the vectors as they are held in memory. What was found by
/// words counts as near, too, where it has a vector, so that both scores are known where both exist.
async fn in_sight(
    store: &Store,
    person: &PersonId,
    phrases: &[String],
    vector: Option<Meaning<'_>>,
    limit: usize,
) -> StoreResult<(Vec<Hit>, Vec<Hit>)> {
    let snapshot = store.cache().snapshot(store.reader()).await?;
    let by_words = async {
        if phrases.is_empty() {
            return Ok(Vec::new());
        }
        text::visible(store.reader(), store.frequencies(), &snapshot, phrases, person, limit).await
    };
    let by_meaning = async {
        let Some((model, probe)) = vector else { return Ok(Vec::new()) };
        let seen = snapshot.vectors(model, probe.len(), person);
        let total: usize = seen.iter().map(|codes| codes.len()).sum();
        let keep = (limit * WIDER).max(LEAST_WIDE);
        let parts = if total > WORTH_SPLITTING { 2 } else { 1 };
        let tasks: Vec<_> = seen
            .chunks(seen.len().div_ceil(parts).max(1))
            .map(|part| {
                let (part, probe) = (part.to_vec(), Probe::new(probe));
                tokio::task::spawn_blocking(move || nearest(&part, &probe, keep, limit))
            })
            .collect();
        let mut near: Vec<Hit> = Vec::with_capacity(limit * parts);
        for task in tasks {
            near.extend(task.await.map_err(|error| StoreError::Unavailable(format!("the search was stopped: {error}")))?);
        }
        near.sort_by(closest_first);
        near.truncate(limit);
        Ok(near)
    };
    let (hits, mut near): (Vec<Hit>, Vec<Hit>) = tokio::try_join!(by_words, by_meaning)?;
    if let Some((model, probe)) = vector {
        let known: HashSet<i64> = near.iter().map(|near| near.0).collect();
        let more =
            hits.iter().map(|hit| hit.0).filter(|row| !known.contains(row) && snapshot.has_vector(*row, model, probe.len()));
        near.extend(more.map(|row| (row, f32::NEG_INFINITY)));
    }
    Ok((hits, near))
}

/// Exact similarities, the closest first.
fn compare(probe: &[f32], found: Vec<(i64, Vec<u8>)>) -> Vec<Hit> {
    let mut near: Vec<Hit> = found.into_iter().map(|(row, bytes)| (row, cosine(probe, &from_bytes(&bytes)))).collect();
    near.sort_by(closest_first);
    near
}

fn closest_first(a: &Hit, b: &Hit) -> std::cmp::Ordering {
    b.1.total_cmp(&a.1).then(a.0.cmp(&b.0))
}

/// A passage as the statements below give it, with its vector where that is still to be compared.
type Row = (i64, String, String, u32, i64, i64, String, Option<Vec<u8>>);

/// Fetches the passages, and checks once more that they may be seen: what is kept in memory may be a moment old. What was
/// compared there is compared exactly here.
async fn join(
    store: &Store,
    scope: &Scope,
    vector: Option<Meaning<'_>>,
    hits: Vec<Hit>,
    near: Vec<Hit>,
    limit: usize,
) -> StoreResult<Vec<Candidate>> {
    let closest = near.iter().take(limit).map(|n| n.0);
    let wanted: HashSet<i64> = closest.chain(hits.iter().map(|h| h.0)).collect();
    let mut wanted: Vec<i64> = wanted.into_iter().collect();
    wanted.sort_unstable();
    let (statement, who) = match scope {
        Scope::Lecture(lecture) => (
            "SELECT p.row, p.id, p.lecture, p.idx, p.from_ms, p.to_ms, p.text, NULL
             FROM json_each($1) j JOIN passages p ON p.row = j.value WHERE p.lecture = $2",
            lecture.as_str(),
        ),
        Scope::VisibleTo(person) => (
            "SELECT p.row, p.id, p.lecture, p.idx, p.from_ms, p.to_ms, p.text, v.v
             FROM json_each($1) j JOIN passages p ON p.row = j.value JOIN lectures l ON l.id = p.lecture
             LEFT JOIN vectors v ON v.row = p.row WHERE l.public = 1 OR l.owner = $2",
            person.as_str(),
        ),
    };
    let rows: Vec<Row> =
        sqlx::query_as(statement).bind(to_json(&wanted)?).bind(who).fetch_all(store.reader()).await.map_err(fault)?;
    let text_scores: HashMap<i64, f32> = hits.into_iter().collect();
    let similarities: HashMap<i64, f32> = near.into_iter().collect();
    let mut candidates = Vec::with_capacity(rows.len());
    for (row, id, lecture, idx, from, to, text, exact) in rows {
        let passage = crate::library::passage(id, lecture, idx, from, to, text)?;
        let similarity = similarities.get(&row).map(|similarity| match (vector, &exact) {
            (Some((_, probe)), Some(bytes)) => cosine(probe, &from_bytes(bytes)),
            _ => *similarity,
        });
        let similarity = similarity.filter(|similarity| similarity.is_finite());
        candidates.push(Candidate { passage, text_score: text_scores.get(&row).copied(), similarity });
    }
    // What has no score counts as far away.
    let key = |c: &Candidate| (c.similarity.unwrap_or(f32::NEG_INFINITY), c.text_score.unwrap_or(f32::NEG_INFINITY));
    candidates.sort_by(|a, b| key(b).0.total_cmp(&key(a).0).then(key(b).1.total_cmp(&key(a).1)));
    Ok(candidates)
}
