//! Searching by words and by meaning at once. It knows nothing of how the two scores are joined into one order.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use sqlx::FromRow;
use synapscribe_domain::retrieval::Candidate;
use synapscribe_domain::{PersonId, Source};
use synapscribe_ports::{Scope, StoreError, StoreResult};

use crate::cache::{Indexed, Sight, Snapshot};
use crate::library;
use crate::records::parts_near;
use crate::sqlite::fault;
use crate::store::{Store, to_json};
use crate::text::{self, Hit};
use crate::vectors::{Codes, Probe, cosine, from_bytes, nearest};

/// Nobody reads more than this many passages.
const MOST: usize = 1_000;
/// The signs of the vectors choose this many times the passages asked for, so that comparing these almost exactly can put them right.
const WIDER: usize = 10;
/// But never fewer than this,
const LEAST_WIDE: usize = 1_000;
/// nor less than this part of them all.
const WIDE_PART: usize = 100;
/// Up to this many passages of the sources that are named are compared exactly, each with its vector read from the disk.
const READ_ALL: i64 = 3_000;
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
        Scope::Sources(sources) => in_sources(store, sources, &phrases, vector, limit).await?,
        Scope::VisibleTo(person) => in_sight(store, person, &phrases, vector, limit).await?,
    };
    join(store, scope, vector, hits, near, limit).await
}

/// In few passages everything is compared exactly; in the many of long books the vectors as they are held in memory are.
async fn in_sources(
    store: &Store,
    sources: &[Source],
    phrases: &[String],
    vector: Option<Meaning<'_>>,
    limit: usize,
) -> StoreResult<(Vec<Hit>, Vec<Hit>)> {
    let named = names(sources)?;
    let ranges: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT r.first_row, r.last_row FROM json_each($1) j JOIN passage_rows r ON r.source = j.value ORDER BY r.first_row",
    )
    .bind(&named)
    .fetch_all(store.reader())
    .await
    .map_err(fault)?;
    let by_words = async {
        let mut hits: Vec<Hit> = Vec::new();
        if !phrases.is_empty() {
            for range in &ranges {
                hits.extend(text::in_rows(store.reader(), phrases, *range, limit).await?);
            }
        }
        hits.sort_by(closest_first);
        hits.truncate(limit);
        Ok(hits)
    };
    if ranges.iter().map(|(first, last)| last - first + 1).sum::<i64>() > READ_ALL {
        let snapshot = store.cache().snapshot(store.reader()).await?;
        let by_meaning = async {
            let Some((model, probe)) = vector else { return Ok(Vec::new()) };
            let named = |one: &Indexed| ranges.iter().any(|(first, _)| *first == one.first_row());
            scan(snapshot.vectors(model, probe.len(), named), probe, limit).await
        };
        let (hits, near) = tokio::try_join!(by_words, by_meaning)?;
        let near = with_hits(near, &hits, &snapshot, vector);
        return Ok((hits, near));
    }
    let by_meaning = async {
        let Some((model, probe)) = vector else { return Ok(Vec::new()) };
        let found: Vec<(i64, Vec<u8>)> = sqlx::query_as(
            "SELECT v.row, v.v FROM json_each($1) j JOIN vector_blocks b ON b.source = j.value
             JOIN passage_rows r ON r.source = b.source JOIN vectors v ON v.row BETWEEN r.first_row AND r.last_row
             WHERE b.model = $2 AND b.dimension = $3",
        )
        .bind(&named)
        .bind(model)
        .bind(probe.len() as i64)
        .fetch_all(store.reader())
        .await
        .map_err(fault)?;
        Ok(compare(probe, found))
    };
    tokio::try_join!(by_words, by_meaning)
}

/// The names of sources, each once, as a list that a statement can read.
fn names(sources: &[Source]) -> StoreResult<String> {
    let mut names: Vec<&str> = sources.iter().map(Source::name).collect();
    names.sort_unstable();
    names.dedup();
    to_json(&names)
}

