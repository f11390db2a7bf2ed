//! Speech by Polly's neural voices. It knows nothing of what is spoken.

use std::collections::VecDeque;

use async_trait::async_trait;
use aws_sdk_polly::Client;
use aws_sdk_polly::operation::synthesize_speech::builders::SynthesizeSpeechFluentBuilder;
use aws_sdk_polly::primitives::ByteStream;
use aws_sdk_polly::types::{Engine, OutputFormat, SpeechMarkType, TextType, VoiceId};
use futures::stream::BoxStream;
use futures::{StreamExt, stream};
use serde::Deserialize;
use synapscribe_domain::audio::SPEECH_RATE;
use synapscribe_domain::{Code, Failure, Millis};
use synapscribe_ports::{EngineCard, Narrator, Speech, SpokenWord, Style, VoiceCard};

use crate::SdkConfig;
use crate::connect::host;
use crate::fault::engine_fault;

const SERVICE: &str = "the speech service Polly";
/// Polly refuses more letters than this in one request.
pub(crate) const LONGEST: usize = 3_000;
/// Neural voices and where they come from, the usual one first.
const VOICES: [(&str, &str); 8] = [
    ("Joanna", "American English, a woman's voice"),
    ("Matthew", "American English, a man's voice"),
    ("Ruth", "American English, a woman's voice"),
    ("Stephen", "American English, a man's voice"),
    ("Amy", "British English, a woman's voice"),
    ("Arthur", "British English, a man's voice"),
    ("Olivia", "Australian English, a woman's voice"),
    ("Kajal", "Indian English, a woman's voice"),
];

/// Speaks by Polly.
#[derive(Debug, Clone)]
pub struct PollyNarrator {
    client: Client,
    host: String,
    /// The voice's place among [`VOICES`] that speaks when nobody asks for another.
    usual: usize,
    /// Whether it is asked when words are spoken.
    marks: bool,
}

impl PollyNarrator {
    /// Polly in the region of `config`.
    pub fn new(config: &SdkConfig) -> Self {
        Self { client: Client::new(config), host: host(config, "polly"), usual: 0, marks: false }
    }

    /// With this voice for those who ask for none.
    pub fn usually(self, voice: &str) -> Result<Self, Failure> {
        let known = VOICES.iter().position(|(name, _)| name.eq_ignore_ascii_case(voice));
        let usual = known.ok_or_else(|| Failure::new(Code::EngineMissing, no_such_voice()))?;
        Ok(Self { usual, ..self })
    }

    /// The same, telling when words are spoken if it is wanted, which Polly charges for as for speaking them.
    pub fn telling_words(self, wanted: bool) -> Self {
        Self { marks: wanted, ..self }
    }

    fn voice(&self, style: &Style) -> Result<&'static str, Failure> {
        let wanted = style.voice.as_deref().unwrap_or(VOICES[self.usual].0);
        let known = VOICES.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        known.map(|(name, _)| name).ok_or_else(|| Failure::new(Code::BadMessage, no_such_voice()))
    }
}

#[async_trait]
impl Narrator for PollyNarrator {
    fn card(&self) -> EngineCard {
        EngineCard {
            name: "Polly (neural)".into(),
            model: VOICES[self.usual].0.into(),
            sends_to: Some(self.host.clone()),
            missing: None,
        }
    }

    fn voices(&self) -> Vec<VoiceCard> {
        let mut voices = VOICES;
        voices[..=self.usual].rotate_right(1);
        voices.map(|(name, description)| VoiceCard { name: name.into(), description: description.into() }).to_vec()
    }

