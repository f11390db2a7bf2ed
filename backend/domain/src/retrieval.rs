//! How text scores and vector scores become one order, and how the place where the student is leans on it.

use crate::passage::{Passage, Spot};
use crate::time::Millis;
use crate::vocabulary::has_word_of;

/// One passage with what each index says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The passage.
    pub passage: Passage,
    /// The full-text score (higher is better), if the full-text index found it.
    pub text_score: Option<f32>,
    /// The cosine similarity, if it was compared.
    pub similarity: Option<f32>,
    /// Those of its sentences, as [`crate::sentences::of`] tells them apart; empty where they were not compared.
    pub parts: Vec<f32>,
}

/// What vectors tell by being near.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Telling {
    /// Nobody knows from where on two texts have to do with each other.
    Unknown,
    /// That words are spelt alike; strangers are near by chance.
    Spelling,
    /// That texts have to do with each other, from this nearness on.
    Meaning(f32),
}

impl Telling {
    /// Whether texts have to do with what is looked for, when they are as near as this.
    pub fn relates<'a>(self, nearness: f32, texts: impl IntoIterator<Item = &'a str>, wanted: &str) -> bool {
        match self {
            Self::Unknown => true,
            Self::Meaning(from) if nearness >= from => true,
            Self::Spelling | Self::Meaning(_) => has_word_of(texts, wanted),
        }
    }
}

impl Candidate {
    /// How near it is in meaning: as a whole, and by the sentence that is nearest.
    pub fn meaning(&self) -> f32 {
        let whole = self.similarity.unwrap_or(0.0);
        let meaning = self.parts.iter().copied().reduce(f32::max).map_or(whole, |nearest| (whole + nearest) / 2.0);
        meaning.clamp(0.0, 1.0)
    }
}

/// A passage with its final score.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// The passage.
    pub passage: Passage,
    /// The fused score, 0 to 1.
    pub score: f32,
    /// The cosine similarity, if it was compared.
    pub similarity: Option<f32>,
    /// Those of its sentences; empty where they were not compared.
    pub parts: Vec<f32>,
}

/// The weights of the fusion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// The share of the full-text score; the rest is the similarity's.
    pub text: f32,
    /// The most that nearness to the place where the student is adds.
    pub playhead: f32,
}

/// Where the student is in what is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standpoint {
    /// So far into the lecture.
    Second(Millis),
    /// On this page of the document.
    Page(u32),
}

impl Default for Weights {
    fn default() -> Self {
        Self { text: 0.1, playhead: 0.12 }
    }
}

/// The nearness to the playhead halves over this distance.
const PLAYHEAD_HALF_MS: f32 = 60_000.0;
/// The nearness to the page that is seen halves over so many.
const PAGE_HALF: f32 = 2.0;

/// Fuses by a convex combination of normalised scores, leaning towards what was said just before the playhead, or
/// what stands on the page that is seen.
pub fn fuse(candidates: Vec<Candidate>, weights: Weights, from: Option<Standpoint>) -> Vec<Ranked> {
    let best_text = candidates.iter().filter_map(|c| c.text_score).fold(0.0f32, f32::max);
    let compared = candidates.iter().any(|c| c.similarity.is_some());
    let nearest = candidates.iter().map(Candidate::meaning).fold(0.0f32, f32::max);
    let mut ranked: Vec<Ranked> = candidates
        .into_iter()
        .map(|c| {
            let text = c.text_score.filter(|_| best_text > 0.0).map_or(0.0, |s| (s / best_text).clamp(0.0, 1.0));
            // What has no vector yet is as near as its words are good; with nothing it would stand behind all that was compared.
            let meaning = if c.similarity.is_some() { c.meaning() } else { text * nearest };
            let mut score = if compared { weights.text * text + (1.0 - weights.text) * meaning } else { text };
            if let Some(from) = from {
                score += weights.playhead * nearness(&c.passage, from);
            }
            Ranked { passage: c.passage, score, similarity: c.similarity, parts: c.parts }
        })
        .collect();
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.passage.index.cmp(&b.passage.index)));
    // Bounded only now: the best matches lie at the bound, and the place still has to tell them apart.
    for one in &mut ranked {
        one.score = one.score.min(1.0);
    }
    ranked
}

