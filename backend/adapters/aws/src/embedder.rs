//! Vectors by Titan on Bedrock. It knows nothing of what is searched.

use async_trait::async_trait;
use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::primitives::Blob;
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use synapscribe_domain::{Code, Failure};
use synapscribe_ports::{EmbedKind, Embedder, EngineCard};

use crate::SdkConfig;
use crate::fault::engine_fault;

const SERVICE: &str = "the embedding model on Bedrock";
const MODEL: &str = "amazon.titan-embed-text-v2:0";
/// Titan refuses more than 8,192 tokens, which nobody here can count exactly.
const TOKENS: usize = 7_500;
/// Texts on their way at once: Titan takes one a request.
const AT_ONCE: usize = 8;

/// How long Titan's vectors may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dimension {
    Small = 256,
    Middle = 512,
    Large = 1024,
}

/// Embeds by Titan Text Embeddings V2.
#[derive(Debug, Clone)]
pub struct TitanEmbedder {
    client: Client,
    host: String,
    dimension: Dimension,
}

#[derive(Serialize)]
struct Ask<'a> {
    #[serde(rename = "inputText")]
    text: &'a str,
    dimensions: usize,
    normalize: bool,
}

#[derive(Deserialize)]
struct Told {
    embedding: Vec<f32>,
}

impl TitanEmbedder {
    /// An embedder with vectors of `dimension` numbers: 256, 512 or 1024.
    pub fn new(config: &SdkConfig, dimension: usize) -> Result<Self, Failure> {
        let known = [Dimension::Small, Dimension::Middle, Dimension::Large];
        let dimension = known.into_iter().find(|known| *known as usize == dimension).ok_or_else(|| {
            Failure::new(Code::EngineMissing, "the embedding model has vectors of 256, 512 or 1024 numbers; choose one of those")
        })?;
        Ok(Self { client: Client::new(config), host: super::connect::host(config, "bedrock-runtime"), dimension })
    }

    async fn one(&self, text: &str) -> Result<Vec<f32>, Failure> {
        if text.trim().is_empty() {
            // Titan refuses what says nothing; one vector for all such texts is near to none that says something.
            let mut vector = vec![0.0; self.dimension()];
            vector[0] = 1.0;
            return Ok(vector);
        }
        let ask = Ask { text: shortened(text), dimensions: self.dimension(), normalize: true };
        let body = serde_json::to_vec(&ask).map_err(|_| Failure::internal())?;
        let invoke = self.client.invoke_model().model_id(MODEL).content_type("application/json").body(Blob::new(body));
        let answer = invoke.send().await.map_err(|error| engine_fault(SERVICE, error))?;
        let told: Told = serde_json::from_slice(answer.body().as_ref()).map_err(|_| nonsense())?;
        let length = told.embedding.iter().map(|x| x * x).sum::<f32>().sqrt();
        if told.embedding.len() != self.dimension() || !length.is_finite() || length == 0.0 {
            return Err(nonsense());
        }
        Ok(told.embedding.into_iter().map(|x| x / length).collect())
    }
}

#[async_trait]
impl Embedder for TitanEmbedder {
    fn card(&self) -> EngineCard {
        EngineCard {
            name: "Titan embeddings (Bedrock)".into(),
            model: format!("{MODEL}/{}", self.dimension()),
            sends_to: Some(self.host.clone()),
            missing: None,
        }
    }

    fn dimension(&self) -> usize {
        self.dimension as usize
    }

    // From where on two of its vectors have to do with each other was never measured, so what they tell stays unknown.
    async fn embed(&self, texts: &[String], _: EmbedKind) -> Result<Vec<Vec<f32>>, Failure> {
        let each = |text: String| async move { self.one(&text).await };
        stream::iter(texts.to_vec()).map(each).buffered(AT_ONCE).try_collect().await
    }
}

/// The beginning of a text that certainly fits: a token has about three Latin letters, and may be one letter of other scripts.
fn shortened(text: &str) -> &str {
    let mut thirds = 0;
    let end = text.char_indices().find(|(_, c)| {
        thirds += if c.is_ascii() { 1 } else { 3 };
        thirds > 3 * TOKENS
    });
    end.map_or(text, |(at, _)| &text[..at])
}

fn nonsense() -> Failure {
    Failure::new(Code::EngineFailed, format!("{SERVICE} sent nonsense; try again in a moment"))
}
