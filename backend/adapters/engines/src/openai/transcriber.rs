//! Ears behind a server: by chat with the recording inside, or by the transcription API; knows nothing of lectures but their words.

use std::collections::HashMap;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::{StreamExt, TryStreamExt, stream};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use synapscribe_domain::audio::SPEECH_RATE;
use synapscribe_domain::{Code, Failure, Millis, Pcm, Phrase, Span, Usage, chunker, terms};
use synapscribe_ports::{Bias, EngineCard, Reached, Transcriber, Transcript};
use tokio_util::sync::CancellationToken;

use super::peer::{Endpoint, Peer, Trouble};
use super::{wav, windows};
use crate::prompted::dictation;

/// The longest stretch for a chat: models of this kind listen well for about half a minute.
const CHAT_SECONDS: usize = 28;
/// The longest stretch for a transcription: 10 minutes are 19 MB as a wave file, and servers take 25.
const API_SECONDS: usize = 600;
/// Requests under way at once.
const PARALLEL: usize = 4;
/// What a recogniser that does not say how sure it is counts as.
const UNKNOWN_CONFIDENCE: f32 = 0.8;

/// Recognises by chat completions with `input_audio`, as vLLM serves speech-language models.
#[derive(Debug, Clone)]
pub struct ChatTranscriber {
    peer: Peer,
}

impl ChatTranscriber {
    /// Takes the server as configured.
    pub fn new(endpoint: Endpoint) -> Result<Self, Failure> {
        Ok(Self { peer: Peer::new(endpoint, "speech recognition server")? })
    }

    async fn hear(&self, samples: &[f32], from: usize, vocabulary: &str) -> Result<Transcript, Failure> {
        let data = STANDARD.encode(wav::encode(samples));
        // The instruction comes before the sound, as it is the part that does not change.
        let body = json!({
            "model": self.peer.model,
            "messages": [{"role": "user", "content": [
                {"type": "text", "text": dictation(vocabulary)},
                {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}},
            ]}],
            "temperature": 0,
            "max_tokens": 1024,
            "stream": false,
        });
        let answer = self.peer.ask(self.peer.post("chat/completions").json(&body)).await?;
        if let Some(error) = answer.get("error").filter(|e| !e.is_null()) {
            return Err(self.peer.refused_inside(error));
        }
        let text = answer["choices"][0]["message"]["content"].as_str().ok_or_else(|| self.peer.nonsense("it holds no text"))?;
        let usage = Usage {
            tokens_in: answer["usage"]["prompt_tokens"].as_u64().unwrap_or(0),
            tokens_out: answer["usage"]["completion_tokens"].as_u64().unwrap_or(0),
            audio_in_ms: millis(samples.len()).0,
            ..Usage::default()
        };
        let span = Span::new(millis(from), millis(from + samples.len()));
        Ok(Transcript {
            phrases: sentences(Phrase { confidence: UNKNOWN_CONFIDENCE, ..Phrase::trusted(span, spoken(text)) }),
            usage,
        })
    }
}

#[async_trait]
impl Transcriber for ChatTranscriber {
    fn card(&self) -> EngineCard {
        EngineCard {
            name: "speech recognition by chat".into(),
            model: self.peer.model.clone(),
            sends_to: self.peer.sends_to(),
            missing: None,
        }
    }

    async fn reach(&self) -> Option<Reached> {
        Some(self.peer.reach().await)
    }

    fn parallelism(&self) -> usize {
        PARALLEL
    }

    async fn transcribe(&self, audio: Pcm, bias: &Bias, cancel: &CancellationToken) -> Result<Transcript, Failure> {
        let vocabulary = vocabulary(&bias.text, 800);
        let hear = |samples: Vec<f32>, from: usize| {
            let vocabulary = &vocabulary;
            async move { self.hear(&samples, from, vocabulary).await }
        };
        all_windows(audio, CHAT_SECONDS, cancel, hear).await
    }

    fn as_dyn(&self) -> &dyn Transcriber {
        self
    }
}

/// Recognises by `/v1/audio/transcriptions`, as whisper-class servers offer it.
#[derive(Debug, Clone)]
pub struct WhisperApiTranscriber {
    peer: Peer,
    language: Option<String>,
}

