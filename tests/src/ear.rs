//! An ear at the loudspeaker that knows of each moment whether there was sound, to tell how soon something is heard or falls
//! silent. What was said is for [`crate::hear`].

use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::StoryError;

const RATE: usize = 16_000;
/// One look: 10 ms of 16 bit samples.
const LOOK: usize = RATE / 100 * 2;
/// A hundredth of the loudest; a voice's breath is above it, a fade's last trace is not.
const SOUND: u16 = 330;

/// Listens until it is dropped.
pub struct Ear {
    recorder: Child,
    /// When there was sound, in order.
    heard: Arc<Mutex<Vec<SystemTime>>>,
}

impl Ear {
    /// Begins to listen by a recorder that is set up but for its output.
    pub(crate) fn open(mut recorder: Command) -> Result<Self, StoryError> {
        let failed = |source| StoryError::Process { what: "listening to the loudspeaker".to_owned(), source };
        recorder.args(["--raw", "--format=s16le", "--rate=16000", "--channels=1", "--latency-msec=10"]);
        let mut recorder = recorder.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(failed)?;
        let heard: Arc<Mutex<Vec<SystemTime>>> = Arc::default();
        let (mut samples, moments) = (recorder.stdout.take(), Arc::clone(&heard));
        std::thread::spawn(move || {
            let mut look = [0; LOOK];
            while samples.as_mut().is_some_and(|samples| samples.read_exact(&mut look).is_ok()) {
                let loudest = look.chunks_exact(2).map(|two| i16::from_le_bytes([two[0], two[1]]).unsigned_abs()).max();
                if loudest.is_some_and(|loudest| loudest > SOUND) {
                    moments.lock().unwrap_or_else(PoisonError::into_inner).push(SystemTime::now());
                }
            }
        });
        Ok(Self { recorder, heard })
    }

    /// The first moment of sound after another.
    pub fn first_after(&self, then: SystemTime) -> Option<SystemTime> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).iter().find(|at| **at > then).copied()
    }

    /// The latest moment of sound.
    pub fn latest(&self) -> Option<SystemTime> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).last().copied()
    }

    /// Waits for sound after a moment.
    pub async fn sound(&self, then: SystemTime) -> SystemTime {
        let begun = Instant::now();
        loop {
            if let Some(at) = self.first_after(then) {
                return at;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "nothing was heard");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until nothing was heard for a while, and gives the last moment of sound.
    pub async fn silence(&self, quiet: Duration) -> SystemTime {
        let begun = (Instant::now(), SystemTime::now());
        loop {
            let last = self.latest().unwrap_or(begun.1);
            if last.max(begun.1).elapsed().is_ok_and(|since| since >= quiet) {
                return last;
            }
            assert!(begun.0.elapsed() < Duration::from_secs(120), "it does not fall silent");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        let _ = self.recorder.kill();
        let _ = self.recorder.wait();
    }
}
