//! Where a passage can be quoted: its sentences, and parts of those that are too long to be heard in one go. Knows nothing of what
//! is asked.

use std::ops::Range;

use crate::chunker;
use crate::phrase::Phrase;
use crate::time::{Millis, Span};

/// A stretch without a full stop is cut into parts of about this many words, as a transcript without punctuation needs.
const LONG_WORDS: usize = 34;
/// No part is shorter than this.
const PART_WORDS: usize = 14;

/// Where the sentences of a text begin and end; the same for the same text, so that what is kept of each finds its sentence again.
///
/// A line, such as an entry of a list or what was said between two pauses, ends what it says.
pub fn of(text: &str) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut begin = 0;
    for line in text.split_inclusive('\n') {
        out.extend(of_line(line).into_iter().map(|part| begin + part.start..begin + part.end));
        begin += line.len();
    }
    out
}

fn of_line(text: &str) -> Vec<Range<usize>> {
    let whole = Phrase::trusted(Span::new(Millis(0), Millis(0)), text);
    let mut out = Vec::new();
    let mut at = 0;
    for sentence in chunker::sentences(&[whole]) {
        // A text with odd spacing is not found word for word; the rest of it is then one sentence.
        let Some(offset) = text[at..].find(&sentence.text) else { break };
        let from = at + offset;
        at = from + sentence.text.len();
        out.extend(parts(text, from, at));
    }
    let rest = text[at..].trim();
    if !rest.is_empty() {
        let from = at + text[at..].find(rest).unwrap_or(0);
        out.extend(parts(text, from, from + rest.len()));
    }
    out
}

/// A stretch as it is, or cut before words that begin a new thought when it is far too long to be heard in one go.
fn parts(text: &str, from: usize, to: usize) -> Vec<Range<usize>> {
    let stretch = &text[from..to];
    let starts: Vec<usize> = stretch.split_whitespace().map(|w| w.as_ptr() as usize - stretch.as_ptr() as usize).collect();
    if starts.len() <= LONG_WORDS + PART_WORDS {
        return std::iter::once(from..to).collect();
    }
    let mut out = Vec::new();
    let mut first = 0;
    let mut n = PART_WORDS;
    while n + PART_WORDS / 2 < starts.len() {
        let word = stretch[starts[n]..].split_whitespace().next().unwrap_or("").to_lowercase();
        let opens = matches!(
            word.as_str(),
            "so" | "and"
                | "but"
                | "now"
                | "because"
                | "then"
                | "if"
                | "when"
                | "this"
                | "that's"
                | "it"
                | "we"
                | "you"
                | "the"
                | "which"
                | "in"
        );
        if (n - first >= PART_WORDS && opens) || n - first >= LONG_WORDS {
            out.push(from + starts[first]..from + stretch[..starts[n]].trim_end().len());
            first = n;
            n += PART_WORDS;
        } else {
            n += 1;
        }
    }
    out.push(from + starts[first]..to);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sentences_are_apart_and_long_stretches_are_cut_before_new_thoughts() {
        let text = "The slope is steep. So we step down!";
        assert_eq!(
            of(text).into_iter().map(|range| &text[range]).collect::<Vec<_>>(),
            ["The slope is steep.", "So we step down!"]
        );
        let words = "and the loss goes down again when we step".repeat(12);
        let parts = of(&words);
        assert!(parts.len() > 2 && parts.iter().all(|range| words[range.clone()].split(' ').count() <= LONG_WORDS + PART_WORDS));
    }

    proptest! {
        #[test]
        fn nothing_of_a_text_belongs_to_two_sentences_and_no_word_to_none(text in "[a-z .?!,]{0,400}") {
            let ranges = of(&text);
            prop_assert!(ranges.windows(2).all(|pair| pair[0].end <= pair[1].start));
            let quoted: usize = ranges.iter().map(|range| text[range.clone()].split_whitespace().count()).sum();
            prop_assert!(quoted >= text.split_whitespace().count());
        }
    }
}
