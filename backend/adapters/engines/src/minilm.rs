//! Sentence vectors from all-MiniLM-L6-v2 in this process; knows a folder with the model and nothing of where it came from.

mod bert;
mod linear;
mod rows;
mod weights;
mod words;

use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use bert::{Bert, Config};
use rayon::prelude::*;
use rows::Rows;
use synapscribe_domain::retrieval::Telling;
use synapscribe_domain::{Code, Failure};
use synapscribe_ports::{Beside, EmbedKind, Embedder, EngineCard, Meaning, Nearness, Parted};
use tokenizers::{Tokenizer, TruncationParams};
use tokio::sync::Semaphore;
use weights::Weights;

use crate::resting::{self, Rests};

/// The model was trained on texts of up to this many tokens; the rest of a longer text is not read.
const MOST_TOKENS: usize = 256;
/// From here on texts have to do with each other: nine in ten passages that answer a question are as near, and few that have nothing to
/// do with it. `docs/evaluation.md` says how this was chosen.
const RELATED: f32 = 0.35;
/// Texts in one go: enough for all cores to have one, and few enough for a question not to wait long.
const BATCH: usize = 8;
/// Goes at once; each uses all cores, and a second one lets a question overtake a long ingest.
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
            None => {
                let model = Arc::new(Model::read(&self.folder)?);
                // What making it left behind, and whoever cut a long document before: the model stays for long.
                resting::give_back();
                model
            }
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
        EngineCard::local("MiniLM (in this process)", "all-MiniLM-L6-v2 in 8 bits")
    }

    fn dimension(&self) -> usize {
        self.dimension
    }

    fn telling(&self) -> Telling {
        Telling::Meaning(RELATED)
    }

    async fn embed(&self, texts: &[String], _kind: EmbedKind) -> Result<Vec<Vec<f32>>, Failure> {
        let whole = |text: &String| Parted { text: text.clone(), ..Parted::default() };
        let meanings = self.embed_parted(&texts.iter().map(whole).collect::<Vec<_>>()).await?;
        Ok(meanings.into_iter().map(|meaning| meaning.whole).collect())
    }

    async fn embed_parted(&self, texts: &[Parted]) -> Result<Vec<Meaning>, Failure> {
        let mut out = Vec::with_capacity(texts.len());
        for batch in texts.chunks(BATCH).map(<[Parted]>::to_vec) {
            let permit = self.room.clone().acquire_owned().await.map_err(|_| Failure::internal())?;
            let shelf = Arc::clone(&self.shelf);
            let work = tokio::task::spawn_blocking(move || {
                let _permit = permit;
                shelf.take()?.embed(&batch)
            });
            out.extend(work.await.map_err(|_| Failure::internal())??);
        }
        Ok(out)
    }

    async fn beside(&self, question: &str, texts: &[String]) -> Result<Option<Beside>, Failure> {
        let permit = self.room.clone().acquire_owned().await.map_err(|_| Failure::internal())?;
        let (shelf, question, texts) = (Arc::clone(&self.shelf), question.to_owned(), texts.to_vec());
        let work = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            shelf.take()?.beside(&question, &texts)
        });
        work.await.map_err(|_| Failure::internal())?.map(Some)
    }
}

/// What the tokens of a text mean, without those that open and close it, and the text as a whole.
struct Read {
    whole: Vec<f32>,
    tokens: Vec<Vec<f32>>,
    places: Vec<Range<usize>>,
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
        tokenizer.with_padding(None);
        let weights = File::open(folder.join("model.safetensors")).map_err(|_| missing(folder, "model.safetensors"))?;
        let bert = Weights::of(weights).and_then(|weights| Bert::load(weights, &config));
        Ok(Self { bert: bert.ok_or_else(|| damaged(folder, "model.safetensors"))?, tokenizer })
    }

    fn embed(&self, texts: &[Parted]) -> Result<Vec<Meaning>, Failure> {
        texts.par_iter().map(|text| self.meaning(text)).collect()
    }

    fn beside(&self, question: &str, texts: &[String]) -> Result<Beside, Failure> {
        let asked = self.read_tokens(question)?;
        let texts: Vec<Read> = texts.par_iter().map(|text| self.read_tokens(text)).collect::<Result<_, _>>()?;
        Ok(beside(asked, texts))
    }

    fn read_tokens(&self, text: &str) -> Result<Read, Failure> {
        let encoding = self.tokenizer.encode(text, true).map_err(|_| failed())?;
        let rows = self.bert.forward(encoding.get_ids()).ok_or_else(failed)?;
        let whole = mean(rows.iter());
        let own = rows.iter().zip(encoding.get_offsets()).filter(|(_, (from, to))| to > from);
        let (tokens, places) = own.map(|(token, (from, to))| (token.to_vec(), *from..*to)).unzip();
        Ok(Read { whole, tokens, places })
    }

    fn meaning(&self, text: &Parted) -> Result<Meaning, Failure> {
        let encoding = self.tokenizer.encode(text.whole(), true).map_err(|_| failed())?;
        let tokens = self.bert.forward(encoding.get_ids()).ok_or_else(failed)?;
        Ok(meaning(text, &encoding, &tokens))
    }
}

