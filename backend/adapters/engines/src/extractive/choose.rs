//! Which sentences answer a question, or that none does; knows the passages it is given and nothing else.

use synapscribe_domain::retrieval::Ranked;
use synapscribe_ports::Compared;

use super::block::{MOST_ITEMS, PROMISE, block_around, lead_up, listing};
use super::fit::{Fit, fit, matching, weigh};
use super::lexicon::{self, closeness};
use super::question::{Asked, Kind, subject};
use super::sentence::{Quotable, quotables, was_said};
use super::sequence;
use super::signs::{Evidence, Lesson, Seen};
use super::weights::{MEANT_BAR, WORDED_BAR, meant, worded, worth};

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
    /// The quotes that answer, the best first, and whether they say what the subject is, or give a reason, where that was asked.
    Answer(Vec<Quote>, bool),
    /// Nothing answers; this comes nearest.
    Nearest(Option<Quote>),
}

/// An answer is not longer than this, in characters.
pub(super) const MOST_CHARS: usize = 420;
/// And has at most this many sentences.
pub(super) const MOST_SENTENCES: usize = 3;
/// The share of the question's words, weighted by rarity, that sentence and neighbours must hold.
pub(super) const COVERAGE: f32 = 0.6;
/// The share that is enough when the passage means the same by its vector.
const COVERAGE_WHEN_SIMILAR: f32 = 0.4;
/// The similarity that counts as meaning the same.
const SIMILAR: f32 = 0.55;
/// A sentence that can answer counts although another scores better, up to this share of it.
const ANSWERING: f32 = 0.5;
/// What nearness in meaning counts beside the words.
const MEANS: f32 = 0.9;
/// And where something is to be defined, which is told by the words that define.
const MEANS_OF_A_DEFINITION: f32 = 0.4;
/// A sentence that is so near in meaning answers, whatever words it holds.
const MEANT: f32 = 0.62;
/// And one that is this near does when it holds some of the words.
const HALF_MEANT: f32 = 0.53;
/// That many of them.
const COVERAGE_WHEN_HALF_MEANT: f32 = 0.3;
/// What holds less of the question than this is not near it,
const NEAR: f32 = 0.3;
/// unless it means something like it.
const NEAR_IN_MEANING: f32 = 0.35;
/// A sentence that holds this share of the question needs no other.
const COMPLETE: f32 = 0.95;
/// One of several remedies must score this share of the best one.
const GATHERED: f32 = 0.6;
/// A further sentence must score this share of the best one.
const SECOND: f32 = 0.85;

/// Chooses what to quote. `told` are the answers of the turns before, the last of which is not repeated where there is more to tell.
/// Where the question is only about that answer, the same once more is no answer to it unless there is no other. `compared` are the
/// sentences whose words were compared with those of the question, where it stands by itself.
pub fn choose(asked: &Asked, passages: &[Ranked], told: &[&str], compared: Option<&Compared>) -> Choice {
    if asked.leans && matches!(asked.kind, Kind::Why | Kind::How | Kind::Fact | Kind::Example | Kind::Product) {
        let other = choose_from(asked, passages, told, None, true);
        if matches!(other, Choice::Answer(..)) {
            return other;
        }
    }
    choose_from(asked, passages, told, compared, false)
}

