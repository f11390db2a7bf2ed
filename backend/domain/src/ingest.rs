//! How a recording is cut for recognition, and what is reported of the result.

use serde::{Deserialize, Serialize};

use crate::phrase::{DOUBTFUL, Phrase};
use crate::time::{Millis, Span};

/// Where the words came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TranscriptSource {
    /// A caption file beside the recording.
    Captions,
    /// A speech recogniser.
    Recognised,
}

/// A phrase the recogniser was not sure of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DoubtfulSpan {
    /// Where.
    pub span: Span,
    /// How sure it was, 0 to 1.
    pub confidence: f32,
}

/// What became of a recording; nothing is dropped in silence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IngestReport {
    /// Where the words came from.
    pub source: TranscriptSource,
    /// The recording's length.
    pub duration: Millis,
    /// The share of it that holds speech, 0 to 1.
    pub speech_share: f32,
    /// Silences of two seconds and more.
    pub silences: Vec<Span>,
    /// Phrases below the confidence threshold.
    pub doubtful: Vec<DoubtfulSpan>,
    /// Stretches with speech but without words.
    pub missing: Vec<Span>,
    /// Windows whose recognition failed, with the reason.
    pub skipped: Vec<(Span, String)>,
    /// What a person should know.
    pub notes: Vec<String>,
    /// Why the latest captions were not used.
    #[serde(default)]
    pub refused_captions: Option<String>,
    /// Words in the transcript.
    pub words: u32,
    /// Passages in the index.
    pub passages: u32,
}

/// The share of the speech that may be doubtful before a person is told. Measured with the built-in recogniser on 27 recordings of
/// 30 to 45 s: where it had at most 30 % of the words wrong, nothing was doubtful; where it had 44 % and more wrong (robotic voices,
/// noise), 32 % to all of it was.
const MUCH: f32 = 0.25;

impl IngestReport {
    /// Whether so much of the speech was understood badly that captions would serve better than listening did.
    pub fn hard_to_hear(&self) -> bool {
        let doubtful: u64 = self.doubtful.iter().map(|doubtful| doubtful.span.length().0).sum();
        let spoken = self.speech_share * self.duration.0 as f32;
        self.source == TranscriptSource::Recognised && doubtful as f32 > MUCH * spoken
    }

    /// Brings what follows from the words up to date after they were corrected.
    pub fn reword(&mut self, phrases: &[Phrase], passages: u32) {
        (self.doubtful, self.words, self.passages) = (doubtful(phrases), words(phrases), passages);
    }
}

fn doubtful(phrases: &[Phrase]) -> Vec<DoubtfulSpan> {
    let unsure = phrases.iter().filter(|p| p.confidence < DOUBTFUL);
    unsure.map(|p| DoubtfulSpan { span: p.span, confidence: p.confidence }).collect()
}

fn words(phrases: &[Phrase]) -> u32 {
    phrases.iter().map(|p| p.text.split_whitespace().count() as u32).sum()
}

/// A silence worth reporting.
const SILENCE_MS: u64 = 2_000;
/// Speech without words is reported from this length on.
const MISSING_MS: u64 = 3_000;
/// The length a recognition window aims at.
pub const WINDOW_TARGET: Millis = Millis(25_000);
/// The length no window exceeds.
pub const WINDOW_MAX: Millis = Millis(40_000);

/// The stretches between speech that last at least `least`.
pub fn gaps(speech: &[Span], duration: Millis, least: u64) -> Vec<Span> {
    let mut out = Vec::new();
    let mut at = Millis(0);
    for span in speech {
        if span.from.0.saturating_sub(at.0) >= least {
            out.push(Span::new(at, span.from));
        }
        at = at.max(span.to);
    }
    if duration.0.saturating_sub(at.0) >= least {
        out.push(Span::new(at, duration));
    }
    out
}

