//! What both databases make of the records they keep. Knows no database.

use synapscribe_domain::{Millis, Passage, Phrase};
use synapscribe_ports::{StoreError, StoreResult};

use crate::store::{from_json, to_json};

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
pub(crate) fn dimension(passages: &[Passage], vectors: &[Vec<f32>]) -> StoreResult<usize> {
    let dimension = vectors.first().map_or(0, Vec::len);
    let fitting = vectors.len() == passages.len() && dimension > 0 && vectors.iter().all(|v| v.len() == dimension);
    if !vectors.is_empty() && !fitting {
        return Err(StoreError::Corrupt("every passage needs one vector, all of one length".into()));
    }
    Ok(dimension)
}
