//! The numbers of a model as its file keeps them, by name and shape; it knows no layer.

use half::{bf16, f16};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};

/// A file's numbers, under the names that begin as those of its model do.
pub(super) struct Weights<'a> {
    tensors: SafeTensors<'a>,
    prefix: String,
}

impl<'a> Weights<'a> {
    /// Of a file as it was read; nothing where it is no such file.
    pub fn of(file: &'a [u8]) -> Option<Self> {
        Some(Self { tensors: SafeTensors::deserialize(file).ok()?, prefix: String::new() })
    }

    /// With names that begin with a model's kind, as those of a larger model's part do, where `name` is there only so.
    pub fn of_kind(mut self, kind: Option<&str>, name: &str) -> Self {
        if let (Some(kind), Err(_)) = (kind, self.tensors.tensor(name)) {
            self.prefix = format!("{kind}.");
        }
        self
    }

    /// Numbers in as many rows and columns as are expected; nothing where they are not there or not so.
    pub fn table(&self, name: &str, rows: usize, columns: usize) -> Option<Vec<f32>> {
        self.numbers(name, &[rows, columns])
    }

    /// As many numbers as are expected; nothing where they are not there or not so.
    pub fn row(&self, name: &str, width: usize) -> Option<Vec<f32>> {
        self.numbers(name, &[width])
    }

    fn numbers(&self, name: &str, shape: &[usize]) -> Option<Vec<f32>> {
        let there = self.tensors.tensor(&format!("{}{name}", self.prefix)).ok()?;
        (there.shape() == shape).then(|| numbers(&there))?
    }
}

fn numbers(there: &TensorView<'_>) -> Option<Vec<f32>> {
    let (short, _) = there.data().as_chunks::<2>();
    Some(match there.dtype() {
        Dtype::F32 => there.data().as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect(),
        Dtype::F16 => short.iter().map(|bytes| f16::from_le_bytes(*bytes).to_f32()).collect(),
        Dtype::BF16 => short.iter().map(|bytes| bf16::from_le_bytes(*bytes).to_f32()).collect(),
        _ => return None,
    })
}
