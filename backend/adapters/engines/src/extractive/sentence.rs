//! Passages taken apart into sentences that can be quoted; every sentence is an exact part of its passage.

use std::ops::Range;

use synapscribe_domain::retrieval::Ranked;
use synapscribe_domain::{Passage, sentences, terms};

use super::lexicon;
use crate::builtin::numbers;

/// A sentence of a passage.
#[derive(Debug, Clone)]
pub struct Quotable {
    /// The passage's place in the request.
    pub passage: usize,
    /// Where in the passage's text it begins.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// The words in lower case.
    pub words: Vec<String>,
    /// The stem of each word.
    pub stems: Vec<String>,
    /// Whether it follows the sentence before it in the list directly.
    pub follows: bool,
    /// Whether it asks.
    pub asks: bool,
    /// Whether it cannot be understood without the sentence before.
    pub leans: bool,
    /// Whether it goes on with the thought of the sentence before.
    pub joins: bool,
    /// The stems of what it names: words with a capital letter inside the sentence, and before another such word.
    pub names: Vec<String>,
    /// How many commas it has.
    pub commas: usize,
    /// How near it is to the question in meaning, where that was compared.
    pub meaning: Option<f32>,
}

impl Quotable {
    /// Whether it begins with a word for whatever the talk is about: "The method became famous".
    pub fn is_about_the_topic(&self) -> bool {
        let noun = |word: &String| {
            matches!(
                word.as_str(),
                "method"
                    | "process"
                    | "technique"
                    | "approach"
                    | "idea"
                    | "problem"
                    | "algorithm"
                    | "procedure"
                    | "effect"
                    | "phenomenon"
                    | "trick"
            )
        };
        self.words.first().is_some_and(|first| first == "the") && self.words.get(1).is_some_and(noun)
    }

    /// Whether it has one of these words or phrases.
    pub fn says(&self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| {
            let wanted: Vec<&str> = phrase.split(' ').collect();
            self.words.windows(wanted.len()).any(|words| words.iter().zip(&wanted).all(|(word, wanted)| word == wanted))
        })
    }
}

/// All sentences of the passages, source by source in their order, those that overlapping passages share once only.
pub fn quotables(passages: &[Ranked]) -> Vec<Quotable> {
    let mut order: Vec<usize> = (0..passages.len()).collect();
    let place = |n: usize| (&passages[n].passage.source, passages[n].passage.index);
    order.sort_by_key(|&n| place(n));
    let mut out: Vec<Quotable> = Vec::new();
    let mut last: Option<&Passage> = None;
    for n in order {
        let passage = &passages[n].passage;
        if last.is_some_and(|last| (&last.source, last.index) == place(n)) {
            continue;
        }
        let mut follows = last.is_some_and(|last| passage.follows(last));
        last = Some(passage);
        for (part, Range { start: from, end: to }) in sentences::of(&passage.text).into_iter().enumerate() {
            let text = &passage.text[from..to];
            let repeated = out.last().is_some_and(|before: &Quotable| {
                before.passage != n && passages[before.passage].passage.text[before.from..before.to] == *text
            });
            if repeated {
                // The overlap: the better of the two passages keeps it, so that its neighbours can be quoted with it.
                if let Some(before) = out.last_mut() {
                    (before.passage, before.from, before.to) = (n, from, to);
                }
            } else {
                let meaning = passages[n].parts.get(part).copied();
                out.push(Quotable { meaning, ..quotable(n, text, from, to, follows) });
            }
            follows = true;
        }
    }
    out
}

fn quotable(passage: usize, text: &str, from: usize, to: usize, follows: bool) -> Quotable {
    let words: Vec<String> = terms::words(text).collect();
    let stems = words.iter().map(|w| terms::stem(w.strip_suffix("'s").unwrap_or(w))).collect();
    let second = words.get(1).map_or("", String::as_str);
    // "We call that a schedule" leans as much as "That is a schedule".
    let calls = words
        .windows(2)
        .any(|w| matches!(&*w[0], "call" | "called" | "calls") && matches!(&*w[1], "this" | "that" | "it" | "these" | "them"));
    let leans = calls || words.first().is_some_and(|first| lexicon::leans_back(first, second));
    let joins = leans || words.first().is_some_and(|first| lexicon::goes_on(first, second));
    let names = names(text);
    let commas = text.matches(',').count();
    Quotable { passage, from, to, words, stems, follows, asks: text.ends_with('?'), leans, joins, names, commas, meaning: None }
}

