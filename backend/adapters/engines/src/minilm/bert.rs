//! The layers of BERT on the processor: tokens in, what each means where it stands out. It knows no text and no file.
//!
//! What was learned multiplies in 8 bits, which takes a third of the time. What tokens tell each other stays in 32, as do the sums that
//! go from layer to layer. `candle_transformers` has the same layers in 32 bits throughout; the tests compare the two.

use rten_gemm::{GemmExecutor, GemmInputA, GemmInputB, GemmOptions};
use rten_simd::{SimdOp, SimdUnaryOp};
use rten_tensor::{Matrix, NdTensorView};
use rten_vecmath::{ApproxGelu, Gelu, Softmax};
use serde::Deserialize;

use super::linear::{Linear, Whole};
use super::rows::{Norm, Rows};
use super::weights::Weights;
use super::words::Words;

/// What a model's `config.json` says of its layers.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Config {
    pub vocab_size: usize,
    pub hidden_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    pub intermediate_size: usize,
    pub hidden_act: Activation,
    pub max_position_embeddings: usize,
    pub type_vocab_size: usize,
    pub layer_norm_eps: f32,
    pub model_type: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Activation {
    Gelu,
    GeluApproximate,
    Relu,
}

/// A model.
pub(super) struct Bert {
    words: Words,
    /// Of the first kind of text, which is the only one here.
    places: Rows,
    norm: Norm,
    layers: Vec<Layer>,
}

impl Bert {
    /// With the weights under the names that such models have, whether or not these begin with the kind of the model; nothing where one
    /// is missing or of another shape.
    pub fn load(weights: Weights, config: &Config) -> Option<Self> {
        let weights = weights.of_kind(config.model_type.as_deref(), "embeddings.word_embeddings.weight");
        let size = config.hidden_size;
        let (heads, wide) = (config.num_attention_heads, config.intermediate_size);
        if heads == 0 || size == 0 || wide == 0 || !size.is_multiple_of(heads) {
            return None;
        }
        let table =
            |name: &str, rows: usize| Some(Rows::new(size, weights.table(&format!("embeddings.{name}.weight"), rows, size)?));
        let kinds = table("token_type_embeddings", config.type_vocab_size)?;
        let mut places = table("position_embeddings", config.max_position_embeddings)?;
        let kind = kinds.iter().next()?;
        for place in places.values_mut().chunks_exact_mut(size) {
            place.iter_mut().zip(kind).for_each(|(place, kind)| *place += kind);
        }
        Some(Self {
            words: Words::load(&weights, "embeddings.word_embeddings.weight", config.vocab_size, size)?,
            places,
            norm: norm(&weights, "embeddings", config)?,
            layers: (0..config.num_hidden_layers).map(|n| Layer::load(&weights, n, config)).collect::<Option<_>>()?,
        })
    }

    /// What each token of a text means; nothing where there is none, more of them than places, or one that is no word of the model.
    pub fn forward(&self, ids: &[u32]) -> Option<Rows> {
        if ids.is_empty() || ids.len() > self.places.count() {
            return None;
        }
        let size = self.places.width();
        let mut xs = Vec::with_capacity(ids.len() * size);
        for (id, place) in ids.iter().zip(self.places.iter()) {
            xs.extend(self.words.of(*id)?.zip(place).map(|(word, place)| word + place));
        }
        let mut xs = Rows::new(size, xs);
        self.norm.apply(&mut xs);
        let kernels = Kernels { whole: Whole::new(), fine: GemmExecutor::new() };
        for layer in &self.layers {
            xs = layer.forward(&kernels, xs);
        }
        Some(xs)
    }
}

/// What multiplies, as this processor does it fastest.
struct Kernels {
    whole: Whole,
    fine: GemmExecutor,
}

struct Layer {
    /// What a token looks for, what it is found by and what it tells, side by side.
    looking: Linear,
    seen: Linear,
    seen_norm: Norm,
    wide: Linear,
    narrow: Linear,
    norm: Norm,
    heads: usize,
    activation: Activation,
}

impl Layer {
    fn load(weights: &Weights, n: usize, config: &Config) -> Option<Self> {
        let (size, wide) = (config.hidden_size, config.intermediate_size);
        let at = |name: &str| format!("encoder.layer.{n}.{name}");
        let dense = |names: &[&str], from: usize, to: usize| {
            let (mut values, mut bias) = (Vec::new(), Vec::new());
            for name in names {
                values.extend(weights.table(&at(&format!("{name}.weight")), to, from)?);
                bias.extend(weights.row(&at(&format!("{name}.bias")), to)?);
            }
            Some(Linear::new(&Rows::new(from, values), bias))
        };
        Some(Self {
            looking: dense(&["attention.self.query", "attention.self.key", "attention.self.value"], size, size)?,
            seen: dense(&["attention.output.dense"], size, size)?,
            seen_norm: norm(weights, &at("attention.output"), config)?,
            wide: dense(&["intermediate.dense"], size, wide)?,
            narrow: dense(&["output.dense"], wide, size)?,
            norm: norm(weights, &at("output"), config)?,
            heads: config.num_attention_heads,
            activation: config.hidden_act,
        })
    }

