//! The outline of a recording: how loud its loudest sample is in each of many stretches of equal length.

use serde::{Deserialize, Serialize};

use crate::audio::SPEECH_RATE;
use crate::time::Millis;

/// The length of one stretch; three hours are about a hundred thousand of them.
pub const STRETCH: Millis = Millis(100);
/// Samples of a stretch.
const SAMPLES: usize = (SPEECH_RATE as u64 * STRETCH.0 / 1000) as usize;

/// The outline of a whole recording.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Waveform {
    /// The loudest sample of each [`STRETCH`], 0 to 255.
    pub peaks: Vec<u8>,
}

impl Waveform {
    /// The outline in at most so many points; a recording has no more of them than stretches.
    pub fn points(&self, most: usize) -> Vec<u8> {
        let count = self.peaks.len();
        let most = most.clamp(1, count.max(1));
        let cut = |n: usize| n * count / most;
        (0..most.min(count)).map(|n| self.peaks[cut(n)..cut(n + 1)].iter().copied().max().unwrap_or(0)).collect()
    }
}

/// Draws the outline of speech that comes block by block; it keeps one byte for each stretch.
#[derive(Debug, Clone, Default)]
pub struct Outline {
    peaks: Vec<u8>,
    loudest: f32,
    filled: usize,
}

impl Outline {
    /// Takes the next samples, at the speech rate.
    pub fn push(&mut self, mut block: &[f32]) {
        while !block.is_empty() {
            let (now, later) = block.split_at(block.len().min(SAMPLES - self.filled));
            // What is no number is no sound; `max` passes over it.
            self.loudest = now.iter().fold(self.loudest, |loudest, sample| loudest.max(sample.abs()));
            self.filled += now.len();
            if self.filled == SAMPLES {
                self.close();
            }
            block = later;
        }
    }

    /// The whole outline.
    pub fn finish(mut self) -> Waveform {
        if self.filled > 0 {
            self.close();
        }
        Waveform { peaks: self.peaks }
    }

    fn close(&mut self) {
        self.peaks.push((self.loudest.clamp(0.0, 1.0) * 255.0).round() as u8);
        (self.loudest, self.filled) = (0.0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_stretch_shows_its_loudest_sample() {
        let mut outline = Outline::default();
        let mut sound = vec![0.1; SAMPLES];
        sound[700] = -1.0;
        sound.extend([0.5; SAMPLES]);
        sound.extend([f32::NAN; 3]);
        outline.push(&sound);
        assert_eq!(outline.finish().peaks, [255, 128, 0]);
        assert_eq!(Outline::default().finish().points(7), [0u8; 0]);
    }

    proptest! {
        #[test]
        fn no_peak_is_lost_and_the_size_of_the_blocks_does_not_matter(
            samples in prop::collection::vec(-1.0f32..1.0, 0..20_000), block in 1usize..5_000, points in 1usize..40,
        ) {
            let (mut at_once, mut by_blocks) = (Outline::default(), Outline::default());
            at_once.push(&samples);
            samples.chunks(block).for_each(|block| by_blocks.push(block));
            let (at_once, by_blocks) = (at_once.finish(), by_blocks.finish());
            prop_assert_eq!(&at_once, &by_blocks);
            let few = at_once.points(points);
            prop_assert_eq!(few.len(), points.min(at_once.peaks.len()));
            prop_assert_eq!(few.iter().max(), at_once.peaks.iter().max());
        }
    }
}
