//! The loudspeaker: a gapless queue of sound that can be stopped at once and knows what was heard. Knows no answer.

use std::collections::VecDeque;
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rodio::cpal::{BufferSize, ErrorKind};
use rodio::{DeviceSinkBuilder, MixerDeviceSink, Source};

use synapscribe_sound::Resampler;

use super::{FILTER, devices, quiet};
use crate::error::{ClientError, Result, code};

/// The mixer changes rates by straight lines, so it is given the rate that nearly every device has.
const RATE: u32 = 48_000;

/// Sound is fetched from the queue in pieces of 5 ms, which bounds how much is heard after a stop.
const PIECE: usize = (RATE / 200) as usize;

/// The device is asked for buffers of 12.5 ms and keeps two of them, which is how long sound takes to be heard and to fall silent.
const BUFFER: u32 = RATE / 80;

/// An open loudspeaker.
pub struct Player {
    queue: Arc<Queue>,
    resampler: Mutex<Option<Resampler>>,
    output: Mutex<Option<Output>>,
}

/// The device that plays the queue.
struct Output {
    broken: Arc<AtomicBool>,
    _sink: MixerDeviceSink,
}

impl Player {
    /// Opens the default loudspeaker; takes up to a tenth of a second, so not from an async task.
    pub fn open() -> Result<Self> {
        Self::open_on("")
    }

    /// The same, with a loudspeaker that was chosen.
    pub fn open_on(device: &str) -> Result<Self> {
        let queue = Arc::new(Queue::default());
        let output = Output::open(device, &queue)?;
        Ok(Self { queue, resampler: Mutex::new(None), output: Mutex::new(Some(output)) })
    }

    /// Goes on where it stopped, because the device was taken away: on the chosen one if it is there again, or on the system's.
    pub fn open_again(&self, device: &str) -> Result<()> {
        // The one before ends first, so that two never play the same.
        let before = self.output().take();
        drop(before);
        let output = Output::open(device, &self.queue)?;
        *self.output() = Some(output);
        Ok(())
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

    /// Whether nothing is left to play.
    pub fn is_idle(&self) -> bool {
        self.queue.left() == 0
    }

    /// Whether the device was unplugged or taken away.
    pub fn is_broken(&self) -> bool {
        self.output().as_ref().is_none_or(|output| output.broken.load(Ordering::Relaxed))
    }

    /// Seconds heard since the last stop.
    pub fn heard(&self) -> f64 {
        self.queue.played.load(Ordering::Relaxed) as f64 / f64::from(RATE)
    }

    /// Waits until everything was played.
    pub async fn played(&self) {
        self.finish();
        while !self.is_idle() {
            let left = Duration::from_secs_f64(self.queue.left() as f64 / f64::from(RATE));
            tokio::time::sleep(left.clamp(Duration::from_millis(5), Duration::from_millis(200))).await;
        }
        // What left the queue is in the device's buffers yet.
        tokio::time::sleep(Duration::from_millis(60)).await;
    }

    fn output(&self) -> MutexGuard<'_, Option<Output>> {
        // A device is there or it is not, also after a panic elsewhere.
        self.output.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Output {
    fn open(device: &str, queue: &Arc<Queue>) -> Result<Self> {
        quiet::hush();
        let rate = NonZero::new(RATE).expect("the rate is not zero");
        let broken = Arc::new(AtomicBool::new(false));
        let failed = Arc::clone(&broken);
        let silent = move |error: rodio::cpal::Error| {
            tracing::debug!(%error, "the loudspeaker reports");
            if matches!(error.kind(), ErrorKind::DeviceNotAvailable | ErrorKind::StreamInvalidated | ErrorKind::HostUnavailable) {
                failed.store(true, Ordering::Relaxed);
            }
        };
        let device = devices::output(device).ok_or_else(|| refused(&rodio::DeviceSinkError::NoDevice))?;
        let builder = DeviceSinkBuilder::from_device(device).map_err(|error| refused(&error))?;
        let builder = builder.with_sample_rate(rate).with_buffer_size(BufferSize::Fixed(BUFFER)).with_error_callback(silent);
        let mut sink = builder.open_sink_or_fallback().map_err(|error| refused(&error))?;
        sink.log_on_drop(false);
        sink.mixer().add(Feed { queue: Arc::clone(queue), piece: Vec::new(), at: 0, turn: 0, fading: false });
        Ok(Self { broken, _sink: sink })
    }
}

/// From sound of this rate to the device's; where no filter can be made for it, it is played as it is.
fn to_device(rate: u32) -> Resampler {
    Resampler::new(rate, RATE, FILTER).unwrap_or_else(|| {
        tracing::warn!(rate, "sound of this rate is played as it is");
        Resampler::unchanged(rate)
    })
}

fn refused(error: &rodio::DeviceSinkError) -> ClientError {
    tracing::debug!(%error, "no loudspeaker");
    ClientError::passing(code::NO_SPEAKER, "no loudspeaker was found; the answer can be read and saved all the same")
}

#[derive(Default)]
struct Queue {
    samples: Mutex<VecDeque<f32>>,
    /// Counts the stops, so that a piece fetched before one is not played after it.
    turn: AtomicU64,
    played: AtomicU64,
}

impl Queue {
    fn samples(&self) -> MutexGuard<'_, VecDeque<f32>> {
        self.samples.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, sound: &[f32]) {
        self.samples().extend(sound);
    }

    fn stop(&self) {
        let mut samples = self.samples();
        samples.clear();
        self.turn.fetch_add(1, Ordering::SeqCst);
        self.played.store(0, Ordering::Relaxed);
    }

    fn left(&self) -> usize {
        self.samples().len()
    }
}

/// The endless sound the device plays: the queue, and silence where it is empty.
struct Feed {
    queue: Arc<Queue>,
    piece: Vec<f32>,
    at: usize,
    turn: u64,
    fading: bool,
}

impl Iterator for Feed {
    type Item = f32;