    async fn speak(&self, text: &str, style: &Style) -> Result<BoxStream<'static, Result<Speech, Failure>>, Failure> {
        let speaking = Speaking {
            client: self.client.clone(),
            voice: self.voice(style)?,
            rate: pace(style),
            waiting: parts(text),
            now: None,
            odd: None,
        };
        // The first request is made at once, so that a refusal is the answer to the call and not in the middle of it.
        let speaking = speaking.began().await?;
        Ok(stream::unfold(Some(speaking), |state| async move {
            match state?.next().await {
                Ok(Some((speech, speaking))) => Some((Ok(speech), Some(speaking))),
                Ok(None) => None,
                Err(failure) => Some((Err(failure), None)),
            }
        })
        .boxed())
    }

    async fn words(&self, text: &str, style: &Style) -> Result<Vec<SpokenWord>, Failure> {
        let parts = parts(text);
        // Of a text in several parts the times of each would begin anew. An answer is spoken in pieces of a tenth of one.
        let Some(part) = parts.front().filter(|_| self.marks && parts.len() == 1) else { return Ok(Vec::new()) };
        let call = request(&self.client, self.voice(style)?, pace(style), part)
            .output_format(OutputFormat::Json)
            .speech_mark_types(SpeechMarkType::Word);
        let lines = call.send().await.map_err(|error| engine_fault(SERVICE, error))?.audio_stream.collect().await;
        let lines = lines.map_err(|error| {
            tracing::warn!(%error, "the times of words were cut");
            cut()
        })?;
        Ok(times(&lines.into_bytes(), text))
    }
}

fn cut() -> Failure {
    Failure::new(Code::EngineFailed, format!("{SERVICE} went away in the middle; ask again"))
}

/// Percent of the voice's own pace.
fn pace(style: &Style) -> u32 {
    (style.speed.clamp(0.5, 2.0) * 100.0).round() as u32
}

/// What is asked of Polly about one part of a text, but for the form of its answer.
fn request(client: &Client, voice: &str, rate: u32, part: &str) -> SynthesizeSpeechFluentBuilder {
    let call = client.synthesize_speech().engine(Engine::Neural).voice_id(VoiceId::from(voice));
    match rate {
        100 => call.text_type(TextType::Text).text(part),
        rate => call.text_type(TextType::Ssml).text(paced(part, rate)),
    }
}

fn no_such_voice() -> String {
    format!("there is no voice of that name; choose one of {}", VOICES.map(|(name, _)| name).join(", "))
}

/// A text while it is spoken.
struct Speaking {
    client: Client,
    voice: &'static str,
    /// Percent of the voice's own pace.
    rate: u32,
    waiting: VecDeque<String>,
    now: Option<ByteStream>,
    /// The first half of a sample whose second half has not come.
    odd: Option<u8>,
}

impl Speaking {
    /// Begins the next part, if there is one.
    async fn began(mut self) -> Result<Self, Failure> {
        self.odd = None;
        let Some(part) = self.waiting.pop_front() else {
            self.now = None;
            return Ok(self);
        };
        let call = request(&self.client, self.voice, self.rate, &part)
            .output_format(OutputFormat::Pcm)
            .sample_rate(SPEECH_RATE.to_string());
        self.now = Some(call.send().await.map_err(|error| engine_fault(SERVICE, error))?.audio_stream);
        Ok(self)
    }

    async fn next(mut self) -> Result<Option<(Speech, Self)>, Failure> {
        while let Some(sound) = &mut self.now {
            match sound.next().await {
                Some(Ok(bytes)) => {
                    let samples = samples(&mut self.odd, &bytes);
                    if !samples.is_empty() {
                        return Ok(Some((Speech { rate: SPEECH_RATE, samples }, self)));
                    }
                }
                Some(Err(error)) => {
                    tracing::warn!(%error, "speech was cut");
                    return Err(cut());
                }
                None => self = self.began().await?,
            }
        }
        Ok(None)
    }
}

/// A line of what Polly tells of a text.
#[derive(Deserialize)]
struct Mark {
    time: u64,
    #[serde(rename = "type")]
    kind: String,
    value: String,
}

