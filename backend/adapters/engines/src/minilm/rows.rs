//! Numbers in rows, one row a token, and what is done to each row by itself; it knows no model.

use rten_simd::SimdOp;
use rten_vecmath::{Normalize, NormalizeOptions, Sum, SumSquareSub};

/// Rows of one width.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rows {
    width: usize,
    values: Vec<f32>,
}

impl Rows {
    /// The values of all rows, one after the other.
    pub fn new(width: usize, values: Vec<f32>) -> Self {
        assert!(width > 0 && values.len().is_multiple_of(width), "rows are whole");
        Self { width, values }
    }

    pub fn width(&self) -> usize {
        self.width
    }

    pub fn count(&self) -> usize {
        self.values.len() / self.width
    }

    pub fn values(&self) -> &[f32] {
        &self.values
    }

    pub fn values_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.width)
    }

    /// Adds others of the same shape.
    pub fn add(&mut self, others: &Self) {
        self.values.iter_mut().zip(&others.values).for_each(|(value, other)| *value += other);
    }
}

/// Brings every row to one mean and spread, then to those that each column learned.
pub(super) struct Norm {
    pub scale: Vec<f32>,
    pub shift: Vec<f32>,
    pub epsilon: f32,
}

impl Norm {
    pub fn apply(&self, rows: &mut Rows) {
        let width = rows.width as f32;
        for row in rows.values.chunks_exact_mut(rows.width) {
            let mean = Sum::new(row).dispatch() / width;
            let spread = SumSquareSub::new(row, mean).dispatch() / width;
            let options = NormalizeOptions {
                pre_scale_bias: mean,
                scale: (spread + self.epsilon).sqrt().recip(),
                element_scale: Some(&self.scale),
                bias: 0.0,
                element_bias: Some(&self.shift),
            };
            Normalize::new_mut(row, options).dispatch();
        }
    }
}
