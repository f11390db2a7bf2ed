//! Recordings and live speech into phrases, with a decoder from the pool; knows no files and no use case.

use std::ops::Range;
use std::sync::Arc;

use synapscribe_domain::audio::SPEECH_RATE;
use synapscribe_domain::terms::content_words;
use synapscribe_domain::{Code, Failure, Millis, Pcm, Phrase, Span, Word};

use super::super::denoise;
use super::super::lecture_words::LectureWords;
use super::super::segments::{self, Follower};
use super::Settings;
use super::decoders::{Decoders, Lent, Purpose};
use super::native::Heard;

/// A frame of the decoder in milliseconds.
const FRAME_MS: u64 = 10;
/// A live utterance is ended at a pause once it is this long, in samples: 5 s.
const UTTERANCE: usize = 5 * SPEECH_RATE as usize;
/// More than this is no question, in samples: 5 min.
const LONGEST_LIVE: usize = 300 * SPEECH_RATE as usize;
/// The last words of a question are left out when the decoder believes them less than this,
const DOUBTFUL: f32 = 0.2;
/// unless no more than these would be left.
const FEWEST_WORDS: usize = 3;
/// Words further apart than this are in different phrases.
const PAUSE: Millis = Millis(350);

/// The recogniser behind [`super::Ear`].
#[derive(Debug)]
pub struct Recogniser(Arc<Decoders>);

impl Recogniser {
    pub fn open(settings: Settings) -> Result<Self, Failure> {
        Decoders::open(settings).map(Self)
    }

    pub fn decoders(&self) -> usize {
        self.0.settings().decoders.max(1)
    }

    pub fn warm(&self, lecture: Option<&Arc<LectureWords>>) -> Result<(), Failure> {
        self.0.take(lecture, Purpose::Question, &|| false).map(drop)
    }

