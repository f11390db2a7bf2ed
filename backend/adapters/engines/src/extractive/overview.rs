//! A lecture in its own sentences: how it opens, what each part turns on, and how it closes. A question about a
//! subject it answers only where a heading names that.

use std::collections::{HashMap, HashSet};

use synapscribe_domain::passage::BELOW;
use synapscribe_domain::retrieval::Ranked;
use synapscribe_domain::terms;

use super::choose::{Quote, quotes_of};
use super::lexicon;
use super::question::{Asked, CARRIED, Kind};
use super::sentence::{Quotable, quotables};

/// An overview is not longer than this, in characters.
const MOST_CHARS: usize = 900;
/// The lecturer's own summary is quoted up to here.
const RECAP_CHARS: usize = 320;
/// So much is told of how a lecture begins or ends, and the whole of a part that is no longer.
const EDGE_CHARS: usize = 420;
/// It stands in the last part of the lecture.
const RECAP_FROM: f32 = 0.75;
/// What a lecture opens with is said in its first sentences, this share of them.
const OPENING: f32 = 0.12;

/// Words by which a part of a document is asked for.
const ASKING: &str = "happen describe define definition explain summarize summarise summary overview say tell cover discuss";
/// What such a part is called.
const PARTS: &str = "chapter section part unit lesson";

/// The sentences that stand for the lecture, in its order.
pub fn choose(passages: &[Ranked]) -> Vec<Quote> {
    let all = quotables(passages);
    let text = |n: usize| &passages[all[n].passage].passage.text[all[n].from..all[n].to];
    let weights = weigh(&all, text);
    let mut chosen: Vec<usize> = Vec::new();
    let recap = recap(&all, text);
    let body = recap.first().copied().unwrap_or(all.len());
    for section in sections(&all, body) {
        let opens = section.start == 0;
        let worth = |n: &usize| weights[*n] + if opens && all[*n].says(ANNOUNCING) { 0.5 } else { 0.0 };
        let mut understood: Vec<usize> = section.clone().filter(|&n| !all[n].leans && !all[n].asks).collect();
        understood.sort_by(|a, b| worth(b).total_cmp(&worth(a)));
        // What a lecture is about is seldom said in one sentence.
        understood.truncate(if opens { 2 } else { 1 });
        understood.sort_unstable();
        if understood.is_empty() {
            understood.extend(section.clone().find(|&n| !all[n].asks));
        }
        chosen.extend(understood);
    }
    chosen.extend(recap);
    chosen.dedup();
    // What does not fit is left out of the middle: the lecturer's own summary says it again.
    while chosen.len() > 3 && chosen.iter().map(|&n| text(n).len()).sum::<usize>() > MOST_CHARS {
        let longest = (1..chosen.len() - 1).max_by_key(|&at| text(chosen[at]).len()).unwrap_or(1);
        chosen.remove(longest);
    }
    quotes_of(&all, &chosen, passages)
}

