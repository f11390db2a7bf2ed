//! How often the passage that holds the answer is found, among the passages of every text.

use synapscribe_domain::retrieval::{Candidate, fuse};
use synapscribe_domain::terms::content_words;
use synapscribe_ports::{EmbedKind, Embedder, Library, Scope};

use crate::set::{Form, Text};
use crate::shelf::{Judge, reader};
use crate::way::Way;

/// As many candidates are asked of each index as an answer asks for.
const CANDIDATES: usize = 24;

/// Shares of questions.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Found {
    /// Questions that were put.
    pub asked: usize,
    /// The first passage holds the answer.
    pub first: usize,
    /// One of the first five does.
    pub five: usize,
    /// The sum of the reciprocal ranks, within ten.
    pub reciprocal: f64,
}

impl Found {
    fn take(&mut self, rank: Option<usize>) {
        self.asked += 1;
        self.first += usize::from(rank == Some(0));
        self.five += usize::from(rank.is_some_and(|rank| rank < 5));
        self.reciprocal += rank.filter(|rank| *rank < 10).map_or(0.0, |rank| 1.0 / (rank + 1) as f64);
    }

    /// The share of questions whose first passage holds the answer.
    pub fn hit_1(&self) -> f64 {
        self.first as f64 / self.asked.max(1) as f64
    }

    /// The share with the answer among the first five.
    pub fn hit_5(&self) -> f64 {
        self.five as f64 / self.asked.max(1) as f64
    }

    /// The mean reciprocal rank.
    pub fn mrr(&self) -> f64 {
        self.reciprocal / self.asked.max(1) as f64
    }
}

/// The figures of the books, then those of the talks.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Both {
    /// What was written.
    pub books: Found,
    /// What was understood of speech.
    pub talks: Found,
}

/// A question with what each index said to it.
pub struct Searched<'a> {
    text: &'a Text,
    question: usize,
    words: Vec<Candidate>,
    meaning: Vec<Candidate>,
    both: Vec<Candidate>,
}

/// Searches for every question that has an answer.
pub async fn search<'a>(library: &dyn Library, embedder: &dyn Embedder, texts: &'a [Text]) -> anyhow::Result<Vec<Searched<'a>>> {
    let scope = Scope::VisibleTo(reader());
    let model = embedder.space();
    let mut searched = Vec::new();
    for text in texts {
        let asked: Vec<String> = text.questions.iter().map(|question| question.ask.clone()).collect();
        let vectors = embedder.embed(&asked, EmbedKind::Query).await?;
        for (at, question) in text.questions.iter().enumerate().filter(|(_, question)| question.is_answerable()) {
            let (words, vector) = (content_words(&question.ask), Some((model.as_str(), vectors[at].as_slice())));
            searched.push(Searched {
                text,
                question: at,
                words: library.search(&scope, &words, None, CANDIDATES).await?,
                meaning: library.search(&scope, &[], vector, CANDIDATES).await?,
                both: library.search(&scope, &words, vector, CANDIDATES).await?,
            });
        }
    }
    Ok(searched)
}

/// What one way of searching finds.
pub fn measure(searched: &[Searched<'_>], way: Way) -> Both {
    let mut found = Both::default();
    for one in searched {
        let candidates = match way {
            Way::Words => &one.words,
            Way::Meaning => &one.meaning,
            Way::Both(_) => &one.both,
        };
        let question = &one.text.questions[one.question];
        let ranked = fuse(candidates.clone(), way.weights(), None);
        let rank = ranked.iter().position(|ranked| Judge::of(one.text).holds(&ranked.passage, question));
        match one.text.form {
            Form::Book(_) => found.books.take(rank),
            Form::Talk(_) => found.talks.take(rank),
        }
    }
    found
}
