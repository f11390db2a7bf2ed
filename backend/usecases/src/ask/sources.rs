//! What a question is answered from: the passages that fit it, a source as a whole, what was said just before, or the page that is
//! seen. It writes nothing.

use synapscribe_domain::aim::Aim;
use synapscribe_domain::chunker::estimate_tokens;
use synapscribe_domain::retrieval::{Ranked, Standpoint};
use synapscribe_domain::vocabulary::{Reading, Vocabulary, respell};
use synapscribe_domain::{Failure, Millis, Passage, Source, Span, sentences};
use synapscribe_ports::{Compared, Scope};

use super::{Asking, Subject};
use crate::finding::Finder;
use crate::patience::within;

/// Candidates asked of each index.
const CANDIDATES: usize = 24;
/// Passages an answer is made from when the lecture does not fit the window.
const PASSAGES: usize = 8;
/// As many sentences of these are compared with the question word by word, which takes a tenth of a second at most.
const COMPARED: usize = 30;
/// Tokens kept free for the question, the session and the answer.
const RESERVE: u32 = 2_500;
/// Of fewer sentences it cannot be told which is near: what they have in common is taken for what all texts have.
const COMPARABLE: usize = 20;
/// What was said longer ago than this was not just said.
const JUST_MS: u64 = 60_000;
/// As many passages tell how a lecture begins or ends.
const EDGE: usize = 3;
/// Nobody needs more passages than this to tell what a lecture is about.
const SPREAD: usize = 400;

/// What a question is answered from.
#[derive(Debug, Default)]
pub(super) struct Sources {
    /// The passages, as [`synapscribe_ports::AnswerRequest`] wants them.
    pub passages: Vec<Ranked>,
    /// Whether they are the whole of it.
    pub whole: bool,
    /// Words of the question that the sources spell otherwise.
    pub readings: Vec<Reading>,
    /// The nearest sentences, word by word.
    pub compared: Option<Compared>,
}

impl Asking {
    /// Gathers what a question is answered from.
    pub(super) async fn sources(
        &self,
        subject: Subject,
        question: &str,
        aim: Aim,
        from: Option<Standpoint>,
    ) -> Result<Sources, Failure> {
        let page = match (aim, from) {
            (Aim::Page, Some(Standpoint::Page(page))) => Some(page),
            // Nobody knows which page is meant, and a book need not be read to find that.
            (Aim::Page, _) => return Ok(Sources::default()),
            _ => None,
        };
        let at = match from {
            Some(Standpoint::Second(at)) => at,
            _ => Millis::default(),
        };
        let fits = self.tutor.window().is_some_and(|window| subject.tokens.unwrap_or(u32::MAX).saturating_add(RESERVE) <= window);
        let all = match (subject.passages, subject.scope.sources(), page) {
            (Some(all), ..) => all,
            (None, [Source::Document(id)], Some(page)) => self.library.passages_on(id, page).await?,
            // A long document is read all the same where the question is after its order, which no search knows.
            (None, [source], _) if aim != Aim::Subject => self.library.passages(source).await?,
            (None, ..) => {
                let passages = self.search(&subject.scope, question, from).await?;
                let compared = self.compared(question, &passages).await;
                return Ok(Sources { passages, compared, ..Sources::default() });
            }
        };
        let said = |passage: &Passage, here: fn(Span, Millis) -> bool| passage.span().is_some_and(|span| here(span, at));
        Ok(match aim {
            Aim::JustSaid | Aim::Explained => {
                let just = all.into_iter().filter(|p| said(p, |span, at| span.from < at && span.to.0 + JUST_MS >= at.0));
                Sources { passages: just.map(as_it_stands).collect(), ..Sources::default() }
            }
            Aim::SoFar => self.spread(all.into_iter().filter(|p| said(p, |span, at| span.from < at)).collect()),
            Aim::Page => {
                let on = |passage: Passage| page.and_then(|page| passage.on(page));
                Sources { passages: all.into_iter().filter_map(on).map(as_it_stands).collect(), ..Sources::default() }
            }
            Aim::Overview if !fits => self.spread(all),
            Aim::Beginning if !fits => at_one_end(all.into_iter().take(EDGE)),
            Aim::Ending if !fits => {
                let rest = all.len().saturating_sub(EDGE);
                at_one_end(all.into_iter().skip(rest))
            }
            _ if fits => Sources { passages: all.into_iter().map(as_it_stands).collect(), whole: true, ..Sources::default() },
            _ => {
                let readings = Vocabulary::of(all.iter().map(|passage| passage.text.as_str())).read(question);
                let meant = respell(question, &readings);
                let passages = self.search(&subject.scope, &meant, from).await?;
                let compared = self.compared(&meant, &passages).await;
                Sources { passages, readings, compared, whole: false }
            }
        })
    }

