//! The words of a lecture, and which of them a question means that spells them otherwise; knows no meaning and no grammar.

use std::collections::{BTreeMap, BTreeSet};

use strsim::osa_distance;

use crate::terms::{content_terms, content_words, stem, words};

/// A word of a question, read as the lecture spells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// As the question has it, in lower case; two words where they were torn apart.
    pub asked: String,
    /// As the lecture has it; two words where they were run together.
    pub meant: String,
}

/// Words that were torn apart are looked for when together they are this long.
const JOINED: usize = 6;
/// A beginning this long stands for a word.
const SHORTENED: usize = 5;
/// And leaves out this much of it.
const LEFT_OUT: usize = 3;

/// Endings that make one word of another.
const ENDINGS: &[&str] = &[
    "ence", "ance", "ment", "ness", "able", "ible", "ation", "ition", "tion", "ing", "ical", "ity", "ive", "ous", "ally", "ful",
    "less", "ism", "ist", "ize", "ise", "ized", "ised", "ship", "ward", "wards", "ences", "ments", "ations", "ional", "ular",
];

/// Short for three words or more, each of which gives its beginning: between these many letters.
const INITIALS: std::ops::RangeInclusive<usize> = 3..=6;

/// The words of a lecture.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    stems: BTreeSet<String>,
    /// The content words by how they sound, with how often they occur.
    sounds: BTreeMap<String, (String, usize)>,
    /// Neighbouring words run together, and apart.
    pairs: BTreeMap<String, String>,
    /// Three content words in a row, by which something may be called for short.
    threes: Vec<[String; 3]>,
}

impl Vocabulary {
    /// The words of these texts.
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut this = Self::default();
        for text in texts {
            let all: Vec<String> = words(text).collect();
            for word in &all {
                this.stems.insert(stem(plain(word)));
            }
            for pair in all.windows(2) {
                this.pairs.entry(pair.concat()).or_insert_with(|| pair.join(" "));
            }
            for three in all.windows(3) {
                if three.iter().all(|word| !content_words(word).is_empty()) {
                    this.threes.push([three[0].clone(), three[1].clone(), three[2].clone()]);
                }
            }
            for word in content_words(text) {
                let occurs = &mut this.sounds.entry(sound(&word)).or_insert((word, 0)).1;
                *occurs += 1;
            }
        }
        this
    }

    /// The words of a question that the lecture lacks, each with the one it seems to mean.
    pub fn read(&self, question: &str) -> Vec<Reading> {
        let all: Vec<String> = words(question).collect();
        let asked: BTreeSet<String> = content_words(question).into_iter().collect();
        let mut out: Vec<Reading> = Vec::new();
        let mut at = 0;
        while at < all.len() {
            let word = plain(&all[at]);
            let next = all.get(at + 1).map(|next| plain(next));
            if let Some((next, meant)) = next.and_then(|next| Some((next, self.joined(word, next)?))) {
                out.push(Reading { asked: format!("{word} {next}"), meant });
                at += 2;
                continue;
            }
            at += 1;
            if !asked.contains(word) || self.stems.contains(&stem(word)) {
                continue;
            }
            if let Some(meant) = self.in_full(word) {
                out.push(Reading { asked: word.to_owned(), meant });
            } else if let Some(meant) = self.pairs.get(word).or_else(|| self.nearest(word)).or_else(|| self.begun(word)) {
                out.push(Reading { asked: word.to_owned(), meant: meant.clone() });
            }
        }
        out
    }

    /// The word that two words are parts of.
    fn joined(&self, first: &str, second: &str) -> Option<String> {
        let joined = format!("{first}{second}");
        if joined.len() < JOINED || !first.chars().chain(second.chars()).all(char::is_alphabetic) {
            return None;
        }
        // Where both stand in the lecture as they are, apart is how it says them.
        let apart = self.pairs.get(&joined).is_some_and(|pair| pair.contains(' '));
        if apart
            || (self.stems.contains(&stem(first)) && self.stems.contains(&stem(second)) && !self.stems.contains(&stem(&joined)))
        {
            return None;
        }
        if self.stems.contains(&stem(&joined)) {
            return Some(joined);
        }
        let unknown = |word: &str| !self.stems.contains(&stem(word));
        let telling = content_words(first).len() + content_words(second).len() == 2;
        (telling && (unknown(first) || unknown(second))).then(|| self.nearest(&joined).cloned()).flatten()
    }

    /// The word that sounds the same, or nearly so where it is long.
    fn nearest(&self, word: &str) -> Option<&String> {
        let heard = sound(word);
        if heard.len() < 3 {
            return None;
        }
        if let Some((meant, _)) = self.sounds.get(&heard) {
            return Some(meant);
        }
        let near = self.sounds.iter().filter_map(|(other, (meant, occurs))| {
            let distance = slips(&heard, other).filter(|_| meant.len() >= SHORTENED)?;
            Some((distance, std::cmp::Reverse(occurs), meant))
        });
        near.min().map(|(_, _, meant)| meant)
    }

    /// The words that a short form such as "SGD" or "ReLU" is made of, where only one stretch of the lecture can be meant.
    fn in_full(&self, word: &str) -> Option<String> {
        if !INITIALS.contains(&word.len()) || !word.is_ascii() {
            return None;
        }
        let mut meant = self.threes.iter().filter(|three| begin(three.as_slice(), word));
        let found = meant.next()?;
        meant.all(|other| other == found).then(|| found.join(" "))
    }

    /// The only word that begins like this.
    fn begun(&self, word: &str) -> Option<&String> {
        if word.chars().count() < SHORTENED {
            return None;
        }
        let mut longer = self.sounds.values().map(|(whole, _)| whole).filter(|whole| whole.starts_with(word));
        let found = longer.next()?;
        let only = longer.all(|other| stem(other) == stem(found));
        let left_out = &found[word.len()..];
        // "Difference" is another word than "differ", and not short for it.
        (only && left_out.len() >= LEFT_OUT && !ENDINGS.contains(&left_out)).then_some(found)
    }
}

