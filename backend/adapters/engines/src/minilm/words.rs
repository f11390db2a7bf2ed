//! What a model's words mean by themselves, in 16 bits; it knows no text.
//!
//! They are half of a small model. The digits that 16 bits leave out move the likeness of two texts by less than a ten-thousandth.

use half::f16;

use super::weights::Weights;

/// A vector for each word.
pub(super) struct Words {
    width: usize,
    values: Vec<f16>,
}

impl Words {
    /// As many words as are expected, each as wide as that; nothing where they are not there or not so.
    pub fn load(weights: &Weights, name: &str, count: usize, width: usize) -> Option<Self> {
        let parts = weights.parts(name, count, width)?;
        let mut values = Vec::with_capacity(count * width);
        for part in parts {
            values.extend(part?.into_iter().map(f16::from_f32));
        }
        Some(Self { width, values })
    }

    /// The vector of a word; nothing where it is no word of the model.
    pub fn of(&self, word: u32) -> Option<impl Iterator<Item = f32>> {
        let from = (word as usize).checked_mul(self.width)?;
        let vector = self.values.get(from..from.checked_add(self.width)?)?;
        Some(vector.iter().map(|value| value.to_f32()))
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::super::tiny_model::{HIDDEN, make_model};
    use super::*;

    #[test]
    fn a_word_means_what_its_row_says_and_one_too_far_means_nothing() {
        let folder = tempfile::tempdir().unwrap();
        make_model(folder.path());
        let weights = Weights::of(File::open(folder.path().join("model.safetensors")).unwrap()).unwrap();
        let name = "embeddings.word_embeddings.weight";
        let exact = weights.table(name, 15, HIDDEN).unwrap();
        let words = Words::load(&weights, name, 15, HIDDEN).unwrap();
        for (word, exact) in (0..).zip(exact.chunks_exact(HIDDEN)) {
            let told: Vec<f32> = words.of(word).unwrap().collect();
            assert_eq!(told.len(), HIDDEN);
            assert!(told.iter().zip(exact).all(|(told, exact)| (told - exact).abs() <= exact.abs() / 2_048.0 + 1e-7), "{told:?}");
        }
        assert!(words.of(15).is_none() && words.of(u32::MAX).is_none());
        assert!(Words::load(&weights, name, 16, HIDDEN).is_none());
    }
}
