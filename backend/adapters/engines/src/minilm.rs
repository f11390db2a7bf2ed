//! Sentence vectors from all-MiniLM-L6-v2 in this process; knows a folder with the model and nothing of where it came from.

mod bert;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use bert::Bert;
use candle_core::{DType, Device};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::Config;
use synapscribe_domain::{Code, Failure};
use synapscribe_ports::{EmbedKind, Embedder, EngineCard, Meaning, Parted};
use tokenizers::{PaddingParams, Tokenizer, TruncationParams};
use tokio::sync::Semaphore;

use crate::resting::{self, Rests};

/// The model was trained on texts of up to this many tokens; the rest of a longer text is not read.
const MOST_TOKENS: usize = 256;
/// Texts in one pass through the model: enough for its matrices to be large, and few enough for what lies between them to be small.
const BATCH: usize = 8;
/// Passes at once; each uses all cores for its matrices, and a second one lets a question overtake a long ingest.
const AT_ONCE: usize = 2;

/// The model, in memory while it is used.
#[derive(Clone)]
pub struct MiniLm {
    dimension: usize,
    shelf: Arc<Shelf>,
    room: Arc<Semaphore>,
}

/// Where the model is, and itself with the time of its last use where it was read.
struct Shelf {
    folder: PathBuf,
    model: Mutex<Option<(Arc<Model>, Instant)>>,
}

impl Shelf {
    fn lock(&self) -> MutexGuard<'_, Option<(Arc<Model>, Instant)>> {
        self.model.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads it where it is not there; others wait for that one reading, so this is not for an async task.
    fn take(&self) -> Result<Arc<Model>, Failure> {
        let mut kept = self.lock();
        let model = match kept.take() {
            Some((model, _)) => model,
            None => Arc::new(Model::read(&self.folder)?),
        };
        *kept = Some((Arc::clone(&model), Instant::now()));
        Ok(model)
    }
}

impl Rests for Shelf {
    fn rest(&self, before: Instant) -> bool {
        self.lock().take_if(|(_, used)| *used < before).is_some()
    }
}

impl std::fmt::Debug for MiniLm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MiniLm").field("folder", &self.shelf.folder).field("dimension", &self.dimension).finish_non_exhaustive()
    }
}

impl MiniLm {
    /// Checks that the folder holds `config.json`, `tokenizer.json` and `model.safetensors`; the weights are read later.
    pub fn open(folder: &Path) -> Result<Self, Failure> {
        for name in ["model.safetensors", "tokenizer.json"] {
            if !folder.join(name).is_file() {
                return Err(missing(folder, name));
            }
        }
        let dimension = config(folder)?.hidden_size;
        let shelf = Arc::new(Shelf { folder: folder.to_owned(), model: Mutex::default() });
        resting::watch(&shelf);
        Ok(Self { dimension, shelf, room: Arc::new(Semaphore::new(AT_ONCE)) })
    }

    /// Reads the weights now, so that the first question need not wait for them.
    pub async fn warm(&self) -> Result<(), Failure> {
        let shelf = Arc::clone(&self.shelf);
        tokio::task::spawn_blocking(move || shelf.take().map(drop)).await.map_err(|_| Failure::internal())?
    }
}
#[async_trait]
impl Embedder for MiniLm {
    fn card(&self) -> EngineCard {
        EngineCard::local("MiniLM (in this process)", "all-MiniLM-L6-v2")
    }

    fn dimension(&self) -> usize {
        self.dimension
    }

    async fn embed(&self, texts: &[String], _kind: EmbedKind) -> Result<Vec<Vec<f32>>, Failure> {
        let whole = |text: &String| Parted { text: text.clone(), ..Parted::default() };
        let meanings = self.embed_parted(&texts.iter().map(whole).collect::<Vec<_>>()).await?;
        Ok(meanings.into_iter().map(|meaning| meaning.whole).collect())
    }

    async fn embed_parted(&self, texts: &[Parted]) -> Result<Vec<Meaning>, Failure> {
        // Texts of like length share a pass, as the shorter ones are filled up to the longest.
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_by_key(|&n| texts[n].text.len());
        let mut out = vec![Meaning::default(); texts.len()];
        for places in order.chunks(BATCH) {
            let batch: Vec<Parted> = places.iter().map(|&n| texts[n].clone()).collect();
            let permit = self.room.clone().acquire_owned().await.map_err(|_| Failure::internal())?;
            let shelf = Arc::clone(&self.shelf);
            let work = tokio::task::spawn_blocking(move || {
                let _permit = permit;
                shelf.take()?.embed(&batch)
            });
            let meanings = work.await.map_err(|_| Failure::internal())??;
            for (&place, meaning) in places.iter().zip(meanings) {
                out[place] = meaning;
            }
        }
        Ok(out)
    }
}

struct Model {
    bert: Bert,
    tokenizer: Tokenizer,
}