fn choose_from(asked: &Asked, passages: &[Ranked], told: &[&str], compared: Option<&Compared>, only_new: bool) -> Choice {
    let all = quotables(passages);
    let text = |n: usize| &passages[all[n].passage].passage.text[all[n].from..all[n].to];
    if asked.kind == Kind::Example
        && asked.bare
        && let Some(case) = sequence::any_example(&all, |n| passages[all[n].passage].score)
    {
        return Choice::Answer(quotes_of(&all, &sequence::with_what_follows(&all, case, text), passages), true);
    }
    if all.is_empty() || asked.terms.is_empty() {
        return Choice::Nearest(None);
    }
    if asked.kind == Kind::More
        && let more = what_follows(&all, told, text)
        && !more.is_empty()
    {
        return Choice::Answer(quotes_of(&all, &more, passages), true);
    }
    let weights = weigh(asked, &all);
    let matches: Vec<Vec<f32>> = all.iter().map(|s| matching(asked, s)).collect();
    let top = passages.iter().map(|p| p.score).fold(f32::EPSILON, f32::max);
    // What was learned was learned from these.
    let by_words: Vec<Fit> = (0..all.len()).map(|n| fit(asked, &all, &matches, &weights, n)).collect();
    let fits: Vec<Fit> = (0..all.len())
        .map(|n| {
            let mut fit = by_words[n];
            let means = if asked.kind == Kind::Definition { MEANS_OF_A_DEFINITION } else { MEANS };
            fit.score += 0.12 * passages[all[n].passage].score / top + means * all[n].meaning.unwrap_or_default();
            // What sets two things apart may have been told of one of them.
            if asked.kind != Kind::Difference && told.last().is_some_and(|last| was_said(last, text(n))) {
                fit.score -= 0.35;
            }
            fit
        })
        .collect();
    if let Some(sequel) = sequence::sequel(asked, &all, &fits, text) {
        return Choice::Answer(quotes_of(&all, &sequel, passages), true);
    }
    let was_told = |n: usize| told.last().is_some_and(|last| was_said(last, text(n)));
    if let Some(near) = sequence::beside(asked, &all, &fits, was_told, text) {
        return Choice::Answer(quotes_of(&all, &near, passages), true);
    }
    let is_new = |n: usize| match asked.kind {
        Kind::More => !told.iter().any(|answer| was_said(answer, text(n))),
        _ => !only_new || !was_told(n),
    };
    let eligible = |n: &usize| !all[*n].asks && is_new(*n);
    let Some(best) = (0..all.len()).filter(eligible).max_by(|&a, &b| fits[a].score.total_cmp(&fits[b].score)) else {
        return Choice::Nearest(None);
    };
    // What is said of another is no answer, however much of the question it holds.
    let deed = asked.deed.as_ref().map(|deed| deed.among(passages.iter().map(|one| one.passage.text.as_str())));
    let of_another = |n: usize| deed.as_ref().is_some_and(|deed| deed.is_of_another(text(n)));
    let enough = |n: usize| {
        let similar = passages[all[n].passage].similarity.is_some_and(|s| s >= SIMILAR);
        let least = if similar || asked.kind == Kind::More { COVERAGE_WHEN_SIMILAR } else { COVERAGE };
        let meant = all[n]
            .meaning
            .is_some_and(|meaning| meaning >= MEANT || (meaning >= HALF_MEANT && fits[n].coverage >= COVERAGE_WHEN_HALF_MEANT));
        fits[n].suits && (fits[n].coverage >= least || meant) && !of_another(n)
    };
    // A sentence that names no number does not keep the one that does from answering how many.
    let answering = (0..all.len()).filter(|n| eligible(n) && enough(*n) && fits[*n].score >= ANSWERING * fits[best].score);
    let best = answering.max_by(|&a, &b| fits[a].score.total_cmp(&fits[b].score)).unwrap_or(best);
    let best = if asked.kind == Kind::Example { example(&all, &fits).unwrap_or(best) } else { best };
    let passage = &passages[all[best].passage];
    let seen = Seen { passages, all: &all, weights: &weights, matches: &matches, fits: &by_words };
    let by_rules = enough(best).then_some(best);
    let verdict = match compared.filter(|_| !matches!(asked.kind, Kind::More | Kind::Example)) {
        Some(compared) => verdict(asked, &seen, compared, by_rules),
        None => Verdict::of(by_rules),
    };
    let verdict = if matches!(verdict, Verdict::Meant(n) if of_another(n)) { Verdict::Refused } else { verdict };
    if let Verdict::Meant(n) = verdict {
        let meets = match asked.kind {
            Kind::Definition => fits[n].defines > 0.0,
            Kind::Why => fits[n].cued,
            _ => true,
        };
        return Choice::Answer(quotes_of(&all, &lead_up(&all, n, &fits, text), passages), meets);
    }
    if verdict == Verdict::Refused {
        let is_near = fits[best].coverage >= NEAR || passage.similarity.is_some_and(|s| s >= NEAR_IN_MEANING);
        let block = lead_up(&all, best, &fits, text);
        return Choice::Nearest(quotes_of(&all, &block, passages).into_iter().next().filter(|_| is_near));
    }
    let mut chosen = block_around(asked, &all, best, &fits, text);
    chosen.retain(|&n| n == best || asked.kind != Kind::More || is_new(n));
    if matches!(asked.kind, Kind::List | Kind::How) {
        listing(&all, &mut chosen, text);
    }
    let meets = match asked.kind {
        Kind::Definition => chosen.iter().any(|&n| fits[n].defines > 0.0),
        Kind::Why => chosen.iter().any(|&n| fits[n].cued),
        _ => true,
    };
    let mut length: usize = chosen.iter().map(|&n| text(n).len()).sum();
    let mut others: Vec<usize> = (0..all.len()).filter(|n| !chosen.contains(n) && eligible(n)).collect();
    others.sort_by(|&a, &b| fits[b].score.total_cmp(&fits[a].score));
    // What took two sentences is complete, and so is what holds every word, unless several things are to be told.
    let several = matches!(asked.kind, Kind::Difference | Kind::Definition | Kind::Remedy | Kind::List | Kind::More);
    let complete = asked.kind == Kind::Example
        || !matches!(asked.kind, Kind::Difference | Kind::Remedy)
            && (chosen.len() > 1 || (!several && fits[best].own >= COMPLETE));
    for other in others.into_iter().filter(|_| !complete) {
        // The other one of two things is told by another sentence.
        let held = chosen.iter().fold(0, |all, &n| all | fits[n].holds);
        let missing = asked.kind == Kind::Difference && fits[other].holds & !held != 0;
        // Every remedy is told that there is room for.
        let gathers = asked.kind == Kind::Remedy && fits[other].cued && fits[other].coverage >= COVERAGE;
        let (most, second) = if gathers { (MOST_ITEMS, GATHERED) } else { (MOST_SENTENCES, SECOND) };
        if chosen.len() >= most || (fits[other].score < second * fits[best].score && asked.kind != Kind::Difference) {
            continue;
        }
        if asked.kind == Kind::Difference && held != 0 && !missing {
            continue;
        }
        if !missing && !gathers && (fits[other].own < COVERAGE || fits[other].opposite)
            || !fits[other].suits
            || all[other].words.len() < PROMISE
        {
            continue;
        }
        let block: Vec<usize> = lead_up(&all, other, &fits, text).into_iter().filter(|n| !chosen.contains(n)).collect();
        let more: usize = block.iter().map(|&n| text(n).len()).sum();
        if chosen.len() + block.len() > most
            || length + more > MOST_CHARS
            || chosen.iter().any(|&c| tells_the_same(&all[c], &all[other]))
        {
            continue;
        }
        chosen.extend(block);
        length += more;
    }
    if asked.kind == Kind::Remedy {
        chosen.sort_unstable();
    }
    // What the student just asked need not be asked again by the lecturer.
    if chosen.len() > 1 && all[chosen[0]].asks && echoes(asked, &all[chosen[0]]) {
        chosen.remove(0);
    }
    Choice::Answer(quotes_of(&all, &chosen, passages), meets)
}

