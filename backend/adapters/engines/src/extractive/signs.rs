//! What speaks for a sentence being the answer, and for there being one, as numbers; knows no weights.

use std::collections::HashMap;
use std::ops::Range;

use synapscribe_domain::retrieval::Ranked;
use synapscribe_domain::terms;
use synapscribe_ports::{Compared, Nearness};

use super::fit::Fit;
use super::lexicon;
use super::question::{Asked, Kind};
use super::sentence::Quotable;

/// How much is said of a sentence.
pub(super) const SIGNS: usize = 34;
/// And of one that may be quoted, among all of them.
pub(super) const ASSURANCES: usize = 46;
/// The signs of a sentence that speak for there being an answer as well.
const ALSO_ASSURING: [usize; 18] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 31];
/// Where the nearness of the whole sentence stands among the signs.
const WHOLE: usize = 6;
/// The cues of a kind of answer begin there.
const CUES: usize = 21;
/// From this weight on, a word of the question is one that the answer turns on.
const STRONG: f32 = 0.6;
/// What the words of the sentence before and of the one after count beside its own.
const BEFORE: f32 = 0.85;
const AFTER: f32 = 0.7;
/// A word that no sentence comes as near as this is foreign to all.
const FOREIGN: f32 = 0.5;
/// A word that the vectors of a sentence are not as near is not in it, and up to the second only perhaps.
const ABSENT: f32 = 0.45;
const DOUBTED: f32 = 0.6;

/// Kinds of question whose answers are worded in their own ways; those of the first eight have cues.
const KINDS: [&[Kind]; 10] = [
    &[Kind::HowMany, Kind::Degree],
    &[Kind::When],
    &[Kind::Who],
    &[Kind::Where],
    &[Kind::Why],
    &[Kind::How],
    &[Kind::List],
    &[Kind::Difference],
    &[Kind::YesNo],
    &[Kind::Definition],
];
/// As many of them have cues.
const CUED: usize = 8;

pub(super) type Signs = [f32; SIGNS];

/// The sentences that were compared with a question word by word.
pub(super) struct Evidence {
    /// The place of each among all sentences.
    pub places: Vec<usize>,
    /// What speaks for each.
    pub signs: Vec<Signs>,
    /// How near each comes to each word that the question is about.
    near: Vec<Vec<f32>>,
    /// What each of these words counts.
    weights: Vec<f32>,
    /// Its share of the whole.
    shares: Vec<f32>,
    /// The words that the answer turns on.
    strong: Vec<usize>,
    /// The share of words that no sentence has.
    foreign: f32,
    kinds: [f32; KINDS.len()],
}

/// All sentences of the passages, and how they fit.
pub(super) struct Seen<'a> {
    pub passages: &'a [Ranked],
    pub all: &'a [Quotable],
    pub weights: &'a [f32],
    pub matches: &'a [Vec<f32>],
    pub fits: &'a [Fit],
}

/// What speaks for each sentence that a question may be answered with, for whoever learns what that is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Lesson {
    /// The passage of each sentence, and where in it the sentence stands.
    pub places: Vec<(usize, Range<usize>)>,
    /// What speaks for each.
    pub signs: Vec<Vec<f32>>,
    /// How near each comes to each word that the question is about.
    pub near: Vec<Vec<f32>>,
    /// What each of these words counts.
    pub weights: Vec<f32>,
    /// The words that the answer turns on.
    pub strong: Vec<usize>,
    /// The share of words that no sentence has.
    pub foreign: f32,
    /// Which kinds of question it is of.
    pub kinds: Vec<f32>,
}

impl Evidence {
    /// All of it, for whoever learns.
    pub fn lesson(&self, all: &[Quotable]) -> Lesson {
        Lesson {
            places: self.places.iter().map(|&n| (all[n].passage, all[n].from..all[n].to)).collect(),
            signs: self.signs.iter().map(|signs| signs.to_vec()).collect(),
            near: self.near.clone(),
            weights: self.weights.clone(),
            strong: self.strong.clone(),
            foreign: self.foreign,
            kinds: self.kinds.to_vec(),
        }
    }

