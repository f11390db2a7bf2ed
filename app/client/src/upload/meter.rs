//! Counts the bytes that leave and tells speed and time left. Knows no network.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use super::UploadEvent;

/// The speed is that of this last stretch, long enough to be steady and short enough to follow the network.
const WINDOW: Duration = Duration::from_secs(5);

/// Bytes that left so far; shared by all parts under way.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicI64);

impl Count {
    pub fn add(&self, bytes: u64) {
        self.0.fetch_add(i64::try_from(bytes).unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    /// A part failed, and its bytes have to travel again.
    pub fn take_back(&self, bytes: u64) {
        self.0.fetch_sub(i64::try_from(bytes).unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    pub fn bytes(&self) -> u64 {
        u64::try_from(self.0.load(Ordering::Relaxed)).unwrap_or(0)
    }
}

/// Turns counts into progress.
pub(super) struct Meter {
    total: u64,
    past: VecDeque<(Instant, u64)>,
}

impl Meter {
    pub fn new(total: u64, already: u64, now: Instant) -> Self {
        Self { total, past: VecDeque::from([(now, already)]) }
    }

    pub fn read(&mut self, bytes: u64, now: Instant) -> UploadEvent {
        self.past.push_back((now, bytes));
        while self.past.len() > 2 && now.duration_since(self.past[1].0) > WINDOW {
            self.past.pop_front();
        }
        let (since, before) = self.past[0];
        let seconds = now.duration_since(since).as_secs_f64();
        let speed = if seconds > 0.0 { (bytes.saturating_sub(before) as f64 / seconds) as u64 } else { 0 };
        let left = self.total.saturating_sub(bytes);
        let seconds_left = (speed > 0).then(|| left.div_ceil(speed));
        UploadEvent::Progress { bytes: bytes.min(self.total), total: self.total, bytes_per_second: speed, seconds_left }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_follows_the_last_seconds() {
        let start = Instant::now();
        let mut meter = Meter::new(100_000, 20_000, start);
        let at = |seconds| start + Duration::from_secs(seconds);
        let UploadEvent::Progress { bytes_per_second, seconds_left, .. } = meter.read(30_000, at(1)) else { panic!() };
        assert_eq!((bytes_per_second, seconds_left), (10_000, Some(7)));
        for second in 2..12 {
            meter.read(30_000 + second * 100, at(second));
        }
        let UploadEvent::Progress { bytes_per_second, .. } = meter.read(31_200, at(12)) else { panic!() };
        assert_eq!(bytes_per_second, 100);
        let UploadEvent::Progress { seconds_left, .. } = Meter::new(9, 0, start).read(0, at(1)) else { panic!() };
        assert_eq!(seconds_left, None);
    }
}