impl WhisperApiTranscriber {
    /// `language` is a two-letter code, or nothing to let the server find out.
    pub fn new(endpoint: Endpoint, language: Option<String>) -> Result<Self, Failure> {
        Ok(Self { peer: Peer::new(endpoint, "speech recognition server")?, language })
    }

    async fn hear(&self, samples: &[f32], from: usize, vocabulary: &str) -> Result<Transcript, Failure> {
        let file = wav::encode(samples);
        let answer = match self.ask(&file, vocabulary, "verbose_json").await {
            // Servers whose models know no times refuse the long form; the short one they all have.
            Err(trouble) if trouble.is_of_form() => self.ask(&file, vocabulary, "json").await?,
            other => other?,
        };
        transcription(&answer, millis(from), millis(samples.len())).ok_or_else(|| self.peer.nonsense("it holds no text"))
    }

    async fn ask(&self, file: &[u8], vocabulary: &str, format: &str) -> Result<Value, Trouble> {
        let part = Part::bytes(file.to_vec()).file_name("speech.wav").mime_str("audio/wav").map_err(|_| Failure::internal())?;
        let mut form = Form::new()
            .part("file", part)
            .text("model", self.peer.model.clone())
            .text("response_format", format.to_owned())
            .text("temperature", "0");
        if let Some(language) = &self.language {
            form = form.text("language", language.clone());
        }
        if !vocabulary.is_empty() {
            form = form.text("prompt", vocabulary.to_owned());
        }
        self.peer.ask(self.peer.post("audio/transcriptions").multipart(form)).await
    }
}

#[async_trait]
impl Transcriber for WhisperApiTranscriber {
    fn card(&self) -> EngineCard {
        EngineCard {
            name: "speech recognition server".into(),
            model: self.peer.model.clone(),
            sends_to: self.peer.sends_to(),
            missing: None,
        }
    }

    async fn reach(&self) -> Option<Reached> {
        Some(self.peer.reach().await)
    }

    fn parallelism(&self) -> usize {
        PARALLEL
    }

    async fn transcribe(&self, audio: Pcm, bias: &Bias, cancel: &CancellationToken) -> Result<Transcript, Failure> {
        // Whisper reads at most 224 tokens of prompt, and the last ones count most.
        let vocabulary = vocabulary(&bias.text, 600);
        let hear = |samples: Vec<f32>, from: usize| {
            let vocabulary = &vocabulary;
            async move { self.hear(&samples, from, vocabulary).await }
        };
        all_windows(audio, API_SECONDS, cancel, hear).await
    }

    fn as_dyn(&self) -> &dyn Transcriber {
        self
    }
}

/// What a server wrote of a stretch that begins at `start`, within its length; nothing where it holds no text.
pub fn transcription(answer: &Value, start: Millis, length: Millis) -> Option<Transcript> {
    let usage = Usage { audio_in_ms: duration(answer).unwrap_or(length).0.min(length.0 + 1000), ..Usage::default() };
    let phrases = match answer["segments"].as_array().filter(|s| !s.is_empty()) {
        Some(segments) => segments.iter().filter_map(|s| phrase(s, start, length)).collect(),
        None => {
            let span = Span::new(start, Millis(start.0 + length.0));
            let text = spoken(answer["text"].as_str()?);
            sentences(Phrase { confidence: UNKNOWN_CONFIDENCE, ..Phrase::trusted(span, text) })
        }
    };
    Some(Transcript { phrases, usage })
}

/// Hears a whole recording stretch by stretch, a few at once, in order; stops at once when it is cancelled.
async fn all_windows<F>(
    audio: Pcm,
    seconds: usize,
    cancel: &CancellationToken,
    hear: impl Fn(Vec<f32>, usize) -> F,
) -> Result<Transcript, Failure>
where
    F: Future<Output = Result<Transcript, Failure>>,
{
    let samples = audio.0;
    let parts =
        windows::cut(&samples, seconds * SPEECH_RATE as usize).into_iter().filter(|p| !windows::is_silent(&samples[p.clone()]));
    let work = stream::iter(parts.map(|part| hear(samples[part.clone()].to_vec(), part.start))).buffered(PARALLEL).try_fold(
        Transcript::default(),
        |mut whole, part| async move {
            whole.phrases.extend(part.phrases);
            whole.usage += part.usage;
            Ok(whole)
        },
    );
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(Failure::new(Code::Cancelled, "the recognition was stopped")),
        done = work => done,
    }
}

