//! How fast a line's sound is taken: at twice the pace of speech, behind a beginning of some seconds. Knows samples, and the time only
//! by being told.

use std::time::Duration;

use synapscribe_domain::audio::SPEECH_RATE;
use tokio::time::Instant;

/// What one sample takes at the pace.
const EACH: Duration = Duration::from_nanos(500_000_000 / SPEECH_RATE as u64);
/// What is taken at once: as much as goes by in this time.
const AHEAD: Duration = Duration::from_secs(4);

/// What one line has brought.
#[derive(Debug)]
pub(super) struct Pace {
    /// When all of it would have been taken at the pace.
    due: Instant,
}

impl Pace {
    pub fn begin(now: Instant) -> Self {
        Self { due: now }
    }

    /// So many samples were taken.
    pub fn take(&mut self, samples: usize, now: Instant) {
        self.due = self.due.max(now) + EACH * u32::try_from(samples).unwrap_or(u32::MAX);
    }

    /// From when on more may be taken; nothing where that is now.
    pub fn rest(&self, now: Instant) -> Option<Instant> {
        let wait = self.due.saturating_duration_since(now).saturating_sub(AHEAD);
        (!wait.is_zero()).then(|| now + wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: usize = SPEECH_RATE as usize / 10;

    /// How many seconds pass until so many seconds of sound were taken, which are there at once.
    fn taken(pace: &mut Pace, now: &mut Instant, seconds: usize) -> f64 {
        let begun = *now;
        for _ in 0..10 * seconds {
            if let Some(until) = pace.rest(*now) {
                assert!(until > *now);
                *now = until;
            }
            pace.take(FRAME, *now);
        }
        (*now - begun).as_secs_f64()
    }

    #[test]
    fn a_microphone_never_waits() {
        let begun = Instant::now();
        let mut pace = Pace::begin(begun);
        for tenths in 0..36_000 {
            let now = begun + Duration::from_millis(100 * tenths);
            assert_eq!(pace.rest(now), None, "after {tenths} tenths of a second");
            pace.take(FRAME, now);
        }
    }

    #[test]
    fn what_is_there_at_once_is_taken_at_twice_the_pace_of_speech_behind_some_seconds() {
        let mut now = Instant::now();
        let mut pace = Pace::begin(now);
        assert!(taken(&mut pace, &mut now, 8) < 0.1, "a short question waits");
        let minutes = taken(&mut pace, &mut now, 120);
        assert!((59.0..61.0).contains(&minutes), "two minutes were taken in {minutes} s");
        // Who was quiet for long has no more ahead than at the beginning.
        now += Duration::from_secs(3_600);
        let again = taken(&mut pace, &mut now, 128);
        assert!((59.0..61.0).contains(&again), "they were taken in {again} s");
    }
}
