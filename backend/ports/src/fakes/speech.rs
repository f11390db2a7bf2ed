//! A voice and an ear: sounds as long as their words, and words made of how long was heard.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use async_trait::async_trait;
use futures::stream::BoxStream;
use futures::{StreamExt, stream};
use synapscribe_domain::audio::SPEECH_RATE;
use synapscribe_domain::{Code, Failure, Millis, Pcm, Phrase, Span, Usage};
use tokio_util::sync::CancellationToken;

use super::open;
use crate::{Bias, EngineCard, Narrator, Speech, SpokenWord, Style, Transcriber, Transcript, VoiceCard};

const CHARACTER_MS: usize = 40;
/// Below this nothing is heard.
const QUIET: f32 = 0.01;

/// How an engine behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Manner {
    /// As it should.
    #[default]
    Well,
    /// It never answers.
    Hangs,
    /// It fails at once.
    Fails,
    /// It fails after its first sound.
    BreaksOff,
}

/// Speaks a tone for each character.
#[derive(Debug, Default)]
pub struct Voice {
    manner: Mutex<Manner>,
    tells: AtomicBool,
}

impl Voice {
    /// From now on it behaves like this.
    pub fn behave(&self, manner: Manner) {
        *open(&self.manner) = manner;
    }

    /// From now on it tells when words are spoken.
    pub fn tell_words(&self) {
        self.tells.store(true, SeqCst);
    }
}

#[async_trait]
impl Narrator for Voice {
    fn card(&self) -> EngineCard {
        EngineCard::local("tone", "tone")
    }

    fn voices(&self) -> Vec<VoiceCard> {
        vec![VoiceCard { name: "tone".into(), description: "a tone for each character".into() }]
    }

    async fn speak(&self, text: &str, _style: &Style) -> Result<BoxStream<'static, Result<Speech, Failure>>, Failure> {
        let manner = *open(&self.manner);
        let failure = Failure::new(Code::EngineFailed, "the voice broke down");
        let samples = text.trim().chars().count() * CHARACTER_MS * SPEECH_RATE as usize / 1000;
        let sound = (samples > 0).then(|| Ok(Speech { rate: SPEECH_RATE, samples: vec![0.1; samples] }));
        match manner {
            Manner::Well => Ok(stream::iter(sound).boxed()),
            Manner::Hangs => Ok(stream::pending().boxed()),
            Manner::Fails => Err(failure),
            Manner::BreaksOff => Ok(stream::iter(sound.into_iter().chain([Err(failure)])).boxed()),
        }
    }

    async fn words(&self, text: &str, _style: &Style) -> Result<Vec<SpokenWord>, Failure> {
        if !self.tells.load(SeqCst) {
            return Ok(Vec::new());
        }
        let mut from = 0;
        let words = text.split(' ').map(|word| {
            let (begins, to) = (from, from + word.chars().count());
            from = to + 1;
            SpokenWord { at: Millis((begins * CHARACTER_MS) as u64), from: begins as u32, to: to as u32 }
        });
        Ok(words.collect())
    }
}

/// Hears one phrase in every recording with sound: the next words it was given, or how long the sound was.
#[derive(Debug, Default)]
pub struct Ear {
    manners: Mutex<VecDeque<Manner>>,
    words: Mutex<VecDeque<String>>,
    heard: Mutex<Vec<Millis>>,
}

impl Ear {
    /// The next recordings are met in these manners, one after the other.
    pub fn behave(&self, manners: impl IntoIterator<Item = Manner>) {
        open(&self.manners).extend(manners);
    }

    /// The next recording says this.
    pub fn expect(&self, words: &str) {
        open(&self.words).push_back(words.to_owned());
    }

    /// The length of every recording it was given.
    pub fn heard(&self) -> Vec<Millis> {
        open(&self.heard).clone()
    }
}

#[async_trait]
impl Transcriber for Ear {
    fn card(&self) -> EngineCard {
        EngineCard::local("lengths", "lengths")
    }

    async fn transcribe(&self, audio: Pcm, _bias: &Bias, cancel: &CancellationToken) -> Result<Transcript, Failure> {
        let length = audio.length();
        open(&self.heard).push(length);
        let manner = open(&self.manners).pop_front().unwrap_or_default();
        match manner {
            _ if cancel.is_cancelled() => return Err(Failure::new(Code::Cancelled, "it was stopped")),
            Manner::Hangs => std::future::pending().await,
            Manner::Fails | Manner::BreaksOff => return Err(Failure::new(Code::EngineFailed, "the ear broke down")),
            Manner::Well => {}
        }
        if !audio.0.iter().any(|sample| sample.abs() > QUIET) {
            return Ok(Transcript::default());
        }
        let words = open(&self.words).pop_front().unwrap_or_else(|| format!("Something of {} ms was said.", length.0));
        let phrase = Phrase::trusted(Span::new(Millis(0), length), words);
        Ok(Transcript { phrases: vec![phrase], usage: Usage { audio_in_ms: length.0, ..Usage::default() } })
    }

    fn as_dyn(&self) -> &dyn Transcriber {
        self
    }
}