/// The whole is the mean of all tokens. A part is the mean of its own tokens, which were read with all others
/// around them: so it costs nothing more, and "it" means what the sentence before names.
fn meaning(text: &Parted, encoding: &tokenizers::Encoding, tokens: &Rows) -> Meaning {
    let before = text.whole().len() - text.text.len();
    let whole = mean(tokens.iter());
    let part = |range: &Range<usize>| {
        let (from, to) = (range.start + before, range.end + before);
        let inside = |(at, end): (usize, usize)| end > at && at >= from && end <= to;
        let own = mean(tokens.iter().zip(encoding.get_offsets()).filter(|(_, place)| inside(**place)).map(|(token, _)| token));
        // What the model was too short for means what all of it means.
        if own.is_empty() { whole.clone() } else { own }
    };
    let parts = text.parts.iter().map(part).collect();
    Meaning { whole, parts }
}

/// Every token of the question beside the likest one of each text. What all tokens of these texts have in common tells nothing.
fn beside(mut asked: Read, mut texts: Vec<Read>) -> Beside {
    let count = texts.iter().map(|text| text.tokens.len()).sum::<usize>().max(1) as f32;
    let mut common = vec![0.0f32; asked.whole.len()];
    for token in texts.iter().flat_map(|text| &text.tokens) {
        common.iter_mut().zip(token).for_each(|(sum, value)| *sum += value / count);
    }
    for token in texts.iter_mut().chain(std::iter::once(&mut asked)).flat_map(|text| &mut text.tokens) {
        token.iter_mut().zip(&common).for_each(|(value, common)| *value -= common);
        let length = along(token, token).sqrt().max(1e-6);
        token.iter_mut().for_each(|value| *value /= length);
    }
    let near = |text: &Read| {
        let mut words = vec![-1.0f32; asked.tokens.len()];
        let mut back = 0.0;
        for token in &text.tokens {
            let mut likest = -1.0f32;
            for (word, asked) in words.iter_mut().zip(&asked.tokens) {
                let likeness = along(token, asked);
                *word = word.max(likeness);
                likest = likest.max(likeness);
            }
            back += likest / text.tokens.len() as f32;
        }
        Nearness { whole: along(&text.whole, &asked.whole), words, back }
    };
    let texts = texts.par_iter().map(near).collect();
    Beside { words: asked.places, texts }
}

fn along(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The mean of some vectors, brought to length 1; nothing where there are none.
fn mean<'a>(vectors: impl Iterator<Item = &'a [f32]>) -> Vec<f32> {
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

    #[tokio::test]
    async fn a_text_is_nearest_to_the_words_of_itself() {
        let folder = tempfile::tempdir().unwrap();
        make_model(folder.path());
        let model = MiniLm::open(folder.path()).unwrap();
        let question = "the slope of the loss";
        let texts = [question.to_owned(), "gradient".to_owned()];
        let beside = model.beside(question, &texts).await.unwrap().unwrap();
        assert_eq!(beside.texts.len(), 2);
        assert!(beside.words.iter().all(|place| place.start < place.end && place.end <= question.len()));
        let same = &beside.texts[0];
        assert_eq!(same.words.len(), beside.words.len());
        assert!(same.words.iter().chain([&same.back, &same.whole]).all(|near| (near - 1.0).abs() < 1e-3), "{same:?}");
        assert!(model.beside("", &[]).await.unwrap().unwrap().texts.is_empty());
    }
}

#[cfg(test)]
#[path = "../tests/tiny_model/mod.rs"]
mod tiny_model;
