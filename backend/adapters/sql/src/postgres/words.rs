//! Words as the index has them, and how much each of them tells. It knows no vectors.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::PgConnection;
use synapscribe_ports::StoreResult;
use tokio::sync::Mutex;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::fault::fault;
use crate::text::sought;

/// The most passages one search scores. Words that only add more are left out: they tell passages apart least.
pub(super) const BUDGET: f32 = 2_000.0;
/// The server counts words anew from time to time; looking more often brings nothing.
const COUNTED: Duration = Duration::from_secs(300);

/// What is looked for: queries in the server's own language with how much each tells.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Sought {
    /// Those that pick out few enough passages to score them all.
    pub(super) telling: Vec<Term>,
    /// Those that nearly every passage holds.
    pub(super) common: Vec<Term>,
}

/// One query.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Term {
    /// A word, or words that follow each other, as the server writes them: it reads them back without an error.
    pub(super) query: String,
    /// The rarer the more.
    pub(super) weight: f32,
    /// In how many passages it is, at most.
    passages: f32,
}

/// In how many passages words are, as the server last counted them.
#[derive(Default)]
pub(super) struct Frequencies {
    counted: Mutex<Option<(Instant, Arc<Counts>)>>,
}

#[derive(Debug, Default)]
struct Counts {
    passages: f32,
    /// The share of the passages that hold a word. Words that are not here are rarer than all of these.
    common: HashMap<String, f32>,
}

/// Text as the index and every question have it: words of letters and digits, in lower case and without accents.
pub(super) fn folded(text: &str) -> String {
    let letters = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    let spaced: String = letters.map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Frequencies {
    /// Turns words into queries, the most telling first.
    pub(super) async fn weigh(&self, connection: &mut PgConnection, words: &[String]) -> StoreResult<Sought> {
        let words: Vec<String> = sought(words).iter().map(|word| folded(word)).collect();
        if words.is_empty() {
            return Ok(Sought::default());
        }
        let stems: Vec<(String, Vec<String>)> = sqlx::query_as(
            "SELECT phraseto_tsquery('lecture_words', word)::text, tsvector_to_array(to_tsvector('lecture_words', word))
             FROM unnest($1) AS word",
        )
        .bind(words)
        .fetch_all(&mut *connection)
        .await
        .map_err(fault)?;
        let counts = self.counts(connection).await?;
        Ok(counts.weigh(stems))
    }

    async fn counts(&self, connection: &mut PgConnection) -> StoreResult<Arc<Counts>> {
        let mut counted = self.counted.lock().await;
        if let Some((since, counts)) = counted.as_ref()
            && since.elapsed() < COUNTED
        {
            return Ok(Arc::clone(counts));
        }
        let (passages, words, shares): (f32, Option<Vec<String>>, Option<Vec<f32>>) = sqlx::query_as(
            "SELECT c.reltuples, s.most_common_elems::text::text[], s.most_common_elem_freqs FROM pg_class c
             JOIN pg_namespace n ON n.oid = c.relnamespace
             LEFT JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = 'words'
             WHERE c.oid = 'passages'::regclass",
        )
        .fetch_one(connection)
        .await
        .map_err(fault)?;
        // Behind the shares of the words stand the least and the greatest of them.
        let common = words.unwrap_or_default().into_iter().zip(shares.unwrap_or_default()).collect();
        let counts = Arc::new(Counts { passages: passages.max(0.0), common });
        *counted = Some((Instant::now(), Arc::clone(&counts)));
        Ok(counts)
    }
}

impl Counts {
    fn weigh(&self, stems: Vec<(String, Vec<String>)>) -> Sought {
        let rare = self.common.values().copied().reduce(f32::min).unwrap_or(0.0);
        let mut seen = HashSet::new();
        let stems = stems.into_iter().filter(|(query, stems)| !stems.is_empty() && seen.insert(query.clone()));
        let mut terms: Vec<Term> = stems
            .map(|(query, stems)| {
                // Words that follow each other are no more frequent than the rarest of them.
                let shares = stems.iter().map(|stem| self.common.get(stem).copied().unwrap_or(rare));
                let passages = shares.reduce(f32::min).unwrap_or(rare) * self.passages;
                // The weight that the usual ranking of texts (BM25) gives.
                let weight = ((self.passages - passages + 0.5).max(0.5) / (passages + 0.5)).ln_1p();
                Term { query, weight, passages }
            })
            .collect();
        terms.sort_by(|a, b| a.passages.total_cmp(&b.passages));
        let mut room = BUDGET;
        let telling = terms.iter().take_while(|term| {
            room -= term.passages;
            room >= 0.0
        });
        let telling = telling.count();
        let common = terms.split_off(telling);
        Sought { telling: terms, common }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_plain_words() {
        let folds = [
            ("The CHAIN-rule, isn't it?", "the chain rule isn t it"),
            ("Zwölf É\u{301}tudes\0“quoted”", "zwolf etudes quoted"),
            ("ＡＢ ½ x² 🎓…", "ab 1 2 x2"),
            ("a@b.c http://d/e 1.5e3", "a b c http d e 1 5e3"),
            ("…", ""),
        ];
        for (text, plain) in folds {
            assert_eq!(folded(text), plain);
        }
    }

    #[test]
    fn words_that_tell_little_are_left_for_later() {
        let common = [("usual", 0.9), ("chain", 0.01), ("known", 0.001)];
        let common = common.map(|(word, share)| (word.to_owned(), share)).into_iter().collect();
        let counts = Counts { passages: 100_000.0, common };
        let stem = |word: &str| (format!("'{word}'"), vec![word.to_owned()]);
        let together = ("'usual' <-> 'chain'".to_owned(), vec!["usual".to_owned(), "chain".to_owned()]);
        let sought =
            counts.weigh(vec![stem("usual"), stem("chain"), stem("chain"), (String::new(), vec![]), stem("rare"), together]);
        let queries = |terms: &[Term]| terms.iter().map(|term| term.query.clone()).collect::<Vec<_>>();
        assert_eq!(
            queries(&sought.telling),
            ["'rare'", "'chain'"],
            "the second of two that are as frequent does not fit any more"
        );
        assert_eq!(queries(&sought.common), ["'usual' <-> 'chain'", "'usual'"]);
        assert!(sought.telling[0].weight > sought.telling[1].weight && sought.common[1].weight > 0.0);
        let nothing = Counts::default().weigh(vec![stem("a"), stem("b")]);
        assert!(
            nothing.telling.len() == 2 && nothing.telling.iter().all(|term| term.weight > 0.0),
            "before anything was counted"
        );
    }
}