    /// Nothing where no sentence was compared.
    pub fn of(asked: &Asked, seen: &Seen<'_>, compared: &Compared) -> Option<Self> {
        let of_text: HashMap<&str, &Nearness> =
            compared.sentences.iter().map(String::as_str).zip(&compared.beside.texts).collect();
        let told = |n: usize| {
            let sentence = &seen.all[n];
            of_text.get(&seen.passages[sentence.passage].passage.text[sentence.from..sentence.to]).copied()
        };
        let (places, beside): (Vec<usize>, Vec<&Nearness>) =
            (0..seen.all.len()).filter(|&n| !seen.all[n].asks).filter_map(|n| told(n).map(|near| (n, near))).unzip();
        if places.is_empty() || asked.terms.is_empty() {
            return None;
        }
        let words = places_of_terms(asked, compared);
        let near: Vec<Vec<f32>> =
            beside.iter().map(|one| words.iter().map(|tokens| mean(tokens, &one.words)).collect()).collect();
        let total = seen.weights.iter().sum::<f32>().max(1e-6);
        let shares: Vec<f32> = seen.weights.iter().map(|weight| weight / total).collect();
        let strong: Vec<usize> = (0..shares.len()).filter(|&term| asked.terms[term].1 >= STRONG).collect();
        let strong = if strong.is_empty() { (0..shares.len()).collect() } else { strong };
        let is_foreign = |term: &usize| seen.matches.iter().all(|one| one[*term] < FOREIGN);
        let mut evidence = Self {
            foreign: (0..shares.len()).filter(is_foreign).map(|term| shares[term]).sum(),
            kinds: KINDS.map(|kinds| yes(kinds.contains(&asked.kind))),
            weights: seen.weights.to_vec(),
            signs: Vec::new(),
            places,
            near,
            shares,
            strong,
        };
        evidence.signs = (0..evidence.places.len()).map(|n| evidence.sign(asked, seen, n, beside[n])).collect();
        Some(evidence)
    }

    fn sign(&self, asked: &Asked, seen: &Seen<'_>, n: usize, beside: &Nearness) -> Signs {
        let place = self.places[n];
        let (sentence, fit) = (&seen.all[place], &seen.fits[place]);
        let near = &self.near[n];
        let beside_it = |other: Option<usize>| other.and_then(|other| self.places.iter().position(|one| *one == other));
        let before = beside_it(place.checked_sub(1).filter(|_| sentence.follows));
        let after = beside_it(seen.all.get(place + 1).filter(|next| next.follows).map(|_| place + 1));
        let around = |term: usize| {
            let of = |other: Option<usize>, counts: f32| other.map_or(0.0, |other| counts * self.near[other][term]);
            near[term].max(of(before, BEFORE)).max(of(after, AFTER))
        };
        let cued = |kind: usize| yes(fit.cued) * self.kinds[kind];
        let number = !matches!(asked.kind, Kind::HowMany | Kind::Degree | Kind::When)
            && sentence.words.iter().any(|word| lexicon::is_number(word));
        let first = [
            self.weigh(|term| near[term]),
            average(beside.words.iter().copied()),
            self.weigh(around),
            self.least(near),
            beside.back,
            self.weigh(|term| self.above(near[term], term)),
            beside.whole,
            seen.passages[sentence.passage].similarity.unwrap_or_default(),
            sentence.meaning.unwrap_or_default(),
            fit.score,
            fit.own,
            fit.near,
            fit.coverage,
            fit.lacking,
            fit.phrases,
            fit.defines,
            yes(fit.suits),
            yes(fit.opens),
            yes(fit.introduces),
            fit.led,
            yes(fit.opposite),
        ];
        let last = [
            yes(sentence.leans),
            yes(sentence.joins),
            (1.0 + sentence.words.len() as f32).ln(),
            yes(sentence.words.len() < 5),
            yes(number),
        ];
        let mut signs = [0.0; SIGNS];
        signs[..CUES].copy_from_slice(&first);
        (0..CUED).for_each(|kind| signs[CUES + kind] = cued(kind));
        signs[CUES + CUED..].copy_from_slice(&last);
        signs
    }