/// Whether a short form is the beginnings of these words put together.
fn begin(words: &[String], short: &str) -> bool {
    let Some((word, rest)) = words.split_first() else { return short.is_empty() };
    let shared = word.bytes().zip(short.bytes()).take_while(|(a, b)| a == b).count();
    // The first word may give more than its first letter; of the others more would fit too easily.
    let most = if rest.len() == 2 { shared.min(2) } else { shared.min(1) };
    (1..=most).any(|letters| begin(rest, &short[letters..]))
}

/// Whether these texts have a word of what is looked for, or one that it seems to mean. Where it has none that carries meaning, any
/// text may.
pub fn has_word_of<'a>(texts: impl IntoIterator<Item = &'a str>, wanted: &str) -> bool {
    let terms = content_terms(wanted);
    let vocabulary = Vocabulary::of(texts);
    let reads = || vocabulary.read(wanted).iter().any(|reading| !content_words(&reading.asked).is_empty());
    terms.is_empty() || terms.iter().any(|term| vocabulary.stems.contains(term)) || reads()
}

/// A question with its words as the lecture spells them.
pub fn respell(question: &str, readings: &[Reading]) -> String {
    let mut out = question.to_owned();
    for reading in readings {
        let parts: Vec<&str> = reading.asked.split(' ').collect();
        let Some(from) = place_of(&out, parts[0]) else { continue };
        let to = match parts.get(1) {
            None => from + parts[0].len(),
            Some(second) => match place_of(&out[from + parts[0].len()..], second) {
                Some(after) => from + parts[0].len() + after + second.len(),
                None => continue,
            },
        };
        out.replace_range(from..to, &reading.meant);
    }
    out
}

/// Where a word stands by itself; case does not count where it keeps its length.
pub(crate) fn place_of(text: &str, word: &str) -> Option<usize> {
    let lower = text.to_lowercase();
    if lower.len() != text.len() {
        return None;
    }
    let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    let free = |at: usize| edge(lower[..at].chars().next_back()) && edge(lower[at + word.len()..].chars().next());
    lower.match_indices(word).map(|(at, _)| at).find(|at| free(*at) && text.get(*at..at + word.len()).is_some())
}

/// How many slips lie between two words as they sound, where the one may well be meant by the other.
fn slips(heard: &str, other: &str) -> Option<usize> {
    let length = heard.chars().count();
    let most = match length {
        0..=3 => 0,
        4..=8 => 1,
        9..=12 => 2,
        _ => 3,
    };
    // "Moment" is no slip of "momentum", and words begin as they are meant.
    let longer = other.starts_with(heard) || heard.starts_with(other);
    if longer || heard.chars().next() != other.chars().next() || other.chars().count().abs_diff(length) > most {
        return None;
    }
    // Of short words too many are near: only letters that changed places count.
    let swapped = || {
        let sorted = |word: &str| {
            let mut letters: Vec<char> = word.chars().collect();
            letters.sort_unstable();
            letters
        };
        sorted(heard) == sorted(other)
    };
    let distance = osa_distance(heard, other);
    (distance <= most && (length > 5 || swapped())).then_some(distance)
}

