//! Vectors from `/v1/embeddings`; knows the prefixes that two families of models want and nothing of what is embedded.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use serde_json::{Value, json};
use synapscribe_domain::{Code, Failure};
use synapscribe_ports::{EmbedKind, Embedder, EngineCard, Reached};

use super::peer::{Endpoint, Peer};

/// Texts in one request.
const BATCH: usize = 64;

/// Embeds by a server.
#[derive(Debug)]
pub struct ApiEmbedder {
    peer: Peer,
    /// 0 until it is known.
    dimension: AtomicUsize,
    /// The length that was asked for.
    wanted: Option<usize>,
}

impl ApiEmbedder {
    /// `dimension` is the length of the model's vectors; without it, it is learned from the first answer and is 0 until then.
    pub fn new(endpoint: Endpoint, dimension: Option<usize>) -> Result<Self, Failure> {
        let peer = Peer::new(endpoint, "embedding server")?;
        Ok(Self { peer, dimension: AtomicUsize::new(dimension.unwrap_or(0)), wanted: dimension })
    }

    /// Asks the server for one vector, so that the dimension is known before anything is stored.
    pub async fn learn_dimension(&self) -> Result<usize, Failure> {
        if self.dimension() == 0 {
            self.embed(&["dimension".to_owned()], EmbedKind::Passage).await?;
        }
        Ok(self.dimension())
    }

    async fn batch(&self, texts: &[String], kind: EmbedKind) -> Result<Vec<Vec<f32>>, Failure> {
        let prefix = prefix(&self.peer.model, kind);
        // A server refuses an empty text; a space has a vector.
        let input: Vec<String> =
            texts.iter().map(|t| if t.trim().is_empty() { " ".to_owned() } else { format!("{prefix}{t}") }).collect();
        let body = json!({"model": self.peer.model, "input": input, "encoding_format": "float"});
        let answer = self.peer.ask(self.peer.post("embeddings").json(&body)).await?;
        let vectors = embeddings(&answer, texts.len()).map_err(|how| self.peer.nonsense(how))?;
        vectors.iter().try_for_each(|vector| self.check(vector.len()))?;
        Ok(vectors)
    }

    /// Every vector must be as long as the first one was.
    fn check(&self, length: usize) -> Result<(), Failure> {
        match self.dimension.compare_exchange(0, length, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => Ok(()),
            Err(known) if known == length => Ok(()),
            Err(known) => Err(Failure::new(
                Code::EngineFailed,
                format!(
                    "the model {} gives vectors of {length} numbers where {known} were expected; check the model's name",
                    self.peer.model
                ),
            )),
        }
    }
}

#[async_trait]
impl Embedder for ApiEmbedder {
    fn card(&self) -> EngineCard {
        EngineCard {
            name: "embedding server".into(),
            model: self.peer.model.clone(),
            sends_to: self.peer.sends_to(),
            missing: None,
        }
    }

    async fn reach(&self) -> Option<Reached> {
        Some(self.peer.reach().await)
    }

    /// A model that is served with other lengths has a space for each. What was only learned is no part of the name, which has to be the
    /// same before the first answer.
    fn space(&self) -> String {
        let length = self.wanted.map(|length| format!("/{length}")).unwrap_or_default();
        format!("{}{length}, by sentences", self.peer.model)
    }

    fn dimension(&self) -> usize {
        self.dimension.load(Ordering::Relaxed)
    }

    async fn embed(&self, texts: &[String], kind: EmbedKind) -> Result<Vec<Vec<f32>>, Failure> {
        let mut out = Vec::with_capacity(texts.len());
        for batch in texts.chunks(BATCH) {
            out.extend(self.batch(batch, kind).await?);
        }
        Ok(out)
    }
}

/// The vectors that a server gave for so many texts, each of length 1, in the order of the texts; or why there are none.
pub fn embeddings(answer: &Value, texts: usize) -> Result<Vec<Vec<f32>>, &'static str> {
    let data = answer["data"].as_array().filter(|data| data.len() == texts);
    let data = data.ok_or("it does not hold one vector for each text")?;
    let mut out = vec![Vec::new(); texts];
    for (at, item) in data.iter().enumerate() {
        let index = item["index"].as_u64().map_or(at, |i| usize::try_from(i).unwrap_or(usize::MAX));
        let vector = vector(item).ok_or("a vector holds something other than numbers")?;
        match out.get_mut(index) {
            Some(place) if place.is_empty() => *place = vector,
            _ => return Err("it numbers its vectors wrongly"),
        }
    }
    Ok(out)
}

/// A vector of length 1, or nothing where there is none.
fn vector(item: &Value) -> Option<Vec<f32>> {
    let numbers: Vec<f64> = item["embedding"].as_array()?.iter().map(Value::as_f64).collect::<Option<_>>()?;
    // In the wider numbers, as squares of small ones vanish in the narrow.
    let length = numbers.iter().map(|n| n * n).sum::<f64>().sqrt();
    (length.is_finite() && length > 0.0).then(|| numbers.iter().map(|n| (n / length) as f32).collect())
}

/// What some models want before a text, so that questions and passages meet.
fn prefix(model: &str, kind: EmbedKind) -> &'static str {
    let model = model.to_lowercase();
    match kind {
        _ if model.contains("e5-") && model.contains("instruct") => "",
        EmbedKind::Query if model.contains("e5-") => "query: ",
        EmbedKind::Passage if model.contains("e5-") => "passage: ",
        EmbedKind::Query if model.contains("nomic-embed") => "search_query: ",
        EmbedKind::Passage if model.contains("nomic-embed") => "search_document: ",
        _ => "",
    }
}
