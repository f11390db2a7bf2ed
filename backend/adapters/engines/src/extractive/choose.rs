//! Which sentences answer a question, or that none does; knows the passages it is given and nothing else.

use synapscribe_domain::retrieval::Ranked;
use synapscribe_domain::terms;

use super::lexicon::{self, closeness};
use super::question::{Asked, COUNTED, Kind};
use super::sentence::{Quotable, quotables};

/// Words to quote, and the passage they stand in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// The passage's place in the request.
    pub passage: usize,
    /// An exact part of its text.
    pub excerpt: String,
}

/// What the passages have to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// The quotes that answer, the best first.
    Answer(Vec<Quote>),
    /// Nothing answers; this comes nearest.
    Nearest(Option<Quote>),
}

/// An answer is not longer than this, in characters.
const MOST_CHARS: usize = 420;
/// And has at most this many sentences.
const MOST_SENTENCES: usize = 3;
/// The share of the question's words, weighted by rarity, that sentence and neighbours must hold.
const COVERAGE: f32 = 0.6;
/// The share that is enough when the passage means the same by its vector.
const COVERAGE_WHEN_SIMILAR: f32 = 0.4;
/// The similarity that counts as meaning the same.
const SIMILAR: f32 = 0.55;
/// A further sentence must score this share of the best one.
const SECOND: f32 = 0.85;
/// A sentence that holds this share of the question goes on with the one before.
const GOES_ON: f32 = 0.8;
/// A sentence with fewer words promises more than it says, such as "Squaring does two things for us".
const PROMISE: usize = 7;
/// What the lecturer named up to this many sentences ago is still what the talk is about.
const TOPIC: usize = 12;

/// How a sentence fits.
#[derive(Debug, Clone, Copy, Default)]
struct Fit {
    score: f32,
    /// The share of the question that the sentence itself holds.
    own: f32,
    /// Whether its words are those of the kind of answer that is wanted.
    cued: bool,
    /// Whether it speaks of the opposite of what was asked.
    opposite: bool,
    /// The share that it holds together with what was said around it.
    coverage: f32,
    suits: bool,
}

/// Chooses what to quote. `said_before` is the answer of the turn before, which is not repeated.
pub fn choose(asked: &Asked, passages: &[Ranked], said_before: &str) -> Choice {
    let all = quotables(passages);
    if all.is_empty() || asked.terms.is_empty() {
        return Choice::Nearest(None);
    }
    let text = |n: usize| &passages[all[n].passage].passage.text[all[n].from..all[n].to];
    let weights = weigh(asked, &all);
    let matches: Vec<Vec<f32>> = all.iter().map(|s| matching(asked, s)).collect();
    let top = passages.iter().map(|p| p.score).fold(f32::EPSILON, f32::max);
    let fits: Vec<Fit> = (0..all.len())
        .map(|n| {
            let mut fit = fit(asked, &all, &matches, &weights, n);
            fit.score += 0.12 * passages[all[n].passage].score / top;
            if !said_before.is_empty() && said_before.contains(text(n)) {
                fit.score -= 0.35;
            }
            fit
        })
        .collect();
    let Some(best) = (0..all.len()).filter(|&n| !all[n].asks).max_by(|&a, &b| fits[a].score.total_cmp(&fits[b].score)) else {
        return Choice::Nearest(None);
    };
    let best = if asked.kind == Kind::Example { example(&all, &fits).unwrap_or(best) } else { best };
    let passage = &passages[all[best].passage];
    let similar = passage.similarity.is_some_and(|s| s >= SIMILAR);
    let enough = fits[best].coverage >= if similar { COVERAGE_WHEN_SIMILAR } else { COVERAGE };
    if !enough || !fits[best].suits {
        let block = block_around(asked, &all, best, &fits, text);
        return Choice::Nearest(quotes_of(&all, &block, passages).into_iter().next());
    }
    let mut chosen = block_around(asked, &all, best, &fits, text);
    let mut length: usize = chosen.iter().map(|&n| text(n).len()).sum();
    let mut others: Vec<usize> = (0..all.len()).filter(|n| !chosen.contains(n) && !all[*n].asks).collect();
    others.sort_by(|&a, &b| fits[b].score.total_cmp(&fits[a].score));
    // What took two sentences is complete, unless two things are to be told.
    let complete = asked.kind != Kind::Difference && chosen.len() > 1;
    for other in others.into_iter().filter(|_| !complete) {
        if chosen.len() >= MOST_SENTENCES || fits[other].score < SECOND * fits[best].score {
            break;
        }
        if fits[other].own < COVERAGE || !fits[other].suits || fits[other].opposite {
            continue;
        }
        let block: Vec<usize> = lead_up(&all, other, &fits, text).into_iter().filter(|n| !chosen.contains(n)).collect();
        let more: usize = block.iter().map(|&n| text(n).len()).sum();
        if chosen.len() + block.len() > MOST_SENTENCES
            || length + more > MOST_CHARS
            || chosen.iter().any(|&c| tells_the_same(&all[c], &all[other]))
        {
            continue;
        }
        chosen.extend(block);
        length += more;
    }
    Choice::Answer(quotes_of(&all, &chosen, passages))
}

