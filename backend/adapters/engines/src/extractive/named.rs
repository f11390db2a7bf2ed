//! Persons, places and other names in a quotation. Knows nothing of numbers, nor of how a quotation is chosen.

use std::collections::HashSet;
use std::ops::Range;

use synapscribe_domain::terms;

use super::amounts::{self, Word};
use super::brief::{Clause, Found, only, telling};
use super::lexicon;

/// A name has at most this many words.
const NAME: usize = 4;
/// Nouns for a person.
const PERSONS: &str = "\
    woman man person scientist researcher mathematician physicist chemist economist philosopher emperor king queen general \
    inventor engineer doctor astronomer biologist geologist";
/// Words with a capital letter that are no part of a person's name.
const NO_PERSONS: &str = "\
    society university college laboratory prize war act institute company bank street church empire ocean sea river \
    kingdom states academy museum navy board council congress parliament revolution age ages school party court road north \
    south east west new great bay lake mount island city theory law nobel royal national first second world roman republic \
    system union house hall day";
/// Words before a name that is not the name of whoever did something.
const ELSEWHERE: &str = "\
    in at from near of on off across to into inside through around under over against than since via like the a an this \
    that";
/// Small words inside a name.
const PARTICLES: &str = "de von van der den la le du da di al ibn";
/// Words that open a sentence and look like names there.
const OPENINGS: &str = "today yet later another perhaps according although though since even finally many first";

fn is_one_of(words: &str, word: &str) -> bool {
    words.split(' ').any(|one| one == word)
}

/// Whether a noun says that a person is meant.
pub(super) fn is_person(noun: &str) -> bool {
    is_one_of(PERSONS, noun)
}

