//! Brings a stream of mono sound from one rate to another without losing or adding time. Knows no device.

use rubato::audioadapter_buffers::direct::SequentialSlice;
use rubato::{Fft, FixedSync, Indexing, Resampler as _, WindowFunction};

/// Frames a block; small enough that the end of a chunk is not held back audibly.
const BLOCK: usize = 960;

/// A stream on its way to another rate.
pub(crate) struct Resampler {
    from: u32,
    to: u32,
    engine: Option<Fft<f32>>,
    waiting: Vec<f32>,
    block: Vec<f32>,
    taken: u64,
    given: u64,
    delay: usize,
}

impl Resampler {
    /// Between two rates; where no filter can be made for them the sound passes unchanged.
    pub fn new(from: u32, to: u32) -> Self {
        let mut resampler = Self { from, to, engine: None, waiting: Vec::new(), block: Vec::new(), taken: 0, given: 0, delay: 0 };
        if from == to {
            return resampler;
        }
        let window = WindowFunction::BlackmanHarris2;
        match Fft::new_custom(from as usize, to as usize, BLOCK, 2, 1, window, FixedSync::Input) {
            Ok(engine) => {
                resampler.delay = engine.output_delay();
                resampler.block = vec![0.0; engine.output_frames_max()];
                resampler.engine = Some(engine);
            }
            Err(error) => tracing::warn!(from, to, %error, "sound of this rate is played as it is"),
        }
        resampler
    }

    /// Whether it is for sound of this rate.
    pub fn is_from(&self, rate: u32) -> bool {
        self.from == rate
    }

    /// Takes samples and appends what is finished.
    pub fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        self.taken += samples.len() as u64;
        let Some(engine) = &self.engine else { return out.extend_from_slice(samples) };
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
        let (from, to) = (u64::from(self.from), u64::from(self.to));
        let total = (self.taken * to + from / 2) / from;
        let mut left = self.waiting.len();
        while self.given < total {
            let Some(engine) = &self.engine else { return };
            let need = engine.input_frames_next();
            self.waiting.resize(need.max(left), 0.0);
            let before = out.len();
            self.process(0, need, Some(left), out);
            left = 0;
            let surplus = usize::try_from(self.given.saturating_sub(total)).unwrap_or(0);
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

/// A whole piece of sound at another rate.
pub(crate) fn whole(samples: &[f32], from: u32, to: u32) -> Vec<f32> {
    let mut resampler = Resampler::new(from, to);
    let mut out = Vec::new();
    resampler.push(samples, &mut out);
    resampler.finish(&mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(rate: u32, seconds: f64) -> Vec<f32> {
        let samples = (f64::from(rate) * seconds) as usize;
        (0..samples).map(|n| (n as f64 / f64::from(rate) * 440.0 * std::f64::consts::TAU).sin() as f32 * 0.5).collect()
    }

    #[test]
    fn a_tone_keeps_its_pitch_place_and_length() {
        for (from, to) in
            [(44_100, 16_000), (48_000, 16_000), (16_000, 16_000), (8_000, 48_000), (22_050, 48_000), (24_000, 48_000)]
        {
            let out = whole(&tone(from, 1.2), from, to);
            let expected = tone(to, 1.2);
            assert!(out.len().abs_diff(expected.len()) <= 2, "{from} to {to}: {} samples", out.len());
            let range = expected.len() / 4..expected.len() * 3 / 4;
            let worst = range.map(|i| (out[i] - expected[i]).abs()).fold(0.0, f32::max);
            assert!(worst < 0.01, "{from} to {to}: off by {worst}");
        }
    }

    #[test]
    fn the_size_of_the_pieces_does_not_matter() {
        let input = tone(22_050, 0.5);
        let expected = whole(&input, 22_050, 48_000);
        for size in [1, 441, 3000] {
            let mut resampler = Resampler::new(22_050, 48_000);
            let mut out = Vec::new();
            for piece in input.chunks(size) {
                resampler.push(piece, &mut out);
            }
            resampler.finish(&mut out);
            assert_eq!(out, expected);
        }
        assert!(whole(&[], 8_000, 16_000).is_empty());
    }
}
