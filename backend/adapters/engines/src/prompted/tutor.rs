//! The tutor: hands the passages to a model, and turns what it writes into an answer with citations.

use std::collections::VecDeque;

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use synapscribe_domain::retrieval::Ranked;
use synapscribe_domain::source::Matter;
use synapscribe_domain::{Code, Failure, Usage, sentences, terms};
use synapscribe_ports::{AnswerPiece, AnswerRequest, AnswerStream, EngineCard, Exchange, Reached, Tutor};

use super::markers::{Markers, Token};
use super::model::{LanguageModel, Said};
use super::thinking::Thinking;
use super::{prompt, retell};
use crate::extractive::{not_in, supporting};

/// Answers by a language model.
#[derive(Debug, Clone)]
pub struct PromptedTutor<M> {
    model: M,
    window: u32,
}

impl<M: LanguageModel> PromptedTutor<M> {
    /// `window` is the number of tokens the model reads.
    pub fn over(model: M, window: u32) -> Self {
        Self { model, window }
    }
}

#[async_trait]
impl<M: LanguageModel> Tutor for PromptedTutor<M> {
    fn card(&self) -> EngineCard {
        self.model.card()
    }

    async fn reach(&self) -> Option<Reached> {
        self.model.reach().await
    }

    fn window(&self) -> Option<u32> {
        Some(self.window)
    }

    async fn standalone(&self, question: &str, history: &[Exchange]) -> Result<String, Failure> {
        Ok(retell::standalone(&self.model, question, history).await)
    }

    async fn answer(&self, request: AnswerRequest) -> Result<AnswerStream, Failure> {
        if request.passages.is_empty() {
            // There is nothing to answer from, and a model that is asked all the same would make something up.
            let end = AnswerPiece::End { generated: false, found: false, usage: Usage::default() };
            return Ok(stream::iter([Ok(AnswerPiece::Text(not_in(request.matter))), Ok(end)]).boxed());
        }
        let (prompt, given) = prompt::answer(&request, self.window);
        let read = u64::from(prompt.tokens());
        let said = self.model.write(prompt).await?;
        let (question, mut passages) = (request.question, request.passages);
        passages.truncate(given);
        let writing = Writing {
            said,
            model: self.model.card().name,
            matter: request.matter,
            thinking: Thinking::default(),
            markers: Markers::default(),
            passages,
            said_since: String::new(),
            claim: question,
            written: 0,
            refused: false,
            read,
            ready: VecDeque::new(),
            ended: false,
        };
        Ok(stream::unfold(writing, |mut writing| async move { writing.next().await.map(|piece| (piece, writing)) }).boxed())
    }
}

/// An answer while it is written; dropping it stops the model.
struct Writing {
    said: BoxStream<'static, Result<Said, Failure>>,
    model: String,
    matter: Matter,
    thinking: Thinking,
    markers: Markers,
    passages: Vec<Ranked>,
    /// The words since the last mark.
    said_since: String,
    /// What the last mark stood behind; at first the question, to which "Yes" may be the answer.
    claim: String,
    written: usize,
    refused: bool,
    /// The tokens that were read, as far as can be told from here.
    read: u64,
    ready: VecDeque<AnswerPiece>,
    ended: bool,
}

impl Writing {
    async fn next(&mut self) -> Option<Result<AnswerPiece, Failure>> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Some(Ok(piece));
            }
            if self.ended {
                return None;
            }
            if let Err(failure) = self.hear().await {
                self.ended = true;
                return Some(Err(failure));
            }
        }
    }

    /// Takes what the model says next.
    async fn hear(&mut self) -> Result<(), Failure> {
        match self.said.next().await.transpose()? {
            Some(Said::Text(text)) => {
                let said = self.thinking.push(&text);
                let tokens = self.markers.push(&said);
                self.take(tokens);
                Ok(())
            }
            Some(Said::End(usage)) => self.end(usage),
            None => Err(self.unusable("it has no end")),
        }
    }

    fn take(&mut self, tokens: Vec<Token>) {
        for token in tokens {
            match token {
                Token::Text(text) => {
                    self.written += text.len();
                    self.said_since.push_str(&text);
                    self.ready.push_back(AnswerPiece::Text(text));
                }
                Token::Refusal => self.refused = true,
                Token::Cite(numbers) => {
                    // The mark may stand before or after the full stop; what comes next is another claim.
                    if let Some(claim) = claimed(&std::mem::take(&mut self.said_since)) {
                        self.claim = claim;
                    }
                    for number in numbers {
                        // A number that was not given is the model's invention, and is dropped.
                        let Some(passage) = number.checked_sub(1).filter(|n| *n < self.passages.len()) else { continue };
                        // So is one whose passage does not hold what is claimed.
                        let Some(excerpt) = supporting(&self.passages[passage].passage, &self.claim) else { continue };
                        self.ready.push_back(AnswerPiece::Cite { passage, excerpt });
                    }
                }
            }
        }
    }

    fn end(&mut self, usage: Option<Usage>) -> Result<(), Failure> {
        let last = self.thinking.finish();
        let mut rest = self.markers.push(&last);
        rest.extend(self.markers.finish());
        self.take(rest);
        if self.written == 0 {
            if !self.refused {
                return Err(self.unusable("it is empty"));
            }
            self.ready.push_back(AnswerPiece::Text(not_in(self.matter)));
        }
        let counted = || Usage { tokens_in: self.read, tokens_out: (self.written as u64).div_ceil(4), ..Usage::default() };
        let usage = usage.unwrap_or_else(counted);
        self.ready.push_back(AnswerPiece::End { generated: true, found: !self.refused, usage });
        self.ended = true;
        Ok(())
    }

    fn unusable(&self, how: &str) -> Failure {
        Failure::new(Code::EngineFailed, format!("the {} gave an answer that cannot be used: {how}", self.model))
    }
}

/// What a mark behind these words stands for: their last sentence that says something. A mark that follows a mark, or "Yes", stands for
/// what was claimed before.
fn claimed(words: &str) -> Option<String> {
    let says = |sentence: &&str| terms::content_terms(sentence).iter().any(|term| term != "yes");
    sentences::of(words).into_iter().rev().map(|range| &words[range]).find(says).map(str::to_owned)
}
