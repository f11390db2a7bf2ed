//! What a recogniser understood of a talk, kept beside the set, since understanding all of it takes longer than a test may.
//! `synapscribe-eval hear` makes it: a built-in voice speaks the talk, noise is put over it, and the built-in ear listens.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use synapscribe_domain::audio::SPEECH_RATE;
use synapscribe_domain::ingest::windows;
use synapscribe_domain::{Millis, Pcm, Phrase, Span};
use synapscribe_engines::builtin::{Voice, speak_script};
use synapscribe_ports::{Bias, Transcriber};
use tokio_util::sync::CancellationToken;

use crate::set;

/// The loudness of the noise below that of the speech, for one talk after the other: a quiet room, and less quiet ones.
const NOISE_DB: [f32; 3] = [60.0, 30.0, 25.0];
/// The voices, in turn.
const VOICES: [(Voice, &str); 2] = [(Voice::Slt, "slt"), (Voice::Rms, "rms")];

/// A talk as it was said and as it was understood; times in milliseconds.
#[derive(Debug, Serialize, Deserialize)]
pub struct Heard {
    /// Who spoke.
    pub voice: String,
    /// By how many decibels the noise was softer than the speech.
    pub quieter_db: f32,
    /// What was said when.
    pub said: Vec<(u64, u64, String)>,
    /// What was understood, when, and how surely.
    pub understood: Vec<(u64, u64, String, f32)>,
}

impl Heard {
    /// What was understood.
    pub fn phrases(&self) -> Vec<Phrase> {
        let phrase = |(from, to, text, confidence): &(u64, u64, String, f32)| Phrase {
            confidence: *confidence,
            ..Phrase::trusted(Span::new(Millis(*from), Millis(*to)), text.clone())
        };
        self.understood.iter().map(phrase).collect()
    }

    /// When these sentences were said.
    pub fn when(&self, words: &str) -> Option<Span> {
        let wanted = plain(words);
        let parts: Vec<String> = self.said.iter().map(|(_, _, text)| plain(text)).collect();
        let holds = |from: usize| {
            let mut rest = wanted.as_str();
            for (at, part) in parts.iter().enumerate().skip(from) {
                if let Some(more) = rest.strip_prefix(part.as_str()) {
                    rest = more;
                    if rest.is_empty() {
                        return Some((from, at));
                    }
                } else {
                    // A part of a sentence was quoted.
                    return (part.starts_with(rest) || (at == from && part.contains(rest))).then_some((from, at));
                }
            }
            None
        };
        let (first, last) = (0..parts.len()).find_map(holds)?;
        Some(Span::new(Millis(self.said[first].0), Millis(self.said[last].1)))
    }
}

/// Letters and digits alone, so that a line break or a dash makes no difference.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Speaks and hears every talk that was not heard yet.
pub async fn hear(folder: &Path, ear: Arc<dyn Transcriber>) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder.join("heard"))?;
    for (at, name) in set::names(&folder.join("talks"))?.into_iter().enumerate() {
        let kept = folder.join("heard").join(format!("{name}.json"));
        if kept.exists() {
            continue;
        }
        let (_, body) = set::written(folder, "talks", &name)?;
        let (voice, called) = VOICES[at % VOICES.len()];
        let quieter_db = NOISE_DB[at % NOISE_DB.len()];
        let paragraphs: Vec<&str> = body.split("\n\n").map(str::trim).filter(|text| !text.is_empty()).collect();
        let (pcm, said) = speak_script(&paragraphs, voice, &|_, _| {})?;
        let pcm = with_noise(pcm, quieter_db, at as u64);
        let understood = understand(&pcm, &said, &*ear).await?;
        let heard = Heard {
            voice: called.to_owned(),
            quieter_db,
            said: said.into_iter().map(|phrase| (phrase.span.from.0, phrase.span.to.0, phrase.text)).collect(),
            understood: understood.into_iter().map(|p| (p.span.from.0, p.span.to.0, p.text, p.confidence)).collect(),
        };
        std::fs::write(&kept, lines(&heard)?).with_context(|| kept.display().to_string())?;
        eprintln!("{name}: {} s, {} dB", pcm.length().0 / 1000, quieter_db);
    }
    Ok(())
}

/// As an ingest does it: cut at silences, window by window.
async fn understand(pcm: &Pcm, said: &[Phrase], ear: &dyn Transcriber) -> anyhow::Result<Vec<Phrase>> {
    let mut phrases = Vec::new();
    let speech: Vec<Span> = said.iter().map(|phrase| phrase.span).collect();
    for window in windows(&speech, pcm.length()) {
        let at = |time: Millis| (time.0 as usize * SPEECH_RATE as usize / 1000).min(pcm.0.len());
        let part = Pcm(pcm.0[at(window.from)..at(window.to)].to_vec());
        let heard = ear.transcribe(part, &Bias::default(), &CancellationToken::new()).await?;
        phrases.extend(heard.phrases.into_iter().map(|phrase| Phrase {
            span: Span::new(Millis(phrase.span.from.0 + window.from.0), Millis(phrase.span.to.0 + window.from.0)),
            ..phrase
        }));
    }
    Ok(phrases)
}

/// Puts the same noise over the same talk every time.
fn with_noise(mut pcm: Pcm, quieter_db: f32, seed: u64) -> Pcm {
    let power = pcm.0.iter().map(|sample| f64::from(sample * sample)).sum::<f64>() / pcm.0.len().max(1) as f64;
    let loudness = power.sqrt() as f32 * 10f32.powf(-quieter_db / 20.0);
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    for sample in &mut pcm.0 {
        // Uniform noise has a third of the power of its bounds.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let uniform = (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0;
        *sample = (*sample + uniform * loudness * 3f32.sqrt()).clamp(-1.0, 1.0);
    }
    pcm
}

/// One phrase a line, so that a person can read it and a difference shows.
fn lines(heard: &Heard) -> anyhow::Result<String> {
    let list = |items: Vec<String>| items.join(",\n    ");
    let said = heard.said.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
    let understood = heard.understood.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
    Ok(format!(
        "{{\n  \"voice\": {},\n  \"quieter_db\": {},\n  \"said\": [\n    {}\n  ],\n  \"understood\": [\n    {}\n  ]\n}}\n",
        serde_json::to_string(&heard.voice)?,
        heard.quieter_db,
        list(said),
        list(understood)
    ))
}