/// The words that Polly tells, each looked up behind the one before, since the places that it gives are those of the markup.
fn times(lines: &[u8], text: &str) -> Vec<SpokenWord> {
    let (mut words, mut at, mut before) = (Vec::new(), 0, 0);
    for line in lines.split(|byte| *byte == b'\n') {
        let Ok(mark) = serde_json::from_slice::<Mark>(line) else { continue };
        let Some(further) = text[at..].find(&mark.value).filter(|_| mark.kind == "word") else { continue };
        let from = before + text[at..at + further].chars().count() as u32;
        let to = from + mark.value.chars().count() as u32;
        words.push(SpokenWord { at: Millis(mark.time), from, to });
        (at, before) = (at + further + mark.value.len(), to);
    }
    words
}

/// Sixteen-bit samples out of bytes that may end within one.
fn samples(odd: &mut Option<u8>, bytes: &[u8]) -> Vec<f32> {
    let mut samples = Vec::with_capacity(bytes.len() / 2 + 1);
    for byte in bytes {
        match odd.take() {
            None => *odd = Some(*byte),
            Some(low) => samples.push(f32::from(i16::from_le_bytes([low, *byte])) / 32_768.0),
        }
    }
    samples
}

/// Parts that Polly takes, cut behind a sentence, else between words, else anywhere.
fn parts(text: &str) -> VecDeque<String> {
    let mut parts = VecDeque::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let Some((limit, _)) = rest.char_indices().nth(LONGEST) else {
            parts.push_back(rest.to_owned());
            break;
        };
        let room = &rest[..limit];
        let sentence =
            room.char_indices().zip(room.chars().skip(1)).filter(|((_, c), next)| ".?!".contains(*c) && next.is_whitespace());
        let end = sentence.map(|((at, c), _)| at + c.len_utf8()).last();
        let end = end.or_else(|| room.rfind(char::is_whitespace)).filter(|end| *end > 0).unwrap_or(limit);
        parts.push_back(room[..end].trim().to_owned());
        rest = rest[end..].trim_start();
    }
    parts
}

/// Speech Synthesis Markup that changes the pace only.
fn paced(text: &str, percent: u32) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => plain.push_str("&amp;"),
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            c if c.is_control() => plain.push(' '),
            c => plain.push(c),
        }
    }
    format!("<speak><prosody rate=\"{percent}%\">{plain}</prosody></speak>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_behind_sentences_and_nothing_is_lost() {
        let sentence = "The gradient points uphill, so we step the other way. ";
        for text in [sentence.repeat(200), "word ".repeat(2_000), "ü".repeat(9_001), String::new(), "Short.".into()] {
            let parts = parts(&text);
            assert!(parts.iter().all(|part| (1..=LONGEST).contains(&part.chars().count())), "Polly takes every part");
            let squeezed = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(squeezed(&parts.iter().cloned().collect::<String>()), squeezed(&text));
        }
        assert!(parts(&sentence.repeat(200)).iter().all(|part| part.ends_with('.')), "a part ends with its sentence");
    }

    #[test]
    fn words_are_found_where_they_stand_whatever_places_polly_gives() {
        let lines = r#"{"time":6,"type":"word","start":31,"end":35,"value":"Über"}
{"time":373,"type":"word","start":36,"end":38,"value":"a"}
{"time":400,"type":"sentence","start":0,"end":99,"value":"a sea"}
{"time":604,"type":"word","start":41,"end":50,"value":"nothing"}
{"time":882,"type":"word","start":42,"end":45,"value":"sea"}

nonsense"#;
        let word = |at, from, to| SpokenWord { at: Millis(at), from, to };
        assert_eq!(times(lines.as_bytes(), "Über <a> sea."), [word(6, 0, 4), word(373, 6, 7), word(882, 9, 12)]);
    }

    #[test]
    fn words_that_look_like_markup_are_spoken() {
        assert_eq!(paced("a < b & c", 120), "<speak><prosody rate=\"120%\">a &lt; b &amp; c</prosody></speak>");
    }

    #[test]
    fn a_sample_that_is_torn_apart_is_put_together() {
        let mut odd = None;
        assert_eq!(samples(&mut odd, &[0x00]), [] as [f32; 0]);
        assert_eq!(samples(&mut odd, &[0x40, 0x00, 0xC0]), [0.5, -0.5]);
        assert_eq!(odd, None);
    }
}