/// 1 where the student is, falling off with distance; what lies ahead in a lecture was not heard yet and counts half, while any
/// page may have been read.
fn nearness(passage: &Passage, from: Standpoint) -> f32 {
    match (passage.spot, from) {
        (Spot::Said(span), Standpoint::Second(at)) => {
            let (distance, heard) =
                if span.from > at { (span.from.0 - at.0, 0.5) } else { (at.0.saturating_sub(span.to.0), 1.0) };
            heard * 0.5f32.powf(distance as f32 / PLAYHEAD_HALF_MS)
        }
        (Spot::Printed(pages), Standpoint::Page(page)) => {
            let distance = pages.from.saturating_sub(page).max(page.saturating_sub(pages.to));
            0.5f32.powf(distance as f32 / PAGE_HALF)
        }
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passage::Pages;
    use crate::{LectureId, Span};

    fn candidate(index: u32, text: Option<f32>, similarity: Option<f32>) -> Candidate {
        let lecture = LectureId::parse("l").unwrap();
        let from = Millis(u64::from(index) * 60_000);
        Candidate {
            passage: Passage::said(&lecture, index, Span::new(from, Millis(from.0 + 20_000)), ""),
            text_score: text,
            similarity,
            parts: Vec::new(),
        }
    }

    #[test]
    fn both_indexes_count_and_the_playhead_breaks_ties() {
        let candidates =
            vec![candidate(0, Some(2.0), Some(0.5)), candidate(3, Some(2.0), Some(0.5)), candidate(5, None, Some(0.55))];
        let plain = fuse(candidates.clone(), Weights::default(), None);
        assert_eq!(plain[0].passage.index, 0);
        let near = fuse(candidates, Weights::default(), Some(Standpoint::Second(Millis(3 * 60_000 + 10_000))));
        assert_eq!(near[0].passage.index, 3);
    }

    #[test]
    fn the_playhead_tells_the_best_matches_apart() {
        let candidates = (0..5).map(|n| candidate(n, Some(2.0), None)).collect();
        let ranked = fuse(candidates, Weights::default(), Some(Standpoint::Second(Millis(3 * 60_000 + 25_000))));
        assert_eq!(ranked[0].passage.index, 3);
        assert!(ranked.iter().all(|one| one.score <= 1.0));
    }

    #[test]
    fn the_page_that_is_seen_tells_equals_apart() {
        let on = |index: u32, from: u32, to: u32| {
            let mut one = candidate(index, Some(2.0), Some(0.5));
            one.passage.spot = Spot::Printed(Pages::new(from, to));
            one
        };
        let candidates = vec![on(0, 1, 1), on(1, 39, 40), on(2, 41, 41), on(3, 90, 90)];
        let order = |from| fuse(candidates.clone(), Weights::default(), from).iter().map(|r| r.passage.index).collect::<Vec<_>>();
        assert_eq!(order(Some(Standpoint::Page(40)))[..2], [1, 2]);
        assert_eq!(order(Some(Standpoint::Page(91)))[0], 3);
        assert_eq!(order(Some(Standpoint::Second(Millis(0)))), order(None), "a second means nothing in a document");
    }

    #[test]
    fn a_sentence_that_means_the_same_counts_as_much_as_the_whole() {
        let with = |parts: &[f32]| Candidate { parts: parts.to_vec(), ..candidate(1, None, Some(0.5)) };
        let score = |parts: &[f32]| fuse(vec![with(parts)], Weights { text: 0.0, playhead: 0.0 }, None)[0].score;
        assert_eq!((score(&[]), score(&[0.1, 0.9])), (0.5, 0.7));
    }

    #[test]
    fn what_has_no_vector_yet_is_found_by_its_words_among_what_has() {
        let mut candidates: Vec<Candidate> = (1..9).map(|n| candidate(n, None, Some(0.3))).collect();
        candidates.extend([candidate(10, Some(4.0), None), candidate(11, Some(1.0), Some(0.4)), candidate(12, Some(0.4), None)]);
        let ranked = fuse(candidates, Weights::default(), None);
        let order: Vec<u32> = ranked.iter().map(|one| one.passage.index).collect();
        assert_eq!((&order[..2], order[10]), (&[10, 11][..], 12), "few of the words are no match");
        assert!(ranked[0].score <= 1.0 && ranked[0].similarity.is_none());
    }

    #[test]
    fn what_is_near_by_chance_has_nothing_to_do_with_what_is_looked_for() {
        let texts = ["Tides", "The moon pulls the water."];
        let relates = |telling: Telling, nearness, wanted| telling.relates(nearness, texts, wanted);
        for (telling, nearness, wanted, expected) in [
            (Telling::Spelling, 0.9, "zebra", false),
            (Telling::Spelling, 0.0, "the water", true),
            (Telling::Spelling, 0.0, "tide", true),
            (Telling::Meaning(0.3), 0.29, "zebra", false),
            (Telling::Meaning(0.3), 0.3, "ebb", true),
            (Telling::Meaning(0.3), 0.1, "the water", true),
            (Telling::Unknown, 0.0, "zebra", true),
        ] {
            assert_eq!(relates(telling, nearness, wanted), expected, "{telling:?} {nearness} {wanted}");
        }
    }

    #[test]
    fn without_vectors_the_text_decides_alone() {
        let ranked = fuse(vec![candidate(0, Some(1.0), None), candidate(1, Some(4.0), None)], Weights::default(), None);
        assert_eq!(ranked[0].passage.index, 1);
        assert_eq!(ranked[0].score, 1.0);
    }
}