fn names(text: &str) -> Vec<String> {
    let is_name = |word: &str| {
        word.chars().next().is_some_and(char::is_uppercase) && !matches!(word, "I" | "I'm" | "I'll" | "I've" | "I'd")
    };
    let all: Vec<&str> = text.split_whitespace().map(|w| w.trim_matches(|c: char| !c.is_alphanumeric())).collect();
    let named = (0..all.len()).filter(|&n| {
        is_name(all[n]) && (n > 0 || (all.get(1).is_some_and(|next| is_name(next)) && !terms::content_terms(all[0]).is_empty()))
    });
    named.map(|n| terms::stem(&all[n].to_lowercase())).collect()
}

/// A quote as it should be read aloud: a capital first, a full stop last, and no word that only joins it to what is not quoted. A line
/// of it ends as a sentence does.
pub fn as_spoken(excerpt: &str) -> String {
    let mut out = String::new();
    for line in without_joint(excerpt).lines().map(str::trim).filter(|line| !line.is_empty()) {
        if !out.is_empty() {
            out.push_str(if out.ends_with(char::is_alphanumeric) { ". " } else { " " });
        }
        let mut chars = line.chars();
        out.extend(chars.next().into_iter().flat_map(char::to_uppercase));
        out.push_str(chars.as_str());
    }
    if out.chars().next_back().is_some_and(|c| c.is_alphanumeric() || matches!(c, ',' | ';' | ':')) {
        out.truncate(out.trim_end_matches([',', ';', ':']).len());
        out.push('.');
    }
    out
}

/// A quote without the "so", "and", "but" or "now" that it begins with.
fn without_joint(excerpt: &str) -> &str {
    let whole = excerpt.trim();
    let Some((joint, rest)) = whole.split_once([' ', ',']) else { return whole };
    let rest = rest.trim_start_matches([' ', ',']);
    let joins = matches!(joint.to_lowercase().as_str(), "so" | "and" | "but" | "now" | "well" | "okay" | "ok");
    let stands_alone = rest.split(' ').count() > 3 && !rest.to_lowercase().starts_with("that ");
    if joins && stands_alone { rest } else { whole }
}

/// Whether an answer quoted this sentence.
pub fn was_said(answer: &str, sentence: &str) -> bool {
    let mut words = without_joint(sentence).chars();
    // Its first letter may have been made a capital.
    words.next().is_some() && !words.as_str().is_empty() && answer.contains(words.as_str())
}

/// A passage that does not hold at least this share of a claim's words does not support it. `make eval` prints how often that is right:
/// with more, claims in other words than the passage's lose theirs.
const LEAST_SHARE: f32 = 0.4;

/// The sentence of a passage that supports a claim best, or the whole passage where none stands out. Nothing where the passage does
/// not support it: too few of the claim's words stand there, or one of its numbers does not. Where one of the two is not in English,
/// words tell nothing of that, and the passage is taken to support it.
pub fn supporting(passage: &Passage, claim: &str) -> Option<String> {
    // Whoever claims is told the heading and the place, too, and may name them.
    let in_context = passage.in_context();
    let told = format!("{}\n{in_context}", passage.spot);
    let wanted = terms::content_terms(claim);
    let shared = |held: &[String]| wanted.iter().filter(|word| held.contains(word)).count() as f32;
    let enough = shared(&terms::content_terms(&told)) >= LEAST_SHARE * wanted.len() as f32;
    // The figures of a place are no text of it: only whoever names the place means those.
    let numbered = if names_a_place(claim) { told.as_str() } else { &*in_context };
    let supports = !wanted.is_empty() && enough && has_the_numbers(numbered, claim);
    if !supports && !is_foreign(&passage.text) && !is_foreign(claim) {
        return None;
    }
    let text = &passage.text;
    let score = |range: &Range<usize>| {
        let held = terms::content_terms(&text[range.clone()]);
        // Of two sentences that share as much, the shorter one says it more plainly.
        shared(&held) / (held.len() as f32).max(4.0).sqrt()
    };
    let best = sentences::of(text).into_iter().map(|cut| (score(&cut), cut)).max_by(|a, b| a.0.total_cmp(&b.0));
    Some(match best {
        Some((score, range)) if score > 0.0 => text[range].to_owned(),
        _ => text.clone(),
    })
}

