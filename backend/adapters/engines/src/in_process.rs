//! The built-in voice and ear behind the ports: their blocking work runs beside the runtime, and ends when nobody waits for it.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use synapscribe_domain::audio::SPEECH_RATE;
use synapscribe_domain::{Code, Failure, Pcm, Usage};
use synapscribe_ports::{Bias, EngineCard, Listening, Narrator, Speech, Style, Transcriber, Transcript, VoiceCard};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::builtin::flite::{Flite, Speed, Voice};
use crate::builtin::lecture_words::LectureWords;
use crate::builtin::pocketsphinx::{self, Ear};

/// Stretches of speech (50 ms each) that are made ahead, so that a slow listener does not keep the voice from others.
const AHEAD: usize = 512;
/// Lectures whose words are kept ready.
const KEPT: usize = 8;

/// The built-in voice.
#[derive(Debug, Clone)]
pub struct BuiltInVoice {
    flite: Flite,
    voices: Vec<Voice>,
}

impl BuiltInVoice {
    /// Opens the library; `voice` is the one to use when nobody asks for another.
    pub fn open(voice: Option<&str>) -> Result<Self, Failure> {
        let flite = Flite::load()?;
        let mut voices = flite.voices();
        if let Some(at) = voice.and_then(|name| voices.iter().position(|v| v.name() == name)) {
            voices[..=at].rotate_right(1);
        }
        if voices.is_empty() {
            return Err(Failure::new(
                Code::EngineMissing,
                "the voice library flite is installed without voices; install the package flite1-dev",
            ));
        }
        Ok(Self { flite, voices })
    }
}

#[async_trait]
impl Narrator for BuiltInVoice {
    fn card(&self) -> EngineCard {
        EngineCard::local("flite (built in)", self.voices[0].name())
    }

    fn voices(&self) -> Vec<VoiceCard> {
        self.voices
            .iter()
            .map(|v| VoiceCard { name: v.name().to_owned(), description: format!("flite's voice {}", v.name()) })
            .collect()
    }

    async fn speak(&self, text: &str, style: &Style) -> Result<BoxStream<'static, Result<Speech, Failure>>, Failure> {
        let wanted = style.voice.as_deref().and_then(Voice::from_name).filter(|v| self.voices.contains(v));
        let (flite, voice, speed, text) =
            (self.flite, wanted.unwrap_or(self.voices[0]), Speed::new(style.speed), text.to_owned());
        let (sender, receiver) = mpsc::channel(AHEAD);
        tokio::task::spawn_blocking(move || {
            let spoken = flite.speak_into(&text, voice, speed, &mut |samples| {
                if samples.is_empty() {
                    return ControlFlow::Continue(());
                }
                let speech = Speech { rate: SPEECH_RATE, samples: samples.to_vec() };
                // Nobody listens any more: the voice stops.
                if sender.blocking_send(Ok(speech)).is_err() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            if let Err(failure) = spoken {
                let _ = sender.blocking_send(Err(failure));
            }
        });
        Ok(stream::unfold(receiver, |mut receiver| async move { receiver.recv().await.map(|speech| (speech, receiver)) }).boxed())
    }
}

/// The words of lectures by a hash of their text, the latest first.
type Kept = VecDeque<(u64, Arc<LectureWords>)>;

/// The built-in ear.
#[derive(Debug, Clone)]
pub struct BuiltInEar {
    ear: Ear,
    words: Arc<Mutex<Kept>>,
}

impl BuiltInEar {
    /// Opens the library with its usual settings.
    pub fn open() -> Result<Self, Failure> {
        Self::with(pocketsphinx::Settings::default())
    }

    /// Opens the library with settings of one's own.
    pub fn with(settings: pocketsphinx::Settings) -> Result<Self, Failure> {
        Ok(Self { ear: Ear::open(settings)?, words: Arc::default() })
    }