/// The best sentence that tells a case; the words of the question may stand in the sentence before, where the rule was told.
fn example(all: &[Quotable], fits: &[Fit]) -> Option<usize> {
    let cases = (0..all.len()).filter(|&n| fits[n].cued && fits[n].coverage >= COVERAGE && !all[n].asks);
    cases.max_by(|&a, &b| fits[a].score.total_cmp(&fits[b].score))
}

/// What each word of the question counts: its own weight, and more the rarer it is in the passages.
fn weigh(asked: &Asked, all: &[Quotable]) -> Vec<f32> {
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
fn matching(asked: &Asked, sentence: &Quotable) -> Vec<f32> {
    asked.terms.iter().map(|(term, _)| sentence.stems.iter().map(|s| closeness(term, s)).fold(0.0, f32::max)).collect()
}

fn fit(asked: &Asked, all: &[Quotable], matches: &[Vec<f32>], weights: &[f32], n: usize) -> Fit {
    let sentence = &all[n];
    // The sentences before this one that were said in one go with it, the nearest first.
    let earlier: Vec<usize> = (0..n).rev().take(TOPIC).take_while(|&b| all[b + 1].follows).collect();
    let after = (n + 1 < all.len() && all[n + 1].follows).then_some(n + 1);
    let before = earlier.first().copied();
    let total: f32 = weights.iter().sum::<f32>().max(f32::EPSILON);
    let (mut own, mut near, mut held, mut wanted) = (0.0, 0.0, 0.0, 0.0);
    for (term, weight) in weights.iter().enumerate() {
        let here = matches[n][term];
        let of = |other: Option<usize>| other.map_or(0.0, |o| matches[o][term]);
        let (one, two) = (of(before), of(earlier.get(1).copied()));
        let topic = earlier.iter().map(|&b| matches[b][term]).fold(0.0, f32::max);
        own += weight * here;
        near += weight * here.max(one * 0.7).max(of(after) * 0.4).max(two * 0.4).max(topic * 0.25);
        if asked.terms[term].1 >= COUNTED {
            wanted += weight;
            held += weight * here.max(one).max(of(after)).max(two * 0.7).max(topic * 0.5);
        }
    }
    // A sentence must hold something of the question itself, or lean on one that does.
    let mut score = (0.6 * own + 0.4 * near) / total;
    // To repeat a fact is no reason for it, so its wording counts less there.
    score += if asked.kind == Kind::Why { 0.1 } else { 0.2 } * phrases(asked, sentence);
    let cue = cue(asked, all, n, before);
    score += cue.bonus;
    if sentence.words.len() < 5 {
        score -= 0.15;
    }
    // What a sentence begins with is what it is about.
    let opening = sentence.stems.iter().zip(&sentence.words).find(|(_, word)| !terms::content_terms(word).is_empty());
    if opening.is_some_and(|(stem, _)| asked.focus.contains(stem)) {
        score += 0.15;
    }
    // Where a thing is first named it is introduced; where its opposite is named too it may be about that.
    let holds_focus = |n: usize| !asked.focus.is_empty() && asked.focus.iter().all(|f| all[n].stems.contains(f));
    if asked.kind != Kind::Why && holds_focus(n) && !earlier.iter().any(|&b| holds_focus(b)) {
        score += 0.1;
    }
    let opposite =
        sentence.stems.iter().any(|s| !asked.sequence.contains(s) && asked.sequence.iter().any(|f| lexicon::are_opposite(f, s)));
    if opposite {
        score -= 0.15;
    }
    // After the lecturer's own question comes the answer.
    if let Some(b) = before
        && all[b].asks
    {
        score += 0.35 * matches[b].iter().zip(weights).map(|(m, w)| m * w).sum::<f32>() / total;
    }
    Fit { score, own: own / total, cued: cue.bonus > 0.0, opposite, coverage: held / wanted.max(f32::EPSILON), suits: cue.suits }
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
}

fn cue(asked: &Asked, all: &[Quotable], n: usize, before: Option<usize>) -> Cue {
    let sentence = &all[n];
    let lower = format!(" {} ", sentence.words.join(" "));
    let any = |phrases: &[&str]| phrases.iter().any(|p| lower.contains(&format!(" {p} ")));
    let number = sentence.words.iter().any(|w| lexicon::is_number(w) || lexicon::is_unit(w));
    let (holds, bonus, needed) = match asked.kind {
        Kind::Definition => (true, defines(asked, sentence), false),
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
            (means, 0.12, false)
        }
        Kind::HowMany => (number || any(&["many", "all of", "every", "as many"]), 0.3, true),
        Kind::When => (sentence.words.iter().any(|w| lexicon::is_time(w)), 0.25, true),
        Kind::Who => (sentence.names, 0.3, true),
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
        Kind::YesNo | Kind::Fact => (false, 0.0, false),
    };
    // A neighbour's cue also counts a little: the reason often stands in the sentence after the fact.
    let led = before.is_some_and(|b| all[b].asks);
    Cue { bonus: if holds { bonus } else { 0.0 }, suits: holds || !needed || (led && asked.kind == Kind::When) }
}

