//! The numbers of a model as its file keeps them, by name and shape; it knows no layer.
//!
//! They are read when they are asked for, so that the file is never in memory as a whole beside what is made of it.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

use half::{bf16, f16};
use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};

/// Rows of a large table that are read at once.
const ROWS: usize = 1_024;

/// A file's numbers, under the names that begin as those of its model do.
pub(super) struct Weights {
    file: File,
    /// Where the numbers begin in it.
    begin: u64,
    tensors: Metadata,
    prefix: String,
}

impl Weights {
    /// Of a file; nothing where it is no such file or is not whole.
    pub fn of(file: File) -> Option<Self> {
        let length = file.metadata().ok()?.len();
        let mut head = [0; 8];
        (&file).read_exact(&mut head).ok()?;
        let head = u64::from_le_bytes(head);
        // What a damaged file says of itself must not fill the memory.
        if head > length {
            return None;
        }
        let mut text = vec![0; usize::try_from(head).ok()?];
        (&file).read_exact(&mut text).ok()?;
        let tensors: Metadata = serde_json::from_slice(&text).ok()?;
        let begin = head + 8;
        let whole = begin.checked_add(tensors.data_len() as u64)? == length;
        whole.then(|| Self { file, begin, tensors, prefix: String::new() })
    }

    /// With names that begin with a model's kind, as those of a larger model's part do, where `name` is there only so.
    pub fn of_kind(mut self, kind: Option<&str>, name: &str) -> Self {
        if let (Some(kind), None) = (kind, self.tensors.info(name)) {
            self.prefix = format!("{kind}.");
        }
        self
    }

    /// Numbers in as many rows and columns as are expected; nothing where they are not there or not so.
    pub fn table(&self, name: &str, rows: usize, columns: usize) -> Option<Vec<f32>> {
        self.numbers(name, &[rows, columns])
    }

    /// The same a few rows after the other, each nothing where the file cannot be read any more.
    pub fn parts(&self, name: &str, rows: usize, columns: usize) -> Option<impl Iterator<Item = Option<Vec<f32>>>> {
        let there = self.there(name, &[rows, columns])?;
        let (from, to) = there.data_offsets;
        let once = ((to - from) / rows.max(1) * ROWS).max(1);
        Some((from..to).step_by(once).map(move |from| self.read(there.dtype, from..to.min(from + once))))
    }

    /// As many numbers as are expected; nothing where they are not there or not so.
    pub fn row(&self, name: &str, width: usize) -> Option<Vec<f32>> {
        self.numbers(name, &[width])
    }

    fn numbers(&self, name: &str, shape: &[usize]) -> Option<Vec<f32>> {
        let there = self.there(name, shape)?;
        let (from, to) = there.data_offsets;
        self.read(there.dtype, from..to)
    }

    fn there(&self, name: &str, shape: &[usize]) -> Option<&TensorInfo> {
        self.tensors.info(&format!("{}{name}", self.prefix)).filter(|there| there.shape == shape)
    }

    fn read(&self, dtype: Dtype, place: Range<usize>) -> Option<Vec<f32>> {
        let mut bytes = vec![0; place.len()];
        let mut file = &self.file;
        file.seek(SeekFrom::Start(self.begin + place.start as u64)).ok()?;
        file.read_exact(&mut bytes).ok()?;
        numbers(dtype, &bytes)
    }
}

fn numbers(dtype: Dtype, bytes: &[u8]) -> Option<Vec<f32>> {
    let (short, _) = bytes.as_chunks::<2>();
    Some(match dtype {
        Dtype::F32 => bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect(),
        Dtype::F16 => short.iter().map(|bytes| f16::from_le_bytes(*bytes).to_f32()).collect(),
        Dtype::BF16 => short.iter().map(|bytes| bf16::from_le_bytes(*bytes).to_f32()).collect(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::path::Path;

    use candle_core::{DType, Device, Tensor};

    use super::*;

    const COUNT: usize = ROWS * 2 + 7;

    /// A file with two tables, the first of which is read in three parts.
    fn make(path: &Path) -> Vec<f32> {
        let values: Vec<f32> = (0..COUNT * 3).map(|n| n as f32 / 4.0).collect();
        let table = Tensor::from_vec(values.clone(), (COUNT, 3), &Device::Cpu).unwrap();
        let short = table.narrow(0, 0, 5).unwrap().to_dtype(DType::F16).unwrap();
        let tensors = HashMap::from([("bert.long", table), ("bert.short", short)]);
        candle_core::safetensors::save(&tensors, path).unwrap();
        values
    }

    #[test]
    fn a_table_is_the_same_at_once_and_in_parts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let values = make(&path);
        let weights = Weights::of(File::open(path).unwrap()).unwrap().of_kind(Some("bert"), "long");
        assert_eq!(weights.table("long", COUNT, 3).unwrap(), values);
        let parts: Vec<Vec<f32>> = weights.parts("long", COUNT, 3).unwrap().map(Option::unwrap).collect();
        assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [ROWS * 3, ROWS * 3, 7 * 3]);
        assert_eq!(parts.concat(), values);
        assert_eq!(weights.table("short", 5, 3).unwrap(), values[..15]);
        assert!(weights.parts("long", COUNT, 4).is_none() && weights.table("another", 5, 3).is_none());
    }

    #[test]
    fn a_file_that_is_cut_or_says_too_much_of_itself_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        make(&path);
        let whole = std::fs::read(&path).unwrap();
        let long = [&u64::MAX.to_le_bytes()[..], &whole[8..]].concat();
        for damaged in [&whole[..whole.len() - 1], &whole[..20], &whole[..5], &whole[..0], &long[..]] {
            std::fs::write(&path, damaged).unwrap();
            assert!(Weights::of(File::open(&path).unwrap()).is_none(), "{} bytes", damaged.len());
        }
    }
}