    pub fn recognise(
        &self,
        audio: &Pcm,
        lecture: Option<&Arc<LectureWords>>,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Vec<Phrase>, Failure> {
        recognise(&self.0, &audio.0, lecture, Purpose::Recording, cancelled)
    }

    pub fn listen(
        self: &Arc<Self>,
        lecture: Option<&Arc<LectureWords>>,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Listening, Failure> {
        let mut lent = self.0.take(lecture, Purpose::Question, cancelled)?;
        lent.decoder()?.start()?;
        Ok(Listening {
            home: Arc::clone(&self.0),
            lent,
            heard: Vec::new(),
            follower: Follower::default(),
            begun: 0,
            phrases: Vec::new(),
        })
    }
}

/// Live speech with its decoder.
pub struct Listening {
    home: Arc<Decoders>,
    lent: Lent,
    heard: Vec<f32>,
    follower: Follower,
    /// Where the open utterance began, in samples.
    begun: usize,
    /// The phrases of the utterances before it.
    phrases: Vec<Phrase>,
}

impl Listening {
    pub fn hear(&mut self, samples: &[f32]) -> Result<Option<String>, Failure> {
        if self.heard.len() + samples.len() > LONGEST_LIVE {
            return Err(Failure::new(Code::AudioTooLong, "nobody listens to one question for so long; ask a shorter one"));
        }
        self.heard.extend_from_slice(samples);
        let decoder = self.lent.decoder()?;
        decoder.process(&to_i16(samples), false)?;
        let partial = decoder.partial().filter(|text| !text.is_empty());
        // Ending an utterance costs time that grows with its length. A pause is where that costs nobody anything.
        if self.follower.push(samples) && self.heard.len() - self.begun >= UTTERANCE {
            self.end_utterance()?;
            self.lent.decoder()?.start()?;
            return Ok(Some(text(&self.phrases)));
        }
        let before = text(&self.phrases);
        Ok(match partial {
            Some(partial) if before.is_empty() => Some(partial),
            Some(partial) => Some(format!("{before} {partial}")),
            None => (!before.is_empty()).then_some(before),
        })
    }

    fn end_utterance(&mut self) -> Result<(), Failure> {
        let from = position(self.begun);
        let words = self.lent.decoder()?.finish()?;
        // A decoder hears words in a silence too, if it is asked for some.
        if self.follower.has_spoken() {
            self.phrases.extend(phrases(words, from, self.lent.lecture()));
        }
        self.follower.take_pause();
        self.begun = self.heard.len();
        Ok(())
    }

    pub fn finish(mut self, cancelled: &dyn Fn() -> bool) -> Result<Vec<Phrase>, Failure> {
        let speech = segments::speech(&self.heard);
        if speech.is_empty() {
            return Ok(Vec::new());
        }
        // Live decoding cannot clean the recording first: where noise would spoil it, it is worth starting again.
        if is_noisy(&self.home, &self.heard, &speech) {
            self.lent.decoder()?.abandon();
            return recognise_in(&mut self.lent, &self.home, &self.heard, cancelled).map(without_doubtful_end);
        }
        self.end_utterance()?;
        Ok(without_doubtful_end(self.phrases))
    }
}

fn text(phrases: &[Phrase]) -> String {
    phrases.iter().map(|phrase| phrase.text.as_str()).collect::<Vec<_>>().join(" ")
}

fn position(samples: usize) -> u64 {
    samples as u64 * 1000 / u64::from(SPEECH_RATE)
}

fn is_noisy(home: &Decoders, samples: &[f32], speech: &[Range<usize>]) -> bool {
    segments::signal_to_noise(samples, speech).is_some_and(|snr| snr < home.settings().denoise_below)
}

fn recognise(
    home: &Arc<Decoders>,
    samples: &[f32],
    lecture: Option<&Arc<LectureWords>>,
    purpose: Purpose,
    cancelled: &dyn Fn() -> bool,
) -> Result<Vec<Phrase>, Failure> {
    recognise_in(&mut home.take(lecture, purpose, cancelled)?, home, samples, cancelled)
}

fn recognise_in(lent: &mut Lent, home: &Decoders, samples: &[f32], cancelled: &dyn Fn() -> bool) -> Result<Vec<Phrase>, Failure> {
    let mut speech = segments::speech(samples);
    let cleaned;
    let mut samples = samples;
    if is_noisy(home, samples, &speech) {
        cleaned = denoise::denoise(samples);
        samples = &cleaned;
        speech = segments::speech(samples);
    }
    let mut out = Vec::new();
    for stretch in speech {
        if cancelled() {
            return Err(Failure::new(Code::Cancelled, "the recognition was stopped"));
        }
        let from = position(stretch.start);
        let decoder = lent.decoder()?;
        decoder.start()?;
        decoder.process(&to_i16(&samples[stretch]), true)?;
        let words = decoder.finish()?;
        out.extend(phrases(words, from, lent.lecture()));
    }
    Ok(out)
}

fn to_i16(samples: &[f32]) -> Vec<i16> {
    // A cast of a float that is no number gives zero, and large ones are held at the ends.
    samples.iter().map(|sample| (sample * 32_767.0) as i16).collect()
}

/// Words into phrases cut at pauses, with the lecture's spelling; silences and noises are left out.
fn phrases(heard: Vec<Heard>, from: u64, lecture: Option<&LectureWords>) -> Vec<Phrase> {
    let mut out: Vec<Vec<Word>> = Vec::new();
    for word in heard {
        let text = word.word.split_once('(').map_or(word.word.as_str(), |(text, _)| text);
        if text.is_empty() || text.starts_with(['<', '[', '+']) {
            continue;
        }
        let text = if text == "i" || text.starts_with("i'") {
            text.replacen('i', "I", 1)
        } else {
            lecture.map_or(text, |words| words.written(text)).to_owned()
        };
        let at = |frame: u32| Millis(from + u64::from(frame) * FRAME_MS);
        let word = Word { span: Span::new(at(word.from), at(word.to + 1)), text, confidence: word.posterior };
        match out.last_mut() {
            Some(words) if words.last().is_some_and(|last| word.span.from.0 <= last.span.to.0 + PAUSE.0) => words.push(word),
            _ => out.push(vec![word]),
        }
    }
    out.into_iter().filter_map(phrase).collect()
}

/// A question without the little words at its end that the decoder itself hardly believes: breath and the last sound drawn out
/// become "all" and "him".
fn without_doubtful_end(mut phrases: Vec<Phrase>) -> Vec<Phrase> {
    let mut left: usize = phrases.iter().map(|phrase| phrase.words.len()).sum();
    while left > FEWEST_WORDS
        && let Some(mut last) = phrases.pop()
    {
        let doubtful = |word: &mut Word| word.confidence < DOUBTFUL && content_words(&word.text).is_empty();
        let Some(word) = last.words.pop_if(doubtful) else {
            phrases.push(last);
            break;
        };
        tracing::debug!(confidence = word.confidence, "a doubtful last word was left out");
        left -= 1;
        phrases.extend(phrase(last.words));
    }
    phrases
}

fn phrase(words: Vec<Word>) -> Option<Phrase> {
    let span = Span::new(words.first()?.span.from, words.last()?.span.to);
    let text = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    // Long words carry more of the phrase than short ones.
    let weight = |word: &Word| word.span.length().0.max(1) as f32;
    let total: f32 = words.iter().map(weight).sum();
    let confidence = words.iter().map(|word| word.confidence * weight(word)).sum::<f32>() / total;
    Some(Phrase { span, text, confidence: confidence.clamp(0.0, 1.0), words, corrected: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(word: &str, from: u32, to: u32) -> Heard {
        Heard { word: word.into(), from, to, posterior: 0.5 }
    }

    #[test]
    fn words_become_phrases_cut_at_pauses_without_fillers() {
        let words = vec![
            heard("<s>", 0, 9),
            heard("the(2)", 10, 19),
            heard("chain", 20, 39),
            heard("<sil>", 40, 89),
            heard("i", 90, 99),
            heard("[NOISE]", 100, 104),
            heard("</s>", 105, 110),
        ];
        let out = phrases(words, 1000, None);
        assert_eq!(out.len(), 2);
        assert_eq!((out[0].text.as_str(), out[1].text.as_str()), ("the chain", "I"));
        assert_eq!(out[0].span, Span::new(Millis(1100), Millis(1400)));
        assert_eq!(out[0].words.len(), 2);
        assert!((out[0].confidence - 0.5).abs() < 1e-6);
    }

    #[test]
    fn words_at_the_end_of_a_question_that_are_hardly_believed_are_left_out() {
        let said = |words: &[(&str, f32)]| {
            let heard = words.iter().enumerate().map(|(n, (word, posterior))| Heard {
                word: (*word).into(),
                from: n as u32 * 30,
                to: n as u32 * 30 + 29,
                posterior: *posterior,
            });
            text(&without_doubtful_end(phrases(heard.collect(), 0, None)))
        };
        let question = [("what", 0.9), ("is", 0.1), ("the", 0.9), ("chain", 0.9), ("rule", 0.8)];
        assert_eq!(said(&[&question[..], &[("him", 0.1), ("all", 0.15)]].concat()), "what is the chain rule");
        assert_eq!(said(&question), "what is the chain rule");
        let named = [&question[..], &[("him", 0.1), ("gear", 0.1)]].concat();
        assert_eq!(said(&named), "what is the chain rule him gear", "a word that names something may be right");
        assert_eq!(said(&[("and", 0.1), ("why", 0.1), ("not", 0.1)]), "and why not", "little is left of a short question");
        assert_eq!(said(&[]), "");
    }

    #[test]
    fn odd_samples_are_brought_into_range() {
        assert_eq!(to_i16(&[0.0, 2.0, -2.0, f32::NAN]), [0, i16::MAX, i16::MIN, 0]);
    }
}
