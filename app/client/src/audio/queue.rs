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
/// Where there is nothing it is looked for again after half a millisecond, so that an answer does not wait for the end of a silence.
const SILENCE: usize = PIECE / 10;
/// Sound that was stopped fades for at least so long.
const FADE: usize = PIECE / 2;

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
        if self.queue.turn.load(Ordering::Relaxed) != self.turn {
            self.fade();
        }
        if self.at == self.piece.len() {
            self.fetch();
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
        let turn = queue.turn.load(Ordering::SeqCst);
        Self { queue, heard, piece: Vec::new(), at: 0, turn, dry }
    }

    /// A sudden end clicks, so what was heard before a stop fades: the rest of the piece, or where that is short, the last sample.
    fn fade(&mut self) {
        self.turn = self.queue.turn.load(Ordering::SeqCst);
        if self.piece.len() - self.at < FADE {
            let last = self.at.checked_sub(1).map_or(0.0, |before| self.piece[before]);
            self.piece.truncate(self.at);
            self.piece.resize(self.at + FADE, last);
        }
        let rest = &mut self.piece[self.at..];
        let length = rest.len() as f32;
        for (index, sample) in rest.iter_mut().enumerate() {
            *sample *= 1.0 - (index + 1) as f32 / length;
        }
    }

    fn fetch(&mut self) {
        self.piece.clear();
        self.dry.look(Instant::now());
        self.at = 0;
        if !self.heard.load(Ordering::Relaxed) {
            self.piece.resize(SILENCE, 0.0);
            return;
        }
        let mut samples = self.queue.samples();
        let count = samples.len().min(PIECE);
        // Two copies at most, as whoever adds sound waits meanwhile.
        let (front, back) = samples.as_slices();
        let of_front = count.min(front.len());
        self.piece.extend_from_slice(&front[..of_front]);
        self.piece.extend_from_slice(&back[..count - of_front]);
        samples.drain(..count);
        self.turn = self.queue.turn.load(Ordering::SeqCst);
        drop(samples);
        self.dry.given = (count > 0).then(Instant::now);
        self.queue.played.fetch_add(count as u64, Ordering::Relaxed);
        if count == 0 {
            self.piece.resize(SILENCE, 0.0);
        }
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
    use std::f64::consts::TAU;

    use super::super::player::Player;
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
    fn what_comes_into_silence_is_heard_within_half_a_millisecond() {
        let (queue, mut feed) = feed();
        for quiet in [1, 100, PIECE - 1, PIECE, 600] {
            assert!(feed.by_ref().take(quiet).all(|s| s == 0.0));
            queue.add(&[0.5; 10]);
            assert_eq!(feed.by_ref().take(SILENCE + 10).filter(|s| *s == 0.5).count(), 10, "after {quiet}");
        }
    }

    #[test]
    fn a_stop_is_heard_within_five_milliseconds_and_without_a_click_wherever_it_falls() {
        for heard in [1, 100, PIECE - FADE + 1, PIECE - 1, PIECE, 2 * PIECE] {
            let (queue, mut feed) = feed();
            queue.add(&vec![0.8; 48_000]);
            let _ = feed.by_ref().take(heard).count();
            queue.stop();
            let after: Vec<f32> = std::iter::once(0.8).chain(feed.by_ref().take(2 * PIECE)).collect();
            assert!(after[1 + PIECE..].iter().all(|s| *s == 0.0), "after {heard}");
            assert!(after.windows(2).all(|pair| (pair[0] - pair[1]).abs() < 0.05), "after {heard}");
            assert_eq!(queue.left(), 0);
            queue.add(&[0.5; 10]);
            assert_eq!(feed.by_ref().take(2 * PIECE).filter(|s| *s == 0.5).count(), 10, "after {heard}");
        }
    }

    #[test]
    fn an_hour_of_speech_lasts_an_hour_and_every_second_of_it_is_heard_in_its_place() {
        // Of the rates that voices have, the one that is furthest from a plain share of the device's.
        const VOICE: usize = 22_050;
        const HOUR: usize = 3_600 * VOICE;
        // Every second of it is the same, so none has to be kept.
        let hum = |n: usize, rate: usize| ((n % rate) as f64 / rate as f64 * 450.0 * TAU).sin() as f32 * 0.5;
        let speech: Vec<f32> = (0..2 * VOICE).map(|n| hum(n, VOICE)).collect();
        let (queue, mut feed) = feed();
        let player = Player::filling(Arc::clone(&queue));
        let mut sizes = [1_102, 441, 37, 3_000, 2_205].into_iter().cycle();
        let (mut said, mut played) = (0, 0usize);
        while said < HOUR {
            let size = sizes.next().unwrap().min(HOUR - said);
            let at = said % VOICE;
            player.play_f32(&speech[at..at + size], VOICE as u32);
            said += size;
            while queue.left() >= PIECE {
                feed.fetch();
                if played > 0 && played.is_multiple_of(RATE as usize) {
                    let off = |(n, sample): (usize, &f32)| (sample - hum(n, RATE as usize)).abs();
                    let worst = feed.piece.iter().enumerate().map(off).fold(0.0, f32::max);
                    // At this pitch half a frame too early or too late would be so much.
                    assert!(worst < 0.014, "off by {worst} after {} seconds", played / RATE as usize);
                }
                played += PIECE;
            }
        }
        player.finish();
        while queue.left() > 0 {
            feed.fetch();
        }
        assert_eq!(player.heard(), 3_600.0);
    }

    #[test]
    fn another_device_goes_on_with_the_very_next_sample() {
        let (queue, mut first) = feed();
        let sound: Vec<f32> = (1..=5_000).map(|n| n as f32).collect();
        queue.add(&sound);
        let mut heard: Vec<f32> = first.by_ref().take(1_000).collect();
        first.heard.store(false, Ordering::Relaxed);
        // What it fetched it plays.
        heard.extend(first.by_ref().take(2 * PIECE));
        let next = Feed::new(Arc::clone(&queue), Arc::new(AtomicBool::new(true)), Duration::from_secs(60), || {});
        heard.extend(next.take(5_000));
        heard.retain(|sample| *sample != 0.0);
        assert!(heard == sound, "{} of {} samples", heard.len(), sound.len());
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
