//! Where in a recording somebody speaks, and how far the speech stands out from the noise; knows samples only.

use std::ops::Range;

use earshot::Detector;
use synapscribe_domain::audio::SPEECH_RATE;

/// The detector looks at 256 samples at a time, 16 ms.
const FRAME: usize = 256;
/// Above this score a frame counts as speech.
const SPEECH: f32 = 0.5;
/// A pause this long ends a phrase, in frames: 350 ms.
const PAUSE: usize = 22;
/// A burst shorter than this is a click, in frames: 80 ms.
const BURST: usize = 5;
/// What is kept around speech so that soft beginnings and ends are not lost, in frames.
const BEFORE: usize = 12;
const AFTER: usize = 14;
/// No stretch is longer than this, in frames: 12 s.
const LONGEST: usize = 12 * SPEECH_RATE as usize / FRAME;

/// The stretches of a recording in which somebody speaks, in samples, in order and without overlap; none is longer than about 12 s.
pub fn speech(samples: &[f32]) -> Vec<Range<usize>> {
    let scores = scores(samples);
    let mut stretches: Vec<Range<usize>> = Vec::new();
    for (frame, score) in scores.iter().enumerate() {
        if *score < SPEECH {
            continue;
        }
        match stretches.last_mut() {
            Some(last) if frame - last.end < PAUSE => last.end = frame + 1,
            _ => stretches.push(frame..frame + 1),
        }
    }
    stretches.retain(|stretch| stretch.len() >= BURST);
    let cut: Vec<Range<usize>> = stretches.into_iter().flat_map(|stretch| split(stretch, &scores)).collect();
    let mut out = Vec::with_capacity(cut.len());
    for (at, stretch) in cut.iter().enumerate() {
        // Half of a pause belongs to each side of it.
        let earliest = at.checked_sub(1).map_or(0, |before| cut[before].end.midpoint(stretch.start));
        let latest = cut.get(at + 1).map_or(scores.len(), |next| stretch.end.midpoint(next.start));
        let from = stretch.start.saturating_sub(BEFORE).max(earliest.min(stretch.start));
        let to = (stretch.end + AFTER).min(latest.max(stretch.end));
        out.push(from * FRAME..(to * FRAME).min(samples.len()));
    }
    out.retain(|stretch| !stretch.is_empty());
    out
}

fn scores(samples: &[f32]) -> Vec<f32> {
    let mut detector = Detector::default();
    let mut frame = [0.0f32; FRAME];
    samples
        .chunks(FRAME)
        .map(|chunk| {
            frame[..chunk.len()].copy_from_slice(chunk);
            frame[chunk.len()..].fill(0.0);
            frame = frame.map(tame);
            detector.predict_f32(&frame)
        })
        .collect()
}

/// Follows a recording while it is made and tells when somebody pauses.
pub struct Follower {
    detector: Box<Detector>,
    /// Samples that do not fill a frame yet.
    rest: Vec<f32>,
    /// Frames of speech since the last pause that was taken.
    spoken: usize,
    /// Frames without speech since the last one with it.
    quiet: usize,
}

impl Default for Follower {
    fn default() -> Self {
        Self { detector: Detector::default_boxed(), rest: Vec::with_capacity(FRAME), spoken: 0, quiet: 0 }
    }
}

impl Follower {
    /// Takes the next samples and tells whether they end in a pause after speech.
    pub fn push(&mut self, samples: &[f32]) -> bool {
        self.rest.extend_from_slice(samples);
        let whole = self.rest.len() / FRAME * FRAME;
        let frames: Vec<f32> = self.rest.drain(..whole).map(tame).collect();
        for frame in frames.chunks_exact(FRAME) {
            if self.detector.predict_f32(frame) >= SPEECH {
                self.spoken += 1;
                self.quiet = 0;
            } else {
                self.quiet += 1;
            }
        }
        self.has_spoken() && self.quiet >= PAUSE
    }

    /// Whether there was speech since the pause that was taken last.
    pub fn has_spoken(&self) -> bool {
        self.spoken >= BURST
    }

    /// The pause is used to end a phrase; what follows counts anew.
    pub fn take_pause(&mut self) {
        self.spoken = 0;
    }
}

fn tame(sample: f32) -> f32 {
    if sample.is_finite() { sample.clamp(-1.0, 1.0) } else { 0.0 }
}

/// Cuts a stretch that is too long where speech is least likely, in the second half of what fits.
fn split(mut stretch: Range<usize>, scores: &[f32]) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    while stretch.len() > LONGEST {
        let half = stretch.start + LONGEST / 2..stretch.start + LONGEST;
        // The mean over five frames finds a pause rather than one odd frame.
        let quiet = |at: usize| scores[at - 2..=(at + 2).min(scores.len() - 1)].iter().sum::<f32>();
        let cut = half.min_by(|a, b| quiet(*a).total_cmp(&quiet(*b))).unwrap_or(stretch.start + LONGEST);
        out.push(stretch.start..cut);
        stretch.start = cut;
    }
    out.push(stretch);
    out
}

/// How many decibels the speech stands out from what is between it, by the loudness of 20-ms frames: the loud third of the speech
/// against the quiet tenth of everything. `None` when the recording is too short to tell.
pub fn signal_to_noise(samples: &[f32], speech: &[Range<usize>]) -> Option<f32> {
    const WINDOW: usize = SPEECH_RATE as usize / 50;
    let power = |chunk: &[f32]| chunk.iter().map(|s| s * s).sum::<f32>() / chunk.len() as f32 + 1e-10;
    let sorted = |mut powers: Vec<f32>| {
        powers.sort_by(f32::total_cmp);
        powers
    };
    let loud = sorted(
        speech.iter().filter_map(|range| samples.get(range.clone())).flat_map(|s| s.chunks_exact(WINDOW)).map(power).collect(),
    );
    let all = sorted(samples.chunks_exact(WINDOW).map(power).collect());
    if loud.len() < 10 || all.len() < 20 {
        return None;
    }
    Some(10.0 * (loud[loud.len() * 2 / 3] / all[all.len() / 10]).log10())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn silence_and_a_click_hold_no_speech() {
        assert!(speech(&[]).is_empty());
        let mut quiet = vec![0.0f32; 48_000];
        assert!(speech(&quiet).is_empty());
        quiet[20_000] = 1.0;
        assert!(speech(&quiet).is_empty());
    }

    #[test]
    fn a_long_stretch_is_cut_into_parts_that_fit() {
        let scores = vec![0.9f32; 10 * LONGEST];
        let parts = split(0..10 * LONGEST, &scores);
        assert!(parts.iter().all(|part| part.len() <= LONGEST && !part.is_empty()));
        assert!(parts.windows(2).all(|pair| pair[0].end == pair[1].start));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn stretches_lie_inside_in_order(seed in any::<u64>(), length in 0usize..60_000, loud in 0.0f32..2.0) {
            let mut state = seed;
            let noise: Vec<f32> = (0..length).map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                ((state >> 40) as f32 / (1u64 << 24) as f32 - 0.5) * loud
            }).collect();
            let found = speech(&noise);
            let mut end = 0;
            for stretch in &found {
                prop_assert!(stretch.start >= end && stretch.end <= noise.len() && stretch.start < stretch.end);
                end = stretch.end;
            }
            let _ = signal_to_noise(&noise, &found);
        }
    }
}
