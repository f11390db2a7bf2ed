//! What is new in a stretch of a spoken answer: the rule of the numbers in `audio_chunk`. Knows no sound.

use std::collections::BTreeMap;

/// The stretches of an answer that have come. After an interruption a piece may come again from its first number, and a voice may be
/// cut otherwise than before, so what is known of it is told by its length.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stretches {
    /// Where each number began.
    begins: BTreeMap<u32, usize>,
    length: usize,
    /// The number that goes on with what came last, and where.
    follows: (u32, usize),
}

impl Stretches {
    /// Takes a stretch of this length, and says how much of it, from its beginning, has come before.
    pub fn take(&mut self, number: u32, length: usize) -> usize {
        let at = match self.follows {
            (next, at) if next == number => at,
            _ => self.begins.range(number..).next().map_or(self.length, |(_, at)| *at),
        };
        self.begins.entry(number).or_insert(at);
        let known = (self.length - at).min(length);
        self.length = self.length.max(at + length);
        self.follows = (number.saturating_add(1), at + length);
        known
    }

    /// One more than the highest number that has come.
    pub fn end(&self) -> u32 {
        self.begins.last_key_value().map_or(0, |(number, _)| number.saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How much of each stretch is new.
    fn fresh(stretches: &[(u32, usize)]) -> Vec<usize> {
        let mut taken = Stretches::default();
        stretches.iter().map(|(number, length)| length - taken.take(*number, *length)).collect()
    }

    #[test]
    fn a_piece_that_comes_again_is_new_where_it_goes_beyond_what_has_come() {
        assert_eq!(fresh(&[(0, 5), (1, 7), (2, 3)]), [5, 7, 3]);
        // As it was,
        assert_eq!(fresh(&[(0, 5), (1, 7), (2, 3), (1, 7), (2, 3), (3, 4), (1_000, 6)]), [5, 7, 3, 0, 0, 4, 6]);
        // in larger stretches,
        assert_eq!(fresh(&[(0, 5), (1, 2), (2, 2), (1, 3), (2, 4), (1_000, 6)]), [5, 2, 2, 0, 3, 6]);
        // in smaller ones,
        assert_eq!(fresh(&[(0, 5), (1, 7), (1, 2), (2, 2), (3, 2), (4, 2), (5, 2), (1_000, 6)]), [5, 7, 0, 0, 0, 1, 2, 6]);
        // and shorter than it was.
        assert_eq!(fresh(&[(0, 5), (1, 7), (1, 4), (1_000, 6), (1_001, 1)]), [5, 7, 0, 6, 1]);
    }

    #[test]
    fn numbers_that_were_left_out_or_lost_make_nothing_known() {
        assert_eq!(fresh(&[(2, 5), (9, 7), (10, 1)]), [5, 7, 1]);
        let mut taken = Stretches::default();
        assert_eq!(taken.end(), 0);
        taken.take(9, 1);
        taken.take(3, 1);
        assert_eq!(taken.end(), 10);
    }
}
