//! The words of a lecture as the ear should expect them: sentences to count, words to know, and how they are written.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::ngram::Ngram;
use super::spoken;

/// How students begin to ask; without these, a lecture's own text would make every question sound like a statement.
const QUESTIONS: &[&str] = &[
    "what is",
    "what is the",
    "what is a",
    "what are",
    "what are the",
    "what does",
    "what does the",
    "what did she mean by",
    "what did he mean by",
    "what did you mean by",
    "what happens when",
    "what happens if",
    "what happens to the",
    "what do you mean by",
    "why is",
    "why is the",
    "why are",
    "why do we",
    "why does",
    "why does the",
    "why did",
    "why not",
    "how is",
    "how is the",
    "how are",
    "how do we",
    "how does",
    "how does the",
    "how did",
    "how many",
    "how much",
    "how big",
    "how large",
    "how long",
    "how often",
    "how far",
    "which",
    "which one",
    "when",
    "when do we",
    "when is",
    "who",
    "who was",
    "where",
    "where does",
    "can you explain",
    "can you explain the",
    "can you repeat",
    "could you explain",
    "could you repeat",
    "explain the",
    "explain",
    "is it",
    "is there",
    "is the",
    "are there",
    "does it",
    "does the",
    "do we",
    "do you",
    "tell me about",
    "tell me",
    "i do not understand",
    "i don't understand",
    "what is the difference between",
    "what is an example of",
    "give me an example of",
    "how would you",
    "what would happen if",
];

/// A lecture's words, counted once and used by every decoder that listens for it.
#[derive(Debug, Clone)]
pub struct LectureWords {
    /// Names the text: the same text has the same key.
    pub key: u64,
    sentences: Vec<Vec<String>>,
    spelled: HashSet<String>,
    written: HashMap<String, String>,
}

impl LectureWords {
    /// Reads a lecture's text.
    pub fn of(text: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let sentences: Vec<Vec<String>> =
            spoken::say(text).split(['.', '!', '?']).map(spoken::words).filter(|sentence| !sentence.is_empty()).collect();
        let (spelled, written) = forms(text);
        Self { key: hasher.finish(), sentences, spelled, written }
    }

    /// A language model of the lecture and of the way people ask about it.
    pub fn model(&self) -> Ngram {
        let said = self.sentences.iter().map(|sentence| (sentence.clone(), 2));
        let asked = QUESTIONS.iter().map(|start| (spoken::words(start), 1));
        Ngram::train(said.chain(asked))
    }

    /// Whether a word is a short form that is read letter by letter.
    pub fn is_spelled(&self, word: &str) -> bool {
        self.spelled.contains(word)
    }

    /// A recognised word as the lecture writes it.
    pub fn written<'a>(&'a self, word: &'a str) -> &'a str {
        self.written.get(word).map_or(word, String::as_str)
    }
}

/// The words that are short forms in capitals, and those that are always written with a capital.
fn forms(text: &str) -> (HashSet<String>, HashMap<String, String>) {
    let mut lower: HashSet<&str> = HashSet::new();
    let mut capital: HashMap<String, &str> = HashMap::new();
    let mut opens = true;
    for token in text.split_whitespace() {
        let word = token.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        let plain = word.bytes().all(|b| b.is_ascii_alphabetic());
        if plain && word.bytes().any(|b| b.is_ascii_uppercase()) {
            // The first word of a sentence has a capital whatever it is, unless it has several.
            if !opens || word.bytes().skip(1).any(|b| b.is_ascii_uppercase()) {
                capital.entry(word.to_ascii_lowercase()).or_insert(word);
            }
        } else if plain {
            lower.insert(word);
        }
        opens = token.ends_with(['.', '!', '?', ':']) || token.ends_with(['.', '"']) || token.starts_with('#');
    }
    capital.retain(|word, _| !lower.contains(word.as_str()));
    let spelled = capital
        .iter()
        .filter(|(word, form)| (2..=5).contains(&word.len()) && form.bytes().all(|b| b.is_ascii_uppercase()))
        .map(|(word, _)| word.clone())
        .collect();
    (spelled, capital.into_iter().map(|(word, form)| (word, form.to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lecture_teaches_its_words_and_how_to_write_them() {
        let words = LectureWords::of("The chain rule is due to Leibniz. A GPU helps; the rate is 0.1. The end.");
        assert_eq!(words.written("leibniz"), "Leibniz");
        assert_eq!(words.written("the"), "the");
        assert_eq!(words.written("gpu"), "GPU");
        assert!(words.is_spelled("gpu") && !words.is_spelled("leibniz"));
        let model = words.model();
        assert!(model.probability(&["zero", "point"], "one") > 0.5);
        assert!(model.probability(&["what", "is"], "the") > 0.1);
        assert_eq!(words.key, LectureWords::of("The chain rule is due to Leibniz. A GPU helps; the rate is 0.1. The end.").key);
        assert_ne!(words.key, LectureWords::of("Another text.").key);
    }
}
