//! Vectors as bytes, in eight bits, and the scan that compares them all. It knows no database and no lecture.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

/// The vectors of one lecture in eight bits a component, and what these leave over in eight more; row `first_row + n` is the n-th.
#[derive(Debug, PartialEq)]
pub(crate) struct Codes {
    dimension: usize,
    first_row: i64,
    scales: Vec<f32>,
    codes: Vec<i8>,
    rest: Vec<i8>,
}

/// A vector to compare with.
pub(crate) struct Probe {
    /// At length one.
    exact: Vec<f32>,
    /// Widened once so that the scan need not do it for every row.
    codes: Vec<i16>,
}

/// The steps a code is divided into by what is left over.
const FINE: f32 = 254.0;

impl Codes {
    /// Quantises vectors of equal length, each by its own largest component; lengths are normalised, so that the product
    /// of two is their cosine.
    pub(crate) fn quantise(first_row: i64, vectors: &[Vec<f32>]) -> Self {
        let dimension = vectors.first().map_or(0, Vec::len);
        let mut scales = Vec::with_capacity(vectors.len());
        let mut codes = Vec::with_capacity(vectors.len() * dimension);
        let mut rest = Vec::with_capacity(vectors.len() * dimension);
        for vector in vectors {
            let (row, scale) = steps(vector);
            scales.push(scale);
            for step in row {
                // A cast of a float saturates and makes nothing of NaN, so any input has a code.
                codes.push(step.round() as i8);
                rest.push(((step - step.round()) * FINE).round() as i8);
            }
        }
        Self { dimension, first_row, scales, codes, rest }
    }

    /// All scales, then all codes, then what they leave over.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = to_bytes(self.scales.iter());
        out.extend(self.codes.iter().chain(&self.rest).map(|code| code.cast_unsigned()));
        out
    }

    /// The reverse of [`Codes::to_bytes`], or nothing when the bytes cannot be that.
    pub(crate) fn from_bytes(dimension: usize, first_row: i64, bytes: &[u8]) -> Option<Self> {
        let each = dimension.checked_mul(2)?.checked_add(4)?;
        if dimension == 0 || !bytes.len().is_multiple_of(each) {
            return None;
        }
        let count = bytes.len() / each;
        let (scales, bytes) = bytes.split_at(count * 4);
        let (codes, rest) = bytes.split_at(count * dimension);
        let signed = |bytes: &[u8]| bytes.iter().map(|byte| byte.cast_signed()).collect();
        Some(Self { dimension, first_row, scales: from_bytes(scales), codes: signed(codes), rest: signed(rest) })
    }

    /// The cosine of the n-th vector and the probe, almost exactly.
    fn similarity(&self, n: usize, probe: &Probe) -> f32 {
        let at = n * self.dimension..(n + 1) * self.dimension;
        let parts = self.codes[at.clone()].iter().zip(&self.rest[at]);
        let sum: f32 = parts.zip(&probe.exact).map(|((code, rest), p)| (f32::from(*code) + f32::from(*rest) / FINE) * p).sum();
        sum * self.scales[n]
    }

    pub(crate) fn dimension(&self) -> usize {
        self.dimension
    }

    pub(crate) fn len(&self) -> usize {
        self.scales.len()
    }
}

impl Probe {
    pub(crate) fn new(vector: &[f32]) -> Self {
        let (steps, scale) = steps(vector);
        let (exact, codes) = steps.map(|step| (step * scale, i16::from(step.round() as i8))).unzip();
        Self { exact, codes }
    }
}

/// The rows closest to the probe with their similarity, closest first. The codes of all rows choose `keep` of them, which are
/// then compared almost exactly; blocks of another dimension are passed over.
pub(crate) fn nearest(blocks: &[Arc<Codes>], probe: &Probe, keep: usize, limit: usize) -> Vec<(i64, f32)> {
    let mut best: BinaryHeap<Reverse<Near>> = BinaryHeap::with_capacity(keep + 1);
    let mut bar = f32::NEG_INFINITY;
    let mut products = Vec::new();
    for (at, block) in blocks.iter().enumerate().filter(|(_, block)| block.dimension == probe.codes.len() && keep > 0) {
        products.clear();
        dot_all(&probe.codes, &block.codes, &mut products);
        for (n, (product, scale)) in products.iter().zip(&block.scales).enumerate() {
            let score = *product as f32 * scale;
            if score > bar || best.len() < keep {
                best.push(Reverse(Near { score, at: (at, n) }));
                if best.len() > keep {
                    best.pop();
                }
                if best.len() == keep {
                    bar = best.peek().map_or(bar, |worst| worst.0.score);
                }
            }
        }
    }
    let refine = |Reverse(near): Reverse<Near>| {
        let (block, n) = (&blocks[near.at.0], near.at.1);
        (block.first_row + n as i64, block.similarity(n, probe))
    };
    let mut rows: Vec<(i64, f32)> = best.into_iter().map(refine).collect();
    rows.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    rows.truncate(limit);
    rows
}

/// The cosine of the angle between two vectors of equal length; 0 where there is none.
pub(crate) fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [[0.0f32; 8]; 3];
    let (a8, a_rest) = a.as_chunks::<8>();
    let (b8, b_rest) = b.as_chunks::<8>();
    for (x, y) in a8.iter().zip(b8) {
        for n in 0..8 {
            sums[0][n] += x[n] * y[n];
            sums[1][n] += x[n] * x[n];
            sums[2][n] += y[n] * y[n];
        }
    }
    for (x, y) in a_rest.iter().zip(b_rest) {
        sums[0][0] += x * y;
        sums[1][0] += x * x;
        sums[2][0] += y * y;
    }
    let [product, left, right] = sums.map(|sum| sum.iter().sum::<f32>());
    let cosine = product / (left.sqrt() * right.sqrt());
    if cosine.is_finite() { cosine } else { 0.0 }
}

