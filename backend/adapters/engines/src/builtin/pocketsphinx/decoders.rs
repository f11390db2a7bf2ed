//! The pool of decoders: a few, each prepared for one lecture, lent to one recording at a time; knows no audio.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use synapscribe_domain::{Code, Failure};

use super::super::flite::Flite;
use super::super::lecture_words::LectureWords;
use super::Settings;
use super::lexicon::{Lexicon, Models, Prepared};
use super::native::{Decoder, Parts, Sphinx};
use crate::resting::Rests;

/// How many lectures' models are kept at hand.
const KEPT: usize = 8;
/// Decoders beyond the usual number that a live question may have, so that it never waits behind a long recording.
const FOR_QUESTIONS: usize = 2;
/// How often a waiting caller looks whether it was cancelled.
const LOOK: Duration = Duration::from_millis(20);

/// General English counts as a lecture of this key.
const GENERAL: u64 = 0;

/// All decoders and what they are built from.
#[derive(Debug)]
pub struct Decoders {
    sphinx: Sphinx,
    models: Models,
    settings: Settings,
    lexicon: Mutex<Option<Arc<Lexicon>>>,
    state: Mutex<State>,
    returned: Condvar,
}

#[derive(Default)]
struct State {
    /// The longest idle first.
    idle: VecDeque<Idle>,
    /// Decoders that exist, lent ones included.
    made: usize,
    /// Prepared lectures, the latest used last.
    prepared: VecDeque<(u64, Arc<Prepared>)>,
}

struct Idle {
    /// The key of the lecture it was built for.
    key: u64,
    decoder: Decoder,
    since: Instant,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("made", &self.made).field("idle", &self.idle.len()).finish_non_exhaustive()
    }
}

/// What the caller is about to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Work through a recording; may wait.
    Recording,
    /// Answer somebody who is speaking now.
    Question,
}

