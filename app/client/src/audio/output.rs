//! The device that plays a queue; one that runs dry, because the machine is busy, is opened anew with longer buffers. Adds no sound.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError, Weak};
use std::time::{Duration, Instant};

use rodio::cpal::{self, BufferSize, ErrorKind};
use rodio::{DeviceSinkBuilder, MixerDeviceSink};

use super::queue::{Feed, MIXED, Queue, RATE};
use super::{devices, quiet};
use crate::error::{ClientError, Result, code};

/// The device is asked for buffers of 11 ms and keeps two of them, which is how long sound takes to be heard and to fall silent.
/// Below that a sound server on two busy cores ran dry many times as often, and answered no sooner.
const BUFFER: u32 = RATE / 1_000 * 11;
/// What is lost in gaps on a busy machine is worth more than that: buffers grow up to 88 ms.
const LONGEST: u32 = 8 * BUFFER;
/// A machine is not busy for ever; after this time it is tried with the short ones,
const REST: Duration = Duration::from_secs(60);
/// and after twice the time whenever it was too soon, up to this.
const LONGEST_REST: Duration = Duration::from_secs(32 * 60);

/// Where the queue is played.
#[derive(Clone)]
pub(super) struct Output {
    queue: Arc<Queue>,
    open: Arc<Mutex<Option<Open>>>,
}

/// A device that is open.
struct Open {
    device: String,
    ease: Ease,
    since: Instant,
    /// Whether it plays the queue, or is silent because another does.
    heard: Arc<AtomicBool>,
    broken: Arc<AtomicBool>,
    _sink: MixerDeviceSink,
}

/// The buffers of a device, and what is known of how busy its machine is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ease {
    buffer: u32,
    /// The buffers it had when it was tried with short ones again.
    needed: u32,
    /// How long it keeps longer ones.
    rest: Duration,
}

impl Output {
    /// No device yet.
    pub(super) fn closed(queue: &Arc<Queue>) -> Self {
        Self { queue: Arc::clone(queue), open: Arc::default() }
    }

    /// Opens a loudspeaker, the system's choice where the name is empty. The queue goes on with another one, or with the same once it
    /// is there again.
    pub(super) fn open(&self, device: &str) -> Result<()> {
        let mut open = self.lock();
        // The one before ends first, so that two never play the same.
        let ease = match open.take() {
            Some(before) if before.device == device => before.ease.after(before.since.elapsed()),
            _ => Ease::default(),
        };
        let opened = self.opened(device, ease)?;
        opened.heard.store(true, Ordering::Relaxed);
        *open = Some(opened);
        Ok(())
    }

    /// Whether the device was unplugged or taken away.
    pub(super) fn is_broken(&self) -> bool {
        self.glance(|open| open.is_none_or(|open| open.broken.load(Ordering::Relaxed))).unwrap_or_default()
    }

    /// Whether its buffers are longer than they should be, and were for a while.
    pub(super) fn is_slow(&self) -> bool {
        self.glance(|open| open.is_some_and(|open| open.ease.is_over(open.since.elapsed()))).unwrap_or_default()
    }

    /// How long it plays what left the queue.
    pub(super) fn holds(&self) -> Duration {
        self.glance(|open| holds(open.map_or(BUFFER, |open| open.ease.buffer))).unwrap_or_else(|| holds(LONGEST))
    }

