//! A voice behind `/v1/audio/speech`, heard while it is still being made.

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use reqwest::header;
use serde_json::json;
use synapscribe_domain::Failure;
use synapscribe_ports::{EngineCard, Narrator, Reached, Speech, Style, VoiceCard};

use super::peer::{Answer, Endpoint, Peer};
use super::wav::PcmStream;

/// A piece of speech may not be larger than this: about half an hour at 24 kHz.
const MOST_BYTES: usize = 96 << 20;
/// The rate of samples without a header, as the published API defines it.
const BARE_RATE: u32 = 24_000;

/// Speaks by a speech server.
#[derive(Debug, Clone)]
pub struct SpeechNarrator {
    peer: Peer,
    voice: String,
}

impl SpeechNarrator {
    /// `voice` is the voice that is used when nobody asks for another.
    pub fn new(endpoint: Endpoint, voice: impl Into<String>) -> Result<Self, Failure> {
        Ok(Self { peer: Peer::new(endpoint, "speech server")?, voice: voice.into() })
    }
}

#[async_trait]
impl Narrator for SpeechNarrator {
    fn card(&self) -> EngineCard {
        EngineCard {
            name: "speech server".into(),
            model: format!("{} ({})", self.peer.model, self.voice),
            sends_to: self.peer.sends_to(),
            missing: None,
        }
    }

    async fn reach(&self) -> Option<Reached> {
        Some(self.peer.reach().await)
    }

    fn voices(&self) -> Vec<VoiceCard> {
        vec![VoiceCard { name: self.voice.clone(), description: format!("the voice of the speech server, {}", self.peer.model) }]
    }

    fn has_other_voices(&self) -> bool {
        true
    }

    async fn speak(&self, text: &str, style: &Style) -> Result<BoxStream<'static, Result<Speech, Failure>>, Failure> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(stream::empty().boxed());
        }
        let speed = if style.speed.is_finite() { style.speed.clamp(0.5, 2.0) } else { 1.0 };
        let body = json!({
            "model": self.peer.model,
            "input": text,
            "voice": style.voice.as_deref().unwrap_or(&self.voice),
            // A wave header tells the rate, and wave bytes can be played as they come.
            "response_format": "wav",
            "speed": speed,
        });
        let answer = self.peer.send(self.peer.post("audio/speech").json(&body)).await?;
        let kind = answer.header(header::CONTENT_TYPE).unwrap_or("").to_ascii_lowercase();
        if kind.starts_with("text/") || kind.starts_with("application/json") {
            return Err(self.peer.nonsense("it is text and not sound"));
        }
        let speaking =
            Speaking { answer, sound: PcmStream::new(rate_of(&kind).unwrap_or(BARE_RATE)), heard: false, ended: false };
        Ok(stream::unfold(speaking, |mut speaking| async move { speaking.next().await.map(|speech| (speech, speaking)) }).boxed())
    }
}

/// Speech while it comes; dropping it closes the connection.
struct Speaking {
    answer: Answer,
    sound: PcmStream,
    heard: bool,
    ended: bool,
}

impl Speaking {
    async fn next(&mut self) -> Option<Result<Speech, Failure>> {
        while !self.ended {
            let samples = match self.answer.chunk(MOST_BYTES).await {
                Ok(Some(bytes)) => self.sound.push(&bytes).map_err(|e| self.answer.peer().nonsense(&e.to_string())),
                Ok(None) => {
                    self.ended = true;
                    if !self.heard {
                        return Some(Err(self.answer.peer().nonsense("it holds no sound")));
                    }
                    return None;
                }
                Err(failure) => Err(failure),
            };
            match samples {
                Ok(samples) if samples.is_empty() => {}
                Ok(samples) => {
                    self.heard = true;
                    return Some(Ok(Speech { rate: self.sound.rate().unwrap_or(BARE_RATE), samples }));
                }
                Err(failure) => {
                    self.ended = true;
                    return Some(Err(failure));
                }
            }
        }
        None
    }
}

/// The rate in a media type such as `audio/pcm;rate=22050`.
pub fn rate_of(kind: &str) -> Option<u32> {
    let rate = kind.split(';').skip(1).find_map(|p| p.trim().strip_prefix("rate="))?;
    rate.trim_matches('"').parse().ok().filter(|r| (4_000..=192_000).contains(r))
}