fn plain(word: &str) -> &str {
    word.strip_suffix("'s").unwrap_or(word)
}

/// A word as it sounds: letters that are said alike are written alike, and doubled ones once.
fn sound(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let letters: Vec<char> = word.chars().collect();
    let mut at = 0;
    while at < letters.len() {
        let next = letters.get(at + 1).copied();
        let (said, taken) = match (letters[at], next) {
            ('p', Some('h')) => ('f', 2),
            ('t', Some('h')) => ('t', 2),
            ('r', Some('h')) => ('r', 2),
            ('c', Some('h')) => ('k', 2),
            ('c', Some('k')) => ('k', 2),
            ('c', Some('e' | 'i' | 'y')) => ('s', 1),
            ('c' | 'q', _) => ('k', 1),
            ('z', _) => ('s', 1),
            ('y', _) => ('i', 1),
            (other, _) => (other, 1),
        };
        if !out.ends_with(said) {
            out.push(said);
        }
        at += taken;
    }
    // What is not said at the end is not heard.
    if out.len() > 4 && out.ends_with('e') {
        out.pop();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LECTURE: &str = "This is gradient descent. Backpropagation is the chain rule; we call this overfitting. A mini batch is small. \
        The rectified linear unit has a slope. This is stochastic gradient descent. \
        There is a difference. At the moment, chlorophyll in the thylakoids of a chloroplast does photosynthesis, and the layer later learns.";

    fn read(question: &str) -> String {
        let vocabulary = Vocabulary::of([LECTURE]);
        respell(question, &vocabulary.read(question))
    }

    #[test]
    fn a_text_has_a_word_however_it_is_spelt_and_no_stranger() {
        let has = |wanted: &str| has_word_of([LECTURE, "Biology"], wanted);
        for wanted in
            ["slopes", "what does it mean to descend a gradient", "Clorofil", "mini-batches", "SGD", "biology", "why is that"]
        {
            assert!(has(wanted), "{wanted}");
        }
        for wanted in ["zebra", "What is a zebra?", "the premier league", "pizza", "could you explain zebras"] {
            assert!(!has(wanted), "{wanted}");
        }
    }

    #[test]
    fn slips_and_words_written_as_they_sound_are_read_as_the_lecture_has_them() {
        for (asked, meant) in [
            ("What is gradiant decent?", "What is gradient descent?"),
            ("gradient dissent", "gradient descent"),
            ("how does photosinthesis work", "how does photosynthesis work"),
            ("Clorofil?", "chlorophyll?"),
            ("where are the tilakoids", "where are the thylakoids"),
            ("a cloroplast", "a chloroplast"),
            ("What is over fitting?", "What is overfitting?"),
            ("what is back propogation", "what is backpropagation"),
            ("backpropogation", "backpropagation"),
            ("Backprop", "backpropagation"),
            ("the minibatch", "the mini batch"),
            ("the chian rule", "the chain rule"),
            ("what is SGD?", "what is stochastic gradient descent?"),
            ("what is relu?", "what is rectified linear unit?"),
        ] {
            assert_eq!(read(asked), meant);
        }
    }

    #[test]
    fn what_the_lecture_holds_and_what_is_foreign_to_it_stays_as_it_is() {
        for question in [
            "What is the gradient of the layers?",
            "What is momentum?",
            "Who won the world cup?",
            "What is a convolutional network?",
            "What about attention and transformers?",
            "When is the exam?",
            "How do they differ?",
            "a mini batch",
            "Why is the sky blue?",
            "",
        ] {
            assert_eq!(read(question), question);
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics_and_names_words_of_the_lecture(question in "\\PC{0,60}", text in "\\PC{0,60}") {
            let vocabulary = Vocabulary::of([text.as_str()]);
            let readings = vocabulary.read(&question);
            let _ = respell(&question, &readings);
            let said: Vec<String> = words(&text).collect();
            for reading in readings {
                for word in reading.meant.split(' ') {
                    prop_assert!(said.iter().any(|s| stem(plain(s)) == stem(plain(word))));
                }
            }
        }
    }
}
