//! How well each sentence fits a question, by its words and by those around it; knows nothing of how many are quoted.

use synapscribe_domain::terms;

use super::lexicon::{self, closeness};
use super::question::{Asked, COUNTED, Kind};
use super::sentence::Quotable;

/// Of a person's or a date's subject the sentence itself holds this share.
const ITS_OWN: f32 = 0.4;
/// What the lecturer named up to this many sentences ago is still what the talk is about.
const TOPIC: usize = 12;
/// And what he named up to this many ago is what he goes on about.
const RECENT: usize = 5;
/// What the words of reckoning count for a question how something is reckoned.
const RECKONS: f32 = 0.3;
/// A word that the sentence only refers to counts this much as if it stood there.
const REFERRED: f32 = 0.85;
/// The opposite of what was asked answers yes or no nearly as well as the word itself.
const DENIED: f32 = 0.85;
/// And one that was the topic before, this much.
const TOLD_BEFORE: f32 = 0.75;

/// How a sentence fits.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Fit {
    /// The higher the better.
    pub score: f32,
    /// The share of the question that the sentence itself holds.
    pub own: f32,
    /// Whether its words are those of the kind of answer that is wanted.
    pub cued: bool,
    /// Whether it speaks of the opposite of what was asked.
    pub opposite: bool,
    /// The share that it holds together with what was said around it.
    pub coverage: f32,
    /// Whether it can be the kind of answer that is wanted.
    pub suits: bool,
    /// How clearly it says what the subject is.
    pub defines: f32,
    /// Which words of the question stand in it, as bits.
    pub holds: u64,
    /// The share that it holds with its neighbours, whose words count less.
    pub near: f32,
    /// The share that other sentences hold and neither it nor its neighbours.
    pub lacking: f32,
    /// The share of the question's neighbouring words that are neighbours in it.
    pub phrases: f32,
    /// Whether it begins with what the question is about.
    pub opens: bool,
    /// Whether it is the first that holds all that the question is about.
    pub introduces: bool,
    /// The share that the lecturer's own question before it holds.
    pub led: f32,
}

/// What each word of the question counts: its own weight, and more the rarer it is in the passages.
pub(super) fn weigh(asked: &Asked, all: &[Quotable]) -> Vec<f32> {
    asked
        .terms
        .iter()
        .map(|(term, weight)| {
            let holding = all.iter().filter(|s| s.stems.contains(term)).count() as f32;
            // A word that the passages lack counts as one they hold once: it may be said otherwise.
            weight * (1.0 + all.len() as f32 / (1.0 + holding.max(1.0))).ln()
        })
        .collect()
}

/// How well a sentence holds each word of the question, 0 to 1.
pub(super) fn matching(asked: &Asked, sentence: &Quotable) -> Vec<f32> {
    // "Does it point downhill?" is answered by "It points uphill".
    let denied = |term: &str, stem: &str| asked.kind == Kind::YesNo && lexicon::are_opposite(term, stem);
    let close = |term: &str, stem: &str| if denied(term, stem) { DENIED } else { closeness(term, stem) };
    asked.terms.iter().map(|(term, _)| sentence.stems.iter().map(|s| close(term, s)).fold(0.0, f32::max)).collect()
}

