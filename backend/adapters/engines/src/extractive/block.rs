//! What is quoted around the best sentence so that it can be understood by itself.

use super::choose::{COVERAGE, MOST_CHARS, MOST_SENTENCES};
use super::fit::Fit;
use super::lexicon;
use super::question::{Asked, Kind};
use super::sentence::Quotable;

/// A sentence that holds this share of the question goes on with the one before.
const GOES_ON: f32 = 0.8;
/// A sentence with fewer words promises more than it says, such as "Squaring does two things for us".
pub(super) const PROMISE: usize = 7;
/// So does a longer one with these words.
const PROMISING: &[&str] = &["in one sentence", "as follows", "like this", "the following"];
/// A question of the lecturer's is quoted when it is no longer than this.
const SHORT_QUESTION: usize = 12;
/// As many items of a list are told.
pub(super) const MOST_ITEMS: usize = 5;
/// As many sentences may stand between two of them.
const BETWEEN_ITEMS: usize = 2;

/// A sentence with the one it leans on, and those that finish it where that is short enough.
pub(super) fn block_around<'a>(
    asked: &Asked,
    all: &[Quotable],
    best: usize,
    fits: &[Fit],
    text: impl Fn(usize) -> &'a str + Copy,
) -> Vec<usize> {
    let mut block = lead_up(all, best, fits, text);
    let is_promise = |n: usize| (all[n].words.len() < PROMISE && !all[n].leans) || all[n].says(PROMISING);
    let fits_in = |block: &[usize], more: usize| {
        // A promise at the end is kept by one sentence more.
        let most = MOST_SENTENCES + usize::from(block.last().is_some_and(|&last| last < more && is_promise(last)));
        block.len() < most && block.iter().map(|&n| text(n).len()).sum::<usize>() + text(more).len() <= MOST_CHARS
    };
    // A reason or a way may stand in the sentence after the fact.
    let explains = matches!(asked.kind, Kind::Why | Kind::How);
    let mut explained = !explains || block.iter().any(|&n| fits[n].cued);
    let held = |block: &[usize]| block.iter().fold(0, |all, &n| all | fits[n].holds);
    // What follows goes on with the thought when it leans on it, when it holds as much of the question, or was promised.
    for next in best + 1..all.len() {
        let promised = is_promise(next - 1);
        let goes_on = all[next].leans
            || (all[next].joins && fits[next].own > 0.2)
            || fits[next].own >= GOES_ON
            || promised
            // It holds a word of the question that is still missing.
            || fits[next].holds & !held(&block) != 0
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
    let alone = block.len() == 1;
    while let (false, Kind::Why, Some(&first), true) = (explained, asked.kind, block.first(), alone) {
        if first == 0 || !all[first].follows || all[first - 1].asks || !fits_in(&block, first - 1) {
            break;
        }
        block.insert(0, first - 1);
        explained |= !all[first - 1].leans;
    }
    block
}

/// A sentence preceded by those it leans on.
pub(super) fn lead_up<'a>(all: &[Quotable], n: usize, fits: &[Fit], text: impl Fn(usize) -> &'a str) -> Vec<usize> {
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
        // "What about the learning rate? It is the size of the step": the lecturer's own short question names what is meant.
        if length > MOST_CHARS || (all[before].asks && (!all[first].leans || all[before].words.len() > SHORT_QUESTION)) {
            break;
        }
        block.insert(0, before);
        first = before;
        if all[before].asks {
            break;
        }
    }
    // One that would need more before it is not worth having for one that only goes on.
    if block.len() > 1 && all[block[0]].leans && !all[block[1]].leans {
        block.remove(0);
    }
    block
}

/// The best sentence and those after it that go on counting: first, then, finally.
pub(super) fn listing<'a>(all: &[Quotable], block: &mut Vec<usize>, text: impl Fn(usize) -> &'a str) {
    let Some(&last) = block.last() else { return };
    let mut length: usize = block.iter().map(|&n| text(n).len()).sum();
    let mut between = 0;
    // "It has two halves" is followed by as many sentences.
    let announced = all[last].words.iter().skip(1).filter_map(|word| lexicon::small_number(word)).next_back().unwrap_or(0);
    let listed = all[last].commas > 1;
    // "We need four elements. They are …"
    if let Some(next) = all.get(last + 1).filter(|next| announced > 0 && next.follows && next.leans && next.commas > 1)
        && length + text(last + 1).len() <= MOST_CHARS
        && !next.asks
    {
        block.push(last + 1);
        return;
    }
    for next in (last + 1..all.len()).take(if listed { 0 } else { announced }) {
        length += text(next).len();
        if !all[next].follows || all[next].asks || length > MOST_CHARS {
            return;
        }
        block.push(next);
    }
    if announced > 0 && !listed {
        return;
    }
    for (next, sentence) in all.iter().enumerate().skip(last + 1) {
        if !sentence.follows || between > BETWEEN_ITEMS || block.len() >= MOST_ITEMS {
            break;
        }
        if sentence.asks || !sentence.words.iter().take(2).any(|word| lexicon::is_ordinal(word)) {
            between += 1;
            continue;
        }
        length += text(next).len();
        if length > MOST_CHARS {
            break;
        }
        between = 0;
        block.push(next);
    }
}
