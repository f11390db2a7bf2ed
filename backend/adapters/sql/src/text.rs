//! Full-text search by words: a query that cannot fail, and a bound on what common words cost. It knows no vectors.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use futures::TryStreamExt;
use sqlx::sqlite::SqlitePool;
use synapscribe_domain::PersonId;
use synapscribe_ports::StoreResult;

use crate::cache::{Sight, Snapshot};
use crate::sqlite::fault;
use crate::store::to_json;

/// A row and its score, higher being better.
pub(crate) type Hit = (i64, f32);

/// The most passages one search scores. Words that only add more are left out: they tell passages apart least.
const BUDGET: u32 = 4_000;
/// Words beyond this many are not looked for.
const MOST_WORDS: usize = 32;
/// Characters of a word beyond this many are not looked at.
const LONGEST_WORD: usize = 64;
/// How many words' frequencies are remembered.
const REMEMBERED: usize = 20_000;

/// In how many passages words occur, counted up to the budget and remembered until something changes.
#[derive(Default)]
pub(crate) struct Frequencies {
    state: Mutex<(i64, HashMap<String, u32>)>,
}

/// The words worth looking for, each once and in lower case; what holds no letter or digit is left out.
pub(crate) fn sought(words: &[String]) -> Vec<String> {
    let mut seen = HashSet::new();
    words
        .iter()
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .map(|word| word.chars().filter(|c| *c != '\0').take(LONGEST_WORD).collect::<String>().to_lowercase())
        .filter(|word| seen.insert(word.clone()))
        .take(MOST_WORDS)
        .collect()
}

/// The words as full-text phrases. Each is quoted, so nothing in it is an operator.
pub(crate) fn phrases(words: &[String]) -> Vec<String> {
    sought(words).iter().map(|word| format!("\"{}\"", word.replace('"', "\"\""))).collect()
}

/// The best rows between two rows, both included.
pub(crate) async fn in_rows(reader: &SqlitePool, phrases: &[String], rows: (i64, i64), limit: usize) -> StoreResult<Vec<Hit>> {
    sqlx::query_as(
        "SELECT rowid, -bm25(passages_fts) AS score FROM passages_fts
         WHERE passages_fts MATCH $1 AND rowid BETWEEN $2 AND $3 ORDER BY score DESC, rowid LIMIT $4",
    )
    .bind(phrases.join(" OR "))
    .bind(rows.0)
    .bind(rows.1)
    .bind(limit as i64)
    .fetch_all(reader)
    .await
    .map_err(fault)
}

/// The best rows of everything a person may see; `alone` where nothing but words tells passages apart.
pub(crate) async fn visible(
    reader: &SqlitePool,
    frequencies: &Frequencies,
    snapshot: &Snapshot,
    phrases: &[String],
    sight: &Sight<'_>,
    limit: usize,
    alone: bool,
) -> StoreResult<Vec<Hit>> {
    let mut counted = frequencies.of(reader, snapshot.generation, phrases).await?;
    counted.retain(|(_, count)| *count > 0);
    counted.sort_by_key(|(_, count)| *count);
    if counted.is_empty() {
        return Ok(Vec::new());
    }
    let mut room = BUDGET;
    let telling = counted.iter().map_while(|(phrase, count)| {
        room = room.checked_sub(*count)?;
        Some(phrase.as_str())
    });
    let telling: Vec<&str> = telling.collect();
    let mut hits = Vec::new();
    if !telling.is_empty() {
        hits = best_of_few(reader, &telling.join(" OR "), |row| snapshot.is_visible(row, sight), limit).await?;
        if hits.len() >= limit || telling.len() == counted.len() {
            return Ok(hits);
        }
    }
    // Only common words are left. What holds them all comes first, then what holds any.
    let words: Vec<&str> = counted.iter().skip(telling.len()).map(|(phrase, _)| phrase.as_str()).collect();
    if !alone {
        // Meaning orders them, and finds what holds only some of them.
        let score = hits.last().map_or(1.0, |last: &Hit| last.1 / 2.0);
        let known: HashSet<i64> = hits.iter().map(|hit: &Hit| hit.0).collect();
        let more = newest_of_many(reader, &words.join(" AND "), sight.person, limit).await?;
        let room = limit - hits.len();
        hits.extend(more.into_iter().filter(|row| !known.contains(row)).take(room).map(|row| (row, score)));
        return Ok(hits);
    }
    let hidden_from = (!snapshot.is_all_visible(sight)).then_some(sight.person);
    for joint in [" AND ", " OR "] {
        let more = best_of_many(reader, &words.join(joint), hidden_from, limit).await?;
        let known: HashSet<i64> = hits.iter().map(|hit: &Hit| hit.0).collect();
        hits.extend(more.into_iter().filter(|hit| !known.contains(&hit.0)).take(limit - hits.len()));
        if hits.len() >= limit || words.len() == 1 {
            break;
        }
    }
    Ok(hits)
}

