//! The loudspeaker: a gapless queue of sound that can be stopped at once and knows what was heard. Knows no answer.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use synapscribe_sound::Resampler;

use super::output::Output;
use super::queue::{Queue, RATE};
use crate::error::Result;

/// Frames that are brought to the device's rate at a time: 20 ms of a voice at 16 kHz. Voices may begin with stretches of a
/// twentieth of a second, and the first one is heard without waiting for the next.
const BLOCK: usize = 320;

/// An open loudspeaker.
pub struct Player {
    queue: Arc<Queue>,
    resampler: Mutex<Option<Resampler>>,
    output: Output,
}

impl Player {
    /// Opens the default loudspeaker; takes up to a tenth of a second, so not from an async task.
    pub fn open() -> Result<Self> {
        Self::open_on("")
    }

    /// The same, with a loudspeaker that was chosen.
    pub fn open_on(device: &str) -> Result<Self> {
        let player = Self::filling(Arc::default());
        player.output.open(device)?;
        Ok(player)
    }

    /// One that has no device yet and fills this queue.
    pub(super) fn filling(queue: Arc<Queue>) -> Self {
        let output = Output::closed(&queue);
        Self { queue, resampler: Mutex::new(None), output }
    }

    /// Goes on where it stopped, because the device was taken away: on the chosen one if it is there again, or on the system's.
    pub fn open_again(&self, device: &str) -> Result<()> {
        self.output.open(device)
    }

    /// Adds sound; it follows what was added before without a gap.
    pub fn play(&self, samples: &[i16], rate: u32) {
        let samples: Vec<f32> = samples.iter().map(|s| f32::from(*s) / 32768.0).collect();
        self.play_f32(&samples, rate);
    }

    /// The same, for samples from -1 to 1.
    pub fn play_f32(&self, samples: &[f32], rate: u32) {
        let mut out = Vec::new();
        let mut held = self.resampler.lock().unwrap_or_else(PoisonError::into_inner);
        if held.as_ref().is_none_or(|resampler| resampler.rate() != rate)
            && let Some(before) = held.replace(to_device(rate))
        {
            before.finish(&mut out);
        }
        if let Some(resampler) = held.as_mut() {
            resampler.push(samples, &mut out);
        }
        self.queue.add(&out);
    }

    /// Says that nothing follows for now, so that the last moment is played too.
    pub fn finish(&self) {
        let resampler = self.resampler.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(resampler) = resampler {
            let mut out = Vec::new();
            resampler.finish(&mut out);
            self.queue.add(&out);
        }
    }

    /// Falls silent at once and forgets what was to come.
    pub fn stop(&self) {
        self.resampler.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.queue.stop();
    }

    /// How long it takes until what was added is heard.
    pub fn left(&self) -> Duration {
        Duration::from_secs_f64(self.queue.left() as f64 / f64::from(RATE)) + self.output.holds()
    }

    /// Whether nothing is left to play.
    pub fn is_idle(&self) -> bool {
        self.queue.left() == 0
    }

    /// Whether the device was unplugged or taken away.
    pub fn is_broken(&self) -> bool {
        self.output.is_broken()
    }

    /// Whether it waits longer than it has to, because the machine was busy a while ago; opened again, it no longer does.
    pub fn is_slow(&self) -> bool {
        self.output.is_slow()
    }

    /// Seconds heard since the last stop.
    pub fn heard(&self) -> f64 {
        self.queue.heard()
    }

    /// Waits until everything was played, or cannot be any more.
    pub async fn played(&self) {
        self.finish();
        while !self.is_idle() && !self.is_broken() {
            let left = Duration::from_secs_f64(self.queue.left() as f64 / f64::from(RATE));
            tokio::time::sleep(left.clamp(Duration::from_millis(5), Duration::from_millis(200))).await;
        }
        // What left the queue is in the device's buffers yet, and on its way.
        tokio::time::sleep(self.output.holds() + Duration::from_millis(35)).await;
    }
}

/// From sound of this rate to the device's; where no filter can be made for it, it is played as it is.
fn to_device(rate: u32) -> Resampler {
    Resampler::new(rate, RATE, BLOCK).unwrap_or_else(|| {
        tracing::warn!(rate, "sound of this rate is played as it is");
        Resampler::unchanged(rate)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_twentieth_of_a_second_of_a_voice_is_heard_before_the_next_one_comes() {
        for rate in [16_000, 22_050, 24_000, 44_100, 48_000] {
            let mut out = Vec::new();
            to_device(rate).push(&vec![0.5; rate as usize / 20], &mut out);
            let held = (RATE as usize / 20).saturating_sub(out.len()) * 1_000 / RATE as usize;
            assert!(held <= 20, "{held} ms at {rate} Hz are held back");
        }
    }
}