/// What is to be quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// What was found by its words.
    Worded,
    /// This sentence, which was found by its meaning.
    Meant(usize),
    /// Nothing.
    Refused,
}

impl Verdict {
    /// What the words alone tell.
    fn of(by_words: Option<usize>) -> Self {
        if by_words.is_some() { Self::Worded } else { Self::Refused }
    }
}

/// What was learned tells whether the sentence that was found by its words answers, and if not, whether another one does.
fn verdict(asked: &Asked, seen: &Seen<'_>, compared: &Compared, by_words: Option<usize>) -> Verdict {
    let Some(evidence) = Evidence::of(asked, seen, compared) else { return Verdict::of(by_words) };
    let worths: Vec<f32> = evidence.signs.iter().map(worth).collect();
    if let Some(found) = by_words {
        let fit = &seen.fits[found];
        // What says everything that is asked, and what kind of thing is asked for, answers whatever was learned.
        if fit.own >= COMPLETE && fit.suits && !fit.opposite && asked.terms.len() > 1 {
            return Verdict::Worded;
        }
        // One that nobody compared is not near in meaning, and was found by words that are rare.
        let nth = evidence.places.iter().position(|place| *place == found);
        if nth.is_none_or(|nth| worded(&evidence.assurance(&worths, nth)) >= WORDED_BAR) {
            return Verdict::Worded;
        }
    }
    let best = (0..worths.len()).max_by(|&a, &b| worths[a].total_cmp(&worths[b]));
    let best = best.filter(|&best| meant(&evidence.assurance(&worths, best)) >= MEANT_BAR);
    best.map_or(Verdict::Refused, |best| Verdict::Meant(evidence.places[best]))
}

