//! The built-in tutor: answers with the lecture's own sentences and says so. It knows no model and no network.

mod choose;
mod followup;
mod lexicon;
mod question;
mod sentence;

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream;
use synapscribe_domain::{Failure, Usage};
use synapscribe_ports::{AnswerPiece, AnswerRequest, AnswerStream, EngineCard, Exchange, Tutor};

use choose::Choice;
use question::{Asked, Kind};
pub(crate) use sentence::supporting;

/// What is said when the passages hold no answer; the nearest passage follows.
pub const NOT_IN_LECTURE: &str = "This lecture does not answer that.";

/// Answers by quoting the sentences of the passages that fit the question best.
#[derive(Debug, Clone, Copy, Default)]
pub struct ExtractiveTutor;

#[async_trait]
impl Tutor for ExtractiveTutor {
    fn card(&self) -> EngineCard {
        EngineCard::local("the lecture's own sentences (built in)", "extractive")
    }

    fn window(&self) -> Option<u32> {
        None
    }

    async fn standalone(&self, question: &str, history: &[Exchange]) -> Result<String, Failure> {
        Ok(followup::standalone(question, history))
    }

    async fn answer(&self, request: AnswerRequest) -> Result<AnswerStream, Failure> {
        Ok(stream::iter(pieces(&request).into_iter().map(Ok)).boxed())
    }
}

/// The whole answer; it takes well under a millisecond, so it is made at once and streamed piece by piece.
fn pieces(request: &AnswerRequest) -> Vec<AnswerPiece> {
    let asked = Asked::parse(&followup::standalone(&request.question, &request.history));
    let said_before = request.history.last().map(|e| e.answer.as_str()).unwrap_or("");
    let mut out = Vec::new();
    let found = match choose::choose(&asked, &request.passages, said_before) {
        Choice::Answer(quotes) => {
            out.push(AnswerPiece::Text(lead_in(asked.kind).to_owned()));
            quote(&mut out, quotes);
            true
        }
        Choice::Nearest(nearest) => {
            out.push(AnswerPiece::Text(NOT_IN_LECTURE.to_owned()));
            if let Some(nearest) = nearest {
                out.push(AnswerPiece::Text(" The nearest it comes is:".to_owned()));
                quote(&mut out, vec![nearest]);
            }
            false
        }
    };
    out.push(AnswerPiece::End { generated: false, found, usage: Usage::default() });
    out
}

/// Each quote as text, then its citation.
fn quote(out: &mut Vec<AnswerPiece>, quotes: Vec<choose::Quote>) {
    for quote in quotes {
        out.push(AnswerPiece::Text(format!(" {}", sentence::as_spoken(&quote.excerpt))));
        out.push(AnswerPiece::Cite { passage: quote.passage, excerpt: quote.excerpt });
    }
}

/// The opening words; each is a clause long enough to be spoken while the rest follows.
fn lead_in(kind: Kind) -> &'static str {
    match kind {
        Kind::Definition => "Here is how the lecture puts it:",
        Kind::Why => "The reason the lecture gives is this:",
        Kind::How => "Here is how the lecture explains it:",
        Kind::HowMany => "The lecture puts it in these words:",
        Kind::When => "On when, the lecture says:",
        Kind::Who => "On who it was, the lecture says:",
        Kind::Where => "On where, the lecture says:",
        Kind::YesNo => "On that, the lecture says:",
        Kind::Example => "Here is an example from the lecture:",
        Kind::Difference => "The lecture sets them apart like this:",
        Kind::Fact => "Here is what the lecture says:",
    }
}

#[cfg(test)]
mod tests;