pub(super) fn fit(asked: &Asked, all: &[Quotable], matches: &[Vec<f32>], weights: &[f32], n: usize) -> Fit {
    let sentence = &all[n];
    // The sentences before this one that were said in one go with it, the nearest first.
    let earlier: Vec<usize> = (0..n).rev().take(TOPIC).take_while(|&b| all[b + 1].follows).collect();
    let after = (n + 1 < all.len() && all[n + 1].follows).then_some(n + 1);
    let before = earlier.first().copied();
    let total: f32 = weights.iter().sum::<f32>().max(f32::EPSILON);
    let (mut own, mut near, mut held, mut wanted, mut lacking, mut holds) = (0.0, 0.0, 0.0, 0.0, 0.0, 0);
    let cue = cue(asked, all, n, before);
    for (term, weight) in weights.iter().enumerate() {
        let of = |other: Option<usize>| other.map_or(0.0, |o| matches[o][term]);
        let (one, two) = (of(before), of(earlier.get(1).copied()));
        let topic = earlier.iter().map(|&b| matches[b][term]).fold(0.0, f32::max);
        let recent = earlier.iter().take(RECENT).map(|&b| matches[b][term]).fold(0.0, f32::max);
        let here = matches[n][term].max(match asked.kind {
            // What "it" stands for was said just before; what a remedy is against was said long ago.
            _ if sentence.leans => one * REFERRED,
            Kind::Remedy if cue.bonus > 0.0 => topic * TOLD_BEFORE,
            Kind::Advice if cue.bonus > 0.0 => recent * TOLD_BEFORE,
            Kind::How | Kind::Formula if cue.bonus >= RECKONS => recent * TOLD_BEFORE,
            Kind::Who | Kind::When if sentence.is_about_the_topic() => topic * TOLD_BEFORE,
            _ => 0.0,
        });
        own += weight * here;
        near += weight * here.max(one * 0.7).max(of(after) * 0.4).max(two * 0.4).max(topic * 0.25);
        if asked.terms[term].1 >= COUNTED {
            wanted += weight;
            let around = here.max(one).max(of(after)).max(two * 0.7).max(topic * 0.5);
            held += weight * around;
            if around < 0.3 && matches.iter().any(|other| other[term] >= 0.9) {
                lacking += weight;
            }
            if matches[n][term] >= 0.7 {
                holds |= 1u64.checked_shl(term as u32).unwrap_or(0);
            }
        }
    }
    // A sentence must hold something of the question itself, or lean on one that does.
    let mut score = (0.6 * own + 0.4 * near) / total;
    // What others have an answer to and this one has not.
    score -= 0.5 * lacking / total;
    // To repeat a fact is no reason for it, so its wording counts less there.
    let phrases = phrases(asked, sentence);
    score += if asked.kind == Kind::Why { 0.1 } else { 0.2 } * phrases;
    score += cue.bonus;
    if sentence.words.len() < 5 {
        score -= 0.15;
    }
    // What a sentence begins with is what it is about.
    let opening = sentence.stems.iter().zip(&sentence.words).find(|(_, word)| !terms::content_terms(word).is_empty());
    let opens = opening.is_some_and(|(stem, _)| asked.focus.contains(stem));
    if opens {
        score += 0.15;
    }
    // Where a thing is first named it is introduced; where its opposite is named too it may be about that.
    let holds_focus = |n: usize| !asked.focus.is_empty() && asked.focus.iter().all(|f| all[n].stems.contains(f));
    let introduces = holds_focus(n) && !earlier.iter().any(|&b| holds_focus(b));
    if asked.kind != Kind::Why && introduces {
        score += 0.1;
    }
    let opposite = !matches!(asked.kind, Kind::Difference | Kind::YesNo)
        && sentence
            .stems
            .iter()
            .any(|s| !asked.sequence.contains(s) && asked.sequence.iter().any(|f| lexicon::are_opposite(f, s)));
    if opposite {
        score -= 0.15;
    }
    // After the lecturer's own question comes the answer.
    let led =
        before.filter(|&b| all[b].asks).map_or(0.0, |b| matches[b].iter().zip(weights).map(|(m, w)| m * w).sum::<f32>() / total);
    score += 0.5 * led;
    let coverage = held / wanted.max(f32::EPSILON);
    // A name or a year that only stands beside the subject belongs to something else.
    let suits = cue.suits && (!(asked.kind == Kind::Who || asked.dated) || own / total >= ITS_OWN);
    Fit {
        score,
        own: own / total,
        cued: cue.bonus > 0.0,
        opposite,
        coverage,
        suits,
        defines: cue.defines,
        holds,
        near: near / total,
        lacking: lacking / total,
        phrases,
        opens,
        introduces,
        led,
    }
}

/// The share of neighbouring words of the question that are neighbours in the sentence too.
fn phrases(asked: &Asked, sentence: &Quotable) -> f32 {
    let pairs = asked.sequence.len().saturating_sub(1);
    if pairs == 0 {
        return 0.0;
    }
    let content: Vec<&String> =
        sentence.stems.iter().zip(&sentence.words).filter(|(_, w)| !terms::content_terms(w).is_empty()).map(|(s, _)| s).collect();
    let kept = asked.sequence.windows(2).filter(|pair| content.windows(2).any(|c| *c[0] == pair[0] && *c[1] == pair[1])).count();
    kept as f32 / pairs as f32
}

/// What the words of a sentence say for its being the kind of answer that is wanted.
struct Cue {
    bonus: f32,
    /// Whether it can be an answer at all: a person for who, a number for how many.
    suits: bool,
    /// How clearly it says what the subject is.
    defines: f32,
}