/// The words an ear would not expect: those the lecture says most often, long enough to carry meaning, within so many characters.
pub(crate) fn vocabulary(text: &str, most: usize) -> String {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for word in terms::words(text) {
        *counts.entry(word).or_default() += 1;
    }
    let mut words: Vec<String> = terms::content_words(text).into_iter().filter(|w| w.chars().count() >= 5).collect();
    words.sort_by_key(|w| std::cmp::Reverse(counts.get(w).copied().unwrap_or(0)));
    let mut out = String::new();
    for word in words {
        if out.len() + word.len() + 2 > most {
            break;
        }
        if !out.is_empty() {
            out.push_str(", ");
        }
        out.push_str(&word);
    }
    out
}

/// What a model wrote without the marks for silence.
pub(crate) fn spoken(text: &str) -> &str {
    let text = text.trim().trim_matches('"').trim();
    let bare: String = text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    if matches!(bare.as_str(), "silence" | "blankaudio" | "nospeech" | "inaudible" | "music" | "noise") { "" } else { text }
}

/// A long phrase as one for each sentence, timed by its share of the characters.
fn sentences(phrase: Phrase) -> Vec<Phrase> {
    let confidence = phrase.confidence;
    chunker::sentences(&[phrase]).into_iter().map(|s| Phrase { confidence, ..Phrase::trusted(s.span, s.text) }).collect()
}

/// A segment of the long form; one that the model itself takes for silence is nothing.
fn phrase(segment: &Value, start: Millis, length: Millis) -> Option<Phrase> {
    let text = spoken(segment["text"].as_str()?);
    let number = |name: &str| segment[name].as_f64();
    let sure = number("avg_logprob").map_or(UNKNOWN_CONFIDENCE, |p| p.exp().clamp(0.0, 1.0) as f32);
    let silent = number("no_speech_prob").is_some_and(|p| p > 0.6) && number("avg_logprob").is_some_and(|p| p < -1.0);
    if text.is_empty() || silent {
        return None;
    }
    let at = |name: &str, other: Millis| number(name).map_or(other, Millis::from_seconds).min(length).0 + start.0;
    let span = Span::new(Millis(at("start", Millis(0))), Millis(at("end", length)));
    Some(Phrase { confidence: sure, ..Phrase::trusted(span, text) })
}

/// The recording's length as the server counted it, which some write as text.
fn duration(answer: &Value) -> Option<Millis> {
    let duration = &answer["duration"];
    let seconds = duration.as_f64().or_else(|| duration.as_str()?.trim().parse().ok())?;
    seconds.is_finite().then(|| Millis::from_seconds(seconds))
}

fn millis(samples: usize) -> Millis {
    Millis(samples as u64 * 1000 / u64::from(SPEECH_RATE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vocabulary_is_what_the_lecture_says_most() {
        assert_eq!(
            vocabulary("The gradient, the gradient and the slope of a sigmoid. Sigmoid! Gradient?", 24),
            "gradient, sigmoid, slope"
        );
        assert_eq!(vocabulary("gradient sigmoid", 10), "gradient");
        assert_eq!(vocabulary("", 10), "");
    }

    #[test]
    fn marks_of_silence_are_no_words() {
        for text in ["[silence]", " (Silence.) ", "[BLANK_AUDIO]", "", "\"\""] {
            assert_eq!(spoken(text), "", "{text}");
        }
        assert_eq!(spoken(" \"Silence is golden.\" "), "Silence is golden.");
    }

    #[test]
    fn a_duration_may_be_a_number_or_text() {
        for (answer, expected) in [
            (json!({"duration": 2.5}), Some(2500)),
            (json!({"duration": "2.5"}), Some(2500)),
            (json!({"duration": "x"}), None),
            (json!({}), None),
        ] {
            assert_eq!(duration(&answer).map(|d| d.0), expected);
        }
    }
}
