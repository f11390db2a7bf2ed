//! The microphone of a face that stays open: opened ahead, followed through unplugging, and recorded from. Knows no question.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use synapscribe_protocol::ErrorDto;
use tokio::sync::watch;

use super::recorder::{Recorder, Taken};
use crate::error::{ClientError, Result, code};

/// How the microphone stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "phase", rename_all = "lowercase")]
pub enum Phase {
    /// Nobody listens.
    Closed,
    /// It is being opened.
    Opening,
    /// It listens and forgets.
    Ready,
    /// It records.
    Recording,
    /// It cannot be used.
    Failed {
        /// Why.
        failure: ErrorDto,
    },
}

/// A microphone that may be closed, open, or gone.
#[derive(Clone)]
pub struct Microphone {
    inner: Arc<Mutex<Inner>>,
    phase: watch::Sender<Phase>,
}

struct Inner {
    device: String,
    longest: Duration,
    recorder: Option<Arc<Recorder>>,
    /// Whether it should be open; then it comes back by itself.
    wanted: bool,
}

impl Microphone {
    /// A closed one; `longest` is how much is recorded at most.
    pub fn new(longest: Duration) -> Self {
        let inner = Inner { device: String::new(), longest, recorder: None, wanted: false };
        Self { inner: Arc::new(Mutex::new(inner)), phase: watch::channel(Phase::Closed).0 }
    }

    /// How it stands, and whenever that changes.
    pub fn phase(&self) -> watch::Receiver<Phase> {
        self.phase.subscribe()
    }

    /// Chooses a device, empty for the system's choice; an open one is opened anew.
    pub async fn choose(&self, device: &str) {
        let reopen = {
            let mut inner = self.inner();
            if inner.device == device {
                return;
            }
            inner.device = device.to_owned();
            inner.recorder.take().is_some()
        };
        if reopen {
            let _ = self.open().await;
        }
    }

    /// Opens it, so that a recording begins at once and with the moment before.
    pub async fn open(&self) -> Result<()> {
        let (device, longest) = {
            let mut inner = self.inner();
            inner.wanted = true;
            if inner.recorder.as_ref().is_some_and(|r| !r.is_broken()) {
                return Ok(());
            }
            (inner.device.clone(), inner.longest)
        };
        self.phase.send_replace(Phase::Opening);
        let opened = tokio::task::spawn_blocking(move || Recorder::open_on(&device, longest)).await;
        let opened = opened.unwrap_or_else(|_| Err(ClientError::passing(code::NO_MICROPHONE, "the microphone cannot be opened")));
        match opened {
            Ok(recorder) => {
                let mut inner = self.inner();
                if !inner.wanted {
                    // Whoever asked for it has left meanwhile, and nobody would close it.
                    return Err(ClientError::passing(code::NO_MICROPHONE, "the microphone is not needed any more"));
                }
                inner.recorder = Some(Arc::new(recorder));
                drop(inner);
                self.phase.send_replace(Phase::Ready);
                Ok(())
            }
            Err(error) => {
                self.phase.send_replace(Phase::Failed { failure: error.to_dto() });
                Err(error)
            }
        }
    }

    /// Closes it; what was being recorded is forgotten.
    pub fn close(&self) {
        let mut inner = self.inner();
        (inner.wanted, inner.recorder) = (false, None);
        drop(inner);
        self.phase.send_replace(Phase::Closed);
    }

    /// Begins to record, a moment ago; opens it first when it is closed.
    pub async fn start(&self) -> Result<()> {
        self.open().await?;
        if let Some(recorder) = &self.inner().recorder {
            recorder.start();
        }
        self.phase.send_replace(Phase::Recording);
        Ok(())
    }

    /// Ends the recording after the last syllable; nothing when nothing was recorded.
    pub async fn finish(&self) -> Result<Option<Taken>> {
        if *self.phase.borrow() != Phase::Recording {
            return Ok(None);
        }
        let Some(recorder) = self.inner().recorder.clone() else { return Ok(None) };
        let taken = recorder.stop().await;
        match &taken {
            Ok(_) => drop(self.phase.send_replace(Phase::Ready)),
            Err(error) => self.lose(error),
        }
        taken.map(|taken| (!taken.samples.is_empty()).then_some(taken))
    }

    /// Forgets what is being recorded.
    pub fn discard(&self) {
        let recorder = self.inner().recorder.clone();
        if let Some(recorder) = recorder {
            recorder.discard();
            self.phase.send_if_modified(|phase| {
                let records = *phase == Phase::Recording;
                if records {
                    *phase = Phase::Ready;
                }
                records
            });
        }
    }

    /// How loud it is now, 0 to 1; nothing while it is closed.
    pub fn level(&self) -> Option<f32> {
        self.inner().recorder.as_ref().map(|recorder| recorder.level())
    }

    /// Looks after it, about every second: one that was unplugged is told of, and opened again when it is back.
    pub async fn look_after(&self) {
        let (wanted, broken, absent) = {
            let inner = self.inner();
            (inner.wanted, inner.recorder.as_ref().is_some_and(|r| r.is_broken()), inner.recorder.is_none())
        };
        if broken {
            self.lose(&ClientError::passing(
                code::NO_MICROPHONE,
                "the microphone was unplugged; plug it in again, or type the question",
            ));
        } else if wanted && absent && matches!(*self.phase.borrow(), Phase::Failed { .. }) {
            let _ = self.open().await;
        }
    }

    fn lose(&self, error: &ClientError) {
        self.inner().recorder = None;
        self.phase.send_replace(Phase::Failed { failure: error.to_dto() });
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Plain fields are good to use after a panic elsewhere.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
