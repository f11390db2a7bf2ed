//! A language model behind streaming chat completions.

use std::collections::VecDeque;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use reqwest::header;
use serde_json::{Value, json};
use synapscribe_domain::{Failure, Usage};
use synapscribe_ports::{EngineCard, Reached};

use super::peer::{Answer, Endpoint, Peer};
use super::sse::{self, Events};
use crate::prompted::{LanguageModel, Prompt, PromptedTutor, Said, Speaker};

/// An answer's whole stream may not be larger than this.
const MOST_BYTES: usize = 8 << 20;

/// Answers by a language model behind `/v1/chat/completions`.
pub type ChatTutor = PromptedTutor<ChatModel>;

impl ChatTutor {
    /// `window` is the number of tokens the model reads.
    pub fn new(endpoint: Endpoint, window: u32) -> Result<Self, Failure> {
        Ok(Self::over(ChatModel { peer: Peer::new(endpoint, "language model server")? }, window))
    }
}

/// A model on a server.
#[derive(Debug, Clone)]
pub struct ChatModel {
    peer: Peer,
}

impl ChatModel {
    /// The body of a request: system first and the question last, so that a server's prefix cache finds what it has read before.
    fn body(&self, prompt: &Prompt, stream: bool) -> Value {
        let mut messages = vec![json!({ "role": "system", "content": prompt.system })];
        messages.extend(prompt.talk.iter().map(|(speaker, words)| {
            let role = match speaker {
                Speaker::Student => "user",
                Speaker::Tutor => "assistant",
            };
            json!({ "role": role, "content": words })
        }));
        let mut body = json!({
            "model": self.peer.model,
            "messages": messages,
            "max_tokens": prompt.most_tokens,
            // As a decimal: 0.2 in single precision is a longer number.
            "temperature": (f64::from(prompt.temperature) * 100.0).round() / 100.0,
            "stream": stream,
        });
        if stream {
            body["stream_options"] = json!({ "include_usage": true });
        }
        body
    }
}

#[async_trait]
impl LanguageModel for ChatModel {
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

    async fn write(&self, prompt: Prompt) -> Result<BoxStream<'static, Result<Said, Failure>>, Failure> {
        let body = self.body(&prompt, true);
        let request = self.peer.post("chat/completions").header(header::ACCEPT, "text/event-stream").json(&body);
        let mut answer = self.peer.send(request).await?;
        let kind = answer.header(header::CONTENT_TYPE).unwrap_or("").to_ascii_lowercase();
        let page = kind.starts_with("text/html");
        let mut first = Vec::new();
        // Some servers stream under another label: how the body begins tells more than what it is called.
        if (page || kind.starts_with("application/json")) && !streams(&mut answer, &mut first).await? {
            if page {
                return Err(self.peer.nonsense("it is not JSON but a web page"));
            }
            // A server that cannot stream sends the whole answer at once.
            first.extend(answer.body(MOST_BYTES).await?);
            let said = self.whole(&first)?;
            return Ok(stream::iter(said.into_iter().map(Ok)).boxed());
        }
        let writing = Writing {
            answer,
            first: first.trim_ascii_start().to_vec(),
            events: Events::default(),
            begun: false,
            complete: false,
            usage: None,
            ready: VecDeque::new(),
            ended: false,
        };
        Ok(stream::unfold(writing, |mut writing| async move { writing.next().await.map(|said| (said, writing)) }).boxed())
    }

    async fn say(&self, prompt: Prompt) -> Result<String, Failure> {
        let answer = self.peer.ask(self.peer.post("chat/completions").json(&self.body(&prompt, false))).await?;
        self.content(&answer)
    }
}

impl ChatModel {
    /// What a completion that came at once says.
    fn whole(&self, body: &[u8]) -> Result<Vec<Said>, Failure> {
        let answer: Value = serde_json::from_slice(body).map_err(|_| self.peer.nonsense("what it sent is not JSON"))?;
        if let Some(error) = answer.get("error").filter(|e| !e.is_null()) {
            return Err(self.peer.refused_inside(error));
        }
        let text = Some(self.content(&answer)?).filter(|text| !text.is_empty()).map(Said::Text);
        Ok(text.into_iter().chain([Said::End(usage_of(&answer))]).collect())
    }

    fn content(&self, answer: &Value) -> Result<String, Failure> {
        let said = answer["choices"][0]["message"]["content"].as_str();
        said.map(str::to_owned).ok_or_else(|| self.peer.nonsense("it says nothing"))
    }
}

/// Whether a body begins as a stream of events does; `first` is what was read of it to tell.
async fn streams(answer: &mut Answer, first: &mut Vec<u8>) -> Result<bool, Failure> {
    loop {
        if let Some(told) = sse::begins(first) {
            return Ok(told);
        }
        match answer.chunk(MOST_BYTES).await? {
            Some(bytes) => first.extend_from_slice(&bytes),
            None => return Ok(false),
        }
    }
}

/// What a server counted.
fn usage_of(answer: &Value) -> Option<Usage> {
    let usage = answer.get("usage").filter(|usage| usage.is_object())?;
    let (tokens_in, tokens_out) = (usage["prompt_tokens"].as_u64()?, usage["completion_tokens"].as_u64()?);
    Some(Usage { tokens_in, tokens_out, ..Usage::default() })
}

/// An answer while it is written; dropping it closes the connection.
struct Writing {
    answer: Answer,
    /// What was read of it already.
    first: Vec<u8>,
    events: Events,
    /// Whether an event came.
    begun: bool,
    /// Whether the model said that it has finished.
    complete: bool,
    /// What the server counted.
    usage: Option<Usage>,
    ready: VecDeque<Said>,
    ended: bool,
}

impl Writing {
    async fn next(&mut self) -> Option<Result<Said, Failure>> {
        loop {
            if let Some(said) = self.ready.pop_front() {
                return Some(Ok(said));
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
        let next = match std::mem::take(&mut self.first) {
            first if first.is_empty() => self.answer.chunk(MOST_BYTES).await?,
            first => Some(Bytes::from(first)),
        };
        let events = match next {
            Some(bytes) => self.events.push(&bytes).map_err(|e| self.answer.peer().nonsense(&e.to_string()))?,
            None => {
                let last = self.events.finish();
                if let Some(event) = last {
                    self.event(&event)?;
                }
                // Some servers close the stream without the last word; a reason for finishing tells that all was sent.
                if !self.ended && !self.complete {
                    let peer = self.answer.peer();
                    return Err(if self.begun { peer.cut() } else { peer.nonsense("it is no stream of events") });
                }
                self.end();
                return Ok(());
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
        self.begun = true;
        if data == "[DONE]" {
            self.end();
            return Ok(());
        }
        let event: Value =
            serde_json::from_str(data).map_err(|_| self.answer.peer().nonsense("an event of the stream is not JSON"))?;
        if let Some(error) = event.get("error").filter(|e| !e.is_null()) {
            return Err(self.answer.peer().refused_inside(error));
        }
        self.usage = usage_of(&event).or(self.usage);
        let Some(choice) = event["choices"].get(0) else { return Ok(()) };
        if let Some(text) = choice["delta"]["content"].as_str().filter(|text| !text.is_empty()) {
            self.ready.push_back(Said::Text(text.to_owned()));
        }
        self.complete |= choice["finish_reason"].is_string();
        Ok(())
    }

    fn end(&mut self) {
        if !std::mem::replace(&mut self.ended, true) {
            self.ready.push_back(Said::End(self.usage));
        }
    }
}
