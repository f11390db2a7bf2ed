//! What both databases make of the records they keep. Knows no database.

use synapscribe_domain::{Millis, Passage, Phrase};
use synapscribe_ports::{Meaning, StoreError, StoreResult};

use crate::store::{from_json, to_json};
use crate::vectors::{cosine, from_bytes, to_bytes};

/// The phrases of all windows, in the order in which they were said.
pub(crate) fn in_order(lists: &[String]) -> StoreResult<Vec<Phrase>> {
    let mut phrases = Vec::new();
    for list in lists {
        phrases.extend(from_json::<Vec<Phrase>>(list)?);
    }
    phrases.sort_by_key(|phrase| (phrase.span.from, phrase.span.to));
    Ok(phrases)
}

/// The window that holds a phrase as somebody read it, what it holds with other words in its place, and the phrase put right.
pub(crate) fn put_right(
    windows: &[(i64, String)],
    from: Millis,
    expected: &str,
    text: &str,
) -> StoreResult<(i64, String, Phrase)> {
    for (window, list) in windows {
        let mut phrases: Vec<Phrase> = from_json(list)?;
        if let Some(phrase) = phrases.iter_mut().find(|phrase| phrase.span.from == from && phrase.text == expected) {
            let corrected = phrase.corrected(text);
            *phrase = corrected.clone();
            return Ok((*window, to_json(&phrases)?, corrected));
        }
    }
    Err(StoreError::Conflict)
}

/// The length of all vectors, 0 where there are none.
pub(crate) fn dimension(passages: &[Passage], meanings: &[Meaning]) -> StoreResult<usize> {
    let dimension = meanings.first().map_or(0, |meaning| meaning.whole.len());
    let is_long = |vector: &Vec<f32>| vector.len() == dimension;
    let all = |meaning: &Meaning| is_long(&meaning.whole) && meaning.parts.iter().all(is_long);
    let fitting = meanings.len() == passages.len() && dimension > 0 && meanings.iter().all(all);
    if !meanings.is_empty() && !fitting { Err(unlike()) } else { Ok(dimension) }
}

/// Vectors of one source are of one length.
pub(crate) fn must_be_alike(before: usize, dimension: usize) -> StoreResult<()> {
    if before == dimension { Ok(()) } else { Err(unlike()) }
}

fn unlike() -> StoreError {
    StoreError::Corrupt("every passage needs one vector, all of one length".into())
}

/// The length of the vectors in the next stretch of those that were set aside, behind so many passages that have theirs; nothing where
/// the stretch is missing or longer than what is left.
pub(crate) fn dimension_of_next(passages: &[Passage], done: usize, stretch: &[Meaning]) -> StoreResult<Option<usize>> {
    match passages.get(done..done + stretch.len()) {
        Some(held) if !held.is_empty() => dimension(held, stretch).map(Some),
        _ => Ok(None),
    }
}

/// The vectors of a passage's sentences as they are kept: of each its largest number, then every number as a share of it in eight
/// bits. That is exact enough to tell which sentence is meant, and takes a quarter of the place.
pub(crate) fn parts_to_bytes(parts: &[Vec<f32>]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.len() + 4).sum());
    for part in parts {
        let most = part.iter().fold(0.0f32, |most, x| most.max(x.abs()));
        bytes.extend_from_slice(&most.to_le_bytes());
        let share = |x: &f32| if most > 0.0 { (x / most * 127.0).round() as i8 as u8 } else { 0 };
        bytes.extend(part.iter().map(share));
    }
    bytes
}

/// How near each sentence is to a vector; nothing where what is kept has another length.
pub(crate) fn parts_near(bytes: &[u8], probe: &[f32]) -> Vec<f32> {
    let length = probe.len() + 4;
    if probe.is_empty() || !bytes.len().is_multiple_of(length) {
        return Vec::new();
    }
    let near = |part: &[u8]| {
        // The largest number cancels out: only directions are compared.
        let numbers: Vec<f32> = part[4..].iter().map(|byte| f32::from(*byte as i8)).collect();
        cosine(probe, &numbers)
    };
    bytes.chunks_exact(length).map(near).collect()
}

/// What passages mean, exactly, for as long as it waits to be indexed: of each how many sentences it has, its vector, and theirs.
pub(crate) fn meanings_to_bytes(meanings: &[Meaning]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for meaning in meanings {
        bytes.extend_from_slice(&(meaning.parts.len() as u32).to_le_bytes());
        bytes.extend(to_bytes(meaning.whole.iter().chain(meaning.parts.iter().flatten())));
    }
    bytes
}

/// What was kept of vectors of this length, as far as it is whole.
pub(crate) fn meanings_from_bytes(dimension: i64, mut bytes: &[u8]) -> Vec<Meaning> {
    let length = usize::try_from(dimension).unwrap_or(0).max(1) * 4;
    let mut meanings = Vec::new();
    while let Some((count, rest)) = bytes.split_first_chunk::<4>() {
        let count = u32::from_le_bytes(*count) as usize;
        let Some(held) = count.checked_add(1).and_then(|vectors| vectors.checked_mul(length)) else { break };
        let Some((own, more)) = rest.split_at_checked(held) else { break };
        let mut vectors = own.chunks_exact(length).map(from_bytes);
        meanings.push(Meaning { whole: vectors.next().unwrap_or_default(), parts: vectors.collect() });
        bytes = more;
    }
    meanings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_keep_their_direction() {
        let parts = [vec![0.6, 0.8, 0.0], vec![0.0, 0.0, 0.01], vec![0.0, 0.0, 0.0]];
        let near = parts_near(&parts_to_bytes(&parts), &[0.6, 0.8, 0.0]);
        assert!((near[0] - 1.0).abs() < 1e-3 && near[1].abs() < 1e-3 && !near[2].is_nan(), "{near:?}");
        assert!(parts_near(&parts_to_bytes(&parts), &[1.0, 0.0]).is_empty());
    }
}
