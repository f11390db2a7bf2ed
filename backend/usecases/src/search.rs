//! Searches what a person may see, or some of it, and tells where each finding stands. Other people's things answer exactly as
//! things that do not exist.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures::{StreamExt, TryStreamExt, stream};
use synapscribe_domain::retrieval::{Ranked, Telling, Weights, fuse};
use synapscribe_domain::source::MOST_SOURCES;
use synapscribe_domain::terms::content_words;
use synapscribe_domain::{Citation, Code, DocumentId, Failure, LectureId, PassageId, PersonId, Source, excerpt};
use synapscribe_ports::{Embedder, Library, Scope};

use crate::finding::Finder;
use crate::patience::Patience;
use crate::sight;

/// Findings when nobody says how many.
pub const USUAL: usize = 10;
/// Nobody reads more.
pub const MOST: usize = 50;
/// So many titles are asked for at once: what is found may stand in as many sources as there are findings.
const AT_ONCE: usize = 8;
/// Longer than this is nothing that anybody looks for.
const WANTED_CHARS: usize = 2_000;

/// What is needed to search.
#[derive(Clone)]
pub struct Searching {
    /// Lectures and documents.
    pub library: Arc<dyn Library>,
    /// Finds by meaning, if there is one.
    pub embedder: Option<Arc<dyn Embedder>>,
    /// How long it may take.
    pub patience: Patience,
    /// How words and meaning are weighed.
    pub weights: Weights,
}

/// What somebody looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// In words.
    pub text: String,
    /// In these lectures and documents, by their names; in everything, where none is named.
    pub sources: Vec<String>,
    /// At most so many findings.
    pub limit: usize,
}

/// A passage that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// What its source is called.
    pub title: String,
    /// The headings it stands under; empty where there are none.
    pub heading: String,
    /// Where it stands, its best words, and how well they fit.
    pub place: Citation,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// The best first.
    pub hits: Vec<Hit>,
    /// Whether meanings were compared, or words only.
    pub by_meaning: bool,
}

impl Searching {
    /// The passages that fit best. One that has none of the words is told of only where it is near enough to have to do with them.
    pub async fn search(&self, person: &PersonId, wish: &Wish) -> Result<Found, Failure> {
        let wanted = wish.text.trim();
        if wanted.is_empty() {
            return Err(Failure::new(Code::BadMessage, "nothing is looked for; give some words"));
        }
        if wanted.chars().count() > WANTED_CHARS {
            return Err(Failure::new(
                Code::BadMessage,
                format!("a search has at most {WANTED_CHARS} characters; use fewer words"),
            ));
        }
        let scope = self.scope(person, &wish.sources).await?;
        let finder = Finder {
            library: &*self.library,
            embedder: self.embedder.as_deref(),
            patience: self.patience,
            weights: self.weights,
        };
        let limit = wish.limit.clamp(1, MOST);
        let candidates = finder.candidates(&scope, wanted, 2 * limit).await?;
        let by_meaning = candidates.iter().any(|one| one.similarity.is_some());
        let by_nearness = candidates.iter().filter(|one| one.text_score.is_none());
        let nearness: HashMap<PassageId, f32> = by_nearness.map(|one| (one.passage.id.clone(), one.meaning())).collect();
        let telling = self.embedder.as_ref().map_or(Telling::Unknown, |embedder| embedder.telling());
        let words = content_words(wanted);
        let mut ranked = fuse(candidates, self.weights, None).into_iter();
        let mut titles = HashMap::new();
        let mut hits = Vec::with_capacity(limit);
        // Only where some of these are not told of, more are looked at, and only then their titles are needed.
        let mut looked_at = limit;
        while hits.len() < limit {
            let next: Vec<Ranked> = ranked.by_ref().take(looked_at).collect();
            looked_at = AT_ONCE;
            if next.is_empty() {
                break;
            }
            self.note_titles(person, &next, &mut titles).await?;
            for Ranked { passage, score, parts, .. } in next {
                if hits.len() == limit {
                    break;
                }
                // What was deleted since it was found is not told of.
                let Some(Some(title)) = titles.get(&passage.source) else { continue };
                let texts = [title.as_str(), &passage.heading, &passage.text];
                if nearness.get(&passage.id).is_some_and(|near| !telling.relates(*near, texts, wanted)) {
                    continue;
                }
                let words = excerpt::of(&passage.text, &words, &parts);
                let place = Citation::of(hits.len() as u32 + 1, &passage, words, score);
                hits.push(Hit { title: title.clone(), heading: passage.heading, place });
            }
        }
        Ok(Found { hits, by_meaning })
    }

    async fn scope(&self, person: &PersonId, names: &[String]) -> Result<Scope, Failure> {
        if names.is_empty() {
            return Ok(Scope::VisibleTo(person.clone()));
        }
        if names.len() > MOST_SOURCES {
            return Err(Failure::new(Code::BadMessage, format!("at most {MOST_SOURCES} sources are named at once; name fewer")));
        }
        let mut sources = Vec::with_capacity(names.len());
        for name in names {
            sources.push(self.named(person, name).await?.ok_or_else(|| Failure::not_found("source"))?);
        }
        Ok(Scope::Sources(sources))
    }

    /// The lecture or the document of this name; the two never share one.
    async fn named(&self, person: &PersonId, name: &str) -> Result<Option<Source>, Failure> {
        let either = [LectureId::parse(name).ok().map(Source::from), DocumentId::parse(name).ok().map(Source::from)];
        for source in either.into_iter().flatten() {
            if sight::title(&*self.library, person, &source).await?.is_some() {
                return Ok(Some(source));
            }
        }
        Ok(None)
    }

    /// Notes what the sources of these are called, as far as this person may see them; of each it is asked once.
    async fn note_titles(
        &self,
        person: &PersonId,
        ranked: &[Ranked],
        titles: &mut HashMap<Source, Option<String>>,
    ) -> Result<(), Failure> {
        let sources = ranked.iter().map(|one| &one.passage.source);
        let unknown: HashSet<Source> = sources.filter(|source| !titles.contains_key(*source)).cloned().collect();
        let each = |source: Source| async move {
            let title = sight::title(&*self.library, person, &source).await?;
            Ok::<_, Failure>((source, title))
        };
        let told: Vec<(Source, Option<String>)> = stream::iter(unknown).map(each).buffer_unordered(AT_ONCE).try_collect().await?;
        titles.extend(told);
        Ok(())
    }
}
