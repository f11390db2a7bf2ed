//! A tutor that does what the question's words tell it: answers, goes on for ever, hangs or breaks off.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::{StreamExt, stream};
use synapscribe_domain::{Code, Failure, Usage};

use super::open;
use crate::{AnswerPiece, AnswerRequest, AnswerStream, EngineCard, Exchange, Tutor};

/// Reads the best passage aloud, unless the question holds one of the words it obeys: `for ever`, `hang`, `break off`.
#[derive(Debug, Default)]
pub struct ScriptedTutor {
    window: Option<u32>,
    working: Arc<AtomicUsize>,
    asked: Mutex<Vec<AnswerRequest>>,
}

impl ScriptedTutor {
    /// A tutor that reads this many tokens.
    pub fn with_window(tokens: u32) -> Self {
        Self { window: Some(tokens), ..Self::default() }
    }

    /// Answers being written now.
    pub fn working(&self) -> usize {
        self.working.load(SeqCst)
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<AnswerRequest> {
        open(&self.asked).clone()
    }
}

/// Counts an answer for as long as it is written.
struct Work(Arc<AtomicUsize>);

impl Work {
    fn begin(working: &Arc<AtomicUsize>) -> Self {
        working.fetch_add(1, SeqCst);
        Self(Arc::clone(working))
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

#[async_trait]
impl Tutor for ScriptedTutor {
    fn card(&self) -> EngineCard {
        EngineCard::local("scripted", "scripted")
    }

    fn window(&self) -> Option<u32> {
        self.window
    }

    async fn standalone(&self, question: &str, history: &[Exchange]) -> Result<String, Failure> {
        Ok(match history.last() {
            Some(before) => format!("{question} ({})", before.question),
            None => question.to_owned(),
        })
    }

    async fn answer(&self, request: AnswerRequest) -> Result<AnswerStream, Failure> {
        open(&self.asked).push(request.clone());
        let work = Work::begin(&self.working);
        let text = |text: &str| Ok(AnswerPiece::Text(text.to_owned()));
        let question = request.question.as_str();
        let pieces = if question.contains("for ever") {
            let more = || async {
                tokio::time::sleep(Duration::from_millis(5)).await;
                Some((Ok(AnswerPiece::Text("On and on it goes. ".into())), ()))
            };
            stream::unfold((), move |()| more()).boxed()
        } else if question.contains("hang") {
            stream::iter([text("It begins, ")]).chain(stream::pending()).boxed()
        } else if question.contains("break off") {
            let failure = Failure::new(Code::EngineFailed, "the model broke off");
            stream::iter([text("It begins, "), Err(failure)]).boxed()
        } else {
            let end = AnswerPiece::End { generated: true, found: !request.passages.is_empty(), usage: Usage::default() };
            let best = request.passages.first().map(|best| best.passage.text.clone());
            let told = match best {
                Some(best) => vec![text(&best), Ok(AnswerPiece::Cite { passage: 0, excerpt: best })],
                None => vec![text("The lecture does not say.")],
            };
            stream::iter(told.into_iter().chain([Ok(end)])).boxed()
        };
        // The work lasts as long as the stream.
        Ok(pieces
            .map(move |piece| {
                let _ = &work;
                piece
            })
            .boxed())
    }
}
