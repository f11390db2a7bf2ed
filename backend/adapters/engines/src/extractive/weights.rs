//! What the signs of a sentence are worth, as was learned; knows no sentence.

use super::signs::{ASSURANCES, SIGNS, Signs};

/// A sentence that has the question's words answers unless it is less likely than this,
pub(super) const WORDED_BAR: f32 = -0.1;
/// and one that was found by its meaning when it is as likely as this.
pub(super) const MEANT_BAR: f32 = 0.15;

/// What each sign counts.
const WORTH: [f32; SIGNS] = [
    -2.262, 3.637, 3.944, -1.608, 3.970, 0.672, -1.331, 5.169, 1.981, 1.133, -1.906, 0.734, 0.477, -0.752, -1.081, 2.662, 0.349,
    -0.134, -0.269, 2.961, -0.403, 1.397, 1.113, 2.394, 1.482, 1.483, 0.765, 0.701, 0.939, 0.178, -0.017, 0.357, -0.948, -0.175,
];
/// What each assurance counts for the best sentence.
const MEANT: [f32; ASSURANCES] = [
    0.039, 0.162, 1.371, 0.000, -0.254, 0.146, 0.923, 1.217, 1.837, 0.068, -0.184, -0.206, -0.296, 0.075, -0.248, -0.312, -0.686,
    -0.512, -0.144, 0.835, 0.523, 0.225, 0.730, 0.145, 0.911, -0.204, 0.411, 0.268, 1.016, 0.876, -0.401, -0.730, 0.771, 0.756,
    0.375, 0.251, -1.461, -0.661, -0.199, 0.927, 0.180, -0.054, -0.235, -0.034, 0.508, -0.323,
];
/// And where nothing speaks for it.
const MEANT_BASE: f32 = -4.890;
/// What each assurance counts for a sentence that has the question's words.
const WORDED: [f32; ASSURANCES] = [
    -0.004, 0.055, 1.066, 0.220, -0.268, 0.716, 0.341, 0.030, 0.810, 0.083, 0.526, -1.404, -0.630, 0.335, -0.153, -0.144, -0.496,
    -0.976, -0.163, 0.358, 0.077, -0.210, -0.949, 0.019, 0.649, -1.363, 0.558, -0.141, 0.384, 0.191, -0.154, -0.112, 0.389,
    0.265, 0.285, 0.325, -0.866, 0.280, -0.158, -0.820, 0.093, 0.426, -0.394, 0.145, 0.865, 0.321,
];
/// And where nothing speaks for it.
const WORDED_BASE: f32 = 1.890;

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