/// How clearly a sentence says what the subject is: "is called the gradient" most, "a gradient is" next, "the gradient says" least.
fn defines(asked: &Asked, sentence: &Quotable) -> f32 {
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
    let is = at_each(last, &|at| {
        if at > 6 {
            0.0
        } else if says(at + 1..at + 3, &["is", "are", "means", "refers"]) {
            0.5
        } else if says(at + 1..at + 3, &["tells", "says", "measures", "describes", "was"]) {
            0.3
        } else {
            0.0
        }
    });
    named.max(is)
}

/// A sentence with the one it leans on, and those that finish it where that is short enough.
fn block_around<'a>(
    asked: &Asked,
    all: &[Quotable],
    best: usize,
    fits: &[Fit],
    text: impl Fn(usize) -> &'a str + Copy,
) -> Vec<usize> {
    let mut block = lead_up(all, best, fits, text);
    let is_promise = |n: usize| all[n].words.len() < PROMISE && !all[n].joins;
    let fits_in = |block: &[usize], more: usize| {
        // A promise at the end is kept by one sentence more.
        let most = MOST_SENTENCES + usize::from(block.last().is_some_and(|&last| last < more && is_promise(last)));
        block.len() < most && block.iter().map(|&n| text(n).len()).sum::<usize>() + text(more).len() <= MOST_CHARS
    };
    // A reason or a way may stand in the sentence after the fact.
    let explains = matches!(asked.kind, Kind::Why | Kind::How);
    let mut explained = !explains || block.iter().any(|&n| fits[n].cued);
    // What follows goes on with the thought when it leans on it, when it holds as much of the question, or was promised.
    for next in best + 1..all.len() {
        let promised = is_promise(next - 1);
        let goes_on = all[next].leans
            || (all[next].joins && fits[next].own > 0.2)
            || fits[next].own >= GOES_ON
            || promised
            || (!explained && fits[next].cued);
        if !goes_on || !fits_in(&block, next) || !all[next].follows || all[next].asks {
            break;
        }
        block.push(next);
        explained |= explains && fits[next].cued;
        if all[next].words.len() >= PROMISE {
            break;
        }
    }
    // Or it was told before the fact.
    while let (false, Kind::Why, Some(&first)) = (explained, asked.kind, block.first()) {
        if first == 0 || !all[first].follows || all[first - 1].asks || !fits_in(&block, first - 1) {
            break;
        }
        block.insert(0, first - 1);
        explained |= !all[first - 1].leans;
    }
    block
}

/// A sentence preceded by those it leans on.
fn lead_up<'a>(all: &[Quotable], n: usize, fits: &[Fit], text: impl Fn(usize) -> &'a str) -> Vec<usize> {
    let mut block = vec![n];
    let mut length = text(n).len();
    let mut first = n;
    // One that only goes on may stand alone when it holds the answer.
    while (all[first].leans || (all[first].joins && fits[first].own < COVERAGE))
        && all[first].follows
        && first > 0
        && block.len() < MOST_SENTENCES
    {
        let before = first - 1;
        length += text(before).len();
        if length > MOST_CHARS || all[before].asks {
            break;
        }
        block.insert(0, before);
        first = before;
    }
    block
}

/// Whether two sentences share nearly all their content.
fn tells_the_same(a: &Quotable, b: &Quotable) -> bool {
    let content = |q: &Quotable| q.stems.iter().filter(|s| s.len() > 3).cloned().collect::<std::collections::HashSet<_>>();
    let (a, b) = (content(a), content(b));
    let shared = a.intersection(&b).count();
    shared * 10 >= a.len().min(b.len()).max(1) * 8
}

/// Sentences as quotes: neighbours in one passage become one quote.
fn quotes_of(all: &[Quotable], chosen: &[usize], passages: &[Ranked]) -> Vec<Quote> {
    let mut out: Vec<(usize, usize, usize)> = Vec::new();
    let mut last = None;
    for &n in chosen {
        let q = &all[n];
        match out.last_mut() {
            Some((passage, _, to)) if *passage == q.passage && last.is_some_and(|l| l + 1 == n) && q.from >= *to => *to = q.to,
            _ => out.push((q.passage, q.from, q.to)),
        }
        last = Some(n);
    }
    out.into_iter()
        .map(|(passage, from, to)| Quote { passage, excerpt: passages[passage].passage.text[from..to].to_owned() })
        .collect()
}
