//! An embedder without a model: words, their parts and their neighbours hashed into a vector. It knows spelling, not meaning.

use async_trait::async_trait;
use synapscribe_domain::retrieval::Telling;
use synapscribe_domain::{Failure, terms};
use synapscribe_ports::{EmbedKind, Embedder, EngineCard};

/// The length of the vectors, that of the small sentence models, so that a store need not care.
pub const DIMENSION: usize = 384;

/// What a whole word counts.
const WORD: f32 = 1.0;
/// What two content words in a row count.
const PAIR: f32 = 0.5;
/// What all the parts of a word count together; they let forms and misspellings of a word meet.
const PARTS: f32 = 0.6;

/// Embeds by hashing.
#[derive(Debug, Clone, Copy, Default)]
pub struct HashedEmbedder;

#[async_trait]
impl Embedder for HashedEmbedder {
    fn card(&self) -> EngineCard {
        EngineCard::local("word hashes (built in)", "hashed-384-v1")
    }

    fn dimension(&self) -> usize {
        DIMENSION
    }

    fn telling(&self) -> Telling {
        Telling::Spelling
    }

    async fn embed(&self, texts: &[String], _kind: EmbedKind) -> Result<Vec<Vec<f32>>, Failure> {
        Ok(texts.iter().map(|text| vector(text)).collect())
    }
}

/// The unit vector of a text; a text without words gets one that is near nothing else.
fn vector(text: &str) -> Vec<f32> {
    let mut out = vec![0.0; DIMENSION];
    let content = terms::content_terms(text);
    // Without content words, as in "why is that", the small words are all there is.
    let words: Vec<String> = if content.is_empty() { terms::words(text).collect() } else { content };
    for word in &words {
        add(&mut out, b'w', &[word], WORD);
        let marked: Vec<char> = std::iter::once('<').chain(word.chars()).chain(std::iter::once('>')).collect();
        let parts: Vec<String> = (3..=4).flat_map(|n| marked.windows(n).map(|w| w.iter().collect())).collect();
        for part in &parts {
            add(&mut out, b'p', &[part], PARTS / (parts.len() as f32).sqrt());
        }
    }
    for pair in words.windows(2) {
        add(&mut out, b'n', &[&pair[0], &pair[1]], PAIR);
    }
    let length = out.iter().map(|x| x * x).sum::<f32>().sqrt();
    if length > 0.0 {
        out.iter_mut().for_each(|x| *x /= length);
    } else {
        out[0] = 1.0;
    }
    out
}

/// Adds a feature at a place and with a sign that both come from its hash, so that collisions cancel out on average.
fn add(out: &mut [f32], kind: u8, feature: &[&str], weight: f32) {
    // FNV-1a: the vectors are stored, so the hash must never change between builds, as the standard one may.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in std::iter::once(kind).chain(feature.iter().flat_map(|f| f.bytes().chain(std::iter::once(0)))) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    let sign = if hash >> 63 == 0 { 1.0 } else { -1.0 };
    out[((hash ^ (hash >> 29)) % DIMENSION as u64) as usize] += sign * weight;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn likeness(a: &str, b: &str) -> f32 {
        vector(a).iter().zip(vector(b)).map(|(x, y)| x * y).sum()
    }

    #[test]
    fn texts_that_share_words_are_nearer_than_strangers() {
        let question = "What is the learning rate?";
        let answer = "The learning rate is the size of the step.";
        let other = "Yeast is a tiny fungus that eats sugar.";
        assert!(likeness(question, answer) > 0.4, "{}", likeness(question, answer));
        assert!(likeness(question, other) < 0.15, "{}", likeness(question, other));
        assert!(likeness("converge", "convergence") > 0.15);
        assert!((likeness(answer, answer) - 1.0).abs() < 1e-5);
    }

    #[test]
    fn the_hash_is_the_same_in_every_build() {
        let vector = vector("gradient");
        let place = vector.iter().enumerate().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs())).map(|(n, _)| n);
        assert_eq!((place, vector.iter().filter(|x| **x != 0.0).count() > 8), (Some(PLACE_OF_GRADIENT), true));
    }

    /// Stored vectors depend on it.
    const PLACE_OF_GRADIENT: usize = 24;
}
