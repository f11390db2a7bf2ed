//! Searching by words and by meaning in one statement. It knows nothing of how the two scores are joined into one order.

use std::collections::HashSet;

use sqlx::{AssertSqlSafe, FromRow, PgConnection};
use synapscribe_domain::retrieval::Candidate;
use synapscribe_domain::{PassageId, Source};
use synapscribe_ports::{Scope, StoreResult};

use super::PostgresLibrary;
use super::fault::fault;
use super::library;
use super::words::{BUDGET, Term};
use crate::library as sources;
use crate::records::parts_near;

/// Nobody reads more than this many passages.
const MOST: usize = 1_000;
/// The dimensions whose vectors have an index.
const INDEXED: [usize; 6] = [256, 384, 512, 768, 1024, 1536];
/// The index walks the graph for this many times the vectors asked for, because half precision may swap neighbours.
const WIDER: usize = 2;

/// A vector to search with, in the space of a model.
type Meaning<'a> = (&'a str, &'a [f32]);

/// A row as the statement gives it.
#[derive(FromRow)]
struct Row {
    kind: String,
    source: String,
    id: String,
    idx: i64,
    from_ms: i64,
    to_ms: i64,
    heading: Vec<u8>,
    text: Vec<u8>,
    marks: String,
    score: Option<f32>,
    similarity: Option<f32>,
    parts: Option<Vec<u8>>,
}

/// What a search is asked for, in the shape of its statements.
struct Question<'a> {
    scope: &'a Scope,
    meaning: Option<Meaning<'a>>,
    limit: usize,
}

/// See [`synapscribe_ports::Library::search`]. The closest in meaning come first; without a vector, the best by words.
pub(super) async fn search(
    store: &PostgresLibrary,
    scope: &Scope,
    words: &[String],
    vector: Option<Meaning<'_>>,
    limit: usize,
) -> StoreResult<Vec<Candidate>> {
    let question = Question {
        scope,
        // A vector without a direction is as far from everything as from anything else.
        meaning: vector.filter(|(_, v)| v.iter().all(|x| x.is_finite()) && v.iter().any(|x| *x != 0.0)),
        limit: limit.min(MOST),
    };
    if question.limit == 0 || (words.is_empty() && question.meaning.is_none()) {
        return Ok(Vec::new());
    }
    let mut connection = store.connection().await?;
    let mut sought = store.inner.frequencies.weigh(&mut connection, words).await?;
    if matches!(scope, Scope::Sources(_)) {
        // A few sources have few passages, whatever words they hold.
        sought.telling.append(&mut sought.common);
    }
    let mut found = Vec::new();
    if !sought.telling.is_empty() || question.meaning.is_some() {
        found = question.ask(&mut connection, &sought.telling, Reach::All).await?;
    }
    // Only common words are left. What holds them all comes first, then what holds any.
    for reach in [Reach::AllOfThem, Reach::AnyOfThem] {
        let told = found.iter().filter(|one: &&Candidate| one.text_score.is_some()).count();
        if told >= question.limit || sought.common.is_empty() {
            break;
        }
        let more = question.ask(&mut connection, &sought.common, reach).await?;
        add(&mut found, more, question.limit - told);
        if sought.common.len() == 1 {
            break;
        }
    }
    Ok(question.rank(found))
}

/// How much of what matches is scored.
#[derive(Clone, Copy, PartialEq)]
enum Reach {
    /// All that holds any of the words.
    All,
    /// Some of what holds all of the words.
    AllOfThem,
    /// Some of what holds any of the words.
    AnyOfThem,
}

