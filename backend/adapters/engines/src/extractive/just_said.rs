//! What the lecturer said just before the student stopped, once more; answers no question about a subject.

use synapscribe_domain::Millis;
use synapscribe_domain::retrieval::Ranked;

use super::choose::{Quote, quotes_of};
use super::sentence::quotables;

/// How far back the words go.
#[derive(Debug, Clone, Copy)]
pub struct Reach {
    /// At least this long before the place.
    least_ms: u64,
    sentences: usize,
    characters: usize,
}

impl Reach {
    /// The last words.
    pub const REPEATED: Self = Self { least_ms: 6_000, sentences: 3, characters: 420 };
    /// The last words and what they rest on.
    pub const EXPLAINED: Self = Self { least_ms: 18_000, sentences: 6, characters: 640 };
}

/// The sentences up to this place, in their order.
pub fn choose(passages: &[Ranked], at: Millis, reach: Reach) -> Vec<Quote> {
    let all = quotables(passages);
    let said = |n: usize| passages[all[n].passage].passage.spot_of(all[n].from..all[n].to).said().unwrap_or_default();
    // Of a sentence that was interrupted in its first half too little was heard.
    let heard = |n: usize| said(n).from < at && (at.0 - said(n).from.0) * 2 >= said(n).length().0;
    let Some(last) = (0..all.len()).rev().find(|&n| heard(n)).or((!all.is_empty()).then_some(0)) else { return Vec::new() };
    let (mut first, mut length) = (last, all[last].to - all[last].from);
    while first > 0 && all[first].follows && last - first + 1 < reach.sentences {
        let far_enough = at.0.saturating_sub(said(first).from.0) >= reach.least_ms && !all[first].leans;
        length += all[first - 1].to - all[first - 1].from;
        if far_enough || length > reach.characters {
            break;
        }
        first -= 1;
    }
    quotes_of(&all, &(first..=last).collect::<Vec<_>>(), passages)
}