/// The only person, or those who are named in one breath.
pub(super) fn person(told: &[Clause<'_>], asked: &HashSet<String>) -> Option<Found> {
    let mut all: Vec<(Found, bool)> = Vec::new();
    for (n, clause) in telling(told) {
        let words = &clause.words;
        let named: Vec<Range<usize>> = names(words).into_iter().filter(|name| acts(words, name)).collect();
        let mut at = 0;
        while at < named.len() {
            let first = named[at].start;
            let mut last = at;
            // "Rumelhart, Hinton and Williams".
            while let Some(next) = named.get(last + 1) {
                let end = named[last].end;
                let and = next.start == end + 1 && words[end].low == "and" && words[end].behind.is_empty();
                let follows = and || (next.start == end && words[end - 1].behind == ",");
                if !follows {
                    break;
                }
                last += 1;
            }
            if !words[first..named[last].end].iter().any(|word| word.low == "and") {
                last = at;
            }
            let by = first > 0 && words[first - 1].low == "by" && words[first - 1].behind.is_empty();
            // A single word with a capital letter may name anything.
            let sure = by || named[at..=last].iter().any(|name| name.len() > 1);
            all.push((Found { clause: n, words: first..named[last].end, by }, sure));
            at = last + 1;
        }
    }
    all.retain(|(found, _)| !told[found.clause].repeats(&found.words, asked));
    let sure = only(all.iter().filter(|(_, sure)| *sure).map(|(found, _)| found).collect())?;
    let own = told[sure.clause].lows(&sure.words);
    // Who is named again by a part of the name is the same person.
    let alone = all.iter().all(|(other, _)| told[other.clause].lows(&other.words).iter().all(|word| own.contains(word)));
    let before = sure.words.start.checked_sub(1).map_or("", |at| told[sure.clause].words[at].low.as_str());
    let beside = matches!(before, "with" | "for" | "unlike" | "following" | "after" | "before");
    (alone && !beside).then(|| Found { clause: sure.clause, words: sure.words.clone(), by: sure.by })
}

/// The only place that has a name, with the word that leads to it.
pub(super) fn place(told: &[Clause<'_>], asked: &HashSet<String>) -> Option<Found> {
    let mut all = Vec::new();
    for (n, clause) in telling(told) {
        let words = &clause.words;
        let mut at = 0;
        while at < words.len() {
            let leads = matches!(words[at].low.as_str(), "in" | "at" | "off" | "near") && words[at].behind.is_empty();
            let Some(mut end) = place_end(words, at + 1).filter(|_| leads) else {
                at += 1;
                continue;
            };
            // "At Cromford, in Derbyshire".
            while words.get(end).is_some_and(|word| word.low == "in") && matches!(words[end - 1].behind, "" | ",") {
                let Some(further) = place_end(words, end + 1) else { break };
                end = further;
            }
            all.push(Found { clause: n, words: at..end, by: false });
            at = end;
        }
    }
    all.retain(|found| !told[found.clause].repeats(&found.words, asked));
    only(all)
}

/// The only thing that is called something, where nearly all that the question says is said of it.
pub(super) fn name(told: &[Clause<'_>], asked: &HashSet<String>) -> Option<Found> {
    let mut all = Vec::new();
    for (n, clause) in telling(told) {
        let words = &clause.words;
        for (at, word) in words.iter().enumerate() {
            if matches!(word.low.as_str(), "called" | "named") && word.behind.is_empty() {
                let rest = &words[at + 1..];
                let length = rest.iter().position(|word| !word.behind.is_empty()).map_or(rest.len(), |last| last + 1);
                all.push((n, at + 1..at + 1 + length));
            }
        }
    }
    let (clause, words) = only(all)?;
    let told_of = told[clause].held * 3 >= asked.len() * 2;
    (told_of && (1..=NAME).contains(&words.len())).then_some(Found { clause, words, by: false })
}

/// The words of a clause that are written as names are.
fn names(words: &[Word<'_>]) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let joint = |word: &str| terms::is_stop_word(word) || lexicon::is_number(word) || is_one_of(OPENINGS, word);
        if !is_capital(&words[at]) || (at == 0 && joint(&words[at].low)) {
            at += 1;
            continue;
        }
        let goes_on = |at: usize| words[at].behind.is_empty() || (words[at].written.len() == 1 && words[at].behind == ".");
        let mut end = at + 1;
        while end < words.len() && goes_on(end - 1) {
            let particle = is_one_of(PARTICLES, &words[end].low);
            if is_capital(&words[end]) {
                end += 1;
            } else if particle && goes_on(end) && words.get(end + 1).is_some_and(is_capital) {
                end += 2;
            } else {
                break;
            }
        }
        out.push(at..end);
        at = end;
    }
    out
}

/// Whether a name may be that of a person who did something.
fn acts(words: &[Word<'_>], name: &Range<usize>) -> bool {
    let fits = |word: &Word<'_>| {
        let acronym = word.written.chars().count() > 1 && word.written.chars().all(|c| !c.is_lowercase());
        let owns = word.low.ends_with("'s") || (word.low.ends_with('s') && word.behind.starts_with(['\'', '’']));
        !acronym
            && !owns
            && !amounts::is_month(&word.low)
            && !is_one_of(NO_PERSONS, &word.low)
            && !word.low.contains(|c: char| c.is_ascii_digit())
    };
    let before = name.start.checked_sub(1).map(|at| &words[at]).filter(|word| word.behind.is_empty());
    words[name.clone()].iter().all(fits) && before.is_none_or(|word| !is_one_of(ELSEWHERE, &word.low))
}

fn is_capital(word: &Word<'_>) -> bool {
    word.written.starts_with(char::is_uppercase) && !matches!(word.low.as_str(), "i" | "i'm" | "i've" | "i'll" | "i'd")
}

/// Where the name of a place ends that begins here.
fn place_end(words: &[Word<'_>], at: usize) -> Option<usize> {
    let start = at + usize::from(words.get(at)?.low == "the" && words[at].behind.is_empty());
    let named = |word: &Word<'_>| {
        is_capital(word)
            && !amounts::is_month(&word.low)
            && !word.low.ends_with("'s")
            && !word.low.contains(|c: char| c.is_ascii_digit())
    };
    let mut end = start;
    while words.get(end).is_some_and(named) && (end == start || words[end - 1].behind.is_empty()) {
        end += 1;
    }
    if end == start {
        return None;
    }
    // "The Bay of Fundy".
    let of = words[end - 1].behind.is_empty() && words.get(end).is_some_and(|word| word.low == "of" && word.behind.is_empty());
    if of && words.get(end + 1).is_some_and(is_capital) { place_end(words, end + 1) } else { Some(end) }
}