    /// A look without waiting; none while it is being opened.
    fn glance<T>(&self, at: impl FnOnce(Option<&Open>) -> T) -> Option<T> {
        match self.open.try_lock() {
            Ok(open) => Some(at(open.as_ref())),
            Err(TryLockError::Poisoned(poisoned)) => Some(at(poisoned.into_inner().as_ref())),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    fn opened(&self, name: &str, ease: Ease) -> Result<Open> {
        quiet::hush();
        let (heard, broken) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let failed = Arc::clone(&broken);
        let silent = move |error: cpal::Error| {
            tracing::debug!(%error, "the loudspeaker reports");
            if matches!(error.kind(), ErrorKind::DeviceNotAvailable | ErrorKind::StreamInvalidated | ErrorKind::HostUnavailable) {
                failed.store(true, Ordering::Relaxed);
            }
        };
        let device = devices::output(name).ok_or_else(|| refused(&rodio::DeviceSinkError::NoDevice))?;
        let builder = DeviceSinkBuilder::from_device(device).map_err(|error| refused(&error))?;
        let builder =
            builder.with_sample_rate(MIXED).with_buffer_size(BufferSize::Fixed(ease.buffer)).with_error_callback(silent);
        let mut sink = builder.open_sink_or_fallback().map_err(|error| refused(&error))?;
        sink.log_on_drop(false);
        let holds = match sink.config().buffer_size() {
            BufferSize::Fixed(frames) => holds(*frames),
            // It chose for itself, and longer ones cannot be asked of it.
            BufferSize::Default => Duration::MAX,
        };
        let (open, queue, dry) = (Arc::downgrade(&self.open), Arc::clone(&self.queue), Arc::clone(&heard));
        let often = move || {
            let (open, queue, dry) = (Weak::clone(&open), Arc::clone(&queue), Arc::clone(&dry));
            // Where no thread can be had it stays as it is.
            drop(std::thread::Builder::new().spawn(move || lengthen(&open, queue, &dry)));
        };
        sink.mixer().add(Feed::new(Arc::clone(&self.queue), Arc::clone(&heard), holds, often));
        Ok(Open { device: name.to_owned(), ease, since: Instant::now(), heard, broken, _sink: sink })
    }

    fn lock(&self) -> MutexGuard<'_, Option<Open>> {
        // A device is there or it is not, also after a panic elsewhere.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Ease {
    fn default() -> Self {
        Self { buffer: BUFFER, needed: BUFFER, rest: REST }
    }
}

impl Ease {
    /// Longer buffers for a device that ran dry with these after so long; nothing where there are none.
    fn longer(self, after: Duration) -> Option<Self> {
        if self.buffer >= LONGEST {
            return None;
        }
        // Short ones that did for so long were not tried too soon.
        let did = self.buffer == BUFFER && after > self.rest;
        let before = if did { Self::default() } else { self };
        Some(Self { buffer: (before.buffer * 2).max(before.needed).min(LONGEST), ..before })
    }

    /// Whether it had longer buffers for long enough.
    fn is_over(self, after: Duration) -> bool {
        self.buffer > BUFFER && after > self.rest
    }

    /// The buffers it is opened with again after so long.
    fn after(self, after: Duration) -> Self {
        if !self.is_over(after) {
            return self;
        }
        Self { buffer: BUFFER, needed: self.buffer, rest: (self.rest * 2).min(LONGEST_REST) }
    }
}

/// Gives the queue to the same device with longer buffers, if it is still the one that ran dry.
fn lengthen(open: &Weak<Mutex<Option<Open>>>, queue: Arc<Queue>, dry: &Arc<AtomicBool>) {
    let Some(open) = open.upgrade() else { return };
    let output = Output { queue, open };
    let mut open = output.lock();
    let Some(before) = open.as_ref().filter(|open| Arc::ptr_eq(&open.heard, dry)) else { return };
    let Some(ease) = before.ease.longer(before.since.elapsed()) else { return };
    tracing::debug!(buffer = ease.buffer, "the loudspeaker ran dry and is given longer buffers");
    match output.opened(&before.device, ease) {
        Ok(next) => {
            before.heard.store(false, Ordering::Relaxed);
            // What it holds is heard to its end.
            std::thread::sleep(holds(before.ease.buffer));
            next.heard.store(true, Ordering::Relaxed);
            *open = Some(next);
        }
        Err(error) => tracing::debug!(%error, "it stays as it is"),
    }
}

/// How long a device can do with what it was given: it keeps two buffers.
fn holds(buffer: u32) -> Duration {
    Duration::from_secs(2) * buffer / RATE
}

fn refused(error: &rodio::DeviceSinkError) -> ClientError {
    tracing::debug!(%error, "no loudspeaker");
    ClientError::passing(code::NO_SPEAKER, "no loudspeaker was found; the answer can be read and saved all the same")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_secs(10);

    #[test]
    fn a_device_that_runs_dry_is_eased_step_by_step_until_nothing_is_longer() {
        let steps = std::iter::successors(Some(Ease::default()), |ease| ease.longer(SOON));
        assert_eq!(steps.map(|ease| ease.buffer).collect::<Vec<_>>(), [528, 1_056, 2_112, 4_224]);
    }

    #[test]
    fn one_that_runs_dry_again_once_it_has_short_buffers_is_eased_again_at_once_and_for_longer() {
        let mut ease = Ease::default().longer(SOON).and_then(|ease| ease.longer(SOON)).unwrap();
        let mut rests = Vec::new();
        for _ in 0..8 {
            rests.push(ease.rest.as_secs() / 60);
            assert_eq!(ease.after(ease.rest), ease, "it is not over yet");
            let short = ease.after(ease.rest + SOON);
            assert!(short.buffer == BUFFER && !short.is_over(LONGEST_REST + SOON), "{short:?}");
            ease = short.longer(SOON).unwrap();
            assert_eq!(ease.buffer, 2_112, "it is not tried step by step again");
        }
        assert_eq!(rests, [1, 2, 4, 8, 16, 32, 32, 32]);
    }

    #[test]
    fn short_buffers_that_did_for_as_long_as_longer_ones_are_a_new_beginning() {
        let eased = Ease { buffer: LONGEST, needed: LONGEST, rest: 4 * REST };
        let short = eased.after(4 * REST + SOON);
        assert_eq!(short.longer(8 * REST).map(|ease| (ease.buffer, ease.rest)), Some((LONGEST, 8 * REST)));
        assert_eq!(short.longer(8 * REST + SOON), Ease::default().longer(SOON));
    }
}
