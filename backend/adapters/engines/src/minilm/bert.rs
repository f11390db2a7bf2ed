//! The layers of BERT on the processor: tokens in, what each means where it stands out. It knows no text and no file.
//!
//! `candle_transformers` has the same layers for every device. On a processor most of their time goes into the activation and into
//! telling what a token looks at, which are done in one pass each here; the tests compare the two.

use candle_core::{CpuStorage, Device, InplaceOp1, Layout, Result, Tensor};
use candle_nn::{Embedding, LayerNorm, Linear, Module, VarBuilder, embedding, layer_norm, linear, ops};
use candle_transformers::models::bert::{Config, HiddenAct};

/// A model.
pub(super) struct Bert {
    words: Embedding,
    places: Embedding,
    kinds: Embedding,
    norm: LayerNorm,
    layers: Vec<Layer>,
}

impl Bert {
    /// With the weights under the names that such models have, whether or not these begin with the kind of the model.
    pub fn load(weights: VarBuilder<'_>, config: &Config) -> Result<Self> {
        let weights = match &config.model_type {
            Some(kind) if !weights.contains_tensor("embeddings.word_embeddings.weight") => weights.pp(kind),
            _ => weights,
        };
        let table = |name: &str, rows: usize| embedding(rows, config.hidden_size, weights.pp(name));
        let layer = |n: usize| Layer::load(&weights.pp(format!("encoder.layer.{n}")), config);
        Ok(Self {
            words: table("embeddings.word_embeddings", config.vocab_size)?,
            places: table("embeddings.position_embeddings", config.max_position_embeddings)?,
            kinds: table("embeddings.token_type_embeddings", config.type_vocab_size)?,
            norm: layer_norm(config.hidden_size, config.layer_norm_eps, weights.pp("embeddings.LayerNorm"))?,
            layers: (0..config.num_hidden_layers).map(layer).collect::<Result<_>>()?,
        })
    }

    /// What each token of each text means; where the mask is zero there is only filling, at which nobody looks.
    pub fn forward(&self, ids: Vec<u32>, mask: &[u32], (texts, tokens): (usize, usize)) -> Result<Tensor> {
        let ids = Tensor::from_vec(ids, (texts, tokens), &Device::Cpu)?;
        let hidden: Vec<f32> = mask.iter().map(|there| if *there == 0 { f32::MIN } else { 0.0 }).collect();
        let hidden = Tensor::from_vec(hidden, (texts, 1, 1, tokens), &Device::Cpu)?;
        let places = self.places.embeddings().narrow(0, 0, tokens)?;
        let around = places.broadcast_add(&self.kinds.embeddings().get(0)?)?;
        let mut xs = self.norm.forward(&self.words.forward(&ids)?.broadcast_add(&around)?)?;
        for layer in &self.layers {
            xs = layer.forward(&xs, &hidden)?;
        }
        Ok(xs)
    }
}

struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    seen: Linear,
    seen_norm: LayerNorm,
    wide: Linear,
    narrow: Linear,
    norm: LayerNorm,
    heads: usize,
    activation: HiddenAct,
}

impl Layer {
    fn load(weights: &VarBuilder<'_>, config: &Config) -> Result<Self> {
        let (size, wide) = (config.hidden_size, config.intermediate_size);
        let dense = |name: &str, from: usize, to: usize| linear(from, to, weights.pp(name));
        let norm = |name: &str| layer_norm(size, config.layer_norm_eps, weights.pp(name));
        Ok(Self {
            query: dense("attention.self.query", size, size)?,
            key: dense("attention.self.key", size, size)?,
            value: dense("attention.self.value", size, size)?,
            seen: dense("attention.output.dense", size, size)?,
            seen_norm: norm("attention.output.LayerNorm")?,
            wide: dense("intermediate.dense", size, wide)?,
            narrow: dense("output.dense", wide, size)?,
            norm: norm("output.LayerNorm")?,
            heads: config.num_attention_heads,
            activation: config.hidden_act,
        })
    }

    fn forward(&self, xs: &Tensor, hidden: &Tensor) -> Result<Tensor> {
        let (texts, tokens, size) = xs.dims3()?;
        let head = size / self.heads;
        let parted = |xs: Tensor| xs.reshape((texts, tokens, self.heads, head))?.transpose(1, 2)?.contiguous();
        // Scaled before they are multiplied, when there are fewer of them.
        let query = parted((self.query.forward(xs)? * (head as f64).sqrt().recip())?)?;
        let (key, value) = (parted(self.key.forward(xs)?)?, parted(self.value.forward(xs)?)?);
        let near = query.matmul(&key.t()?)?.broadcast_add(hidden)?;
        let seen = ops::softmax_last_dim(&near)?.matmul(&value)?;
        let seen = seen.transpose(1, 2)?.contiguous()?.reshape((texts, tokens, size))?;
        let xs = self.seen_norm.forward(&(self.seen.forward(&seen)? + xs)?)?;
        let wide = self.activated(self.wide.forward(&xs)?)?;
        self.norm.forward(&(self.narrow.forward(&wide)? + xs)?)
    }

