//! Sentence vectors from all-MiniLM-L6-v2 in this process; knows a folder with the model and nothing of where it came from.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use candle_core::{Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config, DTYPE};
use synapscribe_domain::{Code, Failure};
use synapscribe_ports::{EmbedKind, Embedder, EngineCard};
use tokenizers::{PaddingParams, Tokenizer, TruncationParams};
use tokio::sync::Semaphore;

use crate::resting::{self, Rests};

/// The model was trained on texts of up to this many tokens; the rest of a longer text is not read.
const MOST_TOKENS: usize = 256;
/// Texts in one pass through the model.
const BATCH: usize = 16;
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
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        // Texts of like length share a pass, as the shorter ones are filled up to the longest.
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_by_key(|&n| texts[n].len());
        let mut out = vec![Vec::new(); texts.len()];
        for places in order.chunks(BATCH) {
            let batch: Vec<String> = places.iter().map(|&n| texts[n].clone()).collect();
            let permit = self.room.clone().acquire_owned().await.map_err(|_| Failure::internal())?;
            let shelf = Arc::clone(&self.shelf);
            let work = tokio::task::spawn_blocking(move || {
                let _permit = permit;
                shelf.take()?.embed(&batch)
            });
            let vectors = work.await.map_err(|_| Failure::internal())??;
            for (&place, vector) in places.iter().zip(vectors) {
                out[place] = vector;
            }
        }
        Ok(out)
    }
}

struct Model {
    bert: BertModel,
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
        let weights = VarBuilder::from_buffered_safetensors(weights, DTYPE, &Device::Cpu)
            .map_err(|_| damaged(folder, "model.safetensors"))?;
        let bert = BertModel::load(weights, &config).map_err(|_| damaged(folder, "model.safetensors"))?;
        Ok(Self { bert, tokenizer })
    }

    fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, Failure> {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let encodings = self.tokenizer.encode_batch(texts, true).map_err(|_| failed())?;
        let width = encodings.iter().map(|e| e.get_ids().len()).max().unwrap_or(0);
        let flat =
            |of: fn(&tokenizers::Encoding) -> &[u32]| encodings.iter().flat_map(|e| of(e).iter().copied()).collect::<Vec<u32>>();
        self.pool(flat(|e| e.get_ids()), flat(|e| e.get_attention_mask()), (encodings.len(), width)).map_err(|_| failed())
    }

    /// The mean of all tokens that are not filling, brought to length 1.
    fn pool(&self, ids: Vec<u32>, mask: Vec<u32>, shape: (usize, usize)) -> candle_core::Result<Vec<Vec<f32>>> {
        let ids = Tensor::from_vec(ids, shape, &Device::Cpu)?;
        let mask = Tensor::from_vec(mask, shape, &Device::Cpu)?;
        let hidden = self.bert.forward(&ids, &ids.zeros_like()?, Some(&mask))?;
        let mask = mask.to_dtype(DTYPE)?.unsqueeze(2)?;
        let sum = hidden.broadcast_mul(&mask)?.sum(1)?;
        let mean = sum.broadcast_div(&(mask.sum(1)? + 1e-9)?)?;
        let length = (mean.sqr()?.sum_keepdim(1)?.sqrt()? + 1e-12)?;
        mean.broadcast_div(&length)?.to_vec2::<f32>()
    }
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
