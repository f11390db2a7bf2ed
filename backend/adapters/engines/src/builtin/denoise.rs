//! Takes steady noise off a recording by a small neural network; knows samples only.

use nnnoiseless::DenoiseState;

/// The network works at 48 kHz, three times our rate.
const RATIO: usize = 3;
/// Taps of the interpolation filter on each side, in samples at 48 kHz.
const REACH: usize = 36;
/// The network's scale is that of 16-bit samples.
const SCALE: f32 = 32_768.0;

/// The same recording with its noise turned down; as long as before and not shifted.
pub fn denoise(samples: &[f32]) -> Vec<f32> {
    if samples.is_empty() {
        return Vec::new();
    }
    let filter = filter();
    // The network's output lags one frame behind, so the input gets one more.
    let mut high = upsample(samples, &filter);
    let wanted = high.len();
    high.resize((wanted.div_ceil(DenoiseState::FRAME_SIZE) + 1) * DenoiseState::FRAME_SIZE, 0.0);
    let mut network = DenoiseState::new();
    let mut clean = vec![0.0f32; DenoiseState::FRAME_SIZE];
    let mut out = Vec::with_capacity(high.len());
    for frame in high.chunks_exact(DenoiseState::FRAME_SIZE) {
        network.process_frame(&mut clean, frame);
        out.extend_from_slice(&clean);
    }
    downsample(&out[DenoiseState::FRAME_SIZE..][..wanted], &filter)
}

/// A low-pass filter at 8 kHz for 48 kHz: a sinc under a Hann window.
fn filter() -> Vec<f32> {
    (0..=2 * REACH)
        .map(|n| {
            let t = n as f32 - REACH as f32;
            let x = std::f32::consts::PI * t / RATIO as f32;
            let sinc = if t == 0.0 { 1.0 } else { x.sin() / x };
            let window = 0.5 + 0.5 * (std::f32::consts::PI * t / (REACH as f32 + 1.0)).cos();
            sinc * window
        })
        .collect()
}

fn upsample(samples: &[f32], filter: &[f32]) -> Vec<f32> {
    let mut out = vec![0.0f32; samples.len() * RATIO];
    for (at, sample) in samples.iter().enumerate() {
        let sample = if sample.is_finite() { sample.clamp(-1.0, 1.0) * SCALE } else { 0.0 };
        let centre = at * RATIO;
        let first = centre.saturating_sub(REACH);
        let last = (centre + REACH).min(out.len() - 1);
        for (value, tap) in out[first..=last].iter_mut().zip(&filter[first + REACH - centre..]) {
            *value += sample * tap;
        }
    }
    out
}

fn downsample(high: &[f32], filter: &[f32]) -> Vec<f32> {
    (0..high.len() / RATIO)
        .map(|at| {
            let centre = at * RATIO;
            let first = centre.saturating_sub(REACH);
            let last = (centre + REACH).min(high.len() - 1);
            let sum: f32 = high[first..=last].iter().zip(&filter[first + REACH - centre..]).map(|(value, tap)| value * tap).sum();
            sum / (RATIO as f32 * SCALE)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn going_up_and_down_again_changes_nothing_that_can_be_heard() {
        let tone: Vec<f32> = (0..4000).map(|n| 0.5 * (n as f32 * 0.3).sin()).collect();
        let filter = filter();
        let back = downsample(&upsample(&tone, &filter), &filter);
        let error = tone[100..3900].iter().zip(&back[100..3900]).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(error < 0.02, "{error}");
    }

    #[test]
    fn steady_noise_becomes_quieter_and_nothing_is_shifted() {
        let mut state = 1u32;
        let noise: Vec<f32> = (0..32_000)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state as f32 / u32::MAX as f32 - 0.5) * 0.1
            })
            .collect();
        let clean = denoise(&noise);
        assert_eq!(clean.len(), noise.len());
        let power = |s: &[f32]| s.iter().map(|x| x * x).sum::<f32>();
        assert!(power(&clean[16_000..]) < 0.3 * power(&noise[16_000..]));
        assert!(denoise(&[]).is_empty());
        assert_eq!(denoise(&[f32::NAN, 5.0, -5.0]).len(), 3);
    }
}
