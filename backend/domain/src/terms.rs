//! Words as retrieval sees them: lower case, without stop words, with their endings cut.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

const STOP: &[&str] = &[
    "a",
    "about",
    "after",
    "again",
    "all",
    "also",
    "am",
    "an",
    "and",
    "any",
    "are",
    "as",
    "at",
    "be",
    "because",
    "been",
    "before",
    "being",
    "between",
    "both",
    "but",
    "by",
    "can",
    "could",
    "did",
    "do",
    "does",
    "doing",
    "done",
    "down",
    "during",
    "each",
    "explain",
    "few",
    "for",
    "from",
    "get",
    "gets",
    "give",
    "go",
    "goes",
    "had",
    "has",
    "have",
    "having",
    "he",
    "her",
    "here",
    "hers",
    "him",
    "his",
    "how",
    "i",
    "if",
    "in",
    "into",
    "is",
    "it",
    "its",
    "just",
    "lecture",
    "lecturer",
    "let",
    "like",
    "made",
    "make",
    "makes",
    "me",
    "mean",
    "means",
    "meant",
    "might",
    "more",
    "most",
    "my",
    "no",
    "nor",
    "not",
    "now",
    "of",
    "off",
    "on",
    "once",
    "one",
    "only",
    "or",
    "other",
    "our",
    "out",
    "over",
    "own",
    "please",
    "professor",
    "said",
    "same",
    "say",
    "says",
    "she",
    "should",
    "so",
    "some",
    "such",
    "tell",
    "than",
    "that",
    "the",
    "their",
    "them",
    "then",
    "there",
    "these",
    "they",
    "thing",
    "things",
    "this",
    "those",
    "through",
    "to",
    "too",
    "under",
    "until",
    "up",
    "us",
    "use",
    "very",
    "was",
    "we",
    "were",
    "what",
    "when",
    "where",
    "which",
    "while",
    "who",
    "whom",
    "why",
    "will",
    "with",
    "would",
    "you",
    "your",
];

/// All words of a text in lower case.
pub fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.unicode_words().map(|w| w.to_lowercase().replace('’', "'"))
}

/// The stem of every word of a text, and where in it the word stands.
pub fn stems(text: &str) -> impl Iterator<Item = (Range<usize>, String)> + '_ {
    text.unicode_word_indices().map(|(from, word)| {
        let lower = word.to_lowercase().replace('’', "'");
        (from..from + word.len(), stem(lower.strip_suffix("'s").unwrap_or(&lower)))
    })
}

/// Whether a word in lower case is one of those that stand in every English text.
pub fn is_stop_word(word: &str) -> bool {
    STOP.binary_search(&word).is_ok()
}

/// The words that carry meaning, stemmed, in order.
pub fn content_terms(text: &str) -> Vec<String> {
    words(text)
        .map(|w| w.strip_suffix("'s").map(str::to_owned).unwrap_or(w))
        .filter(|w| w.chars().count() > 1 || w.chars().all(char::is_numeric))
        .filter(|w| STOP.binary_search(&w.as_str()).is_err())
        .map(|w| stem(&w))
        .collect()
}

/// The content words as they are written, for a full-text query that stems by itself.
pub fn content_words(text: &str) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    words(text)
        .map(|w| w.strip_suffix("'s").map(str::to_owned).unwrap_or(w))
        .filter(|w| w.chars().count() > 1 || w.chars().all(char::is_numeric))
        .filter(|w| STOP.binary_search(&w.as_str()).is_err())
        .filter(|w| seen.insert(w.clone()))
        .collect()
}

/// A light stemmer for English endings: plural, past, continuous, adverb. It only has to be the same on both sides.
pub fn stem(word: &str) -> String {
    if !word.is_ascii() || word.len() <= 3 {
        return word.to_owned();
    }
    let cut = |w: &str, n: usize| w[..w.len() - n].to_owned();
    let mut w = match word {
        w if w.ends_with("sses") => cut(w, 2),
        w if w.ends_with("ies") && w.len() > 4 => format!("{}y", cut(w, 3)),
        w if w.ends_with("ss") || w.ends_with("us") || w.ends_with("is") => w.to_owned(),
        w if w.ends_with('s') => cut(w, 1),
        w => w.to_owned(),
    };
    for (ending, least) in [
        ("ational", 4),
        ("ization", 4),
        ("ation", 4),
        ("ness", 4),
        ("ment", 5),
        ("ing", 4),
        ("edly", 4),
        ("ed", 4),
        ("ly", 4),
        ("er", 5),
    ] {
        if w.len() >= ending.len() + least - 1 && w.ends_with(ending) {
            w.truncate(w.len() - ending.len());
            break;
        }
    }
    let bytes = w.as_bytes();
    let doubled =
        bytes.len() > 3 && bytes[bytes.len() - 1] == bytes[bytes.len() - 2] && !b"lsz".contains(&bytes[bytes.len() - 1]);
    if doubled || (w.ends_with('e') && w.len() > 3) {
        w.pop();
    }
    w
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_stop_list_is_sorted_so_that_it_can_be_searched() {
        assert!(STOP.windows(2).all(|p| p[0] < p[1]));
    }

    #[test]
    fn forms_of_a_word_meet() {
        for group in [
            &["step", "steps", "stepping", "stepped"][..],
            &["learn", "learning", "learned", "learns"],
            &["derivative", "derivatives"],
        ] {
            let stems: std::collections::HashSet<_> = group.iter().map(|w| stem(w)).collect();
            assert_eq!(stems.len(), 1, "{group:?} → {stems:?}");
        }
    }

    #[test]
    fn every_word_is_told_with_its_place() {
        let text = "The wave’s steps";
        let told: Vec<_> = stems(text).map(|(place, stem)| (&text[place], stem)).collect();
        let expected = [("The", "the"), ("wave’s", "wav"), ("steps", "step")];
        assert_eq!(told, expected.map(|(word, stem)| (word, stem.to_owned())));
    }

    #[test]
    fn a_question_keeps_what_matters() {
        assert_eq!(content_words("What did she mean by the chain rule there?"), ["chain", "rule"]);
    }

    proptest! {
        #[test]
        fn stemming_never_panics(word in "\\PC{0,30}") {
            let _ = stem(&word);
            let _ = content_terms(&word);
        }
    }
}
