//! Sound that waits, and the endless sound that a device fetches from it. Opens no device.

use std::collections::VecDeque;
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rodio::Source;

/// The mixer changes rates by straight lines, so it is given the rate that nearly every device has.
pub(super) const RATE: u32 = 48_000;
/// The same, as the mixer takes it.
pub(super) const MIXED: rodio::SampleRate = NonZero::new(RATE).expect("the rate is not zero");

/// Sound is fetched from the queue in pieces of 5 ms, which bounds how much is heard after a stop.
const PIECE: usize = (RATE / 200) as usize;

/// So many gaps are no accident,
const OFTEN: u32 = 3;
/// unless so much time lies between two of them.
const FORGOTTEN: Duration = Duration::from_secs(10);

#[derive(Default)]
pub(super) struct Queue {
    samples: Mutex<VecDeque<f32>>,
    /// Counts the stops, so that a piece fetched before one is not played after it.
    turn: AtomicU64,
    played: AtomicU64,
}

impl Queue {
    fn samples(&self) -> MutexGuard<'_, VecDeque<f32>> {
        self.samples.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, sound: &[f32]) {
        self.samples().extend(sound);
    }

    pub(super) fn stop(&self) {
        let mut samples = self.samples();
        samples.clear();
        self.turn.fetch_add(1, Ordering::SeqCst);
        self.played.store(0, Ordering::Relaxed);
    }

    pub(super) fn left(&self) -> usize {
        self.samples().len()
    }

    /// Seconds heard since the last stop.
    pub(super) fn heard(&self) -> f64 {
        self.played.load(Ordering::Relaxed) as f64 / f64::from(RATE)
    }
}

/// The endless sound the device plays: the queue, and silence where it is empty or the device is not the one that is heard.
pub(super) struct Feed {
    queue: Arc<Queue>,
    heard: Arc<AtomicBool>,
    piece: Vec<f32>,
    at: usize,
    turn: u64,
    fading: bool,
    dry: Dry,
}

/// Notices when a device came for more later than what it held lasted, so that a gap was heard.
struct Dry {
    holds: Duration,
    /// When it was given sound, if it was the last time.
    given: Option<Instant>,
    gaps: u32,
    latest: Option<Instant>,
    /// So many gaps are told of; twice as many each time nothing came of it.
    enough: u32,
    often: Box<dyn FnMut() + Send>,
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
    /// Sound for a device that holds so much of it and is heard while that is set; when it ran dry often, that is told.
    pub(super) fn new(queue: Arc<Queue>, heard: Arc<AtomicBool>, holds: Duration, often: impl FnMut() + Send + 'static) -> Self {
        let dry = Dry::new(holds, Box::new(often));
        Self { queue, heard, piece: Vec::new(), at: 0, turn: 0, fading: false, dry }
    }

    fn fetch(&mut self) {
        self.piece.clear();
        self.dry.look(Instant::now());
        if !self.heard.load(Ordering::Relaxed) {
            self.piece.resize(PIECE, 0.0);
            (self.at, self.fading) = (0, false);
            return;
        }
        let mut samples = self.queue.samples();
        let count = samples.len().min(PIECE);
        self.piece.extend(samples.drain(..count));
        self.turn = self.queue.turn.load(Ordering::SeqCst);
        drop(samples);
        self.dry.given = (count > 0).then(Instant::now);
        self.queue.played.fetch_add(count as u64, Ordering::Relaxed);
        self.piece.resize(PIECE, 0.0);
        (self.at, self.fading) = (0, false);
    }
}

impl Dry {
    fn new(holds: Duration, often: Box<dyn FnMut() + Send>) -> Self {
        Self { holds, given: None, gaps: 0, latest: None, enough: OFTEN, often }
    }

    fn look(&mut self, now: Instant) {
        let gap = self.given.take().is_some_and(|given| now.duration_since(given) > self.holds);
        if !gap {
            return;
        }
        if self.latest.replace(now).is_some_and(|latest| now.duration_since(latest) > FORGOTTEN) {
            self.gaps = 0;
        }
        self.gaps += 1;
        if self.gaps == self.enough {
            (self.gaps, self.enough) = (0, self.enough.saturating_mul(2));
            (self.often)();
        }
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
        MIXED
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
        let feed = Feed::new(Arc::clone(&queue), Arc::new(AtomicBool::new(true)), Duration::from_secs(60), || {});
        (queue, feed)
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

    #[test]
    fn a_device_that_runs_dry_again_and_again_is_told_of_ever_more_seldom() {
        let told = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&told);
        let often = Box::new(move || {
            count.fetch_add(1, Ordering::Relaxed);
        });
        let holds = Duration::from_millis(25);
        let mut dry = Dry::new(holds, often);
        let mut now = Instant::now();
        let mut fetch = |after: Duration| {
            dry.given = Some(now);
            now += after;
            dry.look(now);
            told.load(Ordering::Relaxed)
        };
        assert_eq!((0..100).map(|_| fetch(holds)).max(), Some(0), "it came in time");
        assert_eq!((0..OFTEN).map(|_| fetch(FORGOTTEN + holds)).max(), Some(0), "once in a while is nothing");
        let told: Vec<u64> = (0..OFTEN + 2 * OFTEN + 4 * OFTEN).map(|_| fetch(2 * holds)).collect();
        let more: Vec<usize> = (1..told.len()).filter(|at| told[*at] > told[at - 1]).map(|at| at + 1).collect();
        // The last of those before was the first of these.
        assert_eq!(more, [2, 8, 20], "{told:?}");
    }

    #[test]
    fn a_device_that_is_not_heard_takes_nothing() {
        let (queue, mut feed) = feed();
        feed.heard.store(false, Ordering::Relaxed);
        queue.add(&[0.5; 100]);
        assert!(feed.by_ref().take(4 * PIECE).all(|s| s == 0.0));
        assert_eq!(queue.left(), 100);
        feed.heard.store(true, Ordering::Relaxed);
        assert_eq!(feed.by_ref().take(2 * PIECE).filter(|s| *s == 0.5).count(), 100);
    }
}
