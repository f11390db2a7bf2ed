//! What the signs of a sentence are worth, as `eval/learn.py` learned it; knows no sentence.

use super::signs::{ASSURANCES, SIGNS, Signs};

/// A sentence that has the question's words answers unless it is less likely than this,
pub(super) const WORDED_BAR: f32 = -0.25;
/// and one that was found by its meaning when it is as likely as this.
pub(super) const MEANT_BAR: f32 = 0.15;

/// What each sign counts.
const WORTH: [f32; SIGNS] = [
    -1.759, 3.747, 2.989, -1.188, 3.752, 0.586, -2.113, 3.924, 3.806, 1.194, -1.669, 0.662, 0.404, -0.807, -0.430, 2.036, 0.425,
    -0.048, -0.312, 2.705, -0.520, 0.925, 1.323, 2.345, 1.539, 1.391, 0.740, 1.261, 1.305, 0.195, 0.041, 0.512, -0.579, -0.200,
];
/// What each assurance counts for the best sentence.
const MEANT: [f32; ASSURANCES] = [
    0.053, 0.148, 1.367, 0.000, -0.165, 0.189, 0.685, 0.841, 1.568, 0.061, 0.417, -0.457, 0.511, 0.145, -0.392, -0.140, -0.437,
    -0.783, -0.473, 1.282, 0.531, 0.188, 0.795, 0.014, 1.116, 0.031, 0.347, 0.516, 1.252, 0.527, -0.399, -0.440, 0.260, 0.493,
    0.392, 0.306, -1.458, -0.703, -0.121, 0.705, 0.256, 0.083, -0.170, 1.410, 0.443, -0.345,
];
/// And where nothing speaks for it.
const MEANT_BASE: f32 = -5.436;
/// What each assurance counts for a sentence that has the question's words.
const WORDED: [f32; ASSURANCES] = [
    0.032, 0.083, 1.109, 0.079, -0.338, 0.518, 0.376, 0.158, 0.576, 0.102, 0.246, -1.131, -0.191, 0.435, -0.317, -0.228, -0.362,
    -1.433, -0.130, 0.846, -0.441, -0.224, -0.786, -0.057, 1.121, -1.481, 0.362, -0.059, 0.511, 0.172, -0.323, -0.106, 0.586,
    0.468, 0.066, 0.307, -0.816, 0.247, -0.270, -0.908, 0.179, 0.467, -0.350, 0.492, 0.706, 0.266,
];
/// And where nothing speaks for it.
const WORDED_BASE: f32 = 1.786;

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