impl Question<'_> {
    async fn ask(&self, connection: &mut PgConnection, terms: &[Term], reach: Reach) -> StoreResult<Vec<Candidate>> {
        let (model, vector) = match self.meaning {
            Some((model, vector)) => (model, library::unit(vector).unwrap_or_default()),
            None => ("", Vec::new()),
        };
        let queries: Vec<&str> = terms.iter().map(|term| term.query.as_str()).collect();
        let weights: Vec<f32> = terms.iter().map(|term| term.weight).collect();
        let joint = if reach == Reach::AllOfThem { " & " } else { " | " };
        let whole = queries.iter().map(|query| format!("({query})")).collect::<Vec<_>>().join(joint);
        let who: Vec<&str> = match self.scope {
            Scope::Sources(sources) => sources.iter().map(Source::name).collect(),
            Scope::VisibleTo(person) => vec![person.as_str()],
        };
        let rows: Vec<Row> = sqlx::query_as(AssertSqlSafe(self.statement(terms.len(), reach, vector.len())))
            .bind(who)
            .bind(model)
            .bind(&vector)
            .bind(whole)
            .bind(queries)
            .bind(weights)
            .fetch_all(connection)
            .await
            .map_err(fault)?;
        rows.into_iter().map(|row| row.read(&vector)).collect()
    }

    /// The statement's shape depends on numbers and choices alone; everything that anybody wrote is bound. `$1` are the sources or the
    /// person, `$2` and `$3` are the model and the vector, `$4` is what has to match, `$5` and `$6` are the terms and their weights.
    fn statement(&self, terms: usize, reach: Reach, dimension: usize) -> String {
        let limit = self.limit;
        let seen = match self.scope {
            Scope::Sources(_) => "s.id = ANY ($1::text[])",
            Scope::VisibleTo(_) => {
                "(s.public OR s.owner = ($1::text[])[1] OR s.n IN (SELECT source FROM shown WHERE person = ($1::text[])[1]))"
            }
        };
        let list = |one: fn(usize) -> String, joint: &str| (1..=terms).map(one).collect::<Vec<_>>().join(joint);
        let asked = list(|n| format!("($5::text[])[{n}]::tsquery AS q{n}, ($6::real[])[{n}] AS w{n}"), ", ");
        // Length is evened out as the usual ranking does; what a word adds levels off the oftener it occurs.
        let score = list(|n| format!("w{n} * ts_rank(p.words, q{n}, 1)"), " + ");
        let matching = format!(
            "SELECT p.lecture, p.at, ({score})::real AS score FROM passages p JOIN sources s ON s.n = p.lecture CROSS JOIN asked
             WHERE {seen} AND p.words @@ (SELECT $4::tsquery)"
        );
        let told = match (terms, reach) {
            (0, _) => "SELECT 0::bigint AS lecture, 0 AS at, 0::real AS score WHERE false".to_owned(),
            (_, Reach::All) => format!("{matching} ORDER BY score DESC, p.lecture, p.at LIMIT {limit}"),
            (_, _) => format!("SELECT * FROM ({matching} LIMIT {BUDGET}) AS part ORDER BY score DESC, lecture, at LIMIT {limit}"),
        };
        let near = if dimension == 0 || reach != Reach::All {
            "SELECT 0::bigint AS lecture, 0 AS at WHERE false".to_owned()
        } else {
            self.near(seen, dimension)
        };
        let (similarity, parts, vectors) = match dimension {
            0 => ("NULL::real", "NULL::bytea", ""),
            _ => (
                "-(v.v <#> $3::real[]::vector)::real",
                "v.parts",
                "LEFT JOIN vectors v ON v.lecture = f.lecture AND v.at = f.at AND v.model = (SELECT n FROM space)",
            ),
        };
        format!(
            "WITH asked AS MATERIALIZED (
                 SELECT {asked}
             ), space AS MATERIALIZED (
                 SELECT n FROM models WHERE name = $2 AND dimension = {dimension}
             ), told AS MATERIALIZED ({told}), near AS MATERIALIZED ({near}), found AS (
                 SELECT lecture, at, max(score) AS score FROM (
                     SELECT lecture, at, score FROM told UNION ALL SELECT lecture, at, NULL FROM near
                 ) AS both_ways GROUP BY lecture, at
             )
             SELECT s.kind, s.id AS source, p.id, p.idx, p.from_ms, p.to_ms, p.heading, p.text, p.marks, f.score,
                 {similarity} AS similarity, {parts} AS parts
             FROM found f JOIN passages p ON p.lecture = f.lecture AND p.at = f.at JOIN sources s ON s.n = f.lecture
             {vectors}"
        )
    }

    /// The closest vectors: by their index where they have one, else compared one by one.
    fn near(&self, seen: &str, dimension: usize) -> String {
        let indexed = INDEXED.contains(&dimension) && matches!(self.scope, Scope::VisibleTo(_));
        let limit = if indexed { self.limit * WIDER } else { self.limit };
        let distance = if indexed {
            format!("v.v::halfvec({dimension}) <#> $3::real[]::halfvec({dimension})")
        } else {
            "v.v <#> $3::real[]::vector".to_owned()
        };
        format!(
            "SELECT v.lecture, v.at FROM vectors v JOIN sources s ON s.n = v.lecture
             WHERE {seen} AND v.dimension = {dimension} AND v.model = (SELECT n FROM space) ORDER BY {distance} LIMIT {limit}"
        )
    }

    /// The closest and the best by words, at most as many of each as were asked for.
    fn rank(&self, mut found: Vec<Candidate>) -> Vec<Candidate> {
        let key = |one: &Candidate| (one.similarity.unwrap_or(f32::NEG_INFINITY), one.text_score.unwrap_or(f32::NEG_INFINITY));
        found.sort_by(|a, b| key(b).0.total_cmp(&key(a).0).then(key(b).1.total_cmp(&key(a).1)));
        let mut near = 0;
        found.retain(|one| {
            near += usize::from(one.similarity.is_some());
            one.text_score.is_some() || (one.similarity.is_some() && near <= self.limit)
        });
        found
    }
}

impl Row {
    fn read(self, probe: &[f32]) -> StoreResult<Candidate> {
        let source = sources::source(&self.kind, self.source)?;
        let row = (self.id, self.idx, self.from_ms, self.to_ms, self.heading, self.text, self.marks);
        let passage = library::passage(source, row)?;
        let parts = self.parts.map(|bytes| parts_near(&bytes, probe)).unwrap_or_default();
        Ok(Candidate { passage, text_score: self.score, similarity: self.similarity, parts })
    }
}

/// Adds what was not found before: passages that words found keep their score, others gain one.
fn add(found: &mut Vec<Candidate>, more: Vec<Candidate>, most: usize) {
    let known: HashSet<PassageId> =
        found.iter().filter(|one| one.text_score.is_some()).map(|one| one.passage.id.clone()).collect();
    let mut more: Vec<Candidate> = more.into_iter().filter(|one| !known.contains(&one.passage.id)).collect();
    more.sort_by(|a, b| b.text_score.unwrap_or(0.0).total_cmp(&a.text_score.unwrap_or(0.0)));
    for one in more.into_iter().take(most) {
        match found.iter_mut().find(|known| known.passage.id == one.passage.id) {
            Some(known) => known.text_score = one.text_score,
            None => found.push(one),
        }
    }
}