    fn activated(&self, xs: Tensor) -> Result<Tensor> {
        match self.activation {
            HiddenAct::Gelu => xs.inplace_op1(&Gelu).map(|()| xs),
            HiddenAct::GeluApproximate => xs.gelu(),
            HiddenAct::Relu => xs.relu(),
        }
    }
}

/// The activation by the error function.
struct Gelu;

impl InplaceOp1 for Gelu {
    fn name(&self) -> &'static str {
        "gelu"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> Result<()> {
        let CpuStorage::F32(values) = storage else { candle_core::bail!("the activation is for numbers of 32 bits") };
        let Some((from, to)) = layout.contiguous_offsets() else { candle_core::bail!("the activation is for numbers in a row") };
        for x in &mut values[from..to] {
            *x *= 0.5 * (1.0 + erf(*x * std::f32::consts::FRAC_1_SQRT_2));
        }
        Ok(())
    }
}

/// The error function within half a millionth, by two polynomials (those of Eigen and XLA), so that many are computed at once; beyond 4
/// it is 1.
#[inline(always)]
fn erf(x: f32) -> f32 {
    const ABOVE: [f32; 7] = [-2.7261424e-10, 2.7706815e-8, -2.101024e-6, -5.6925062e-5, -7.3499064e-4, -2.9546e-3, -1.6096033e-2];
    const BELOW: [f32; 5] = [-1.45660715e-5, -2.1337405e-4, -1.682827e-3, -7.3733293e-3, -1.4264739e-2];
    let x = x.clamp(-4.0, 4.0);
    let s = x * x;
    let at_s = |powers: &[f32]| powers.iter().fold(0.0f32, |sum, power| sum * s + *power);
    x * at_s(&ABOVE) / at_s(&BELOW)
}

#[cfg(test)]
mod tests {
    use candle_core::DType;
    use candle_transformers::models::bert::BertModel;

    use super::super::{config, tiny_model::make_model};
    use super::*;

    fn numbers(tensor: &Tensor) -> Vec<f32> {
        tensor.flatten_all().unwrap().to_vec1().unwrap()
    }

    #[test]
    fn every_token_means_what_it_means_on_any_device() {
        let folder = tempfile::tempdir().unwrap();
        make_model(folder.path());
        let config = config(folder.path()).unwrap();
        let weights = std::fs::read(folder.path().join("model.safetensors")).unwrap();
        let weights = VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu).unwrap();
        let (ours, theirs) = (Bert::load(weights.clone(), &config).unwrap(), BertModel::load(weights, &config).unwrap());
        let (ids, mask) = (vec![2u32, 4, 5, 6, 3, 2, 8, 3, 0, 0], vec![1u32, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
        let tensor = |of: &[u32]| Tensor::from_vec(of.to_vec(), (2, 5), &Device::Cpu).unwrap();
        let told = ours.forward(ids.clone(), &mask, (2, 5)).unwrap();
        let expected = theirs.forward(&tensor(&ids), &tensor(&[0; 10]), Some(&tensor(&mask))).unwrap();
        assert_eq!(told.dims(), expected.dims());
        for (told, expected) in numbers(&told).into_iter().zip(numbers(&expected)) {
            assert!((told - expected).abs() < 1e-4, "{told} {expected}");
        }
    }

    #[test]
    fn the_activation_is_that_of_the_error_function() {
        let values: Vec<f32> = (-900..=900).map(|n| n as f32 / 100.0).chain([f32::MIN_POSITIVE, 50.0, -50.0]).collect();
        let exact = Tensor::new(values.as_slice(), &Device::Cpu).unwrap().gelu_erf().unwrap();
        let told = Tensor::new(values.as_slice(), &Device::Cpu).unwrap();
        told.inplace_op1(&Gelu).unwrap();
        for ((x, told), exact) in values.iter().zip(numbers(&told)).zip(numbers(&exact)) {
            assert!((told - exact).abs() <= 1e-6 * x.abs().max(1.0), "{x}: {told} {exact}");
        }
    }
}