/// The heading that a question names, and the sentences that stand for what is below it; nothing for a question that a part of a
/// document as a whole does not answer.
pub fn under_heading(question: &str, passages: &[Ranked]) -> Option<(String, Vec<Quote>)> {
    let asked = Asked::parse(question);
    let turns = terms::words(question).any(|word| word == "not" || word.ends_with("n't"));
    if turns || question.contains(CARRIED) || !matches!(asked.kind, Kind::Fact | Kind::Definition | Kind::More) {
        return None;
    }
    let is_number = |term: &String| term.bytes().all(|b| b.is_ascii_digit());
    let about: HashSet<String> = asked.sequence.iter().filter(|term| !is_one_of(ASKING, term)).cloned().collect();
    let subject: HashSet<&String> = about.iter().filter(|term| !is_one_of(PARTS, term)).collect();
    // "Chapter 2", whatever that is called besides.
    let numbered = subject.len() < about.len() && subject.iter().all(|term| is_number(term));
    let spare = |path: &str| {
        let words: HashSet<String> = terms::content_terms(last(path)).into_iter().collect();
        let own = words.iter().filter(|word| !is_number(word) && !is_one_of(PARTS, word) && !subject.contains(word)).count();
        match (numbered, subject.iter().all(|term| words.contains(*term))) {
            (true, true) if about.is_subset(&words) => Some(0),
            // One word more may be there beside several, and none beside a single one.
            (false, true) if own <= usize::from(subject.len() > 1) => Some(own),
            _ => None,
        }
    };
    let all = passages.iter().flat_map(|one| paths(&one.passage.heading).map(|path| (&one.passage.source, path)));
    let named = all.filter_map(|(source, path)| spare(path).map(|spare| (spare, source, path)));
    let (_, source, path) = named.filter(|_| !subject.is_empty()).min_by_key(|(spare, ..)| *spare)?;
    let is_below = |one: &Ranked| &one.passage.source == source && paths(&one.passage.heading).any(|above| above == path);
    let below: Vec<usize> = (0..passages.len()).filter(|&n| is_below(&passages[n])).collect();
    let own: Vec<Ranked> = below.iter().map(|&n| passages[n].clone()).collect();
    let all = quotables(&own);
    // Of what was found of it, that which is short is told whole; exercises tell nothing.
    let short = all.iter().map(|one| one.to - one.from).sum::<usize>() <= EDGE_CHARS && all.iter().any(|one| !one.asks);
    let quotes = if short { quotes_of(&all, &(0..all.len()).collect::<Vec<_>>(), &own) } else { choose(&own) };
    let quotes: Vec<Quote> = quotes.into_iter().map(|quote| Quote { passage: below[quote.passage], ..quote }).collect();
    (!quotes.is_empty()).then(|| (last(path).to_owned(), quotes))
}

/// A path of headings and those above it, the highest first.
fn paths(heading: &str) -> impl Iterator<Item = &str> {
    let ends = heading.match_indices(BELOW).map(|(at, _)| at).chain([heading.len()]);
    ends.map(|end| &heading[..end]).filter(|path| !path.is_empty())
}

fn last(path: &str) -> &str {
    path.rsplit(BELOW).next().unwrap_or(path)
}

/// Whether a stem is that of one of these words.
fn is_one_of(words: &str, stem: &str) -> bool {
    words.split_whitespace().any(|word| terms::stem(word) == stem)
}

/// The first sentences, without the greeting.
pub fn beginning(passages: &[Ranked]) -> Vec<Quote> {
    let all = quotables(passages);
    let first = all.iter().position(|s| !s.says(GREETING)).unwrap_or(0);
    let mut length = 0;
    let opening: Vec<usize> = (first..all.len())
        .take_while(|&n| {
            length += all[n].to - all[n].from;
            length <= EDGE_CHARS
        })
        .collect();
    quotes_of(&all, &opening, passages)
}

/// The last sentences, from one on that can be understood by itself.
pub fn ending(passages: &[Ranked]) -> Vec<Quote> {
    let all = quotables(passages);
    let mut length = 0;
    let room = (0..all.len()).rev().take_while(|&n| {
        length += all[n].to - all[n].from;
        length <= EDGE_CHARS
    });
    let from = room.last().unwrap_or(all.len());
    let first = (from..all.len()).find(|&n| !all[n].joins).unwrap_or(from);
    quotes_of(&all, &(first..all.len()).collect::<Vec<_>>(), passages)
}

/// The opening, and the rest in parts of one size.
fn sections(all: &[Quotable], body: usize) -> Vec<std::ops::Range<usize>> {
    let words: usize = all.iter().map(|s| s.words.len()).sum();
    let parts = match words {
        0..200 => 1,
        200..600 => 2,
        600..2_000 => 3,
        2_000..6_000 => 4,
        _ => 5,
    };
    let opening = ((all.len() as f32 * OPENING).ceil() as usize).clamp(5, 12).min(body.div_ceil(2));
    let rest = body - opening;
    let parts = (0..parts).map(|p| opening + rest * p / parts..opening + rest * (p + 1) / parts);
    let mut out: Vec<_> = std::iter::once(0..opening).chain(parts).collect();
    out.retain(|section| !section.is_empty());
    out
}

/// The lecturer's own summary at the end, where there is one.
fn recap<'a>(all: &[Quotable], text: impl Fn(usize) -> &'a str) -> Vec<usize> {
    let from = (all.len() as f32 * RECAP_FROM) as usize;
    let Some(at) = (from..all.len()).find(|&n| all[n].says(SUMMING_UP)) else { return Vec::new() };
    // "Let me gather the threads" only announces it.
    let first = at + usize::from(all[at].words.len() < 6 || all[at].says(&["let me", "let us"]));
    let mut length = 0;
    (first..all.len())
        .take_while(|&n| {
            length += text(n).len();
            !all[n].says(CLOSING) && !all[n].asks && length <= RECAP_CHARS
        })
        .collect()
}