    /// What speaks for the `nth` sentence being right, with what each is worth.
    pub fn assurance(&self, worth: &[f32], nth: usize) -> [f32; ASSURANCES] {
        let mut order: Vec<f32> = worth.to_vec();
        order.sort_by(|a, b| b.total_cmp(a));
        let best = order[0];
        let margin = order.get(1).map_or(5.0, |second| (best - second).min(5.0));
        let whole: f32 = worth.iter().map(|one| (one - best).exp()).sum();
        let mut wholes: Vec<f32> = self.signs.iter().map(|signs| signs[WHOLE]).collect();
        wholes.sort_by(|a, b| b.total_cmp(a));
        let first = &wholes[..wholes.len().min(5)];
        let own = &self.near[nth];
        let most: Vec<f32> =
            (0..own.len()).map(|term| self.near.iter().map(|near| near[term]).fold(f32::MIN, f32::max)).collect();
        let pick = |key: &dyn Fn(usize) -> f32| {
            self.strong.iter().copied().max_by(|&a, &b| key(a).total_cmp(&key(b)).then(b.cmp(&a))).unwrap_or_default()
        };
        let (missing, rare) = (pick(&|term| -own[term]), pick(&|term| self.weights[term]));
        let below = |bar: f32| self.weigh(|term| yes(own[term] < bar));
        let signs = &self.signs[nth];
        let of_all = [
            (1.0 + own.len() as f32).ln(),
            self.foreign,
            wholes[0],
            average(first.iter().copied()),
            self.least(&most),
            self.weigh(|term| most[term]),
            self.weigh(|term| most[term] - own[term]),
            self.strong.iter().map(|&term| most[term] - own[term]).fold(0.0, f32::max),
            self.weights[missing],
            below(ABSENT),
            below(DOUBTED),
            own[rare],
            most[rare],
            yes(signs[CUES..CUES + CUED].iter().any(|cue| *cue > 0.0)),
        ];
        let mut out = [0.0; ASSURANCES];
        out[..4].copy_from_slice(&[best, margin, 1.0 / whole, (worth[nth] - best).max(-8.0)]);
        ALSO_ASSURING.iter().enumerate().for_each(|(at, sign)| out[4 + at] = signs[*sign]);
        let from = 4 + ALSO_ASSURING.len();
        out[from..from + of_all.len()].copy_from_slice(&of_all);
        out[from + of_all.len()..].copy_from_slice(&self.kinds);
        out
    }

    /// The mean over the question's words by what each counts.
    fn weigh(&self, of: impl Fn(usize) -> f32) -> f32 {
        self.shares.iter().enumerate().map(|(term, share)| share * of(term)).sum()
    }

    /// Of the words that the answer turns on, the one that is least near.
    fn least(&self, near: &[f32]) -> f32 {
        self.strong.iter().map(|&term| near[term]).fold(f32::MAX, f32::min)
    }

    /// By how many spreads a word is nearer than it is to other sentences.
    fn above(&self, near: f32, term: usize) -> f32 {
        let count = self.near.len() as f32;
        let mean = average(self.near.iter().map(|one| one[term]));
        let spread = (self.near.iter().map(|one| (one[term] - mean).powi(2)).sum::<f32>() / count).sqrt();
        (near - mean) / (spread + 0.03)
    }
}

/// For each word that the question is about its tokens, a list for each time that it stands there.
fn places_of_terms(asked: &Asked, compared: &Compared) -> Vec<Vec<Vec<usize>>> {
    let stems: Vec<_> = terms::stems(&compared.question).collect();
    let tokens = &compared.beside.words;
    let inside = |from: usize, to: usize| {
        let within = |n: &usize| tokens[*n].start >= from && tokens[*n].end <= to;
        (0..tokens.len()).filter(within).collect::<Vec<usize>>()
    };
    let of = |term: &String| {
        let held = stems.iter().filter(|(_, stem)| stem == term).map(|(place, _)| inside(place.start, place.end));
        held.filter(|tokens| !tokens.is_empty()).collect::<Vec<_>>()
    };
    asked.terms.iter().map(|(term, _)| of(term)).collect()
}

/// How near a word is, as the mean of its tokens each time that it stands there; one that stands nowhere is as near as all.
fn mean(tokens: &[Vec<usize>], near: &[f32]) -> f32 {
    if tokens.is_empty() {
        return average(near.iter().copied());
    }
    average(tokens.iter().map(|one| average(one.iter().filter_map(|&token| near.get(token).copied()))))
}

fn average(values: impl Iterator<Item = f32>) -> f32 {
    let (sum, count) = values.fold((0.0, 0.0f32), |(sum, count), value| (sum + value, count + 1.0));
    sum / count.max(1.0)
}

fn yes(holds: bool) -> f32 {
    if holds { 1.0 } else { 0.0 }
}
