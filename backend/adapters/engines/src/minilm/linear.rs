//! A linear layer in numbers of 8 bits, of which a processor multiplies four times as many at once; it knows no model.
//!
//! What is learned is brought to 8 bits once, each column with a step of its own. What comes in is brought to 8 bits as it comes, each
//! row with a step and a zero of its own, so that what a row means never depends on those beside it.

use rten_gemm::{GemmExecutor, GemmInputA, GemmInputB, GemmOptions, PackedBMatrix};
use rten_simd::SimdOp;
use rten_tensor::NdTensorView;
use rten_vecmath::{ExtendInit, MinMax, Quantize};

use super::rows::Rows;

/// Multiplies by 8 bits, as this processor does it fastest.
pub(super) type Whole = GemmExecutor<u8, i8, i32>;

/// Weights are this many steps long.
const STEPS: i8 = 127;
/// Where the processor adds two products in 16 bits, all that fits: twice 255 by 64 is less than 2 to the 15th.
const SHORT_STEPS: i8 = 64;

pub(super) struct Linear {
    weights: PackedBMatrix<i8>,
    columns: Vec<Column>,
}

/// What brings a column's sums back to what they stand for.
struct Column {
    step: f32,
    /// Of its weights. A row's zero is in the sum as many times; `rten-gemm` would take it out by itself, but takes the zeros of the
    /// first few rows for those of all others.
    sum: i32,
    bias: f32,
}

impl Linear {
    /// Of weights with a row for each number that comes out.
    pub fn new(weights: &Rows, bias: Vec<f32>) -> Self {
        let whole = Whole::new();
        let steps = f32::from(if whole.may_saturate() { SHORT_STEPS } else { STEPS });
        let mut values: Vec<i8> = Vec::with_capacity(weights.values().len());
        let column = |(row, bias): (&[f32], f32)| {
            let step = step(row.iter().fold(0.0, |most, x| x.abs().max(most)) / steps);
            let from = values.len();
            values.extend(row.iter().map(|x| (x / step).round() as i8));
            Column { step, sum: values[from..].iter().map(|x| i32::from(*x)).sum(), bias }
        };
        let columns = weights.iter().zip(bias).map(column).collect();
        let values = NdTensorView::from_data([weights.count(), weights.width()], values.as_slice());
        Self { weights: whole.prepack_b(values.transposed()), columns }
    }

    pub fn forward(&self, whole: &Whole, xs: &Rows) -> Rows {
        let mut values: Vec<u8> = Vec::with_capacity(xs.values().len());
        let mut scales = Vec::with_capacity(xs.count());
        for row in xs.iter() {
            let (least, most) = MinMax::new(row).dispatch();
            // A scale that reaches zero tells it exactly.
            let least = least.min(0.0);
            let step = step((most.max(0.0) - least) / f32::from(u8::MAX));
            let zero = (-least / step).round() as u8;
            values.extend_init(|free| Quantize::new(row, &mut free[..row.len()], step.recip(), zero).dispatch());
            scales.push((step, i32::from(zero)));
        }
        let values = NdTensorView::from_data([xs.count(), xs.width()], values.as_slice());
        let mut sums = vec![0i32; xs.count() * self.columns.len()];
        whole
            .gemm(&mut sums, GemmInputA::Unpacked(values), GemmInputB::Packed(&self.weights), GemmOptions::default())
            .expect("rows are as wide as the weights");
        let mut told = Vec::with_capacity(sums.len());
        for (sums, (step, zero)) in sums.chunks_exact(self.columns.len()).zip(&scales) {
            let row = sums.iter().zip(&self.columns);
            told.extend(row.map(|(sum, column)| (sum - zero * column.sum) as f32 * (step * column.step) + column.bias));
        }
        Rows::new(self.columns.len(), told)
    }
}

/// A step that can be divided by.
fn step(size: f32) -> f32 {
    size.max(f32::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers between -0.5 and 0.5 that have no order.
    fn numbers(count: usize, seed: usize) -> Vec<f32> {
        (0..count).map(|n| ((n * seed + 17) * 7919 % 10007) as f32 / 10007.0 - 0.5).collect()
    }

    #[test]
    fn every_row_comes_out_as_in_whole_numbers_whatever_its_zero() {
        let (count, from, to) = (37, 48, 70);
        let mut values = numbers(count * from, 13);
        values
            .chunks_exact_mut(from)
            .enumerate()
            .for_each(|(n, row)| row.iter_mut().for_each(|x| *x += (n % 5) as f32 * 0.2 - 0.4));
        let (xs, weights, bias) = (Rows::new(from, values), Rows::new(from, numbers(to * from, 31)), numbers(to, 7));
        let told = Linear::new(&weights, bias.clone()).forward(&Whole::new(), &xs);
        assert_eq!((told.count(), told.width()), (count, to));
        for (n, (x, told)) in xs.iter().zip(told.iter()).enumerate() {
            for ((weights, bias), told) in weights.iter().zip(&bias).zip(told) {
                let exact = x.iter().zip(weights).map(|(x, weight)| x * weight).sum::<f32>() + bias;
                assert!((told - exact).abs() < 0.05, "row {n}: {told} {exact}");
            }
        }
    }

    #[test]
    fn rows_and_weights_of_nothing_tell_the_bias() {
        let told = Linear::new(&Rows::new(4, vec![0.0; 8]), vec![0.5, -1.0]).forward(&Whole::new(), &Rows::new(4, vec![0.0; 4]));
        assert_eq!(told, Rows::new(2, vec![0.5, -1.0]));
    }
}