    fn next(&mut self) -> Option<f32> {
        if self.at == self.piece.len() {
            self.fetch();
        } else if !self.fading && self.queue.turn.load(Ordering::Relaxed) != self.turn {
            // A sudden end clicks, so the rest of the piece fades.
            self.fading = true;
            let rest = &mut self.piece[self.at..];
            let length = rest.len().max(1) as f32;
            for (index, sample) in rest.iter_mut().enumerate() {
                *sample *= 1.0 - (index + 1) as f32 / length;
            }
        }
        let sample = self.piece.get(self.at).copied().unwrap_or(0.0);
        self.at += 1;
        Some(sample)
    }
}

impl Feed {
    fn fetch(&mut self) {
        self.piece.clear();
        let mut samples = self.queue.samples();
        let count = samples.len().min(PIECE);
        self.piece.extend(samples.drain(..count));
        self.turn = self.queue.turn.load(Ordering::SeqCst);
        drop(samples);
        self.queue.played.fetch_add(count as u64, Ordering::Relaxed);
        self.piece.resize(PIECE, 0.0);
        (self.at, self.fading) = (0, false);
    }
}

impl Source for Feed {
    fn current_span_len(&self) -> Option<usize> {
        None
    }

    fn channels(&self) -> rodio::ChannelCount {
        rodio::ChannelCount::MIN
    }

    fn sample_rate(&self) -> rodio::SampleRate {
        NonZero::new(RATE).expect("the rate is not zero")
    }

    fn total_duration(&self) -> Option<Duration> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed() -> (Arc<Queue>, Feed) {
        let queue = Arc::new(Queue::default());
        (Arc::clone(&queue), Feed { queue, piece: Vec::new(), at: 0, turn: 0, fading: false })
    }

    #[test]
    fn chunks_follow_each_other_without_a_gap() {
        let (queue, mut feed) = feed();
        queue.add(&[0.5; 300]);
        let first: Vec<f32> = feed.by_ref().take(200).collect();
        queue.add(&[0.25; 300]);
        let rest: Vec<f32> = feed.by_ref().take(400).collect();
        assert!(
            first.iter().all(|s| *s == 0.5) && rest[..100].iter().all(|s| *s == 0.5) && rest[100..].iter().all(|s| *s == 0.25)
        );
        assert_eq!(feed.next(), Some(0.0));
    }

    #[test]
    fn a_stop_is_heard_within_five_milliseconds_and_without_a_click() {
        let (queue, mut feed) = feed();
        queue.add(&vec![0.8; 48_000]);
        let _ = feed.by_ref().take(100).count();
        queue.stop();
        let after: Vec<f32> = feed.by_ref().take(2 * PIECE).collect();
        assert!(after[PIECE..].iter().all(|s| *s == 0.0));
        assert!(after.windows(2).all(|pair| (pair[0] - pair[1]).abs() < 0.05));
        assert_eq!(queue.left(), 0);
        queue.add(&[0.5; 10]);
        assert!(feed.by_ref().take(2 * PIECE).any(|s| s == 0.5));
    }
}