fn cue(asked: &Asked, all: &[Quotable], n: usize, before: Option<usize>) -> Cue {
    let sentence = &all[n];
    let lower = format!(" {} ", sentence.words.join(" "));
    let any = |phrases: &[&str]| phrases.iter().any(|p| lower.contains(&format!(" {p} ")));
    // "One layer feeding the next" counts nothing.
    let counts = |at: usize| {
        let next = |words: &[&str]| sentence.words.get(at + 1).is_some_and(|w| words.contains(&w.as_str()));
        !matches!(sentence.words[at].as_str(), "one" | "single") || next(&["percent", "hundred", "thousand", "million", "half"])
    };
    let mut numbers = sentence.words.iter().enumerate().filter(|(_, w)| lexicon::is_number(w) || lexicon::is_unit(w));
    let number = numbers.any(|(at, _)| counts(at) && !lexicon::is_in_a_year(&sentence.words, at));
    let defines = if asked.kind == Kind::Definition { defines(asked, all, n, before) } else { 0.0 };
    // What takes two steps is reckoned there, and not only spoken of.
    let steps = lexicon::RECKONING.iter().filter(|word| any(&[word])).count();
    let reckoning = if steps > 1 { RECKONS + 0.2 } else { RECKONS };
    let (holds, bonus, needed) = match asked.kind {
        Kind::Definition => (true, defines, false),
        Kind::Why => {
            let reason = any(&[
                "because",
                "since",
                "reason",
                "so that",
                "that is why",
                "that's why",
                "otherwise",
                "due to",
                "this means",
                "so we",
                "so it",
                "which means",
                "caused",
                "two things",
                "three things",
                "reasons",
                "the name comes from",
                "named after",
            ]);
            (reason, 0.4, false)
        }
        Kind::How => {
            let means = any(&[
                "by",
                "first",
                "then",
                "next",
                "repeat",
                "each step",
                "take",
                "multiply",
                "subtract",
                "start",
                "we compute",
                "you",
            ]);
            let reckons = asked.sequence.iter().any(|term| matches!(&**term, "comput" | "calculat")) && any(lexicon::RECKONING);
            (means || reckons, if reckons { reckoning } else { 0.12 }, false)
        }
        Kind::Degree => (number, 0.2, false),
        Kind::Product => {
            let gives = any(&[
                "make",
                "makes",
                "made",
                "produce",
                "produces",
                "form",
                "forms",
                "release",
                "releases",
                "give off",
                "gives off",
                "given off",
                "create",
                "creates",
                "build",
                "builds",
                "yields",
            ]);
            (gives, 0.35, false)
        }
        Kind::Remedy => {
            let against = any(&[
                "cure",
                "remedy",
                "solution",
                "avoid",
                "prevent",
                "prevents",
                "way around",
                "fix",
                "instead",
                "so we",
                "we stop",
                "helps",
                "to save",
            ]);
            (against, 0.5, false)
        }
        Kind::List => {
            let several = any(&["two", "three", "four", "five", "several", "both", "first", "second", "third", "finally"]);
            let commas = sentence.commas >= 2 && any(&["and", "or"]);
            let counts =
                any(&["has two", "has three", "have two", "have three", "there are", "two things", "three things", "are called"]);
            (several || commas, if counts { 0.4 } else { 0.25 }, false)
        }
        Kind::HowMany => (number || any(&["many", "all of", "every", "as many"]), 0.3, true),
        Kind::When => {
            let timed = sentence.words.iter().any(|w| lexicon::is_time(w) && !(asked.dated && lexicon::is_relative(w)));
            // "It comes at new moon", of what is asked when it comes; "at the shore" is a place.
            let word = |n: usize| sentence.words.get(n).map_or("", String::as_str);
            let at = |n: usize| {
                word(n + 1) == "at"
                    && !terms::is_stop_word(word(n + 2))
                    && asked.terms.iter().any(|(term, _)| *term == sentence.stems[n])
            };
            let often = || any(&["if", "whenever"]) || (0..sentence.stems.len()).any(at);
            (timed || (!asked.dated && often()), 0.25, true)
        }
        Kind::Who => {
            // A name that the question has itself is no answer, unless it asks who that is.
            let answers = |name: &String| asked.terms.len() == 1 || !asked.terms.iter().any(|(term, _)| term == name);
            // Who invented something is not whoever else is named beside it.
            let deed = asked.sequence.iter().any(|term| lexicon::is_deed(term));
            let by_name = sentence
                .words
                .iter()
                .zip(sentence.stems.iter().skip(1))
                .any(|(w, next)| w == "by" && sentence.names.contains(next));
            let did = !deed || by_name || sentence.stems.iter().any(|stem| lexicon::is_deed(stem));
            (did && sentence.names.iter().any(answers), 0.3, true)
        }
        Kind::Where => (any(&["in", "at", "on", "near", "where", "from", "inside"]), 0.1, false),
        Kind::Example => {
            let case = any(&[
                "for example",
                "example",
                "for instance",
                "imagine",
                "suppose",
                "say",
                "such as",
                "like",
                "think of",
                "picture",
                "if you",
                "if i",
            ]);
            (case, 0.3, false)
        }
        Kind::Difference => {
            let apart = any(&[
                "whereas",
                "while",
                "but",
                "unlike",
                "instead",
                "difference",
                "on the other hand",
                "than",
                "compared",
                "rather",
            ]);
            (apart, 0.2, false)
        }
        Kind::Formula => (any(lexicon::RECKONING), reckoning, true),
        Kind::Advice => (any(lexicon::ADVISED), if number { 0.4 } else { 0.3 }, false),
        Kind::YesNo | Kind::Fact | Kind::More | Kind::After | Kind::Before => (false, 0.0, false),
    };
    // A neighbour's cue also counts a little: the reason often stands in the sentence after the fact.
    let led = before.is_some_and(|b| all[b].asks);
    Cue { bonus: if holds { bonus } else { 0.0 }, suits: holds || !needed || (led && asked.kind == Kind::When), defines }
}

