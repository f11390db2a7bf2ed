//! Long recordings cut at quiet places into stretches that a server takes in one request; knows no server.

use std::ops::Range;

use synapscribe_domain::audio::{SILENCE_RMS, SPEECH_RATE};

/// The length of the stretches whose loudness is compared.
const FRAME: usize = SPEECH_RATE as usize / 50;
/// The cut is looked for in this last share of the longest stretch.
const SEARCH: usize = 3;

/// Stretches of at most `longest` samples that together are the whole recording.
pub(super) fn cut(samples: &[f32], longest: usize) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut from = 0;
    while samples.len() - from > longest {
        let earliest = from + longest - longest / SEARCH;
        let quietest = (earliest..from + longest)
            .step_by(FRAME)
            .min_by(|&a, &b| energy(samples, a).total_cmp(&energy(samples, b)))
            .unwrap_or(from + longest)
            .max(from + 1);
        out.push(from..quietest);
        from = quietest;
    }
    if from < samples.len() {
        out.push(from..samples.len());
    }
    out
}

/// Whether nothing can be heard; a model that is given silence invents words.
pub(crate) fn is_silent(samples: &[f32]) -> bool {
    samples
        .chunks(SPEECH_RATE as usize / 10)
        .all(|c| (c.iter().map(|s| s * s).sum::<f32>() / c.len() as f32).sqrt() < SILENCE_RMS)
}

/// The energy around a position, over a tenth of a second.
fn energy(samples: &[f32], at: usize) -> f32 {
    let around = &samples[at.saturating_sub(2 * FRAME)..(at + 3 * FRAME).min(samples.len())];
    around.iter().map(|s| s * s).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_recording_is_cut_where_it_is_quiet() {
        let rate = SPEECH_RATE as usize;
        let samples: Vec<f32> =
            (0..50 * rate).map(|n| if n / rate % 8 == 7 { 0.0 } else { (n as f32 / 7.0).sin() * 0.3 }).collect();
        let parts = cut(&samples, 20 * rate);
        assert_eq!(parts.first().map(|p| p.start), Some(0));
        assert_eq!(parts.last().map(|p| p.end), Some(samples.len()));
        assert!(parts.windows(2).all(|p| p[0].end == p[1].start));
        assert!(parts.iter().all(|p| p.len() <= 20 * rate));
        for part in &parts[..parts.len() - 1] {
            assert_eq!(part.end / rate % 8, 7, "{part:?}");
        }
        assert!(cut(&[], 10).is_empty());
        assert!(is_silent(&[0.0; 3000]) && !is_silent(&samples) && is_silent(&[]));
    }
}