/// Cuts a recording at silences into windows that cover all speech; long silences belong to no window.
pub fn windows(speech: &[Span], duration: Millis) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::new();
    for &span in speech {
        let mut rest = Span::new(span.from.min(duration), span.to.min(duration));
        if let Some(last) = out.last_mut() {
            let joined = rest.to.0.saturating_sub(last.from.0);
            let pause = rest.from.0.saturating_sub(last.to.0);
            if joined <= WINDOW_TARGET.0 && pause < SILENCE_MS {
                last.to = last.to.max(rest.to);
                continue;
            }
        }
        // Speech without any pause is cut where the limit falls.
        while rest.length() > WINDOW_MAX {
            let cut = Millis(rest.from.0 + WINDOW_TARGET.0);
            out.push(Span::new(rest.from, cut));
            rest.from = cut;
        }
        if rest.length().0 > 0 {
            out.push(rest);
        }
    }
    out
}

/// Draws up the report.
pub fn report(
    source: TranscriptSource,
    duration: Millis,
    speech: &[Span],
    phrases: &[Phrase],
    skipped: Vec<(Span, String)>,
    passages: u32,
) -> IngestReport {
    let spoken: u64 = speech.iter().map(|s| s.length().0).sum();
    let worded: Vec<Span> = phrases.iter().map(|p| p.span).collect();
    let missing = gaps(&worded, duration, MISSING_MS)
        .into_iter()
        .filter(|gap| {
            let inside: u64 = speech.iter().map(|s| s.to.0.min(gap.to.0).saturating_sub(s.from.0.max(gap.from.0))).sum();
            inside >= MISSING_MS
        })
        .collect();
    IngestReport {
        source,
        duration,
        speech_share: if duration.0 == 0 { 0.0 } else { (spoken as f32 / duration.0 as f32).min(1.0) },
        silences: gaps(speech, duration, SILENCE_MS),
        doubtful: doubtful(phrases),
        missing,
        skipped,
        notes: Vec::new(),
        refused_captions: None,
        words: words(phrases),
        passages,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn windows_cover_all_speech_in_order_and_keep_the_limit(pieces in prop::collection::vec((1u64..8_000, 1u64..90_000), 1..60)) {
            let mut at = 0;
            let speech: Vec<Span> = pieces.iter().map(|(pause, talk)| {
                let from = at + pause;
                at = from + talk;
                Span::new(Millis(from), Millis(at))
            }).collect();
            let cut = windows(&speech, Millis(at));
            for pair in cut.windows(2) {
                prop_assert!(pair[0].to <= pair[1].from);
            }
            for w in &cut {
                prop_assert!(w.length() <= WINDOW_MAX);
            }
            for s in &speech {
                for probe in [s.from.0, (s.from.0 + s.to.0) / 2, s.to.0 - 1] {
                    prop_assert!(cut.iter().any(|w| w.contains(Millis(probe))), "{probe} is in no window");
                }
            }
        }
    }

    #[test]
    fn a_recording_is_hard_to_hear_when_much_of_its_speech_was_doubtful() {
        let s = |a: u64, b: u64| Span::new(Millis(a * 1_000), Millis(b * 1_000));
        let heard = |from, to, confidence| Phrase { confidence, ..Phrase::trusted(s(from, to), "well") };
        let hard = |source, phrases: &[Phrase]| report(source, Millis(100_000), &[s(0, 80)], phrases, vec![], 1).hard_to_hear();
        let half = [heard(0, 40, 0.2), heard(40, 80, 0.9)];
        assert!(hard(TranscriptSource::Recognised, &half));
        assert!(!hard(TranscriptSource::Captions, &half), "a person wrote them");
        assert!(!hard(TranscriptSource::Recognised, &[heard(0, 10, 0.2), heard(10, 80, 0.9)]));
        let mut mended = report(TranscriptSource::Recognised, Millis(100_000), &[s(0, 80)], &half, vec![], 1);
        mended.reword(&[half[0].corrected("right"), half[1].clone()], 1);
        assert!(!mended.hard_to_hear(), "it was corrected since");
    }

    #[test]
    fn speech_without_words_is_reported() {
        let s = |a, b| Span::new(Millis(a), Millis(b));
        let phrases = [Phrase::trusted(s(0, 4_000), "hello there")];
        let made = report(TranscriptSource::Recognised, Millis(20_000), &[s(0, 4_000), s(8_000, 14_000)], &phrases, vec![], 1);
        assert_eq!(made.missing, [s(4_000, 20_000)]);
        assert_eq!(made.silences, [s(4_000, 8_000), s(14_000, 20_000)]);
        assert!((made.speech_share - 0.5).abs() < 1e-6);
    }
}