impl Model {
    fn read(folder: &Path) -> Result<Self, Failure> {
        let config = config(folder)?;
        let mut tokenizer = Tokenizer::from_file(folder.join("tokenizer.json")).map_err(|_| damaged(folder, "tokenizer.json"))?;
        let most = config.max_position_embeddings.clamp(8, MOST_TOKENS);
        let truncation = TruncationParams { max_length: most, ..TruncationParams::default() };
        tokenizer.with_truncation(Some(truncation)).map_err(|_| damaged(folder, "tokenizer.json"))?;
        tokenizer.with_padding(Some(PaddingParams { pad_id: config.pad_token_id as u32, ..PaddingParams::default() }));
        let weights = std::fs::read(folder.join("model.safetensors")).map_err(|_| missing(folder, "model.safetensors"))?;
        let weights = VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu)
            .map_err(|_| damaged(folder, "model.safetensors"))?;
        let bert = Bert::load(weights, &config).map_err(|_| damaged(folder, "model.safetensors"))?;
        Ok(Self { bert, tokenizer })
    }

    fn embed(&self, texts: &[Parted]) -> Result<Vec<Meaning>, Failure> {
        let encodings = self.tokenizer.encode_batch(texts.iter().map(Parted::whole).collect(), true).map_err(|_| failed())?;
        let width = encodings.iter().map(|e| e.get_ids().len()).max().unwrap_or(0);
        let flat =
            |of: fn(&tokenizers::Encoding) -> &[u32]| encodings.iter().flat_map(|e| of(e).iter().copied()).collect::<Vec<u32>>();
        let tokens = self
            .tokens(flat(|e| e.get_ids()), flat(|e| e.get_attention_mask()), (encodings.len(), width))
            .map_err(|_| failed())?;
        Ok(texts.iter().zip(&encodings).zip(&tokens).map(|((text, encoding), tokens)| meaning(text, encoding, tokens)).collect())
    }

    /// What each token means where it stands, text by text.
    fn tokens(&self, ids: Vec<u32>, mask: Vec<u32>, shape: (usize, usize)) -> candle_core::Result<Vec<Vec<Vec<f32>>>> {
        self.bert.forward(ids, &mask, shape)?.to_vec3::<f32>()
    }
}

/// The whole is the mean of all tokens that are not filling. A part is the mean of its own tokens, which were read with all others
/// around them: so it costs nothing more, and "it" means what the sentence before names.
fn meaning(text: &Parted, encoding: &tokenizers::Encoding, tokens: &[Vec<f32>]) -> Meaning {
    let before = text.whole().len() - text.text.len();
    let (mask, places) = (encoding.get_attention_mask(), encoding.get_offsets());
    let whole = mean((0..tokens.len()).filter(|&n| mask[n] == 1).map(|n| &tokens[n]));
    let part = |range: &Range<usize>| {
        let (from, to) = (range.start + before, range.end + before);
        let inside = |n: &usize| mask[*n] == 1 && places[*n].1 > places[*n].0 && places[*n].0 >= from && places[*n].1 <= to;
        let own = mean((0..tokens.len()).filter(inside).map(|n| &tokens[n]));
        // What the model was too short for means what all of it means.
        if own.is_empty() { whole.clone() } else { own }
    };
    let parts = text.parts.iter().map(part).collect();
    Meaning { whole, parts }
}

/// The mean of some vectors, brought to length 1; nothing where there are none.
fn mean<'a>(vectors: impl Iterator<Item = &'a Vec<f32>>) -> Vec<f32> {
    let mut sum: Vec<f32> = Vec::new();
    for vector in vectors {
        sum.resize(vector.len(), 0.0);
        sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value);
    }
    let length = sum.iter().map(|value| value * value).sum::<f32>().sqrt().max(1e-12);
    sum.iter_mut().for_each(|value| *value /= length);
    sum
}

fn config(folder: &Path) -> Result<Config, Failure> {
    let text = std::fs::read(folder.join("config.json")).map_err(|_| missing(folder, "config.json"))?;
    serde_json::from_slice(&text).map_err(|_| damaged(folder, "config.json"))
}

fn missing(folder: &Path, name: &str) -> Failure {
    Failure::new(
        Code::EngineMissing,
        format!(
            "the embedding model has no {name} in {}; fetch it with `synapscribe models get all-minilm-l6-v2`",
            folder.display()
        ),
    )
}

fn damaged(folder: &Path, name: &str) -> Failure {
    Failure::new(
        Code::EngineFailed,
        format!(
            "the embedding model's {name} in {} is damaged; delete it and fetch it with `synapscribe models get all-minilm-l6-v2`",
            folder.display()
        ),
    )
}

fn failed() -> Failure {
    Failure::new(Code::EngineFailed, "the embedding model could not read a text; try again")
}

#[cfg(test)]
mod tests {
    use super::tiny_model::make_model;
    use super::*;

    #[tokio::test]
    async fn a_model_that_rests_is_read_again_for_the_next_text() {
        let folder = tempfile::tempdir().unwrap();
        make_model(folder.path());
        let model = MiniLm::open(folder.path()).unwrap();
        assert!(resting::is_watched(&model.shelf));
        assert!(!model.shelf.rest(Instant::now()), "nothing was read yet");
        let text = ["the slope of the loss".to_owned()];
        let before = model.embed(&text, EmbedKind::Passage).await.unwrap();
        let later = Instant::now() + std::time::Duration::from_secs(1);
        assert!(model.shelf.rest(later) && !model.shelf.rest(later));
        assert_eq!(model.embed(&text, EmbedKind::Passage).await.unwrap(), before);
    }
}

#[cfg(test)]
#[path = "../tests/tiny_model/mod.rs"]
mod tiny_model;