    fn forward(&self, kernels: &Kernels, xs: Rows) -> Rows {
        let looking = self.looking.forward(&kernels.whole, &xs);
        let mut seen = self.seen.forward(&kernels.whole, &self.see(&kernels.fine, &looking));
        // It is as large as what follows, and every core has a text of its own.
        drop(looking);
        seen.add(&xs);
        self.seen_norm.apply(&mut seen);
        let mut wide = self.wide.forward(&kernels.whole, &seen);
        self.activation.apply(wide.values_mut());
        let mut told = self.narrow.forward(&kernels.whole, &wide);
        told.add(&seen);
        self.norm.apply(&mut told);
        told
    }

    /// What each token is told by those that it looks at, each head by itself.
    fn see(&self, fine: &GemmExecutor, looking: &Rows) -> Rows {
        let (tokens, size) = (looking.count(), looking.width() / 3);
        let head = size / self.heads;
        let all = NdTensorView::from_data([tokens, 3 * size], looking.values());
        let mut seen = vec![0.0; tokens * size];
        let (mut near, mut told) = (vec![0.0; tokens * tokens], vec![0.0; tokens * head]);
        for from in (0..size).step_by(head) {
            let part = |nth: usize| all.slice((.., nth * size + from..nth * size + from + head));
            multiply(fine, &mut near, part(0), part(1).transposed(), (head as f32).sqrt().recip());
            for row in near.chunks_exact_mut(tokens) {
                Softmax::new_mut(row).dispatch();
            }
            multiply(fine, &mut told, NdTensorView::from_data([tokens, tokens], near.as_slice()), part(2), 1.0);
            for (seen, told) in seen.chunks_exact_mut(size).zip(told.chunks_exact(head)) {
                seen[from..from + head].copy_from_slice(told);
            }
        }
        Rows::new(size, seen)
    }
}

/// `alpha` times a product.
fn multiply(fine: &GemmExecutor, out: &mut [f32], a: Matrix<'_>, b: Matrix<'_>, alpha: f32) {
    let options = GemmOptions { alpha, ..GemmOptions::default() };
    fine.gemm(out, GemmInputA::Unpacked(a), GemmInputB::Unpacked(b), options).expect("all parts of a head are alike");
}

impl Activation {
    fn apply(self, values: &mut [f32]) {
        match self {
            Self::Gelu => Gelu {}.map_mut(values),
            Self::GeluApproximate => ApproxGelu {}.map_mut(values),
            Self::Relu => values.iter_mut().for_each(|value| *value = value.max(0.0)),
        }
    }
}

fn norm(weights: &Weights, name: &str, config: &Config) -> Option<Norm> {
    let row = |what: &str| weights.row(&format!("{name}.LayerNorm.{what}"), config.hidden_size);
    Some(Norm { scale: row("weight")?, shift: row("bias")?, epsilon: config.layer_norm_eps })
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::path::Path;

    use candle_core::{DType, Device, Tensor};
    use candle_nn::VarBuilder;
    use candle_transformers::models::bert::BertModel;

    use super::super::{config, tiny_model::make_model};
    use super::*;

    fn made(folder: &Path) -> Bert {
        let file = File::open(folder.join("model.safetensors")).unwrap();
        Bert::load(Weights::of(file).unwrap(), &config(folder).unwrap()).unwrap()
    }

    #[test]
    fn every_token_means_what_it_means_in_32_bits() {
        let folder = tempfile::tempdir().unwrap();
        make_model(folder.path());
        let ours = made(folder.path());
        let file = std::fs::read(folder.path().join("model.safetensors")).unwrap();
        let config = serde_json::from_slice(&std::fs::read(folder.path().join("config.json")).unwrap()).unwrap();
        let weights = VarBuilder::from_buffered_safetensors(file, DType::F32, &Device::Cpu).unwrap();
        let theirs = BertModel::load(weights, &config).unwrap();
        // More tokens than any processor multiplies at once.
        let ids: Vec<u32> = (0..60).map(|n| n * 7 % 15).collect();
        let told = ours.forward(&ids).unwrap();
        let ids = Tensor::from_vec(ids, (1, 60), &Device::Cpu).unwrap();
        let expected = theirs.forward(&ids, &ids.zeros_like().unwrap(), None).unwrap().get(0).unwrap().to_vec2::<f32>().unwrap();
        assert_eq!(told.count(), expected.len());
        for (n, (told, expected)) in told.iter().zip(&expected).enumerate() {
            let along = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
            let cosine = along(told, expected) / (along(told, told) * along(expected, expected)).sqrt();
            assert!(cosine > 0.999, "token {n}: {cosine}");
        }
    }

    #[test]
    fn no_text_a_text_too_long_and_a_word_too_far_mean_nothing() {
        let folder = tempfile::tempdir().unwrap();
        make_model(folder.path());
        let bert = made(folder.path());
        assert!(bert.forward(&[4; 64]).is_some());
        assert_eq!(bert.forward(&[]), None);
        assert_eq!(bert.forward(&[4; 65]), None);
        assert_eq!(bert.forward(&[15]), None);
    }
}
