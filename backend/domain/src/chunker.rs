//! Phrases into passages: sentences stay whole, neighbours overlap by one sentence, times come from the phrases.

use crate::ids::{LectureId, PassageId};
use crate::passage::Passage;
use crate::phrase::Phrase;
use crate::time::{Millis, Span};

/// The size a passage aims at, in characters.
pub const TARGET_CHARS: usize = 420;
/// The size no passage exceeds unless one phrase alone does.
pub const MAX_CHARS: usize = 640;
/// A pause this long ends a passage that is big enough.
const LONG_PAUSE: u64 = 1_500;

/// A sentence, or a phrase where the transcript has no punctuation.
#[derive(Debug, Clone, PartialEq)]
pub struct Sentence {
    /// When it was said.
    pub span: Span,
    /// The text.
    pub text: String,
}

/// Joins phrases into sentences where punctuation allows; a phrase's inner sentence ends get times by share of its characters.
pub fn sentences(phrases: &[Phrase]) -> Vec<Sentence> {
    let mut out: Vec<Sentence> = Vec::new();
    let mut open: Option<Sentence> = None;
    for phrase in phrases {
        let text = phrase.text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            continue;
        }
        let total = text.len();
        let mut start = 0;
        for end in ends(&text) {
            let piece = text[start..end].trim();
            let at = |offset: usize| Millis(phrase.span.from.0 + phrase.span.length().0 * offset as u64 / total as u64);
            let span = Span::new(at(start), at(end));
            let closes = piece.ends_with(['.', '!', '?', '…']);
            start = end;
            if piece.is_empty() {
                continue;
            }
            let mut sentence = match open.take() {
                Some(before) => Sentence { span: Span::new(before.span.from, span.to), text: format!("{} {piece}", before.text) },
                None => Sentence { span, text: piece.to_owned() },
            };
            if closes || sentence.text.len() >= TARGET_CHARS {
                sentence.span.to = sentence.span.to.max(sentence.span.from);
                out.push(sentence);
            } else {
                open = Some(sentence);
            }
        }
    }
    out.extend(open);
    out
}

/// Byte offsets just after each sentence end inside the text; the last one is the text's end.
fn ends(text: &str) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::new();
    for (at, c) in text.char_indices() {
        if !matches!(c, '.' | '!' | '?' | '…') {
            continue;
        }
        let after = at + c.len_utf8();
        let followed = text[after..].chars().next();
        if followed == Some(' ') && !is_abbreviation(&text[..at]) {
            found.push(after);
        }
    }
    found.push(text.len());
    found
}

/// Whether a dot after this text belongs to a short form rather than ending a sentence.
pub(crate) fn is_abbreviation(before: &str) -> bool {
    let word = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or("");
    let lower = word.to_lowercase();
    matches!(
        lower.as_str(),
        "e.g" | "i.e" | "etc" | "vs" | "dr" | "mr" | "mrs" | "ms" | "prof" | "fig" | "eq" | "no" | "cf" | "st" | "al"
    ) || (word.chars().count() == 1 && word.chars().all(|c| c.is_uppercase()) && word != "I")
}

/// Cuts phrases into passages.
pub fn passages(lecture: &LectureId, phrases: &[Phrase]) -> Vec<Passage> {
    let sentences = sentences(phrases);
    let mut out = Vec::new();
    let mut first = 0;
    while first < sentences.len() {
        let mut last = first;
        let mut size = sentences[first].text.len();
        while last + 1 < sentences.len() {
            let next = &sentences[last + 1];
            let pause = next.span.from.0.saturating_sub(sentences[last].span.to.0);
            if size + 1 + next.text.len() > MAX_CHARS || size >= TARGET_CHARS || (pause >= LONG_PAUSE && size >= TARGET_CHARS / 2)
            {
                break;
            }
            last += 1;
            size += 1 + next.text.len();
        }
        let run = &sentences[first..=last];
        out.push(Passage {
            id: PassageId::of(lecture, out.len()),
            lecture: lecture.clone(),
            index: out.len() as u32,
            span: Span::new(run[0].span.from, run[run.len() - 1].span.to),
            text: run.iter().map(|s| s.text.as_str()).collect::<Vec<_>>().join(" "),
        });
        if last + 1 >= sentences.len() {
            break;
        }
        // One sentence of overlap keeps a thought that straddles two passages findable, unless that would stand still.
        first = if last > first && sentences[last].text.len() * 3 < TARGET_CHARS { last } else { last + 1 };
    }
    out
}

/// Tokens a text takes in a language model's window, estimated at four characters each as English averages.
pub fn estimate_tokens(text: &str) -> u32 {
    (text.chars().count() as u32).div_ceil(4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lecture() -> LectureId {
        LectureId::parse("l").unwrap()
    }

    fn phrase(from: u64, to: u64, text: &str) -> Phrase {
        Phrase::trusted(Span::new(Millis(from), Millis(to)), text)
    }

    #[test]
    fn sentences_run_across_caption_lines_and_keep_their_times() {
        let found = sentences(&[
            phrase(0, 1000, "The slope tells us"),
            phrase(1000, 2000, "where to go. Next"),
            phrase(2000, 3000, "we take a step."),
        ]);
        let texts: Vec<_> = found.iter().map(|s| s.text.as_str()).collect();
        assert_eq!(texts, ["The slope tells us where to go.", "Next we take a step."]);
        assert_eq!(found[0].span.from, Millis(0));
        assert!(found[1].span.from.0 > 1500 && found[1].span.to == Millis(3000));
    }

    #[test]
    fn short_forms_do_not_end_a_sentence() {
        assert_eq!(sentences(&[phrase(0, 9, "Use a small step, e.g. one tenth. Done.")]).len(), 2);
    }

    proptest! {
        #[test]
        fn every_word_is_in_a_passage_and_times_never_run_backwards(words in prop::collection::vec("[a-z]{1,12}[.?]?", 1..400)) {
            let phrases: Vec<_> = words.chunks(7).enumerate()
                .map(|(n, w)| phrase(n as u64 * 1000, n as u64 * 1000 + 900, &w.join(" "))).collect();
            let cut = passages(&lecture(), &phrases);
            let all: String = cut.iter().map(|p| format!("{} ", p.text)).collect();
            for word in &words {
                prop_assert!(all.contains(word.as_str()));
            }
            for pair in cut.windows(2) {
                prop_assert!(pair[0].span.from <= pair[1].span.from);
                prop_assert!(pair[0].span.to <= pair[1].span.to);
            }
            for p in &cut {
                prop_assert!(p.text.len() <= MAX_CHARS + TARGET_CHARS);
            }
        }
    }
}
