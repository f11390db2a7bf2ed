//! What a model on Bedrock writes, as it writes it. It knows nothing of lectures or prompts.

use std::time::Duration;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::timeout::TimeoutConfig;
use aws_sdk_bedrockruntime::error::SdkError;
use aws_sdk_bedrockruntime::operation::converse_stream::ConverseStreamOutput;
use aws_sdk_bedrockruntime::types::error::ConverseStreamOutputError as StreamError;
use aws_sdk_bedrockruntime::types::{
    CachePointBlock, CachePointType, ContentBlock, ContentBlockDelta, ConversationRole, ConverseStreamOutput as Event,
    InferenceConfiguration, Message, StopReason, SystemContentBlock,
};
use futures::stream::BoxStream;
use futures::{StreamExt, stream};
use synapscribe_domain::{Code, Failure, Usage};

use crate::SdkConfig;
use crate::connect::host;
use crate::fault::{engine_fault, refusal};

const SERVICE: &str = "the language model on Bedrock";
/// A model reads a whole lecture before it begins to write.
const FIRST: Duration = Duration::from_secs(30);
/// Between two words nothing takes longer, unless the line is dead.
const BETWEEN: Duration = Duration::from_secs(20);

/// Who said something in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The person.
    Person,
    /// The model.
    Model,
}

/// What a model says.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// More text.
    Text(String),
    /// It has finished; the last.
    End {
        /// What it cost.
        usage: Usage,
        /// Whether it was stopped by the limit of tokens rather than by itself.
        cut: bool,
    },
}

/// One model, by the Converse operation.
#[derive(Debug, Clone)]
pub struct Converse {
    client: Client,
    model: String,
    host: String,
}

impl Converse {
    /// `model` is the name or ARN of a model or an inference profile.
    pub fn new(config: &SdkConfig, model: &str) -> Self {
        let timeouts = TimeoutConfig::builder().read_timeout(FIRST).build();
        let patient = aws_sdk_bedrockruntime::config::Builder::from(config).timeout_config(timeouts).build();
        Self { client: Client::from_conf(patient), model: model.to_owned(), host: host(config, "bedrock-runtime") }
    }

    /// The model's name.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The host that receives the words.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Has the model go on with a conversation that begins and ends with the person; dropping the stream stops it. A failure is the
    /// last item.
    pub async fn stream(
        &self,
        system: &str,
        talk: &[(Speaker, String)],
        most_tokens: u32,
    ) -> Result<BoxStream<'static, Result<Said, Failure>>, Failure> {
        let limit = i32::try_from(most_tokens).unwrap_or(i32::MAX);
        let limits = InferenceConfiguration::builder().max_tokens(limit).temperature(0.2).build();
        let mut call = self.client.converse_stream().model_id(&self.model).inference_config(limits);
        call = call.system(SystemContentBlock::Text(system.to_owned()));
        if keeps_what_it_read(&self.model) {
            // The lecture is in the system prompt: behind it the next question about it begins. What is too short is not kept.
            let point = CachePointBlock::builder().r#type(CachePointType::Default).build().map_err(|_| Failure::internal())?;
            call = call.system(SystemContentBlock::CachePoint(point));
        }
        for (speaker, words) in talk {
            let role = match speaker {
                Speaker::Person => ConversationRole::User,
                Speaker::Model => ConversationRole::Assistant,
            };
            let message = Message::builder().role(role).content(ContentBlock::Text(words.clone())).build();
            call = call.messages(message.map_err(|_| Failure::internal())?);
        }
        let answer = call.send().await.map_err(|error| engine_fault(SERVICE, error))?;
        Ok(stream::unfold(Some(Hearing { answer, stop: None, usage: Usage::default() }), hear).boxed())
    }
}

/// An answer while it comes.
struct Hearing {
    answer: ConverseStreamOutput,
    /// Why the model stopped, once it did; what it cost comes after that.
    stop: Option<StopReason>,
    usage: Usage,
}

async fn hear(state: Option<Hearing>) -> Option<(Result<Said, Failure>, Option<Hearing>)> {
    let mut hearing = state?;
    loop {
        let Ok(received) = tokio::time::timeout(BETWEEN, hearing.answer.stream.recv()).await else {
            return Some((Err(cut()), None));
        };
        let event = match received {
            Ok(Some(event)) => event,
            Ok(None) => return Some((hearing.end(), None)),
            Err(error) => return Some((Err(broken(error)), None)),
        };
        match event {
            Event::ContentBlockDelta(block) => {
                if let Some(ContentBlockDelta::Text(text)) = block.delta
                    && !text.is_empty()
                {
                    return Some((Ok(Said::Text(text)), Some(hearing)));
                }
            }
            Event::MessageStop(stop) => hearing.stop = Some(stop.stop_reason),
            Event::Metadata(told) => {
                if let Some(usage) = told.usage {
                    let tokens = |n: i32| u64::try_from(n).unwrap_or(0);
                    let cached =
                        usage.cache_read_input_tokens.map_or(0, tokens) + usage.cache_write_input_tokens.map_or(0, tokens);
                    hearing.usage.tokens_in = tokens(usage.input_tokens) + cached;
                    hearing.usage.tokens_out = tokens(usage.output_tokens);
                }
            }
            // Where a block begins and what a model thinks by itself is not said.
            _ => {}
        }
    }
}

impl Hearing {
    fn end(&self) -> Result<Said, Failure> {
        match &self.stop {
            Some(StopReason::EndTurn | StopReason::StopSequence) => Ok(Said::End { usage: self.usage, cut: false }),
            Some(StopReason::MaxTokens) => Ok(Said::End { usage: self.usage, cut: true }),
            Some(StopReason::ContentFiltered | StopReason::GuardrailIntervened) => {
                Err(Failure::new(Code::EngineFailed, format!("{SERVICE} refused to go on; ask in other words")))
            }
            // A stream that ends before the model said so was cut.
            _ => Err(cut()),
        }
    }
}

/// An error in the middle of a stream is known by its kind and carries no code.
fn broken<R: std::fmt::Debug>(error: SdkError<StreamError, R>) -> Failure {
    let throttled = matches!(error.as_service_error(), Some(StreamError::ThrottlingException(_)));
    let failure = engine_fault(SERVICE, error);
    if throttled { refusal(SERVICE, Some("ThrottlingException")) } else { failure }
}

/// Whether a model can keep a prompt's beginning; others refuse a request that asks for it.
fn keeps_what_it_read(model: &str) -> bool {
    const TOO_OLD: [&str; 5] = ["v2", "instant", "3-haiku", "3-sonnet", "3-opus"];
    let claude = model.split_once("anthropic.claude-").map(|(_, which)| which);
    claude.is_some_and(|which| !TOO_OLD.iter().any(|old| which.starts_with(old)))
}

fn cut() -> Failure {
    Failure::new(Code::EngineFailed, format!("{SERVICE} went away in the middle; ask again"))
}

#[cfg(test)]
mod tests {
    use super::keeps_what_it_read;

    #[test]
    fn only_models_that_can_are_asked_to_keep_the_lecture() {
        for (model, keeps) in [
            ("eu.anthropic.claude-haiku-4-5-20251001-v1:0", true),
            ("anthropic.claude-3-5-haiku-20241022-v1:0", true),
            ("anthropic.claude-3-haiku-20240307-v1:0", false),
            ("meta.llama3-70b-instruct-v1:0", false),
            ("arn:aws:bedrock:eu-central-1:1:application-inference-profile/x", false),
        ] {
            assert_eq!(keeps_what_it_read(model), keeps, "{model}");
        }
    }
}
