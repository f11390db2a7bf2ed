//! What stands beside a sentence in the order of the lecture: what comes next, what came before, a case of it. Knows no scores but
//! those it is given.

use super::choose::{COVERAGE, MOST_CHARS, MOST_SENTENCES};
use super::fit::Fit;
use super::lexicon;
use super::question::{Asked, Kind};
use super::sentence::Quotable;

/// What comes next is told within as many sentences.
const REACH: usize = 4;

/// The sentences that tell what comes after the subject, or before it.
pub(super) fn sequel<'a>(
    asked: &Asked,
    all: &[Quotable],
    fits: &[Fit],
    text: impl Fn(usize) -> &'a str + Copy,
) -> Option<Vec<usize>> {
    let word = match asked.kind {
        Kind::After => "after",
        Kind::Before => "before",
        _ => return None,
    };
    let named: Vec<&String> = asked.focus.iter().filter(|term| !lexicon::is_light(term)).collect();
    let names_it = |n: usize| !named.is_empty() && named.iter().all(|term| all[n].stems.contains(term));
    let anchors: Vec<usize> = (0..all.len()).filter(|&n| (names_it(n) || fits[n].own >= COVERAGE) && !all[n].asks).collect();
    // "After ten layers little is left" answers by itself.
    let tells = |n: &&usize| {
        let at = all[**n].words.iter().position(|w| w == word);
        at.is_some_and(|at| all[**n].stems[at..].iter().take(5).any(|stem| asked.focus.contains(stem)))
    };
    let best = |found: &mut dyn Iterator<Item = &usize>| found.copied().max_by(|&a, &b| fits[a].score.total_cmp(&fits[b].score));
    if let Some(told) = best(&mut anchors.iter().filter(tells)) {
        return Some(with_what_follows(all, told, text));
    }
    let run = |from: usize, to: usize| (from + 1..=to).all(|n| all[n].follows);
    if asked.kind == Kind::After {
        let next = |&n: &usize| (n + 1..all.len()).take(REACH).find(|&m| run(n, m) && !all[m].asks && is_next(&all[m]));
        // Of several places the one where it goes on soonest.
        let places = anchors.iter().filter_map(|n| next(n).map(|m| (m - n, m)));
        let behind = best(&mut anchors.iter()).map(|n| n + 1).filter(|&m| m < all.len() && all[m].follows && !all[m].asks);
        return places.min().map(|(_, m)| m).or(behind).map(|m| with_what_follows(all, m, text));
    }
    let anchor = best(&mut anchors.iter().filter(|&&n| is_next(&all[n]))).or_else(|| best(&mut anchors.iter()))?;
    let earlier = (0..anchor).rev().take(REACH).take_while(|&n| run(n, anchor));
    let counted = is_next(&all[anchor]).then(|| earlier.clone().find(|&n| is_next(&all[n]))).flatten();
    let first = counted.or_else(|| earlier.filter(|&n| !all[n].asks).take(2).find(|&n| !all[n].leans))?;
    Some((first..anchor).take(MOST_SENTENCES).collect())
}

/// What stands nearest to the last answer and says why, when or who, where nothing else was asked.
pub(super) fn beside<'a>(
    asked: &Asked,
    all: &[Quotable],
    fits: &[Fit],
    was_told: impl Fn(usize) -> bool,
    text: impl Fn(usize) -> &'a str + Copy,
) -> Option<Vec<usize>> {
    if !asked.points || !matches!(asked.kind, Kind::Why | Kind::When | Kind::Who | Kind::Where) {
        return None;
    }
    let last = (0..all.len()).rev().find(|&n| was_told(n))?;
    let answers = |n: usize| if asked.kind == Kind::Why { all[n].says(lexicon::REASON) } else { fits[n].cued };
    let near = (last.saturating_sub(REACH)..(last + REACH).min(all.len())).filter(|&n| answers(n) && !all[n].asks);
    // The reason, or the date, may stand in what was told.
    let away = |n: usize| match () {
        () if was_told(n) => 0,
        () if n > last => 2 * (n - last) - 1,
        () => 2 * (last - n),
    };
    let nearest = near.min_by_key(|&n| away(n))?;
    let block = with_what_follows(all, nearest, text).into_iter();
    Some(block.filter(|&n| n <= nearest || (n == nearest + 1 && all[n].leans)).collect())
}

/// Whether a sentence goes on in an order: "Then comes …", "… came next".
fn is_next(sentence: &Quotable) -> bool {
    sentence.words.iter().take(2).any(|word| lexicon::is_ordinal(word)) || sentence.says(lexicon::SEQUEL)
}

/// The best case of anything.
pub(super) fn any_example(all: &[Quotable], score: impl Fn(usize) -> f32) -> Option<usize> {
    let cases = (0..all.len()).filter(|&n| !all[n].asks && all[n].says(lexicon::CASE));
    cases.max_by(|&a, &b| score(a).total_cmp(&score(b)).then(b.cmp(&a)))
}

/// A sentence with the one it leans on and what goes on with it.
pub(super) fn with_what_follows<'a>(all: &[Quotable], n: usize, text: impl Fn(usize) -> &'a str) -> Vec<usize> {
    let first = if all[n].leans && all[n].follows && n > 0 { n - 1 } else { n };
    let mut length = 0;
    let block = (first..all.len()).take_while(|&m| {
        length += text(m).len();
        m <= n || (all[m].follows && !all[m].asks && length <= MOST_CHARS)
    });
    block.take(MOST_SENTENCES).collect()
}
