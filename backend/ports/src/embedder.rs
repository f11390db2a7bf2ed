//! Text into vectors whose angles mirror meaning.

use std::ops::Range;

use async_trait::async_trait;
use synapscribe_domain::Failure;
use synapscribe_domain::retrieval::Telling;

use crate::engine::{EngineCard, Reached};

/// Which side of a search a text is on; some models treat the two differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmbedKind {
    /// Something to be found.
    Passage,
    /// Something to find with.
    Query,
}

/// A text to be found, and the parts of it that may be what is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parted {
    /// What the text stands under, such as a title; it is meant along with the whole and belongs to no part.
    pub heading: String,
    /// The text.
    pub text: String,
    /// Where in the text the parts stand, in bytes, at borders of characters.
    pub parts: Vec<Range<usize>>,
}

impl Parted {
    /// Text and heading as one.
    pub fn whole(&self) -> String {
        if self.heading.is_empty() { self.text.clone() } else { format!("{}. {}", self.heading, self.text) }
    }
}

/// What a text and its parts mean; every vector has unit length.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Meaning {
    /// Of the whole, under its heading.
    pub whole: Vec<f32>,
    /// Of each part, in order, or nothing.
    pub parts: Vec<Vec<f32>>,
}

impl From<Vec<f32>> for Meaning {
    fn from(whole: Vec<f32>) -> Self {
        Self { whole, parts: Vec::new() }
    }
}

/// How near a text comes to each word of a question, read with what stands around it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Nearness {
    /// The two as wholes.
    pub whole: f32,
    /// For each part of [`Beside::words`] what comes nearest to it.
    pub words: Vec<f32>,
    /// How near the text's own words are to those of the question, in the mean.
    pub back: f32,
}

/// Texts beside a question, word by word.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Beside {
    /// Where the words of the question stand in it, or parts of words, in bytes.
    pub words: Vec<Range<usize>>,
    /// How near each text is, in order.
    pub texts: Vec<Nearness>,
}

/// Embeds text.
#[async_trait]
pub trait Embedder: Send + Sync {
    /// What it is and where it sends text; `model` names the vector space.
    fn card(&self) -> EngineCard;

    /// Tries the server behind it, within seconds; nothing where there is none.
    async fn reach(&self) -> Option<Reached> {
        None
    }

    /// The name under which vectors are kept and compared: the model's, and how texts are put into it. Whatever changes there renews
    /// every index.
    fn space(&self) -> String {
        format!("{}, by sentences", self.card().model)
    }

    /// The length of every vector.
    fn dimension(&self) -> usize;

    /// What it tells of two texts that their vectors are near, for somebody who searches and is to be shown no stranger.
    fn telling(&self) -> Telling {
        Telling::Unknown
    }

    /// One unit-length vector for each text, in order.
    async fn embed(&self, texts: &[String], kind: EmbedKind) -> Result<Vec<Vec<f32>>, Failure>;

    /// What texts that are to be found mean, as wholes and in their parts. An engine that would have to read every part once more,
    /// which somebody pays for, tells of the wholes alone.
    async fn embed_parted(&self, texts: &[Parted]) -> Result<Vec<Meaning>, Failure> {
        let wholes: Vec<String> = texts.iter().map(Parted::whole).collect();
        Ok(self.embed(&wholes, EmbedKind::Passage).await?.into_iter().map(Meaning::from).collect())
    }

    /// How near short texts come to each word of a question; nothing where the engine tells of texts as wholes alone.
    async fn beside(&self, _question: &str, _texts: &[String]) -> Result<Option<Beside>, Failure> {
        Ok(None)
    }
}