/// Scores everything that matches, the best first, until enough of it may be seen.
async fn best_of_few(reader: &SqlitePool, expression: &str, seen: impl Fn(i64) -> bool, limit: usize) -> StoreResult<Vec<Hit>> {
    let mut rows = sqlx::query_as::<_, Hit>(
        "SELECT rowid, -bm25(passages_fts) AS score FROM passages_fts WHERE passages_fts MATCH $1 ORDER BY score DESC, rowid",
    )
    .bind(expression)
    .fetch(reader);
    let mut hits = Vec::with_capacity(limit);
    while hits.len() < limit
        && let Some(hit) = rows.try_next().await.map_err(fault)?
    {
        if seen(hit.0) {
            hits.push(hit);
        }
    }
    Ok(hits)
}

/// Scores a part of what matches and may be seen, no more than the budget.
async fn best_of_many(
    reader: &SqlitePool,
    expression: &str,
    hidden_from: Option<&PersonId>,
    limit: usize,
) -> StoreResult<Vec<Hit>> {
    let statement = if hidden_from.is_none() {
        "SELECT rowid, score FROM (
             SELECT rowid, -bm25(passages_fts) AS score FROM passages_fts WHERE passages_fts MATCH $1 LIMIT $2
         ) ORDER BY score DESC, rowid LIMIT $3"
    } else {
        "SELECT rowid, score FROM (
             SELECT rowid, -bm25(passages_fts) AS score FROM passages_fts WHERE passages_fts MATCH $1 AND EXISTS (
                 SELECT 1 FROM sources s
                 WHERE (s.public = 1 OR s.owner = $4 OR s.id IN (SELECT source FROM shown WHERE person = $4)) AND s.id = (
                     SELECT r.source FROM passage_rows r WHERE r.first_row <= passages_fts.rowid ORDER BY r.first_row DESC LIMIT 1
                 )
             ) LIMIT $2
         ) ORDER BY score DESC, rowid LIMIT $3"
    };
    let query = sqlx::query_as(statement).bind(expression).bind(BUDGET).bind(limit as i64);
    let query = if let Some(person) = hidden_from { query.bind(person.as_str()) } else { query };
    query.fetch_all(reader).await.map_err(fault)
}

/// The newest of what matches and may be seen, among which is what has no vectors yet. It has no score: for one, all that holds any
/// of the words would be read.
async fn newest_of_many(reader: &SqlitePool, expression: &str, person: &PersonId, limit: usize) -> StoreResult<Vec<i64>> {
    sqlx::query_scalar(
        "SELECT rowid FROM passages_fts WHERE passages_fts MATCH $1 AND EXISTS (
             SELECT 1 FROM sources s
             WHERE (s.public = 1 OR s.owner = $2 OR s.id IN (SELECT source FROM shown WHERE person = $2)) AND s.id = (
                 SELECT r.source FROM passage_rows r WHERE r.first_row <= passages_fts.rowid ORDER BY r.first_row DESC LIMIT 1
             )
         ) ORDER BY rowid DESC LIMIT $3",
    )
    .bind(expression)
    .bind(person.as_str())
    .bind(limit as i64)
    .fetch_all(reader)
    .await
    .map_err(fault)
}

impl Frequencies {
    /// Each phrase with the number of passages that hold it, at most one more than the budget.
    async fn of(&self, reader: &SqlitePool, generation: i64, phrases: &[String]) -> StoreResult<Vec<(String, u32)>> {
        let unknown: Vec<&String> = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if state.0 != generation || state.1.len() > REMEMBERED {
                *state = (generation, HashMap::new());
            }
            phrases.iter().filter(|phrase| !state.1.contains_key(*phrase)).collect()
        };
        let counted: Vec<(String, u32)> = if unknown.is_empty() {
            Vec::new()
        } else {
            sqlx::query_as(
                "SELECT j.value, (SELECT count(*) FROM (SELECT 1 FROM passages_fts WHERE passages_fts MATCH j.value LIMIT $2))
                 FROM json_each($1) j",
            )
            .bind(to_json(&unknown)?)
            .bind(BUDGET + 1)
            .fetch_all(reader)
            .await
            .map_err(fault)?
        };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh: HashMap<&str, u32> = counted.iter().map(|(phrase, count)| (phrase.as_str(), *count)).collect();
        let known = |phrase: &String| fresh.get(phrase.as_str()).or_else(|| state.1.get(phrase)).copied().unwrap_or(0);
        let out = phrases.iter().map(|phrase| (phrase.clone(), known(phrase))).collect();
        if state.0 == generation {
            state.1.extend(counted);
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_quoted_phrases() {
        let words = ["Chain", "chain", "a\"b", "…", "", "x\0y", "NEAR(a b)"].map(str::to_owned);
        assert_eq!(phrases(&words), ["\"chain\"", "\"a\"\"b\"", "\"xy\"", "\"near(a b)\""]);
    }
}