    /// The words of a lecture, made ready once and kept for its next question.
    fn words(&self, bias: &Bias) -> Option<Arc<LectureWords>> {
        if bias.text.trim().is_empty() {
            return None;
        }
        let mut hasher = DefaultHasher::new();
        (&bias.lecture, &bias.text).hash(&mut hasher);
        let key = hasher.finish();
        let known = self.kept().iter().find(|(k, _)| *k == key).map(|(_, words)| words.clone());
        Some(known.unwrap_or_else(|| {
            // Made outside the lock, as a long lecture takes a while; two at once make it twice, which does no harm.
            let words = Arc::new(LectureWords::of(&bias.text));
            let mut kept = self.kept();
            kept.push_front((key, words.clone()));
            kept.truncate(KEPT);
            words
        }))
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.words.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[async_trait]
impl Transcriber for BuiltInEar {
    fn card(&self) -> EngineCard {
        EngineCard::local("pocketsphinx (built in)", "en-us")
    }

    fn parallelism(&self) -> usize {
        self.ear.decoders()
    }

    async fn warm(&self, bias: &Bias) {
        let (this, bias) = (self.clone(), bias.clone());
        if let Ok(Err(failure)) = tokio::task::spawn_blocking(move || this.ear.warm(this.words(&bias).as_ref())).await {
            tracing::warn!(code = failure.code.as_str(), "the ear could not be prepared for the lecture");
        }
    }

    async fn transcribe(&self, audio: Pcm, bias: &Bias, cancel: &CancellationToken) -> Result<Transcript, Failure> {
        let (this, bias, stop) = (self.clone(), bias.clone(), cancel.child_token());
        // Whoever stops waiting for the answer also stops the work.
        let _guard = stop.clone().drop_guard();
        let audio_in_ms = audio.length().0;
        let work =
            tokio::task::spawn_blocking(move || this.ear.recognise(&audio, this.words(&bias).as_ref(), &|| stop.is_cancelled()));
        let phrases = unless(cancel, work).await?;
        Ok(Transcript { phrases, usage: Usage { audio_in_ms, ..Usage::default() } })
    }

    async fn listen(&self, bias: &Bias) -> Result<Box<dyn Listening + '_>, Failure> {
        let (this, bias, stop) = (self.clone(), bias.clone(), CancellationToken::new());
        let _guard = stop.clone().drop_guard();
        let work = tokio::task::spawn_blocking(move || this.ear.listen(this.words(&bias).as_ref(), &|| stop.is_cancelled()));
        let heard = work.await.map_err(|_| Failure::internal())??;
        Ok(Box::new(Hearing { heard: Some(heard), samples: 0 }))
    }

    fn as_dyn(&self) -> &dyn Transcriber {
        self
    }
}

/// A recording that is heard while it is made.
struct Hearing {
    /// Away while it works; gone for good when that work was abandoned.
    heard: Option<pocketsphinx::Listening>,
    samples: u64,
}

#[async_trait]
impl Listening for Hearing {
    async fn hear(&mut self, samples: &[f32]) -> Result<Option<String>, Failure> {
        let mut heard = self.heard.take().ok_or_else(Failure::internal)?;
        self.samples += samples.len() as u64;
        let samples = samples.to_vec();
        let work = tokio::task::spawn_blocking(move || {
            let words = heard.hear(&samples);
            (heard, words)
        });
        let (heard, words) = work.await.map_err(|_| Failure::internal())?;
        self.heard = Some(heard);
        words
    }

    async fn finish(mut self: Box<Self>, cancel: &CancellationToken) -> Result<Transcript, Failure> {
        let heard = self.heard.take().ok_or_else(Failure::internal)?;
        let stop = cancel.child_token();
        let _guard = stop.clone().drop_guard();
        let phrases = unless(cancel, tokio::task::spawn_blocking(move || heard.finish(&|| stop.is_cancelled()))).await?;
        let audio_in_ms = self.samples * 1000 / u64::from(SPEECH_RATE);
        Ok(Transcript { phrases, usage: Usage { audio_in_ms, ..Usage::default() } })
    }
}

/// The result of blocking work, or at once `Cancelled`; the work itself ends at its next look at the token.
pub(crate) async fn unless<T>(
    cancel: &CancellationToken,
    work: tokio::task::JoinHandle<Result<T, Failure>>,
) -> Result<T, Failure> {
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(Failure::new(Code::Cancelled, "the recognition was stopped")),
        done = work => done.map_err(|_| Failure::internal())?,
    }
}