/// How much each sentence says of the lecture.
fn weigh<'a>(all: &[Quotable], text: impl Fn(usize) -> &'a str) -> Vec<f32> {
    let held: Vec<HashSet<String>> = (0..all.len())
        .map(|n| terms::content_terms(text(n)).into_iter().filter(|term| !lexicon::is_light(term)).collect())
        .collect();
    let mut spread: HashMap<&str, usize> = HashMap::new();
    for term in held.iter().flatten() {
        *spread.entry(term.as_str()).or_default() += 1;
    }
    // Many words that the lecture comes back to, in a sentence that is not long.
    let central = |held: &HashSet<String>| {
        let sum: f32 = held.iter().map(|term| (spread[term.as_str()] as f32).ln()).sum();
        sum / (held.len() as f32 + 4.0).powf(0.7)
    };
    let centrality: Vec<f32> = held.iter().map(central).collect();
    let top = centrality.iter().copied().fold(f32::EPSILON, f32::max);
    all.iter().zip(centrality).map(|(sentence, central)| central / top + manner(sentence)).collect()
}

/// What the wording of a sentence says for it.
fn manner(sentence: &Quotable) -> f32 {
    let mut worth = 0.0;
    let opens = |words: &[&str]| sentence.words.first().is_some_and(|first| words.contains(&first.as_str()));
    if sentence.says(NAMING) {
        worth += 0.3;
    }
    if sentence.words.iter().take(6).any(|w| matches!(w.as_str(), "is" | "are" | "means" | "says")) {
        worth += 0.15;
    }
    if sentence.says(WEIGHTY) {
        worth += 0.3;
    }
    if opens(&["if", "suppose", "imagine", "think", "let", "multiply", "subtract", "remember", "say", "take"]) {
        worth -= 0.4;
    }
    if sentence.says(CLOSING) || sentence.says(GREETING) {
        worth -= 1.0;
    }
    // "The first is light" is one of several things that were named before.
    if opens(&["the"]) && sentence.words.get(1).is_some_and(|word| lexicon::is_ordinal(word)) {
        worth -= 0.5;
    }
    if sentence.words.iter().filter(|w| lexicon::is_number(w)).count() >= 2 {
        worth -= 0.3;
    }
    if sentence.words.iter().any(|w| matches!(w.as_str(), "i" | "me" | "our")) {
        worth -= 0.15;
    }
    if sentence.says(&["for example", "for instance"]) {
        worth -= 0.3;
    }
    // It points at something that is not quoted.
    if sentence.words.iter().any(|w| matches!(w.as_str(), "those" | "these" | "them" | "then")) {
        worth -= 0.3;
    }
    worth
        + match sentence.words.len() {
            0..6 => -0.4,
            6..9 => -0.05,
            9..28 => 0.0,
            28..36 => -0.15,
            _ => -0.4,
        }
        - if sentence.joins { 0.1 } else { 0.0 }
}

const ANNOUNCING: &[&str] = &[
    "today",
    "this lecture",
    "this talk",
    "this video",
    "this class",
    "we will",
    "we shall",
    "we ask",
    "we look",
    "the answer is",
    "simple idea",
];
const NAMING: &[&str] = &["called", "is the", "is a", "we call", "nothing more than", "is known as", "the process"];
const WEIGHTY: &[&str] =
    &["most important", "the key", "the main", "in one sentence", "depends on", "simple idea", "two halves", "the heart"];
const SUMMING_UP: &[&str] = &[
    "sum up",
    "summary",
    "summarise",
    "summarize",
    "gather the",
    "recap",
    "conclude",
    "conclusion",
    "in short",
    "wrap up",
    "to review",
    "let me repeat",
    "take away",
    "main points",
];
const CLOSING: &[&str] =
    &["thank you", "thanks", "next week", "next time", "please read", "homework", "see you", "any questions", "goodbye"];
const GREETING: &[&str] = &["good morning", "good afternoon", "good evening", "hello", "welcome", "last week", "last time"];
