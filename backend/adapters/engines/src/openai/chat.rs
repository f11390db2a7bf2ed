//! A tutor behind streaming chat completions: the model writes, and its `[n]` marks become citations.

use std::collections::VecDeque;

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream;
use reqwest::header;
use serde_json::{Value, json};
use synapscribe_domain::Failure;
use synapscribe_domain::Usage;
use synapscribe_domain::chunker::estimate_tokens;
use synapscribe_domain::retrieval::Ranked;
use synapscribe_ports::{AnswerPiece, AnswerRequest, AnswerStream, EngineCard, Exchange, Reached, Tutor};

use super::markers::{Markers, Token};
use super::peer::{Answer, Endpoint, Peer};
use super::sse::Events;
use super::thinking::Thinking;
use super::{prompt, retell};
use crate::extractive::{NOT_IN_LECTURE, supporting};

/// An answer's whole stream may not be larger than this.
const MOST_BYTES: usize = 8 << 20;

/// Answers by a language model behind `/v1/chat/completions`.
#[derive(Debug, Clone)]
pub struct ChatTutor {
    peer: Peer,
    window: u32,
}

impl ChatTutor {
    /// `window` is the number of tokens the model reads.
    pub fn new(endpoint: Endpoint, window: u32) -> Result<Self, Failure> {
        Ok(Self { peer: Peer::new(endpoint, "language model server")?, window })
    }
}

#[async_trait]
impl Tutor for ChatTutor {
    fn card(&self) -> EngineCard {
        EngineCard {
            name: "language model server".into(),
            model: self.peer.model.clone(),
            sends_to: self.peer.sends_to(),
            missing: None,
        }
    }

    async fn reach(&self) -> Option<Reached> {
        Some(self.peer.reach().await)
    }

    fn window(&self) -> Option<u32> {
        Some(self.window)
    }

    async fn standalone(&self, question: &str, history: &[Exchange]) -> Result<String, Failure> {
        Ok(retell::standalone(&self.peer, question, history).await)
    }

    async fn answer(&self, request: AnswerRequest) -> Result<AnswerStream, Failure> {
        if request.passages.is_empty() {
            // There is nothing to answer from, and a model that is asked all the same would make something up.
            let end = AnswerPiece::End { generated: false, found: false, usage: Usage::default() };
            return Ok(stream::iter([Ok(AnswerPiece::Text(NOT_IN_LECTURE.into())), Ok(end)]).boxed());
        }
        let (messages, given) = prompt::messages(&request, self.window);
        let read = messages.iter().filter_map(|m| m["content"].as_str()).map(|c| u64::from(estimate_tokens(c))).sum();
        let body = json!({
            "model": self.peer.model,
            "messages": messages,
            "max_tokens": prompt::ANSWER_TOKENS,
            "temperature": 0.2,
            "stream": true,
            "stream_options": {"include_usage": true},
        });
        let answer =
            self.peer.send(self.peer.post("chat/completions").header(header::ACCEPT, "text/event-stream").json(&body)).await?;
        let mut passages = request.passages;
        passages.truncate(given);
        let writing = Writing {
            answer,
            events: Events::default(),
            thinking: Thinking::default(),
            markers: Markers::default(),
            passages,
            claim: String::new(),
            written: 0,
            refused: false,
            complete: false,
            usage: Usage { tokens_in: read, ..Usage::default() },
            counted: false,
            ready: VecDeque::new(),
            ended: false,
        };
        Ok(stream::unfold(writing, |mut writing| async move { writing.next().await.map(|piece| (piece, writing)) }).boxed())
    }
}

/// An answer while it is written; dropping it closes the connection.
struct Writing {
    answer: Answer,
    events: Events,
    thinking: Thinking,
    markers: Markers,
    passages: Vec<Ranked>,
    /// The words since the last citation, which the next one supports.
    claim: String,
    written: usize,
    refused: bool,
    /// Whether the model said that it has finished.
    complete: bool,
    usage: Usage,
    /// Whether the server counted the tokens itself.
    counted: bool,
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
            if let Err(failure) = self.read().await {
                self.ended = true;
                return Some(Err(failure));
            }
        }
    }

    /// Takes the next bytes from the server.
    async fn read(&mut self) -> Result<(), Failure> {
        let events = match self.answer.chunk(MOST_BYTES).await? {
            Some(bytes) => self.events.push(&bytes).map_err(|e| self.answer.peer().nonsense(&e.to_string()))?,
            None => {
                let last = self.events.finish();
                if let Some(event) = last {
                    self.event(&event)?;
                }
                // Some servers close the stream without the last word; a reason for finishing tells that all was sent.
                return if self.ended {
                    Ok(())
                } else if self.complete {
                    self.end()
                } else {
                    Err(self.answer.peer().cut())
                };
            }
        };
        for event in events {
            if self.ended {
                break;
            }
            self.event(&event)?;
        }
        Ok(())
    }

    fn event(&mut self, data: &str) -> Result<(), Failure> {
        let data = data.trim();
        if data.is_empty() {
            return Ok(());
        }
        if data == "[DONE]" {
            return self.end();
        }
        let event: Value =
            serde_json::from_str(data).map_err(|_| self.answer.peer().nonsense("an event of the stream is not JSON"))?;
        if let Some(error) = event.get("error").filter(|e| !e.is_null()) {
            return Err(self.answer.peer().refused_inside(error));
        }
        if let Some(usage) = event.get("usage").filter(|u| u.is_object()) {
            self.usage.tokens_in = usage["prompt_tokens"].as_u64().unwrap_or(self.usage.tokens_in);
            if let Some(out) = usage["completion_tokens"].as_u64() {
                (self.usage.tokens_out, self.counted) = (out, true);
            }
        }
        let Some(choice) = event["choices"].get(0) else { return Ok(()) };
        if let Some(text) = choice["delta"]["content"].as_str() {
            let said = self.thinking.push(text);
            let tokens = self.markers.push(&said);
            self.take(tokens);
        }
        self.complete |= choice["finish_reason"].is_string();
        Ok(())
    }

    fn take(&mut self, tokens: Vec<Token>) {
        for token in tokens {
            match token {
                Token::Text(text) => {
                    self.written += text.len();
                    self.claim.push_str(&text);
                    self.ready.push_back(AnswerPiece::Text(text));
                }
                Token::Refusal => self.refused = true,
                Token::Cite(numbers) => {
                    for number in numbers {
                        // A number that was not given is the model's invention, and is dropped.
                        let Some(passage) = number.checked_sub(1).filter(|n| *n < self.passages.len()) else { continue };
                        let excerpt = supporting(&self.passages[passage].passage.text, &self.claim);
                        self.ready.push_back(AnswerPiece::Cite { passage, excerpt });
                    }
                    // The mark may stand before or after the full stop; what comes next is another claim.
                    self.claim.clear();
                }
            }
        }
    }

    fn end(&mut self) -> Result<(), Failure> {
        let last = self.thinking.finish();
        let mut rest = self.markers.push(&last);
        rest.extend(self.markers.finish());
        self.take(rest);
        if self.written == 0 {
            if !self.refused {
                return Err(self.answer.peer().nonsense("it is empty"));
            }
            self.ready.push_back(AnswerPiece::Text(NOT_IN_LECTURE.into()));
        }
        if !self.counted {
            self.usage.tokens_out = (self.written as u64).div_ceil(4);
        }
        self.ready.push_back(AnswerPiece::End { generated: true, found: !self.refused, usage: self.usage });
        self.ended = true;
        Ok(())
    }
}