/// What there is to choose from, for whoever learns how to choose; nothing where no sentence was compared.
pub(super) fn lesson(asked: &Asked, passages: &[Ranked], compared: &Compared) -> Option<Lesson> {
    let all = quotables(passages);
    let weights = weigh(asked, &all);
    let matches: Vec<Vec<f32>> = all.iter().map(|s| matching(asked, s)).collect();
    let fits: Vec<Fit> = (0..all.len()).map(|n| fit(asked, &all, &matches, &weights, n)).collect();
    let seen = Seen { passages, all: &all, weights: &weights, matches: &matches, fits: &fits };
    Evidence::of(asked, &seen, compared).map(|evidence| evidence.lesson(&all))
}

/// Whether a sentence names nothing that the question does not name.
fn echoes(asked: &Asked, sentence: &Quotable) -> bool {
    let telling = sentence.stems.iter().zip(&sentence.words).filter(|(_, word)| !subject(word).is_empty());
    let mut foreign =
        telling.filter(|(stem, _)| !lexicon::is_light(stem) && !asked.terms.iter().any(|(term, _)| closeness(term, stem) > 0.0));
    foreign.next().is_none()
}

/// The next sentences behind what the last answer quoted last, where it was not told yet.
fn what_follows<'a>(all: &[Quotable], told: &[&str], text: impl Fn(usize) -> &'a str) -> Vec<usize> {
    let was_told = |n: usize| told.iter().any(|answer| was_said(answer, text(n)));
    let last = (0..all.len()).rev().find(|&n| told.last().is_some_and(|answer| was_said(answer, text(n))));
    let Some(last) = last else { return Vec::new() };
    let mut length = 0;
    let behind = (last + 1..all.len()).take_while(|&n| {
        length += text(n).len();
        all[n].follows && !was_told(n) && length <= MOST_CHARS
    });
    behind.take(MOST_SENTENCES).collect()
}

/// The best sentence that tells a case; the words of the question may stand in the sentence before, where the rule was told.
fn example(all: &[Quotable], fits: &[Fit]) -> Option<usize> {
    let cases = (0..all.len()).filter(|&n| fits[n].cued && fits[n].coverage >= COVERAGE && !all[n].asks);
    cases.max_by(|&a, &b| fits[a].score.total_cmp(&fits[b].score))
}

/// Whether two sentences share nearly all their content.
fn tells_the_same(a: &Quotable, b: &Quotable) -> bool {
    let content = |q: &Quotable| q.stems.iter().filter(|s| s.len() > 3).cloned().collect::<std::collections::HashSet<_>>();
    let (a, b) = (content(a), content(b));
    let shared = a.intersection(&b).count();
    shared * 10 >= a.len().min(b.len()).max(1) * 8
}

/// Sentences as quotes: neighbours in one passage become one quote.
pub(super) fn quotes_of(all: &[Quotable], chosen: &[usize], passages: &[Ranked]) -> Vec<Quote> {
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
