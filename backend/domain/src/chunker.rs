//! Phrases into passages: sentences stay whole, neighbours overlap by one sentence, times come from the phrases.

use crate::ids::LectureId;
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
        for end in sentence_ends(&text) {
            let piece = text[start..end].trim();
            let at = |offset: usize| Millis(phrase.span.from.0 + phrase.span.length().0 * offset as u64 / total as u64);
            let span = Span::new(at(start), at(end));
            let closes = piece.ends_with(['.', '!', '?', '…']);
            start = end;
            if piece.is_empty() {
                continue;
            }
            let mut sentence = match open.take() {
                Some(before) if before.text.len() + 1 + piece.len() > MAX_CHARS => {
                    // It would not fit into any passage, so it is cut where the speaker's phrase ended.
                    out.push(before);
                    Sentence { span, text: piece.to_owned() }
                }
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
pub(crate) fn sentence_ends(text: &str) -> Vec<usize> {
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
        let span = Span::new(run[0].span.from, run[run.len() - 1].span.to);
        let text = run.iter().map(|s| s.text.as_str()).collect::<Vec<_>>().join(" ");
        out.push(Passage::said(lecture, out.len() as u32, span, text));
        if last + 1 >= sentences.len() {
            break;
        }
        // One sentence of overlap keeps a thought that straddles two passages findable, unless that would stand still or leave
        // no room for the next sentence.
        let (size, next) = (sentences[last].text.len(), sentences[last + 1].text.len());
        let overlaps = last > first && size * 3 < TARGET_CHARS && size + 1 + next <= MAX_CHARS;
        first = if overlaps { last } else { last + 1 };
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
    use crate::PassageId;
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

    /// How long each word is and what it ends with: in short sentences, or in long ones.
    fn words() -> impl Strategy<Value = Vec<(usize, &'static str)>> {
        let sentences_of = |words: u32| {
            let end = prop_oneof![4 * words => Just(""), words => Just(","), 2 => Just("."), 1 => Just("?"), 2 => Just("…")];
            prop::collection::vec((0..25usize, end), 1..400)
        };
        prop_oneof![sentences_of(2), sentences_of(30)]
    }

    /// Numbered words in phrases of so many each, after pauses, some phrases with nothing in them; and where each word is.
    fn spoken(words: &[(usize, &str)], shape: &[(usize, u64)]) -> (Vec<Phrase>, Vec<Span>) {
        let (mut phrases, mut places, mut at) = (Vec::new(), Vec::new(), 0);
        for (size, pause) in shape.iter().cycle() {
            let begin = places.len();
            let end = words.len().min(begin + size);
            let texts: Vec<_> = (begin..end).map(|n| format!("{n}{}{}", "x".repeat(words[n].0), words[n].1)).collect();
            at += pause;
            let span = Span::new(Millis(at), Millis(at + 200 * (end - begin) as u64));
            at = span.to.0;
            phrases.push(Phrase::trusted(span, texts.join("  ")));
            places.resize(end, span);
            if end == words.len() {
                return (phrases, places);
            }
        }
        unreachable!("every shape holds a phrase with words")
    }

    fn numbers(text: &str) -> Vec<usize> {
        let number = |word: &str| word.trim_end_matches(|c: char| !c.is_ascii_digit()).parse().unwrap();
        text.split(' ').map(number).collect()
    }

    proptest! {
        #[test]
        fn no_word_is_lost_or_moved_and_only_a_short_sentence_is_said_twice(
            words in words(),
            shape in prop::collection::vec((0..60usize, 0..4_000u64), 1..8).prop_filter("words", |s| s.iter().any(|p| p.0 > 0)),
        ) {
            let (phrases, places) = spoken(&words, &shape);
            let longest = phrases.iter().map(|p| p.text.len()).max().unwrap();
            let cut = passages(&lecture(), &phrases);
            let mut before: Option<Vec<usize>> = None;
            for (index, passage) in cut.iter().enumerate() {
                let here = numbers(&passage.text);
                let (first, last) = (here[0], here[here.len() - 1]);
                prop_assert_eq!(&here, &(first..=last).collect::<Vec<_>>(), "in their order, each once");
                prop_assert_eq!((passage.index as usize, &passage.id), (index, &PassageId::of(&lecture(), index)));
                match &before {
                    None => prop_assert_eq!(first, 0),
                    Some(before) => {
                        let next = before[before.len() - 1] + 1;
                        prop_assert!(before[0] < first && first <= next && next <= last, "{:?} then {:?}", before, here);
                        let twice: Vec<_> = (first..next).collect();
                        let ends = twice.iter().filter(|n| matches!(words[**n].1, "." | "?" | "…")).count();
                        let size = twice.iter().map(|n| words[*n].0).sum::<usize>();
                        prop_assert!(ends <= 1 && size * 3 < TARGET_CHARS, "more than a short sentence is there twice: {:?}", twice);
                    }
                }
                // The times are those of the first word and the last.
                let span = passage.span().unwrap();
                prop_assert!(places[first].from <= span.from && span.from <= places[first].to);
                prop_assert!(places[last].from <= span.to && span.to <= places[last].to);
                prop_assert!(span.from <= span.to);
                prop_assert!(passage.text.len() <= MAX_CHARS.max(longest), "{} characters", passage.text.len());
                before = Some(here);
            }
            prop_assert_eq!(before.and_then(|last| last.last().copied()), Some(words.len() - 1), "the end is there");
        }
    }
}
