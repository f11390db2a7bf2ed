//! Brings a stream of mono sound from one rate to another, a block at a time, without losing or adding time.

use rubato::audioadapter_buffers::direct::SequentialSlice;
use rubato::{Fft, FixedSync, Indexing, Resampler as _, WindowFunction};

/// A stream of samples on its way to another rate.
pub struct Resampler {
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
    /// Between two rates, working on `block` frames at a time: many give a steep filter that costs little, few hold back little
    /// of the end. `None` when no filter can be made for these rates.
    pub fn new(from: u32, to: u32, block: usize) -> Option<Self> {
        let mut resampler = Self::unchanged(from);
        if from != to {
            let window = WindowFunction::BlackmanHarris2;
            let engine = Fft::new_custom(from as usize, to as usize, block, 2, 1, window, FixedSync::Input).ok()?;
            resampler.to = to;
            resampler.delay = engine.output_delay();
            resampler.block = vec![0.0; engine.output_frames_max()];
            resampler.engine = Some(engine);
        }
        Some(resampler)
    }

    /// For sound of this rate that passes as it is.
    pub fn unchanged(rate: u32) -> Self {
        Self { from: rate, to: rate, engine: None, waiting: Vec::new(), block: Vec::new(), taken: 0, given: 0, delay: 0 }
    }

    /// The rate of what it takes.
    pub fn rate(&self) -> u32 {
        self.from
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
        let (from, to) = (u64::from(self.from), u64::from(self.to));
        let total = (self.taken * to + from / 2).checked_div(from).unwrap_or(0);
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

/// A whole piece of sound at another rate; unchanged when no filter can be made for these rates.
pub fn whole(samples: &[f32], from: u32, to: u32, block: usize) -> Vec<f32> {
    let mut resampler = Resampler::new(from, to, block).unwrap_or_else(|| Resampler::unchanged(from));
    let mut out = Vec::new();
    resampler.push(samples, &mut out);
    resampler.finish(&mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEECH_RATE: u32 = 16_000;

    fn tone(rate: u32, hertz: f64, seconds: f64) -> Vec<f32> {
        let samples = (f64::from(rate) * seconds) as usize;
        (0..samples).map(|n| (n as f64 / f64::from(rate) * hertz * std::f64::consts::TAU).sin() as f32 * 0.5).collect()
    }

    fn resample(rate: u32, input: &[f32], block: usize) -> Vec<f32> {
        let mut resampler = Resampler::new(rate, SPEECH_RATE, 4096).unwrap();
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
    fn small_blocks_hold_back_little_and_go_up_as_well_as_down() {
        let both = [(16_000, 48_000), (22_050, 48_000), (24_000, 48_000), (48_000, 16_000), (44_100, 16_000), (48_000, 48_000)];
        let recordings = both.map(|(from, to)| (from, to, 960));
        let voices = [16_000, 22_050, 24_000, 44_100].map(|from| (from, 48_000, 320));
        for (from, to, block) in recordings.into_iter().chain(voices) {
            let out = whole(&tone(from, 440.0, 1.0), from, to, block);
            assert!(out.len().abs_diff(to as usize) <= 2, "{from} to {to}: {} samples", out.len());
            let expected = tone(to, 440.0, 1.0);
            let middle = to as usize / 4..to as usize * 3 / 4;
            let worst = middle.map(|n| (out[n] - expected[n]).abs()).fold(0.0, f32::max);
            assert!(worst < 0.01, "{from} to {to} by {block}: off by {worst}");
        }
        let mut resampler = Resampler::new(22_050, 48_000, 960).unwrap();
        let mut out = Vec::new();
        for piece in tone(22_050, 440.0, 0.5).chunks(100) {
            resampler.push(piece, &mut out);
        }
        assert!(out.len() > 21_000, "only {} of 24000 samples came before the end", out.len());
    }

    #[test]
    fn an_hour_of_a_recording_does_not_drift() {
        // Every second of it is the same, so none has to be kept.
        let (second, expected) = (tone(44_100, 440.0, 1.0), tone(SPEECH_RATE, 440.0, 1.0));
        let mut resampler = Resampler::new(44_100, SPEECH_RATE, 960).unwrap();
        let (mut out, mut given) = (Vec::new(), 0);
        for number in 0..3_600 {
            // As devices give it, 20 ms at a time.
            for block in second.chunks(882) {
                resampler.push(block, &mut out);
            }
            while out.len() >= expected.len() {
                let worst = out.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                // A quarter of a sample too early or too late would be as much; the first one begins out of nothing.
                assert!(worst < 0.02 || given == 0, "off by {worst} in second {number}");
                out.drain(..expected.len());
                given += expected.len();
            }
        }
        resampler.finish(&mut out);
        assert_eq!(given + out.len(), 3_600 * expected.len());
    }

    #[test]
    fn nothing_stays_nothing() {
        assert!(resample(44_100, &[], 1).is_empty());
        assert_eq!(resample(48_000, &[0.0; 3], 3).len(), 1);
    }
}
