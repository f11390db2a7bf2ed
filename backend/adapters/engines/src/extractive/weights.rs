//! What the signs of a sentence are worth, as `eval/learn.py` learned it; knows no sentence.

use super::signs::{ASSURANCES, SIGNS, Signs};

/// A sentence that has the question's words answers unless it is less likely than this,
pub(super) const WORDED_BAR: f32 = -0.1;
/// and one that was found by its meaning when it is as likely as this.
pub(super) const MEANT_BAR: f32 = 0.15;

/// What each sign counts.
const WORTH: [f32; SIGNS] = [
    -1.927, 3.539, 3.375, -1.326, 3.223, 0.650, -0.777, 4.688, 1.862, 1.076, -1.640, 0.737, 0.546, -0.775, -1.182, 2.824, 0.356,
    -0.203, -0.408, 3.185, -0.396, 1.312, 1.293, 2.664, 1.725, 1.293, 0.698, 0.748, 0.852, -0.024, 0.093, 0.442, -0.928, -0.152,
];
/// What each assurance counts for the best sentence.
const MEANT: [f32; ASSURANCES] = [
    0.072, 0.179, 1.595, 0.000, -0.218, 0.339, 0.837, 0.575, 1.350, 0.120, 0.007, 0.074, -0.465, 0.018, -0.440, -0.264, -0.533,
    -0.553, 0.110, 0.702, 0.703, 0.201, 0.597, -0.038, 0.755, -0.384, 0.504, 0.202, 0.887, 0.606, -0.294, -0.498, 0.595, 0.540,
    0.556, 0.162, -1.446, -0.683, -0.057, 1.211, 0.002, -0.122, -0.821, 0.168, 0.486, -0.337,
];
/// And where nothing speaks for it.
const MEANT_BASE: f32 = -5.011;
/// What each assurance counts for a sentence that has the question's words.
const WORDED: [f32; ASSURANCES] = [
    -0.018, 0.046, 1.087, 0.207, -0.273, 0.468, 0.344, 0.005, 0.830, 0.072, 0.555, -1.053, -0.735, 0.388, -0.185, -0.171, -0.498,
    -0.933, -0.069, 0.526, 0.012, -0.147, -0.933, 0.026, 0.488, -1.175, 0.546, -0.253, 0.314, 0.167, -0.162, -0.157, 0.380,
    0.273, 0.254, 0.328, -0.855, 0.299, -0.117, -0.786, 0.100, 0.449, -0.378, 0.165, 0.899, 0.254,
];
/// And where nothing speaks for it.
const WORDED_BASE: f32 = 2.044;

/// What a sentence is worth as an answer, beside others.
pub(super) fn worth(signs: &Signs) -> f32 {
    sum(signs, &WORTH)
}

/// How likely the best sentence answers; 0 is as likely as not.
pub(super) fn meant(assurance: &[f32; ASSURANCES]) -> f32 {
    sum(assurance, &MEANT) + MEANT_BASE
}

/// How likely a sentence answers that has the question's words.
pub(super) fn worded(assurance: &[f32; ASSURANCES]) -> f32 {
    sum(assurance, &WORDED) + WORDED_BASE
}

fn sum(signs: &[f32], weights: &[f32]) -> f32 {
    signs.iter().zip(weights).map(|(sign, weight)| sign * weight).sum()
}