    /// Passages from everywhere, as many as can be read at once.
    fn spread(&self, all: Vec<Passage>) -> Sources {
        let tokens: usize = all.iter().map(|passage| estimate_tokens(&passage.text) as usize).sum();
        let each = (tokens / all.len().max(1)).max(1);
        let room = self.tutor.window().map_or(SPREAD, |window| window.saturating_sub(RESERVE) as usize / each).clamp(1, SPREAD);
        let count = all.len();
        let taken = count.min(room);
        // The first and the last are among them: a lecture begins with what it is about and ends with what it was about.
        let is_taken = |n: usize| taken == count || (0..taken).any(|t| t * (count - 1) / (taken - 1).max(1) == n);
        let passages = all.into_iter().enumerate().filter(|(n, _)| is_taken(*n)).map(|(_, passage)| as_it_stands(passage));
        Sources { passages: passages.collect(), ..Sources::default() }
    }

    /// The best passages by words and by meaning.
    async fn search(&self, scope: &Scope, question: &str, from: Option<Standpoint>) -> Result<Vec<Ranked>, Failure> {
        let finder = Finder {
            library: &*self.library,
            embedder: self.embedder.as_deref(),
            patience: self.patience,
            weights: self.weights,
        };
        let mut ranked = finder.find(scope, question, from, CANDIDATES).await?;
        ranked.truncate(PASSAGES);
        Ok(ranked)
    }

    /// The nearest sentences beside the question, word by word, for a tutor that answers with them. Without it there is an answer too.
    async fn compared(&self, question: &str, passages: &[Ranked]) -> Option<Compared> {
        let embedder = self.embedder.as_deref().filter(|_| self.tutor.window().is_none())?;
        let sentences = nearest(passages);
        if sentences.len() < COMPARABLE {
            return None;
        }
        match within(self.patience.meaning, "the embedding engine", embedder.beside(question, &sentences)).await {
            Ok(beside) => beside.map(|beside| Compared { question: question.to_owned(), sentences, beside }),
            Err(failure) => {
                tracing::warn!(code = failure.code.as_str(), "sentences were not compared word by word");
                None
            }
        }
    }
}

/// The sentences that are nearest in meaning, each once; questions answer nothing.
fn nearest(passages: &[Ranked]) -> Vec<String> {
    let mut found: Vec<(f32, &str)> = Vec::new();
    for ranked in passages {
        let text = ranked.passage.text.as_str();
        for (range, near) in sentences::of(text).into_iter().zip(&ranked.parts) {
            let sentence = &text[range];
            if !sentence.ends_with('?') && found.iter().all(|(_, other)| *other != sentence) {
                found.push((*near, sentence));
            }
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.into_iter().take(COMPARED).map(|(_, sentence)| sentence.to_owned()).collect()
}

/// How a lecture begins or ends, in order.
fn at_one_end(passages: impl Iterator<Item = Passage>) -> Sources {
    Sources { passages: passages.map(as_it_stands).collect(), ..Sources::default() }
}

/// A passage that was not searched for.
fn as_it_stands(passage: Passage) -> Ranked {
    Ranked { passage, score: 1.0, similarity: None, parts: Vec::new() }
}

#[cfg(test)]
mod tests {
    use synapscribe_domain::LectureId;

    use super::*;

    #[test]
    fn the_nearest_sentences_are_compared_each_once_and_no_questions() {
        let lecture = LectureId::parse("l").unwrap();
        let ranked = |index: u32, text: &str, parts: &[f32]| Ranked {
            passage: Passage::said(&lecture, index, Span::new(Millis(0), Millis(1_000)), text),
            score: 1.0,
            similarity: Some(0.5),
            parts: parts.to_vec(),
        };
        let passages =
            [ranked(0, "Yeast eats sugar. Why? It rises.", &[0.3, 0.9, 0.6]), ranked(1, "It rises. We bake.", &[0.5, 0.4])];
        assert_eq!(nearest(&passages), ["It rises.", "We bake.", "Yeast eats sugar."]);
        assert!(nearest(&[ranked(0, "Yeast eats sugar.", &[])]).is_empty());
    }
}
