//! The little words of a question that fingers trip over: "waht is teh …". Knows the words that ask and join, and nothing of any
//! lecture.

use strsim::osa_distance;

use crate::terms::{content_words, words};
use crate::vocabulary::place_of;

/// Words that say what kind of question it is, and those between its words.
const SMALL: &[&str] = &[
    "what",
    "when",
    "where",
    "which",
    "why",
    "how",
    "who",
    "does",
    "did",
    "the",
    "this",
    "that",
    "these",
    "those",
    "are",
    "was",
    "were",
    "with",
    "from",
    "about",
    "between",
    "after",
    "before",
    "and",
    "for",
    "can",
    "could",
    "should",
    "would",
    "you",
    "there",
    "happens",
    "explain",
    "mean",
    "means",
    "difference",
    "example",
    "they",
    "their",
    "them",
    "because",
    "tell",
];
/// A word this long is still meant when one of its letters is missing or wrong.
const LONG: usize = 7;
/// Of these, one letter is often left out.
const CLIPPED: &[&str] = &["what", "when", "where", "which", "about"];
/// Words that are a slip away from a small one, and meant as they are.
const WORDS: &[&str] = &[
    "form",
    "forms",
    "fro",
    "own",
    "saw",
    "won",
    "hen",
    "wit",
    "bout",
    "dose",
    "three",
    "tells",
    "examples",
    "differences",
    "happen",
    "explains",
];

/// The question with its little words as they are meant. A word that the lecture says stays as it is.
pub fn mend(question: &str, is_said: impl Fn(&str) -> bool) -> String {
    let mut out = question.to_owned();
    for word in words(question) {
        if content_words(&word).is_empty() || WORDS.contains(&word.as_str()) {
            continue;
        }
        if let Some(meant) = SMALL.iter().find(|small| is_slip(&word, small))
            && !is_said(&word)
            && let Some(at) = place_of(&out, &word)
        {
            out.replace_range(at..at + word.len(), meant);
        }
    }
    out
}

/// Whether a word is a small one with two letters changed about, one of them written twice, or one left out.
fn is_slip(word: &str, small: &str) -> bool {
    if word == small || osa_distance(word, small) != 1 {
        return false;
    }
    let (length, meant) = (word.chars().count(), small.len());
    let sorted = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        letters
    };
    let swapped = length == meant && sorted(word) == sorted(small);
    let doubled = length == meant + 1 && word.chars().zip(word.chars().skip(1)).filter(|(a, b)| a == b).count() > 0;
    let clipped = length + 1 == meant && CLIPPED.contains(&small) && word.chars().next() == small.chars().next();
    swapped || doubled || clipped || meant >= LONG
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn little_words_are_read_as_they_are_meant() {
        for (asked, meant) in [
            ("waht is teh learning rate", "what is the learning rate"),
            ("Wat deos it do?", "what does it do?"),
            ("wich steps", "which steps"),
            ("whne was taht", "when was that"),
            ("hwo does it work", "how does it work"),
            ("whats the diffrence betwen them", "whats the difference between them"),
            ("What is form?", "What is form?"),
            ("Which dose tells three of them apart?", "Which dose tells three of them apart?"),
            ("what is the learning rate", "what is the learning rate"),
            ("", ""),
        ] {
            assert_eq!(mend(asked, |_| false), meant, "{asked}");
        }
    }

    #[test]
    fn a_word_of_the_lecture_is_no_slip() {
        assert_eq!(mend("what is a wat?", |word| word == "wat"), "what is a wat?");
    }

    proptest! {
        #[test]
        fn mending_never_panics(question in "\\PC{0,60}") {
            let _ = mend(&question, |_| false);
        }
    }
}
