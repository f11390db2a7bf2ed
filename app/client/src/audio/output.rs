//! The device that plays a queue; one that runs dry, because the machine is busy, is opened anew with longer buffers. Adds no sound.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError, Weak};
use std::time::{Duration, Instant};

use rodio::cpal::{self, BufferSize, ErrorKind};
use rodio::{DeviceSinkBuilder, MixerDeviceSink};

use super::queue::{Feed, MIXED, Queue, RATE};
use super::{devices, quiet};
use crate::error::{ClientError, Result, code};

/// The device is asked for buffers of 12.5 ms and keeps two of them, which is how long sound takes to be heard and to fall silent.
const BUFFER: u32 = RATE / 80;
/// What is lost in gaps on a busy machine is worth more than that: buffers grow up to 100 ms.
const LONGEST: u32 = RATE / 10;
/// A machine is not busy for ever; after this time it is tried with the short ones.
const REST: Duration = Duration::from_secs(60);

/// Where the queue is played.
#[derive(Clone)]
pub(super) struct Output {
    queue: Arc<Queue>,
    open: Arc<Mutex<Option<Open>>>,
}

/// A device that is open.
struct Open {
    device: String,
    buffer: u32,
    since: Instant,
    /// Whether it plays the queue, or is silent because another does.
    heard: Arc<AtomicBool>,
    broken: Arc<AtomicBool>,
    _sink: MixerDeviceSink,
}

impl Output {
    /// Opens a loudspeaker, the system's choice where the name is empty.
    pub(super) fn open(device: &str, queue: &Arc<Queue>) -> Result<Self> {
        let output = Self { queue: Arc::clone(queue), open: Arc::default() };
        output.open_again(device)?;
        Ok(output)
    }

    /// Goes on with another device, or with the same once it is there again.
    pub(super) fn open_again(&self, device: &str) -> Result<()> {
        let mut open = self.lock();
        // The one before ends first, so that two never play the same.
        *open = None;
        let opened = self.opened(device, BUFFER)?;
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
        self.glance(|open| open.is_some_and(|open| open.buffer > BUFFER && open.since.elapsed() > REST)).unwrap_or_default()
    }

    /// How long it plays what left the queue.
    pub(super) fn holds(&self) -> Duration {
        self.glance(|open| holds(open.map_or(BUFFER, |open| open.buffer))).unwrap_or_else(|| holds(LONGEST))
    }

    /// A look without waiting; none while it is being opened.
    fn glance<T>(&self, at: impl FnOnce(Option<&Open>) -> T) -> Option<T> {
        match self.open.try_lock() {
            Ok(open) => Some(at(open.as_ref())),
            Err(TryLockError::Poisoned(poisoned)) => Some(at(poisoned.into_inner().as_ref())),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    fn opened(&self, name: &str, buffer: u32) -> Result<Open> {
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
        let builder = builder.with_sample_rate(MIXED).with_buffer_size(BufferSize::Fixed(buffer)).with_error_callback(silent);
        let mut sink = builder.open_sink_or_fallback().map_err(|error| refused(&error))?;
        sink.log_on_drop(false);
        let holds = match sink.config().buffer_size() {
            BufferSize::Fixed(frames) => holds(*frames),
            // It chose for itself, and longer ones cannot be asked of it.
            BufferSize::Default => Duration::MAX,
        };
        let (open, queue) = (Arc::downgrade(&self.open), Arc::clone(&self.queue));
        // Where no thread can be had it stays as it is.
        let often = move || drop(std::thread::Builder::new().spawn(move || ease(&open, queue)));
        sink.mixer().add(Feed::new(Arc::clone(&self.queue), Arc::clone(&heard), holds, often));
        Ok(Open { device: name.to_owned(), buffer, since: Instant::now(), heard, broken, _sink: sink })
    }

    fn lock(&self) -> MutexGuard<'_, Option<Open>> {
        // A device is there or it is not, also after a panic elsewhere.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives the queue to the same device with longer buffers.
fn ease(open: &Weak<Mutex<Option<Open>>>, queue: Arc<Queue>) {
    let Some(open) = open.upgrade() else { return };
    let output = Output { queue, open };
    let mut open = output.lock();
    let Some(before) = open.as_ref().filter(|open| open.buffer < LONGEST) else { return };
    let buffer = (before.buffer * 2).min(LONGEST);
    tracing::debug!(buffer, "the loudspeaker ran dry and is given longer buffers");
    match output.opened(&before.device, buffer) {
        Ok(next) => {
            before.heard.store(false, Ordering::Relaxed);
            // What it holds is heard to its end.
            std::thread::sleep(holds(before.buffer));
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
