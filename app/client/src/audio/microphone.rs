//! The microphone of a face that stays open: opened ahead, followed through unplugging, and recorded from. Knows no question.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use synapscribe_protocol::ErrorDto;
use tokio::sync::watch;

use super::recorder::{Care, Recorder, Taken, unplugged};
use crate::error::{ClientError, Result, code};

/// A sound server that has not answered by then may never do.
const PATIENCE: Duration = Duration::from_secs(10);

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
    /// As much was recorded as may be; it waits to be finished.
    Full,
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
    /// Two that open it at once would take it from each other.
    opening: Arc<tokio::sync::Mutex<()>>,
}

struct Inner<R = Recorder> {
    device: String,
    longest: Duration,
    recorder: Option<Arc<R>>,
    /// Whether it should be open; then it comes back by itself.
    wanted: bool,
}

impl Microphone {
    /// A closed one; `longest` is how much is recorded at most.
    pub fn new(longest: Duration) -> Self {
        let inner = Inner { device: String::new(), longest, recorder: None, wanted: false };
        Self { inner: Arc::new(Mutex::new(inner)), phase: watch::channel(Phase::Closed).0, opening: Arc::default() }
    }

    /// How it stands, and whenever that changes.
    pub fn phase(&self) -> watch::Receiver<Phase> {
        self.phase.subscribe()
    }

    /// Changes how much is recorded at most.
    pub fn limit(&self, longest: Duration) {
        let mut inner = self.inner();
        inner.longest = longest;
        if let Some(recorder) = &inner.recorder {
            recorder.limit(longest);
        }
    }

    /// Chooses a device, empty for the system's choice; an open one is opened anew. Of several choices the last one counts.
    pub async fn choose(&self, device: &str) {
        let reopen = self.inner().choose(device);
        if reopen {
            let _ = self.open().await;
        }
    }

    /// Opens it, so that a recording begins at once and with the moment before.
    pub async fn open(&self) -> Result<()> {
        self.attempt(true).await
    }

    /// One attempt. Where nobody asked for it, its success is told of, and a failure only where that is news.
    async fn attempt(&self, asked: bool) -> Result<()> {
        if asked {
            self.inner().wanted = true;
        }
        let _alone = self.opening.lock().await;
        let longest = {
            let inner = self.inner();
            if !inner.wanted {
                return Err(left());
            }
            if inner.recorder.as_ref().is_some_and(|r| !r.is_broken()) {
                return Ok(());
            }
            if asked {
                self.phase.send_replace(Phase::Opening);
            }
            inner.longest
        };
        match open_chosen(&self.inner, move |device| Recorder::open_on(device, longest)).await {
            Ok(true) => {
                // It may be lost or recorded from by now, and another limit may have been told.
                let inner = self.inner();
                if let Some(recorder) = &inner.recorder {
                    recorder.limit(inner.longest);
                    self.phase.send_if_modified(|phase| {
                        let ready = !records(phase);
                        if ready {
                            *phase = Phase::Ready;
                        }
                        ready
                    });
                }
                Ok(())
            }
            // Whoever asked for it has left meanwhile, and nobody would close it.
            Ok(false) => Err(left()),
            Err(error) => {
                let inner = self.inner();
                if inner.wanted {
                    self.phase.send_if_modified(|phase| {
                        let told = is_told(phase, asked, &error);
                        if told {
                            *phase = Phase::Failed { failure: error.to_dto() };
                        }
                        told
                    });
                }
                Err(error)
            }
        }
    }

    /// Closes it; what was being recorded is forgotten.
    pub fn close(&self) {
        let mut inner = self.inner();
        (inner.wanted, inner.recorder) = (false, None);
        self.phase.send_replace(Phase::Closed);
    }

    /// Begins to record, a moment ago; opens it first when it is closed.
    pub async fn start(&self) -> Result<()> {
        // It may be lost again meanwhile, or be given up for another one that is being opened.
        for _ in 0..2 {
            self.open().await?;
            let inner = self.inner();
            if let Some(recorder) = &inner.recorder {
                recorder.start();
                self.phase.send_replace(Phase::Recording);
                return Ok(());
            }
            if !inner.wanted {
                return Err(left());
            }
        }
        Err(unplugged())
    }

