//! Brings mono sound of any rate to the speech rate, a block at a time, without losing or adding time.

use rubato::audioadapter_buffers::direct::SequentialSlice;
use rubato::{Fft, FixedSync, Indexing, Resampler as _, WindowFunction};
use synapscribe_domain::audio::SPEECH_RATE;

/// A stream of samples on its way to the speech rate.
pub(crate) struct Resampler {
    rate: u32,
    engine: Option<Fft<f32>>,
    waiting: Vec<f32>,
    block: Vec<f32>,
    taken: u64,
    given: u64,
    delay: usize,
}

impl Resampler {
    /// For sound of this rate; `None` when no filter can be made for it.
    pub fn new(rate: u32) -> Option<Self> {
        let mut resampler = Self { rate, engine: None, waiting: Vec::new(), block: Vec::new(), taken: 0, given: 0, delay: 0 };
        if rate != SPEECH_RATE {
            // Blocks of a few thousand samples give a steep filter and cost little.
            let engine = Fft::new_custom(
                rate as usize,
                SPEECH_RATE as usize,
                4096,
                2,
                1,
                WindowFunction::BlackmanHarris2,
                FixedSync::Input,
            )
            .ok()?;
            resampler.delay = engine.output_delay();
            resampler.block = vec![0.0; engine.output_frames_max()];
            resampler.engine = Some(engine);
        }
        Some(resampler)
    }

    /// The rate it was made for.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// Takes samples and appends what is finished.
    pub fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        self.taken += samples.len() as u64;
        let Some(engine) = &self.engine else {
            self.given += samples.len() as u64;
            return out.extend_from_slice(samples);
        };
        let mut need = engine.input_frames_next();
        self.waiting.extend_from_slice(samples);
        let mut used = 0;
        while self.waiting.len() - used >= need {
            self.process(used, need, None, out);
            used += need;
            need = self.engine.as_ref().map_or(usize::MAX, |engine| engine.input_frames_next());
        }
        self.waiting.drain(..used);
    }

    /// Gives the rest, so that the whole lasts as long as what was taken.
    pub fn finish(mut self, out: &mut Vec<f32>) {
        let total = (self.taken * u64::from(SPEECH_RATE) + u64::from(self.rate) / 2) / u64::from(self.rate);
        let mut left = self.waiting.len();
        while self.given < total {
            let Some(engine) = &self.engine else { return };
            let need = engine.input_frames_next();
            self.waiting.resize(need.max(left), 0.0);
            let before = out.len();
            self.process(0, need, Some(left), out);
            left = 0;
            let surplus = self.given.saturating_sub(total) as usize;
            out.truncate(out.len() - surplus.min(out.len() - before));
        }
    }

    fn process(&mut self, from: usize, need: usize, partial: Option<usize>, out: &mut Vec<f32>) {
        let Some(engine) = &mut self.engine else { return };
        let capacity = self.block.len();
        let input = SequentialSlice::new(&self.waiting[from..from + need], 1, need);
        let output = SequentialSlice::new_mut(&mut self.block[..], 1, capacity);
        let (Ok(input), Ok(mut output)) = (input, output) else { return };
        let indexing = Indexing { partial_len: partial, ..Indexing::default() };
        let made = engine.process_into_buffer(&input, &mut output, Some(&indexing)).map_or(0, |(_, made)| made);
        let silence = self.delay.min(made);
        self.delay -= silence;
        out.extend_from_slice(&self.block[silence..made]);
        self.given += (made - silence) as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(rate: u32, hertz: f64, seconds: f64) -> Vec<f32> {
        let samples = (f64::from(rate) * seconds) as usize;
        (0..samples).map(|n| (n as f64 / f64::from(rate) * hertz * std::f64::consts::TAU).sin() as f32 * 0.5).collect()
    }

    fn resample(rate: u32, input: &[f32], block: usize) -> Vec<f32> {
        let mut resampler = Resampler::new(rate).unwrap();
        let mut out = Vec::new();
        for block in input.chunks(block) {
            resampler.push(block, &mut out);
        }
        resampler.finish(&mut out);
        out
    }

    #[test]
    fn a_tone_keeps_its_pitch_place_and_level() {
        for rate in [4_000, 7_000, 8_000, 11_025, 16_000, 22_050, 44_100, 44_101, 48_000, 96_000, 192_000] {
            let out = resample(rate, &tone(rate, 440.0, 1.5), 1000);
            let expected = tone(SPEECH_RATE, 440.0, 1.5);
            assert!(out.len().abs_diff(expected.len()) <= 2, "{rate}: {} samples", out.len());
            // The edges ring, as every filter does where sound starts from nothing.
            let worst = out.iter().zip(&expected).skip(2_000).take(20_000).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            // A shift by two samples, an eighth of a millisecond, is the most that rounding the filter's delay may cost.
            assert!(worst < 0.17, "{rate}: off by {worst}");
        }
    }

    #[test]
    fn what_speech_cannot_hold_is_removed_and_not_folded_back() {
        let out = resample(48_000, &tone(48_000, 12_000.0, 1.0), 960);
        let loudest = out[2_000..14_000].iter().fold(0.0f32, |m, x| m.max(x.abs()));
        assert!(loudest < 0.001, "{loudest}");
    }

    #[test]
    fn the_size_of_the_blocks_does_not_matter() {
        let input = tone(44_100, 300.0, 0.7);
        let whole = resample(44_100, &input, input.len());
        for block in [1, 7, 441, 5_000] {
            assert_eq!(resample(44_100, &input, block), whole);
        }
    }

    #[test]
    fn nothing_stays_nothing() {
        assert!(resample(44_100, &[], 1).is_empty());
        assert_eq!(resample(48_000, &[0.0; 3], 3).len(), 1);
    }
}