/// Across everything words and vectors are looked for at the same time, the vectors as they are held in memory.
async fn in_sight(
    store: &Store,
    person: &PersonId,
    phrases: &[String],
    vector: Option<Meaning<'_>>,
    limit: usize,
) -> StoreResult<(Vec<Hit>, Vec<Hit>)> {
    let sight = Sight::of(person, store.reader()).await?;
    let snapshot = store.cache().snapshot(store.reader()).await?;
    let seen = vector.map(|(model, probe)| snapshot.vectors(model, probe.len(), |one| one.is_in(&sight))).unwrap_or_default();
    let alone = seen.is_empty();
    let by_words = async {
        if phrases.is_empty() {
            return Ok(Vec::new());
        }
        text::visible(store.reader(), store.frequencies(), &snapshot, phrases, &sight, limit, alone).await
    };
    let by_meaning = async {
        let Some((_, probe)) = vector else { return Ok(Vec::new()) };
        scan(seen, probe, limit).await
    };
    let (hits, near) = tokio::try_join!(by_words, by_meaning)?;
    let near = with_hits(near, &hits, &snapshot, vector);
    Ok((hits, near))
}

/// The nearest of the vectors that are held in memory.
async fn scan(seen: Vec<Arc<Codes>>, probe: &[f32], limit: usize) -> StoreResult<Vec<Hit>> {
    let total: usize = seen.iter().map(|codes| codes.len()).sum();
    let keep = (limit * WIDER).max(LEAST_WIDE).max(total / WIDE_PART);
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
}

/// What was found by words counts as near, too, where it has a vector, so that both scores are known where both exist.
fn with_hits(mut near: Vec<Hit>, hits: &[Hit], snapshot: &Snapshot, vector: Option<Meaning<'_>>) -> Vec<Hit> {
    if let Some((model, probe)) = vector {
        let known: HashSet<i64> = near.iter().map(|near| near.0).collect();
        let more =
            hits.iter().map(|hit| hit.0).filter(|row| !known.contains(row) && snapshot.has_vector(*row, model, probe.len()));
        near.extend(more.map(|row| (row, f32::NEG_INFINITY)));
    }
    near
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

/// A passage as the statement below gives it, with its vector where it has one.
#[derive(FromRow)]
struct Row {
    row: i64,
    kind: String,
    source: String,
    id: String,
    idx: u32,
    begins: i64,
    ends: i64,
    heading: String,
    text: String,
    marks: String,
    v: Option<Vec<u8>>,
    parts: Option<Vec<u8>>,
}

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
    let (named, person) = match scope {
        Scope::Sources(sources) => (Some(names(sources)?), None),
        Scope::VisibleTo(person) => (None, Some(person.as_str())),
    };
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT p.row, s.kind, p.source, p.id, p.idx, p.begins, p.ends, p.heading, p.text, p.marks, v.v, v.parts
         FROM json_each($1) j JOIN passages p ON p.row = j.value JOIN sources s ON s.id = p.source
         LEFT JOIN vectors v ON v.row = p.row
         WHERE p.source IN (SELECT value FROM json_each($2)) OR ($2 IS NULL AND (
             s.public = 1 OR s.owner = $3 OR s.id IN (SELECT source FROM shown WHERE person = $3)
         ))",
    )
    .bind(to_json(&wanted)?)
    .bind(named)
    .bind(person)
    .fetch_all(store.reader())
    .await
    .map_err(fault)?;
    let text_scores: HashMap<i64, f32> = hits.into_iter().collect();
    let similarities: HashMap<i64, f32> = near.into_iter().collect();
    let mut candidates = Vec::with_capacity(rows.len());
    for Row { row, kind, source, id, idx, begins, ends, heading, text, marks, v: exact, parts } in rows {
        let passage = library::passage(library::source(&kind, source)?, (id, idx, begins, ends, heading, text, marks))?;
        let similarity = similarities.get(&row).map(|similarity| match (vector, &exact) {
            (Some((_, probe)), Some(bytes)) => cosine(probe, &from_bytes(bytes)),
            _ => *similarity,
        });
        let similarity = similarity.filter(|similarity| similarity.is_finite());
        // Only where its space is that of the question.
        let parts = vector.filter(|_| similarity.is_some()).zip(parts);
        let parts = parts.map(|((_, probe), bytes)| parts_near(&bytes, probe)).unwrap_or_default();
        candidates.push(Candidate { passage, text_score: text_scores.get(&row).copied(), similarity, parts });
    }
    // What has no score counts as far away.
    let key = |c: &Candidate| (c.similarity.unwrap_or(f32::NEG_INFINITY), c.text_score.unwrap_or(f32::NEG_INFINITY));
    candidates.sort_by(|a, b| key(b).0.total_cmp(&key(a).0).then(key(b).1.total_cmp(&key(a).1)));
    Ok(candidates)
}
