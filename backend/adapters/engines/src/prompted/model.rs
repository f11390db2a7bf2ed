//! A language model as a tutor needs it: told what it is to do, it writes. Knows nothing of lectures.

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::BoxStream;
use synapscribe_domain::chunker::estimate_tokens;
use synapscribe_domain::{Code, Failure, Usage};
use synapscribe_ports::{EngineCard, Reached};

/// Who said something in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The one who asks.
    Student,
    /// The one who answers: the model.
    Tutor,
}

/// What a model is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Prompt {
    /// What it is to do and what it knows: as long as a lecture is talked about, this begins with the same words.
    pub system: String,
    /// The conversation, which begins and ends with the student.
    pub talk: Vec<(Speaker, String)>,
    /// The longest answer in tokens.
    pub most_tokens: u32,
    /// How freely it chooses its words, from 0.
    pub temperature: f32,
}

impl Prompt {
    /// About how many tokens it is.
    pub fn tokens(&self) -> u32 {
        self.talk.iter().map(|(_, words)| estimate_tokens(words)).sum::<u32>() + estimate_tokens(&self.system)
    }
}

/// What a model says.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// More text.
    Text(String),
    /// It has finished; the last. What it cost is told where its server counts.
    End(Option<Usage>),
}

/// A language model.
#[async_trait]
pub trait LanguageModel: Send + Sync {
    /// What it is and where it sends text.
    fn card(&self) -> EngineCard;

    /// Tries the server behind it, within seconds; nothing where there is none.
    async fn reach(&self) -> Option<Reached> {
        None
    }

    /// Writes on; a failure is the last item, and dropping the stream stops the model.
    async fn write(&self, prompt: Prompt) -> Result<BoxStream<'static, Result<Said, Failure>>, Failure>;

    /// Writes a few words, all at once.
    async fn say(&self, prompt: Prompt) -> Result<String, Failure> {
        let mut writing = self.write(prompt).await?;
        let mut text = String::new();
        while let Some(said) = writing.next().await {
            match said? {
                Said::Text(more) => text.push_str(&more),
                Said::End(_) => return Ok(text),
            }
        }
        Err(Failure::new(Code::EngineFailed, format!("the {} stopped in the middle; try again", self.card().name)))
    }
}