impl Decoders {
    pub fn open(settings: Settings) -> Result<Arc<Self>, Failure> {
        let sphinx = Sphinx::load()?;
        let models = Models::find(&settings.models)?;
        let all = Self { sphinx, models, settings, lexicon: Mutex::default(), state: Mutex::default(), returned: Condvar::new() };
        let all = Arc::new(all);
        crate::resting::watch(&all);
        Ok(all)
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lends a decoder for a lecture; builds one where none is idle, and waits where there are enough.
    pub fn take(
        self: &Arc<Self>,
        lecture: Option<&Arc<LectureWords>>,
        purpose: Purpose,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Lent, Failure> {
        let key = lecture.map_or(GENERAL, |words| words.key);
        let most = self.settings.decoders.max(1) + if purpose == Purpose::Question { FOR_QUESTIONS } else { 0 };
        let mut state = self.lock();
        loop {
            if cancelled() {
                return Err(Failure::new(Code::Cancelled, "the recognition was stopped"));
            }
            if let Some(at) = state.idle.iter().rposition(|idle| idle.key == key)
                && let Some(idle) = state.idle.remove(at)
            {
                return Ok(Lent { home: Arc::clone(self), key, decoder: Some(idle.decoder), lecture: lecture.cloned() });
            }
            let room = state.made < most;
            if room || !state.idle.is_empty() {
                // Making room by taking the place of the one that was idle longest keeps the number of decoders bounded.
                let replaced = if room { None } else { state.idle.pop_front() };
                state.made += usize::from(room);
                drop(state);
                drop(replaced);
                // Until the decoder is there, `place` gives the slot back if building it fails.
                let mut place = Lent { home: Arc::clone(self), key, decoder: None, lecture: lecture.cloned() };
                let prepared = self.prepared(key, lecture)?;
                place.decoder = Some(self.build(&prepared)?);
                return Ok(place);
            }
            state = self.returned.wait_timeout(state, LOOK).map_or_else(|poison| poison.into_inner().0, |(state, _)| state);
        }
    }

    fn prepared(&self, key: u64, lecture: Option<&Arc<LectureWords>>) -> Result<Arc<Prepared>, Failure> {
        let find = |state: &mut State| {
            let at = state.prepared.iter().position(|(of, _)| *of == key)?;
            let found = state.prepared.remove(at)?;
            state.prepared.push_back(found);
            state.prepared.back().map(|(_, prepared)| Arc::clone(prepared))
        };
        if let Some(found) = find(&mut self.lock()) {
            return Ok(found);
        }
        // Two callers may prepare the same lecture at once; the second result is dropped, and nobody waits under the lock.
        let fresh = Arc::new(self.lexicon()?.prepare(Flite::load().ok(), lecture)?);
        let mut state = self.lock();
        if let Some(found) = find(&mut state) {
            return Ok(found);
        }
        state.prepared.push_back((key, Arc::clone(&fresh)));
        if state.prepared.len() > KEPT {
            state.prepared.pop_front();
        }
        Ok(fresh)
    }

    fn lexicon(&self) -> Result<Arc<Lexicon>, Failure> {
        let mut kept = self.lexicon.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lexicon) = kept.as_ref() {
            return Ok(Arc::clone(lexicon));
        }
        let fresh = Arc::new(Lexicon::read(self.sphinx, &self.models)?);
        *kept = Some(Arc::clone(&fresh));
        Ok(fresh)
    }

    fn build(&self, prepared: &Prepared) -> Result<Decoder, Failure> {
        let mut numbers: Vec<(&str, f64)> = Vec::new();
        numbers.extend(self.settings.numbers.iter().map(|(name, value)| (name.as_str(), *value)));
        Decoder::build(
            self.sphinx,
            &Parts {
                acoustic: &self.models.acoustic,
                dictionary: &prepared.dictionary,
                general: &self.models.general,
                own: prepared.own.as_deref().map(|path| (path, self.settings.own_weight.clamp(0.05, 0.95))),
                numbers: &numbers,
                // Our own search for speech is better than the library's, and leaves times as they are.
                switches: &[("-remove_noise", true), ("-remove_silence", false), ("-bestpath", true)],
            },
        )
    }
}

impl Rests for Decoders {
    fn rest(&self, before: Instant) -> bool {
        let mut state = self.lock();
        // In order of their return.
        let resting = state.idle.iter().take_while(|idle| idle.since < before).count();
        let dropped: Vec<Idle> = state.idle.drain(..resting).collect();
        state.made -= resting;
        let none = state.made == 0;
        drop(state);
        if none && resting > 0 {
            self.lexicon.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
        !dropped.is_empty()
    }
}

/// A decoder on loan; it goes back when dropped.
pub struct Lent {
    home: Arc<Decoders>,
    key: u64,
    decoder: Option<Decoder>,
    lecture: Option<Arc<LectureWords>>,
}

impl Lent {
    pub fn decoder(&mut self) -> Result<&mut Decoder, Failure> {
        self.decoder.as_mut().ok_or_else(Failure::internal)
    }

    pub fn lecture(&self) -> Option<&LectureWords> {
        self.lecture.as_deref()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut state = self.home.lock();
        match self.decoder.take() {
            Some(mut decoder) => {
                decoder.abandon();
                state.idle.push_back(Idle { key: self.key, decoder, since: Instant::now() });
            }
            None => state.made -= 1,
        }
        drop(state);
        self.home.returned.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unused_decoders_rest_and_lent_ones_do_not() {
        let all = Decoders::open(Settings { decoders: 2, ..Settings::default() }).unwrap();
        assert!(crate::resting::is_watched(&all));
        let take = || all.take(None, Purpose::Recording, &|| false).unwrap();
        let (lent, idle) = (take(), take());
        let before = Instant::now();
        drop(idle);
        assert!(!all.rest(before), "it was used after that");
        assert!(all.rest(Instant::now() + LOOK));
        assert_eq!(all.lock().made, 1);
        drop(lent);
        assert!(all.rest(Instant::now() + LOOK));
        assert!(all.lock().made == 0 && all.lexicon.lock().unwrap().is_none());
        // The next question finds everything again.
        drop(take());
    }
}