/// How clearly a sentence says what the subject is: "is called the gradient" most, "a gradient is" next, "the gradient says" least.
fn defines(asked: &Asked, all: &[Quotable], n: usize, before: Option<usize>) -> f32 {
    let sentence = &all[n];
    let (Some(first), Some(last)) = (asked.focus.first(), asked.focus.last()) else { return 0.0 };
    let words = &sentence.words;
    let says = |range: std::ops::Range<usize>, list: &[&str]| {
        range.clone().any(|at| words.get(at).is_some_and(|w| list.contains(&w.as_str())))
    };
    let at_each = |stem: &String, bonus: &dyn Fn(usize) -> f32| {
        sentence.stems.iter().enumerate().filter(|(_, s)| *s == stem).map(|(at, _)| bonus(at)).fold(0.0, f32::max)
    };
    let named = at_each(first, &|at| {
        if says(at.saturating_sub(4)..at, &["called", "call", "name", "named", "known", "term", "define"]) { 0.6 } else { 0.0 }
    });
    // "If the rate is too large" does not say what it is.
    let supposes = words.first().is_some_and(|first| {
        matches!(
            first.as_str(),
            "if" | "when" | "because" | "although" | "unless" | "once" | "suppose" | "while" | "since" | "whether"
        )
    });
    let is = at_each(last, &|at| {
        if says(at + 1..at + 2, &["which"]) {
            0.4
        } else if at > 6 || supposes || at + 3 >= words.len() {
            // "Quick sort is not" says nothing.
            0.0
        } else if says(at + 1..at + 3, &["is", "are", "means", "refers"]) {
            0.5
        } else if says(at + 1..at + 3, &["tells", "says", "measures", "describes", "was", "which", "uses", "does"]) {
            0.35
        } else {
            0.0
        }
    });
    // "That is early stopping", and "It is the size of the step" after the learning rate was named.
    let points = matches!(words.first().map(String::as_str), Some("this" | "that" | "it" | "they" | "these"));
    // "That is called breach" says what breach is, and not what was named before.
    let names_another = says(2..3, &["called", "known"]) && !asked.focus.iter().any(|stem| sentence.stems.contains(stem));
    let then_is = points && says(1..2, &["is", "are", "means", "was"]) && !names_another;
    // The subject directly behind it, and not something longer that ends with it.
    let article = usize::from(says(2..3, &["the", "a", "an"]));
    let names_it = sentence.stems.get(2 + article..).is_some_and(|rest| rest.starts_with(&asked.focus));
    // "The second half is the Calvin cycle."
    let ends = sentence.stems.len().checked_sub(asked.focus.len()).filter(|_| sentence.stems.ends_with(&asked.focus));
    let is_it = ends.is_some_and(|at| {
        !points && says(at.saturating_sub(2)..at, &["is", "are", "was"]) && says(at.saturating_sub(1)..at, &["the", "a", "an"])
    });
    let holds = |n: usize| asked.focus.iter().all(|stem| all[n].stems.contains(stem));
    let pointed = match before {
        _ if is_it => 0.4,
        _ if then_is && names_it => 0.3,
        Some(b) if then_is && holds(b) => 0.55,
        _ => 0.0,
    };
    named.max(is).max(pointed)
}
