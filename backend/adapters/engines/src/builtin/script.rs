//! Speaks a written script as a lecturer would and tells exactly when each sentence was said; knows no storage.

use std::sync::atomic::{AtomicU32, Ordering};

use synapscribe_domain::audio::SPEECH_RATE;
use synapscribe_domain::{Failure, Millis, Pcm, Phrase, Span};

use super::flite::{Flite, Speed, Voice};

/// The pause between two sentences, and between two paragraphs, in samples.
const BETWEEN_SENTENCES: usize = SPEECH_RATE as usize * 35 / 100;
const BETWEEN_PARAGRAPHS: usize = SPEECH_RATE as usize * 9 / 10;

/// Speaks paragraphs sentence by sentence with natural pauses. Each sentence is one phrase with the text as it is written and
/// the times at which its sound starts and ends. Sentences are spoken on all cores; `progress` hears how many of how many are
/// done, from any of them.
pub fn speak_script(
    paragraphs: &[&str],
    voice: Voice,
    progress: &(dyn Fn(u32, u32) + Sync),
) -> Result<(Pcm, Vec<Phrase>), Failure> {
    let flite = Flite::load()?;
    let sentences: Vec<(usize, &str)> = paragraphs
        .iter()
        .enumerate()
        .flat_map(|(at, paragraph)| sentences(paragraph).into_iter().map(move |s| (at, s)))
        .collect();
    let spoken = speak_all(flite, &sentences, voice, progress)?;
    let mut pcm: Vec<f32> = Vec::new();
    let mut phrases = Vec::new();
    let mut paragraph = None;
    for ((at, text), mut sound) in sentences.into_iter().zip(spoken) {
        // The voice ends a sentence with its own pause; ours replaces it.
        while sound.last() == Some(&0.0) {
            sound.pop();
        }
        if sound.is_empty() {
            continue;
        }
        let pause = match paragraph {
            None => 0,
            Some(before) if before == at => BETWEEN_SENTENCES,
            Some(_) => BETWEEN_PARAGRAPHS,
        };
        pcm.resize(pcm.len() + pause, 0.0);
        let from = position(pcm.len());
        pcm.append(&mut sound);
        phrases.push(Phrase::trusted(Span::new(from, position(pcm.len())), text));
        paragraph = Some(at);
    }
    Ok((Pcm(pcm), phrases))
}

fn position(samples: usize) -> Millis {
    Millis(samples as u64 * 1000 / u64::from(SPEECH_RATE))
}

fn speak_all(
    flite: Flite,
    sentences: &[(usize, &str)],
    voice: Voice,
    progress: &(dyn Fn(u32, u32) + Sync),
) -> Result<Vec<Vec<f32>>, Failure> {
    let (done, total) = (&AtomicU32::new(0), sentences.len() as u32);
    let speak = move |text: &str| {
        let pcm = flite.speak(text, voice, Speed::NORMAL)?;
        progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
        Ok(pcm.0)
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(sentences.len().max(1));
    let share = sentences.len().div_ceil(workers).max(1);
    std::thread::scope(|scope| {
        let parts: Vec<_> = sentences
            .chunks(share)
            .map(|part| scope.spawn(move || part.iter().map(|(_, text)| speak(text)).collect::<Vec<_>>()))
            .collect();
        parts.into_iter().flat_map(|part| part.join().unwrap_or_else(|_| vec![Err(Failure::internal())])).collect()
    })
}

/// The sentences of a paragraph, as they are written.
fn sentences(paragraph: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut from = 0;
    for (at, c) in paragraph.char_indices() {
        let after = at + c.len_utf8();
        let ends = matches!(c, '.' | '!' | '?') && paragraph[after..].chars().next().is_none_or(char::is_whitespace);
        // A capital or a digit opens the next sentence; "e.g. this" does not end one.
        let opens = paragraph[after..].trim_start().chars().next().is_none_or(|next| !next.is_lowercase());
        if ends && opens {
            out.push(paragraph[from..after].trim());
            from = after;
        }
    }
    out.push(paragraph[from..].trim());
    out.retain(|sentence| !sentence.is_empty());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paragraph_is_cut_at_its_sentences() {
        assert_eq!(sentences("One is 0.5, e.g. this. Two? Three"), ["One is 0.5, e.g. this.", "Two?", "Three"]);
        assert!(sentences("  ").is_empty());
    }
}
