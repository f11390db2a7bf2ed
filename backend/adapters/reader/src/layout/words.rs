//! Joins lines to running text: a hyphen at the end of a line goes where the book writes the word without one elsewhere.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The words of a book, as far as they are not broken; only their hashes are kept.
#[derive(Debug, Default)]
pub struct Words(HashSet<u64>);

/// A million different words are more than any book has.
const MOST: usize = 1_000_000;

impl Words {
    /// Learns the words of a stretch of text; the last may be broken.
    pub fn learn(&mut self, text: &str) {
        if self.0.len() >= MOST {
            return;
        }
        let mut words = text.split_whitespace().peekable();
        while let Some(word) = words.next() {
            let word = bare(word);
            if word.len() > 3 && (words.peek().is_some() || !word.ends_with('-')) {
                self.0.insert(hash(word));
            }
        }
    }

    fn knows(&self, word: &str) -> bool {
        self.0.contains(&hash(word))
    }

    /// Adds a line to a text.
    pub fn append(&self, text: &mut String, line: &str) {
        let line = line.trim();
        if text.is_empty() {
            text.push_str(line);
            return;
        }
        let Some(hyphen) = text.chars().last().filter(|c| matches!(c, '-' | '\u{AD}' | '\u{2010}')) else {
            text.push(' ');
            text.push_str(line);
            return;
        };
        let before = text[..text.len() - hyphen.len_utf8()].to_owned();
        let (first, second) = (bare_end(&before), bare(line.split_whitespace().next().unwrap_or_default()));
        // A dash with a space before it is no hyphen.
        if first.is_empty() {
            text.push(' ');
        } else if hyphen == '\u{AD}' || self.is_broken(first, second) {
            *text = before;
        }
        text.push_str(line);
    }

    /// Whether two parts are one word without a hyphen.
    fn is_broken(&self, first: &str, second: &str) -> bool {
        if !second.starts_with(char::is_lowercase) || !first.ends_with(char::is_alphabetic) {
            return false;
        }
        let (joined, hyphened) = (format!("{first}{second}"), format!("{first}-{second}"));
        self.knows(&joined) || !self.knows(&hyphened)
    }
}

fn hash(word: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    word.chars().flat_map(char::to_lowercase).for_each(|c| c.hash(&mut hasher));
    hasher.finish()
}

fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric() && c != '-')
}

/// The last word of a text.
fn bare_end(text: &str) -> &str {
    text.rsplit(|c: char| c.is_whitespace() || matches!(c, '(' | '“' | '"' | '/')).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn join(known: &str, lines: &[&str]) -> String {
        let mut words = Words::default();
        words.learn(known);
        let mut text = String::new();
        lines.iter().for_each(|line| words.append(&mut text, line));
        text
    }

    #[test]
    fn broken_words_are_joined_and_compounds_stay() {
        assert_eq!(join("", &["the gravi-", "tation of"]), "the gravitation of");
        assert_eq!(join("a well-known fact", &["a well-", "known fact"]), "a well-known fact");
        assert_eq!(join("wellknown well-known", &["well-", "known"]), "wellknown");
        assert_eq!(join("", &["Jean-", "Paul"]), "Jean-Paul");
        assert_eq!(join("", &["pages 3-", "4 of"]), "pages 3-4 of");
        assert_eq!(join("", &["soft\u{AD}", "ware"]), "software");
        assert_eq!(join("", &["the moon -", "it is said"]), "the moon - it is said");
        assert_eq!(join("", &["one", " two "]), "one two");
    }
}