/// Little-endian float32.
pub(crate) fn to_bytes<'a>(numbers: impl Iterator<Item = &'a f32>) -> Vec<u8> {
    let mut out = Vec::with_capacity(numbers.size_hint().0 * 4);
    numbers.for_each(|number| out.extend_from_slice(&number.to_le_bytes()));
    out
}

/// The reverse of [`to_bytes`].
pub(crate) fn from_bytes(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four)).collect()
}

/// The vector in steps of its largest component's 127th part, and what such a step is worth at length one; all zero for a
/// vector without a direction.
fn steps(vector: &[f32]) -> (impl Iterator<Item = f32>, f32) {
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    let largest = vector.iter().fold(0.0f32, |most, x| most.max(x.abs()));
    let usable = length.is_finite() && length > 0.0;
    let (factor, scale) = if usable { (127.0 / largest, largest / length / 127.0) } else { (0.0, 0.0) };
    (vector.iter().map(move |x| x * factor), scale)
}

/// The products of the probe with every row.
fn dot_all(probe: &[i16], codes: &[i8], out: &mut Vec<i32>) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor was just asked whether it has the instructions.
        unsafe { dot_all_avx2(probe, codes, out) };
        return;
    }
    dot_all_plain(probe, codes, out);
}

/// The same code as [`dot_all_plain`], compiled for wider registers.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn dot_all_avx2(probe: &[i16], codes: &[i8], out: &mut Vec<i32>) {
    dot_all_plain(probe, codes, out);
}

/// Written so that the compiler makes vector instructions of it: independent sums over chunks of a fixed size.
#[inline(always)]
fn dot_all_plain(probe: &[i16], codes: &[i8], out: &mut Vec<i32>) {
    const LANES: usize = 32;
    let (wide, narrow) = probe.as_chunks::<LANES>();
    for row in codes.chunks_exact(probe.len()) {
        let (chunks, rest) = row.as_chunks::<LANES>();
        let mut sum = 0i32;
        for (p, r) in wide.iter().zip(chunks) {
            let mut part = 0i32;
            for n in 0..LANES {
                part += i32::from(p[n]) * i32::from(r[n]);
            }
            sum += part;
        }
        for (p, r) in narrow.iter().zip(rest) {
            sum += i32::from(*p) * i32::from(*r);
        }
        out.push(sum);
    }
}

/// A row by its closeness; rows equally close are ordered by age, so that the result is always the same.
struct Near {
    score: f32,
    /// Its block, and its place in it.
    at: (usize, usize),
}

impl Ord for Near {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.score.total_cmp(&other.score).then(other.at.cmp(&self.at))
    }
}

impl PartialOrd for Near {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Near {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Near {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_nearest_come_first() {
        let rows = vec![vec![1.0, 0.0, 0.0], vec![0.0, 5.0, 0.0], vec![0.7, 0.7, 0.0], vec![-1.0, 0.0, 0.0]];
        let codes = [Arc::new(Codes::quantise(10, &rows))];
        let near: Vec<i64> = nearest(&codes, &Probe::new(&[0.0, 1.0, 0.0]), 3, 2).iter().map(|near| near.0).collect();
        assert_eq!(near, [11, 12]);
        assert_eq!(nearest(&codes, &Probe::new(&[0.0, 1.0]), 3, 2), []);
    }

    proptest! {
        #[test]
        fn eight_bits_are_close_to_the_cosine(pair in prop::collection::vec((-1.0f32..1.0, -1.0f32..1.0), 2..120)) {
            let (a, b): (Vec<f32>, Vec<f32>) = pair.into_iter().unzip();
            prop_assume!(a.iter().any(|x| x.abs() > 0.1) && b.iter().any(|x| x.abs() > 0.1));
            let codes = Codes::quantise(1, std::slice::from_ref(&b));
            let probe = Probe::new(&a);
            let exact = cosine(&a, &b);
            let mut out = Vec::new();
            dot_all(&probe.codes, &codes.codes, &mut out);
            let coarse = out[0] as f32 * codes.scales[0] * steps(&a).1;
            prop_assert!((coarse - exact).abs() < 0.03, "{coarse} {exact}");
            let fine = codes.similarity(0, &probe);
            prop_assert!((fine - exact).abs() < 0.000_2, "{fine} {exact}");
        }

        #[test]
        fn any_vector_has_codes_and_survives_its_bytes(vectors in prop::collection::vec(prop::collection::vec(prop::num::f32::ANY, 5), 1..9)) {
            let codes = Codes::quantise(3, &vectors);
            prop_assert!(codes.scales.iter().all(|scale| scale.is_finite()));
            prop_assert_eq!(Codes::from_bytes(5, 3, &codes.to_bytes()), Some(codes));
            prop_assert!(cosine(&vectors[0], &[1.0; 5]).is_finite());
        }

        #[test]
        fn any_bytes_are_codes_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), dimension in 0usize..40) {
            if let Some(codes) = Codes::from_bytes(dimension, 0, &bytes) {
                prop_assert_eq!(codes.codes.len(), codes.len() * dimension);
                prop_assert_eq!(codes.rest.len(), codes.codes.len());
            }
        }
    }
}
