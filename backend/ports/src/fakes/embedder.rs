//! Vectors of words: texts that share words lie close.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Mutex;

use async_trait::async_trait;
use synapscribe_domain::retrieval::Telling;
use synapscribe_domain::{Code, Failure};

use super::open;
use crate::{EmbedKind, Embedder, EngineCard};

const DIMENSION: usize = 64;

/// Hashes words into a vector, unless it was broken or taken away.
#[derive(Debug, Default)]
pub struct WordVectors(Mutex<Option<Code>>);

impl WordVectors {
    /// From now on it fails.
    pub fn break_down(&self) {
        *open(&self.0) = Some(Code::EngineFailed);
    }

    /// From now on it is not there, and trying again brings nothing.
    pub fn take_away(&self) {
        *open(&self.0) = Some(Code::EngineMissing);
    }
}

#[async_trait]
impl Embedder for WordVectors {
    fn card(&self) -> EngineCard {
        EngineCard::local("words", "words")
    }

    fn dimension(&self) -> usize {
        DIMENSION
    }

    fn telling(&self) -> Telling {
        Telling::Spelling
    }

    async fn embed(&self, texts: &[String], _: EmbedKind) -> Result<Vec<Vec<f32>>, Failure> {
        if let Some(code) = *open(&self.0) {
            return Err(Failure::new(code, "the vectors broke down"));
        }
        Ok(texts.iter().map(|text| vector(text)).collect())
    }
}

fn vector(text: &str) -> Vec<f32> {
    let mut vector = vec![0.0f32; DIMENSION];
    // A text without words has a direction too.
    vector[0] = 0.1;
    for word in text.to_lowercase().split_whitespace() {
        let mut hasher = DefaultHasher::new();
        word.hash(&mut hasher);
        vector[hasher.finish() as usize % DIMENSION] += 1.0;
    }
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    vector.into_iter().map(|x| x / length).collect()
}
