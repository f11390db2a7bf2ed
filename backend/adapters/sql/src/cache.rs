//! Which rows belong to which lecture or document, who may see it, and its vectors as codes: held in memory and refreshed when any
//! process has changed them. It knows no query.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures::TryStreamExt;
use sqlx::sqlite::SqlitePool;
use synapscribe_domain::PersonId;
use synapscribe_ports::{StoreError, StoreResult};
use tokio::sync::Mutex;

use crate::sqlite::fault;
use crate::store::to_json;
use crate::vectors::Codes;

/// Filled by the first search that needs it.
#[derive(Default)]
pub(crate) struct Cache {
    state: Mutex<Snapshot>,
}

/// What was true at one moment.
#[derive(Default, Clone)]
pub(crate) struct Snapshot {
    /// Moves whenever what a search may find has changed.
    pub(crate) generation: i64,
    /// In the order of their rows.
    pub(crate) sources: Arc<Vec<Indexed>>,
}

/// One source that has passages.
pub(crate) struct Indexed {
    first_row: i64,
    last_row: i64,
    owner: String,
    public: bool,
    vectors: Option<(Arc<str>, Arc<Codes>)>,
}

/// Who looks, and what their classes are shown; that is read anew for each search.
pub(crate) struct Sight<'a> {
    pub(crate) person: &'a PersonId,
    /// The first rows of these sources.
    shown: HashSet<i64>,
}

impl<'a> Sight<'a> {
    /// What a person's classes are shown at this moment.
    pub(crate) async fn of(person: &'a PersonId, reader: &SqlitePool) -> StoreResult<Self> {
        let rows: Vec<i64> =
            sqlx::query_scalar("SELECT r.first_row FROM shown s JOIN passage_rows r ON r.source = s.source WHERE s.person = $1")
                .bind(person.as_str())
                .fetch_all(reader)
                .await
                .map_err(fault)?;
        Ok(Self { person, shown: rows.into_iter().collect() })
    }
}

impl Snapshot {
    /// Whether a row is one of a source that the person may see.
    pub(crate) fn is_visible(&self, row: i64, sight: &Sight<'_>) -> bool {
        self.source_of(row).is_some_and(|source| source.is_in(sight))
    }

    /// Whether a row has a vector in the space of a model.
    pub(crate) fn has_vector(&self, row: i64, model: &str, dimension: usize) -> bool {
        let vectors = self.source_of(row).and_then(|source| source.vectors.as_ref());
        vectors.is_some_and(|(name, codes)| **name == *model && codes.dimension() == dimension)
    }

    fn source_of(&self, row: i64) -> Option<&Indexed> {
        let at = self.sources.partition_point(|source| source.last_row < row);
        self.sources.get(at).filter(|source| source.first_row <= row)
    }

    /// Whether nobody else keeps a source to themselves.
    pub(crate) fn is_all_visible(&self, sight: &Sight<'_>) -> bool {
        self.sources.iter().all(|source| source.is_in(sight))
    }

    /// The vectors of a model, of those sources that are meant.
    pub(crate) fn vectors(&self, model: &str, dimension: usize, meant: impl Fn(&Indexed) -> bool) -> Vec<Arc<Codes>> {
        let seen = self.sources.iter().filter(|source| meant(source));
        let vectors = seen.filter_map(|source| source.vectors.as_ref());
        let fitting = vectors.filter(|(name, codes)| **name == *model && codes.dimension() == dimension);
        fitting.map(|(_, codes)| codes.clone()).collect()
    }
}

impl Indexed {
    /// Rows are never used twice, so this names it.
    pub(crate) fn first_row(&self) -> i64 {
        self.first_row
    }

    pub(crate) fn is_in(&self, sight: &Sight<'_>) -> bool {
        self.public || self.owner == sight.person.as_str() || sight.shown.contains(&self.first_row)
    }
}

/// A source's line in the list: id, owner, visibility, first and last row, model.
type Listed = (String, String, bool, i64, i64, Option<String>);

impl Cache {
    /// The present state; reads only the vectors of sources that changed since the last time.
    pub(crate) async fn snapshot(&self, reader: &SqlitePool) -> StoreResult<Snapshot> {
        let mut state = self.state.lock().await;
        // Read before the list: should something change in between, the next search looks again.
        let generation: i64 = sqlx::query_scalar("SELECT generation FROM search_state").fetch_one(reader).await.map_err(fault)?;
        if generation == state.generation {
            return Ok(state.clone());
        }
        let listed: Vec<Listed> = sqlx::query_as(
            "SELECT s.id, s.owner, s.public, r.first_row, r.last_row, b.model FROM passage_rows r
             JOIN sources s ON s.id = r.source LEFT JOIN vector_blocks b ON b.source = r.source ORDER BY r.first_row",
        )
        .fetch_all(reader)
        .await
        .map_err(fault)?;
        // Rows are never used twice, so a source's first row tells whether its vectors are still the same.
        let known = state.sources.iter().filter_map(|source| Some((source.first_row, source.vectors.as_ref()?.1.clone())));
        let mut held: HashMap<i64, Arc<Codes>> = known.collect();
        let missing = listed.iter().filter(|line| line.5.is_some() && !held.contains_key(&line.3));
        let missing: Vec<&str> = missing.map(|line| line.0.as_str()).collect();
        if !missing.is_empty() {
            held.extend(load(reader, &missing).await?);
        }
        let mut models: HashMap<String, Arc<str>> = HashMap::new();
        let sources = listed.into_iter().map(|(_, owner, public, first_row, last_row, model)| {
            let codes = held.get(&first_row).cloned();
            let shared = model.map(|name| models.entry(name).or_insert_with_key(|name| name.as_str().into()).clone());
            Indexed { first_row, last_row, owner, public, vectors: shared.zip(codes) }
        });
        *state = Snapshot { generation, sources: Arc::new(sources.collect()) };
        Ok(state.clone())
    }
}

async fn load(reader: &SqlitePool, sources: &[&str]) -> StoreResult<Vec<(i64, Arc<Codes>)>> {
    let mut rows = sqlx::query_as::<_, (i64, i64, Vec<u8>)>(
        "SELECT r.first_row, b.dimension, b.codes FROM json_each($1) j JOIN vector_blocks b ON b.source = j.value
         JOIN passage_rows r ON r.source = b.source",
    )
    .bind(to_json(&sources)?)
    .fetch(reader);
    let mut out = Vec::with_capacity(sources.len());
    while let Some((first_row, dimension, bytes)) = rows.try_next().await.map_err(fault)? {
        let codes = usize::try_from(dimension).ok().and_then(|dimension| Codes::from_bytes(dimension, first_row, &bytes));
        let codes = codes.ok_or_else(|| StoreError::Corrupt(format!("the vectors from row {first_row} on are damaged")))?;
        out.push((first_row, Arc::new(codes)));
    }
    Ok(out)
}
