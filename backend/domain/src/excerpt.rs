//! The part of a passage that is shown where all of it would be too much. Knows nothing of how the passage was found.

use std::collections::HashSet;
use std::ops::Range;

use crate::sentences;
use crate::terms::{stem, words};

/// About as many bytes are shown.
const SHOWN: usize = 280;

/// The sentence that fits best, with those around it that there is room for. `wanted` are the words that were looked for, and
/// `near` how near each sentence is in meaning, where that is known.
pub fn of<'a>(text: &'a str, wanted: &[String], near: &[f32]) -> &'a str {
    let sentences = sentences::of(text);
    let Some(best) = best(text, &sentences, wanted, near) else { return text.trim() };
    let (mut first, mut last) = (best, best);
    let length = |first: usize, last: usize| sentences[last].end - sentences[first].start;
    while last + 1 < sentences.len() && length(first, last + 1) <= SHOWN {
        last += 1;
    }
    while first > 0 && length(first - 1, last) <= SHOWN {
        first -= 1;
    }
    cut(&text[sentences[first].start..sentences[last].end])
}

fn best(text: &str, sentences: &[Range<usize>], wanted: &[String], near: &[f32]) -> Option<usize> {
    if near.len() == sentences.len() {
        // Of two that are as near, the first.
        return (0..near.len()).rev().max_by(|a, b| near[*a].total_cmp(&near[*b]));
    }
    let wanted: HashSet<String> = wanted.iter().map(|word| stem(&word.to_lowercase())).collect();
    let held = |sentence: &Range<usize>| {
        let said: HashSet<String> = words(&text[sentence.clone()]).map(|word| stem(&word)).collect();
        said.intersection(&wanted).count()
    };
    let held: Vec<usize> = sentences.iter().map(held).collect();
    (0..held.len()).rev().max_by_key(|n| held[*n])
}

/// A sentence that is too long by itself ends between two words.
fn cut(text: &str) -> &str {
    if text.len() <= 2 * SHOWN {
        return text;
    }
    let most = &text[..text.floor_char_boundary(2 * SHOWN)];
    most.rsplit_once(char::is_whitespace).map_or(most, |(whole, _)| whole.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_words(text: &str, wanted: &[&str]) -> String {
        of(text, &wanted.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>(), &[]).to_owned()
    }

    #[test]
    fn it_begins_where_the_words_are_and_takes_along_what_there_is_room_for() {
        let text = format!(
            "{}A fetch is open water. The wind blows over it.",
            "Nothing is said here that anybody asked for. ".repeat(9)
        );
        let shown = of_words(&text, &["fetches"]);
        assert!(shown.ends_with("A fetch is open water. The wind blows over it.") && shown.len() <= SHOWN, "{shown}");
        assert_eq!(of_words("Short.", &["fetch"]), "Short.");
        assert_eq!(of_words("", &["fetch"]), "");
    }

    #[test]
    fn the_sentence_that_is_nearest_in_meaning_comes_first() {
        let text = format!("One. Two goes on {}and ends. Three.", "and on ".repeat(50));
        let count = sentences::of(&text).len();
        let near: Vec<f32> = (0..count).map(|n| if n + 1 == count { 0.9 } else { 0.1 }).collect();
        assert!(of(&text, &[], &near).ends_with("Three."));
    }

    #[test]
    fn a_sentence_without_end_is_cut_between_words() {
        let text = "öde ".repeat(400);
        let shown = of_words(&text, &["öde"]);
        assert!(shown.len() <= 2 * SHOWN && shown.ends_with("öde"), "{shown}");
    }
}