/// Text of so many words is known to be in another language than English.
const ENOUGH_WORDS: usize = 8;

/// Whether a text is in another script, or long enough to have words that every English text has, and nearly without them.
fn is_foreign(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic());
    let (latin, other): (Vec<char>, Vec<char>) = letters.partition(|&c| c < '\u{370}');
    let words: Vec<String> = terms::words(text).collect();
    let english = words.iter().filter(|word| terms::is_stop_word(word)).count();
    other.len() > latin.len() || (words.len() >= ENOUGH_WORDS && english * 10 < words.len())
}

/// Whether a claim tells where something stands: a page, or a time such as 1:05.
fn names_a_place(claim: &str) -> bool {
    let is_time = |three: &[u8]| three[0].is_ascii_digit() && three[1] == b':' && three[2].is_ascii_digit();
    terms::words(claim).any(|word| matches!(&*word, "page" | "pages")) || claim.as_bytes().windows(3).any(is_time)
}

/// Whether every number of a claim stands in a text, in digits or in words, as a recogniser writes them.
fn has_the_numbers(text: &str, claim: &str) -> bool {
    let held: Vec<String> = terms::words(text).map(|word| in_digits(&word).unwrap_or(word)).collect();
    let says = |words: String| {
        let words: Vec<&str> = words.split(' ').collect();
        held.windows(words.len()).any(|held| held.iter().zip(&words).all(|(held, word)| held == word))
    };
    terms::words(claim).filter_map(|word| in_digits(&word)).all(|number| {
        let year = number.parse::<u64>().ok().filter(|year| (1100..2100).contains(year)).map(numbers::year);
        held.contains(&number) || [numbers::number(&number), year].into_iter().flatten().any(says)
    })
}

/// A number as its digits, without the commas between thousands; nothing where a word is none.
fn in_digits(word: &str) -> Option<String> {
    let digits = word.starts_with(|c: char| c.is_ascii_digit()) && word.chars().all(|c| c.is_ascii_digit() || ".,".contains(c));
    digits.then(|| word.replace(',', ""))
}

#[cfg(test)]
mod tests {
    use synapscribe_domain::{LectureId, Millis, Span};

    use super::*;

    fn said(text: &str) -> Passage {
        let span = Span::new(Millis(65_000), Millis(70_000));
        Passage::said(&LectureId::parse("l").unwrap(), 0, span, text)
    }

    #[test]
    fn a_passage_in_another_language_keeps_its_citation() {
        let claim = "The slopes of nested functions are multiplied with each other.";
        for other in [
            "Die Steigungen der inneren und der äußeren Funktion werden miteinander malgenommen. Das ist die Kettenregel.",
            "On multiplie les pentes des fonctions qui sont prises les unes dans les autres, et c'est tout.",
            "内側の関数と外側の関数の傾きを掛けます。",
        ] {
            assert!(supporting(&said(other), claim).is_some(), "{other}");
        }
        let other = "The moon pulls at the water of the sea, and this is why there are tides on both sides of the earth.";
        assert_eq!(supporting(&said(other), claim), None, "this can be judged");
        assert_eq!(supporting(&said("Tides."), claim), None);
    }

    #[test]
    fn the_time_of_a_passage_is_none_of_its_numbers() {
        let passage = said("The moon pulls at the water of the sea.");
        assert_eq!(supporting(&passage, "The moon pulls at the water 10 times."), None);
        assert_eq!(supporting(&passage, "The moon pulls 5 seas."), None);
        assert!(supporting(&passage, "At 1:05 the moon pulls at the water.").is_some());
    }
}