    /// Ends the recording after the last syllable; nothing when nothing was recorded.
    pub async fn finish(&self) -> Result<Option<Taken>> {
        let phase = self.phase.borrow().clone();
        match phase {
            Phase::Recording | Phase::Full => {}
            // What was being recorded is lost, and it is known why.
            Phase::Failed { failure } => return Err(ClientError::from(failure)),
            Phase::Closed | Phase::Opening | Phase::Ready => return Ok(None),
        }
        let Some(recorder) = self.inner().recorder.clone() else { return Ok(None) };
        let taken = recorder.stop().await;
        match &taken {
            Ok(_) => drop(self.phase.send_replace(Phase::Ready)),
            Err(error) => self.lose(&recorder, error),
        }
        taken.map(|taken| (!taken.samples.is_empty()).then_some(taken))
    }

    /// Forgets what is being recorded.
    pub fn discard(&self) {
        let recorder = self.inner().recorder.clone();
        if let Some(recorder) = recorder {
            recorder.discard();
            self.phase.send_if_modified(|phase| {
                let records = records(phase);
                if records {
                    *phase = Phase::Ready;
                }
                records
            });
        }
    }

    /// Looks, many times a second, whether as much was recorded as may be, and tells once that it was.
    pub fn look_at_length(&self) {
        let full = self.inner().recorder.as_ref().is_some_and(|recorder| recorder.is_full());
        if full {
            self.phase.send_if_modified(|phase| {
                let records = *phase == Phase::Recording;
                if records {
                    *phase = Phase::Full;
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
        let (wanted, recorder) = {
            let inner = self.inner();
            (inner.wanted, inner.recorder.clone())
        };
        let Some(recorder) = recorder else {
            let failed = matches!(*self.phase.borrow(), Phase::Failed { .. });
            if wanted && failed {
                let _ = self.attempt(false).await;
            }
            return;
        };
        let looked = Arc::clone(&recorder);
        let look = tokio::task::spawn_blocking(move || looked.care());
        let Ok(Ok(care)) = tokio::time::timeout(PATIENCE, look).await else { return };
        match care {
            Care::Nothing => {}
            Care::Lost => self.lose(&recorder, &unplugged()),
            Care::Anew => self.open_anew(recorder).await,
        }
    }

    /// Opens another one in its place, unless it is being recorded from.
    async fn open_anew(&self, before: Arc<Recorder>) {
        let taken = {
            // Whoever begins to record takes this lock, too, so that nothing is taken away from them.
            let mut inner = self.inner();
            let ready = *self.phase.borrow() == Phase::Ready;
            if ready { inner.recorder.take_if(|recorder| Arc::ptr_eq(recorder, &before)) } else { None }
        };
        if taken.is_none() {
            return;
        }
        drop((taken, before));
        // Nobody asked for it: one that is closed at this moment stays so.
        let _ = self.attempt(false).await;
    }

    fn lose(&self, lost: &Arc<Recorder>, error: &ClientError) {
        // It may have been closed meanwhile, or another one opened.
        let mut inner = self.inner();
        let taken = inner.recorder.take_if(|recorder| Arc::ptr_eq(recorder, lost));
        if taken.is_some() {
            self.phase.send_replace(Phase::Failed { failure: error.to_dto() });
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        held(&self.inner)
    }
}

impl<R> Inner<R> {
    /// Notes a choice; says whether it has to be opened for it.
    fn choose(&mut self, device: &str) -> bool {
        if self.device == device {
            return false;
        }
        (self.device, self.recorder) = (device.to_owned(), None);
        self.wanted
    }
}

/// Whether there is a recording to finish.
fn records(phase: &Phase) -> bool {
    matches!(phase, Phase::Recording | Phase::Full)
}

/// Whether it is told why it could not be opened: to whoever asked, where it was open until now, and where something else than before
/// keeps one that is there from being used.
fn is_told(phase: &Phase, asked: bool, error: &ClientError) -> bool {
    match phase {
        Phase::Failed { failure } if !asked => {
            let is_there = matches!(error.code.as_str(), code::BUSY_MICROPHONE | code::REFUSED_MICROPHONE);
            is_there && failure.code != error.code
        }
        _ => true,
    }
}

fn held<R>(inner: &Mutex<Inner<R>>) -> MutexGuard<'_, Inner<R>> {
    // Plain fields are good to use after a panic elsewhere.
    inner.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Opens the chosen device and keeps it, if it is still wanted; where another was chosen meanwhile, that one is opened instead.
async fn open_chosen<R, O>(inner: &Mutex<Inner<R>>, open: O) -> Result<bool>
where
    R: Send + 'static,
    O: Fn(&str) -> Result<R> + Clone + Send + 'static,
{
    loop {
        let device = held(inner).device.clone();
        let (open, asked) = (open.clone(), device.clone());
        let opening = tokio::task::spawn_blocking(move || open(&asked));
        // One that is pulled out at this very moment never begins to sound, and whoever opens it waits for that.
        let opened = match tokio::time::timeout(PATIENCE, opening).await {
            Ok(Ok(opened)) => opened,
            _ => Err(ClientError::passing(code::NO_MICROPHONE, "the microphone cannot be opened")),
        };
        let mut inner = held(inner);
        if !inner.wanted {
            return Ok(false);
        }
        if inner.device == device {
            inner.recorder = Some(Arc::new(opened?));
            return Ok(true);
        }
    }
}

fn left() -> ClientError {
    ClientError::passing(code::NO_MICROPHONE, "the microphone is not needed any more")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(device: &str) -> Arc<Mutex<Inner<String>>> {
        let inner = Inner { device: device.to_owned(), longest: Duration::ZERO, recorder: None, wanted: true };
        Arc::new(Mutex::new(inner))
    }

    /// What is open after others were chosen one after the other while the first was being opened.
    async fn kept(chosen: &'static [&'static str], first: fn() -> Result<String>) -> (Result<bool>, Option<Arc<String>>) {
        let inner = wanted("first");
        let meanwhile = Arc::clone(&inner);
        let opened = open_chosen(&inner, move |device| {
            if device != "first" {
                return Ok(device.to_owned());
            }
            for device in chosen {
                held(&meanwhile).choose(device);
            }
            first()
        });
        let opened = opened.await;
        let recorder = held(&inner).recorder.clone();
        (opened, recorder)
    }

    #[tokio::test]
    async fn a_recording_that_reaches_the_limit_is_told_of_once_and_finished_as_any_other() {
        let microphone = Microphone::new(Duration::from_secs(60));
        let recorder = Arc::new(Recorder::without_device(Duration::from_secs(60)));
        {
            let mut inner = microphone.inner();
            (inner.wanted, inner.recorder) = (true, Some(Arc::clone(&recorder)));
        }
        microphone.limit(Duration::from_secs(2));
        let mut phase = microphone.phase();
        for given_up in [true, false] {
            microphone.start().await.unwrap();
            recorder.hear(&[0.5; 31_999]);
            microphone.look_at_length();
            assert_eq!(*phase.borrow_and_update(), Phase::Recording, "there is room for one more sample");
            recorder.hear(&[0.5; 16_000]);
            microphone.look_at_length();
            assert_eq!(*phase.borrow_and_update(), Phase::Full);
            microphone.look_at_length();
            assert!(!phase.has_changed().unwrap(), "it is told once");
            if given_up {
                microphone.discard();
                assert_eq!(microphone.finish().await.unwrap(), None);
            } else {
                assert_eq!(microphone.finish().await.unwrap().map(|taken| taken.seconds()), Some(2.0));
            }
            assert_eq!(*phase.borrow_and_update(), Phase::Ready);
        }
    }

    #[tokio::test]
    async fn one_that_is_lost_while_it_records_is_named_when_that_ends_and_one_that_was_opened_since_is_kept() {
        let microphone = Microphone::new(Duration::from_secs(60));
        let recorder = Arc::new(Recorder::without_device(Duration::from_secs(60)));
        {
            let mut inner = microphone.inner();
            (inner.wanted, inner.recorder) = (true, Some(Arc::clone(&recorder)));
        }
        microphone.start().await.unwrap();
        recorder.unplug();
        microphone.look_after().await;
        assert!(microphone.inner().recorder.is_none());
        assert_eq!(microphone.finish().await.unwrap_err().code, code::UNPLUGGED);
        microphone.inner().recorder = Some(Arc::new(Recorder::without_device(Duration::from_secs(60))));
        microphone.lose(&recorder, &unplugged());
        assert!(microphone.inner().recorder.is_some(), "what is said of the first does not count");
    }

    #[tokio::test]
    async fn one_that_records_is_not_given_up_for_another_one_and_one_that_was_closed_stays_so() {
        let microphone = Microphone::new(Duration::from_secs(60));
        let recorder = Arc::new(Recorder::without_device(Duration::from_secs(2)));
        {
            let mut inner = microphone.inner();
            (inner.wanted, inner.recorder) = (true, Some(Arc::clone(&recorder)));
        }
        microphone.start().await.unwrap();
        recorder.hear(&[0.5; 40_000]);
        microphone.open_anew(Arc::clone(&recorder)).await;
        assert!(microphone.finish().await.unwrap().is_some(), "what was said is heard");
        microphone.close();
        assert!(microphone.attempt(false).await.is_err());
        assert!(!microphone.inner().wanted);
        assert_eq!(*microphone.phase().borrow(), Phase::Closed);
    }

    #[test]
    fn another_reason_why_one_that_is_there_cannot_be_used_is_told_once_unasked() {
        let error = |code| ClientError::passing(code, "it cannot be used");
        let failed = |code| Phase::Failed { failure: error(code).to_dto() };
        for (phase, asked, code, told) in [
            (failed(code::UNPLUGGED), false, code::NO_MICROPHONE, false),
            (failed(code::UNPLUGGED), false, code::BUSY_MICROPHONE, true),
            (failed(code::BUSY_MICROPHONE), false, code::BUSY_MICROPHONE, false),
            (failed(code::BUSY_MICROPHONE), false, code::REFUSED_MICROPHONE, true),
            (failed(code::UNPLUGGED), true, code::NO_MICROPHONE, true),
            (Phase::Ready, false, code::NO_MICROPHONE, true),
        ] {
            assert_eq!(is_told(&phase, asked, &error(code)), told, "{code} after {phase:?}, asked: {asked}");
        }
    }

    #[tokio::test]
    async fn of_several_devices_chosen_while_one_is_being_opened_the_last_one_is_kept() {
        let found = || Ok("first".to_owned());
        let lost = || Err(ClientError::passing(code::NO_MICROPHONE, "it is not there"));
        let cases: [(&'static [&'static str], &str); 3] =
            [(&["second"], "second"), (&["second", "third"], "third"), (&["second", "first"], "first")];
        for (chosen, last) in cases {
            let (opened, recorder) = kept(chosen, found).await;
            assert_eq!((opened.unwrap(), recorder.unwrap().as_str()), (true, last), "{chosen:?}");
        }
        let (opened, recorder) = kept(&["second"], lost).await;
        assert!(opened.unwrap() && recorder.is_some_and(|it| *it == "second"), "what is said of the first does not count");
        let (opened, recorder) = kept(&[], lost).await;
        assert!(opened.is_err() && recorder.is_none());
    }

    #[tokio::test]
    async fn one_that_is_not_needed_any_more_when_it_is_open_is_not_kept() {
        let inner = wanted("first");
        let meanwhile = Arc::clone(&inner);
        let opened = open_chosen(&inner, move |device| {
            held(&meanwhile).wanted = false;
            Ok(device.to_owned())
        });
        assert!(!opened.await.unwrap());
        assert!(held(&inner).recorder.is_none());
    }
}
