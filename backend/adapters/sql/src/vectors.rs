//! Vectors as bytes, as codes, and the scan that compares them all. It knows no database and no lecture.

use std::sync::Arc;

/// The vectors of one lecture in eight bits a component, and what these leave over in eight more; row `first_row + n` is the n-th.
#[derive(Debug, PartialEq)]
pub(crate) struct Codes {
    dimension: usize,
    first_row: i64,
    scales: Vec<f32>,
    codes: Vec<i8>,
    rest: Vec<i8>,
    /// Which components are above zero, a bit each: a sixteenth of the bytes, so that a scan of them all is quick.
    signs: Vec<u64>,
}

/// A vector to compare with.
pub(crate) struct Probe {
    /// At length one.
    exact: Vec<f32>,
    signs: Vec<u64>,
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
        Self::new(dimension, first_row, scales, codes, rest)
    }

    fn new(dimension: usize, first_row: i64, scales: Vec<f32>, codes: Vec<i8>, rest: Vec<i8>) -> Self {
        let above = |(code, rest): (&i8, &i8)| (*code, *rest) > (0, 0);
        let rows = codes.chunks_exact(dimension.max(1)).zip(rest.chunks_exact(dimension.max(1)));
        let signs = rows.flat_map(|(codes, rest)| signs(codes.iter().zip(rest).map(above))).collect();
        Self { dimension, first_row, scales, codes, rest, signs }
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
        Some(Self::new(dimension, first_row, from_bytes(scales), signed(codes), signed(rest)))
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
        let exact: Vec<f32> = steps.map(|step| step * scale).collect();
        let signs = signs(exact.iter().map(|x| *x > 0.0)).collect();
        Self { exact, signs }
    }
}

/// The rows closest to the probe with their similarity, closest first. The signs of all rows choose at least `keep` of them, which
/// are then compared almost exactly; blocks of another dimension are passed over.
pub(crate) fn nearest(blocks: &[Arc<Codes>], probe: &Probe, keep: usize, limit: usize) -> Vec<(i64, f32)> {
    let dimension = probe.exact.len();
    let blocks: Vec<&Codes> = blocks.iter().map(Arc::as_ref).filter(|block| block.dimension == dimension).collect();
    let mut differing = Vec::with_capacity(blocks.iter().map(|block| block.len()).sum());
    for block in &blocks {
        count_differing(&probe.signs, &block.signs, &mut differing);
    }
    let bar = nth_smallest(&differing, dimension, keep);
    let rows = blocks.iter().flat_map(|block| (0..block.len()).map(move |n| (*block, n)));
    let mut near: Vec<(i64, f32)> = rows
        .zip(&differing)
        .filter(|(_, differing)| **differing <= bar)
        .map(|((block, n), _)| (block.first_row + n as i64, block.similarity(n, probe)))
        .collect();
    near.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    near.truncate(limit);
    near
}

/// The n-th smallest of numbers that are at most so large, or the largest that can be where there are fewer.
fn nth_smallest(numbers: &[u32], most: usize, n: usize) -> u32 {
    let mut counts = vec![0usize; most + 1];
    for number in numbers {
        counts[*number as usize] += 1;
    }
    let up_to = counts.iter().scan(0, |sum, count| {
        *sum += count;
        Some(*sum)
    });
    up_to.take_while(|sum| *sum < n).count().min(most) as u32
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

/// One bit for each, in words of 64.
fn signs(above: impl Iterator<Item = bool>) -> impl Iterator<Item = u64> {
    let mut above = above.peekable();
    std::iter::from_fn(move || {
        above.peek()?;
        Some(above.by_ref().take(64).enumerate().fold(0, |word, (n, above)| word | u64::from(above) << n))
    })
}

/// In how many signs every row differs from the probe.
fn count_differing(probe: &[u64], signs: &[u64], out: &mut Vec<u32>) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("popcnt") {
        // SAFETY: the processor was just asked whether it has the instruction.
        unsafe { count_differing_popcnt(probe, signs, out) };
        return;
    }
    count_differing_plain(probe, signs, out);
}

/// The same code as [`count_differing_plain`], compiled for a processor that counts bits by itself.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "popcnt")]
fn count_differing_popcnt(probe: &[u64], signs: &[u64], out: &mut Vec<u32>) {
    count_differing_plain(probe, signs, out);
}

#[inline(always)]
fn count_differing_plain(probe: &[u64], signs: &[u64], out: &mut Vec<u32>) {
    let rows = signs.chunks_exact(probe.len().max(1));
    out.extend(rows.map(|row| row.iter().zip(probe).map(|(a, b)| (a ^ b).count_ones()).sum::<u32>()));
}

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
            let fine = codes.similarity(0, &probe);
            prop_assert!((fine - exact).abs() < 0.000_2, "{fine} {exact}");
        }

        #[test]
        fn signs_that_differ_are_counted(rows in prop::collection::vec(prop::collection::vec(-1.0f32..1.0, 130), 2..9)) {
            let codes = Codes::quantise(1, &rows);
            let mut counted = Vec::new();
            count_differing(&Probe::new(&rows[0]).signs, &codes.signs, &mut counted);
            let differ = |row: &Vec<f32>| row.iter().zip(&rows[0]).filter(|(a, b)| (**a > 0.0) != (**b > 0.0)).count() as i64;
            // A component next to nothing has no sign once it is a code.
            for (counted, row) in counted.iter().zip(&rows) {
                prop_assert!((i64::from(*counted) - differ(row)).abs() <= 2, "{counted} {}", differ(row));
            }
        }

        #[test]
        fn the_closest_of_few_are_found_as_exactly_as_they_can_be(
            rows in prop::collection::vec(prop::collection::vec(-1.0f32..1.0, 70), 1..40),
            probe in prop::collection::vec(-1.0f32..1.0, 70),
        ) {
            let near = nearest(&[Arc::new(Codes::quantise(0, &rows))], &Probe::new(&probe), rows.len(), 5);
            prop_assert_eq!(near.len(), rows.len().min(5));
            let mut exact: Vec<f32> = rows.iter().map(|row| cosine(row, &probe)).collect();
            exact.sort_by(|a, b| b.total_cmp(a));
            for ((_, found), exact) in near.iter().zip(&exact) {
                prop_assert!((found - exact).abs() < 0.000_2, "{found} {exact}");
            }
        }

        #[test]
        fn the_nth_smallest_is_what_sorting_finds(mut numbers in prop::collection::vec(0u32..=20, 1..60), n in 1usize..60) {
            let found = nth_smallest(&numbers, 20, n);
            numbers.sort_unstable();
            prop_assert_eq!(found, numbers.get(n - 1).copied().unwrap_or(20));
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
