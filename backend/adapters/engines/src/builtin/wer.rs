//! Word error rate, the usual measure of a recogniser; used by tests and by the published evaluation.

use super::spoken;

/// How a hypothesis differs from what was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WordErrors {
    /// Words that were said.
    pub said: usize,
    /// Words taken for another.
    pub substituted: usize,
    /// Words missed.
    pub deleted: usize,
    /// Words that nobody said.
    pub inserted: usize,
}

impl WordErrors {
    /// All errors together.
    pub fn total(self) -> usize {
        self.substituted + self.deleted + self.inserted
    }

    /// Errors for each word said, 0 is perfect; it can pass 1 when much was invented.
    pub fn rate(self) -> f64 {
        if self.said == 0 { if self.total() == 0 { 0.0 } else { 1.0 } } else { self.total() as f64 / self.said as f64 }
    }
}

impl std::ops::AddAssign for WordErrors {
    fn add_assign(&mut self, other: Self) {
        self.said += other.said;
        self.substituted += other.substituted;
        self.deleted += other.deleted;
        self.inserted += other.inserted;
    }
}

/// The word error rate of a hypothesis, both texts brought to spoken words first, so that `0.1` equals
/// "zero point one" and case and punctuation do not count.
pub fn wer(said: &str, heard: &str) -> f64 {
    word_errors(said, heard).rate()
}

/// The errors by kind along a cheapest alignment (Levenshtein over words).
pub fn word_errors(said: &str, heard: &str) -> WordErrors {
    let said = spoken::words(said);
    let heard = spoken::words(heard);
    // One row of the table at a time; a cell holds the errors of the cheapest path to it.
    let mut row: Vec<WordErrors> = (0..=heard.len()).map(|inserted| WordErrors { inserted, ..Default::default() }).collect();
    for word in &said {
        let mut diagonal = row[0];
        row[0].deleted += 1;
        for (at, other) in heard.iter().enumerate() {
            let above = row[at + 1];
            let mut matched = diagonal;
            matched.substituted += usize::from(word != other);
            let mut deleted = above;
            deleted.deleted += 1;
            let mut inserted = row[at];
            inserted.inserted += 1;
            row[at + 1] = [matched, deleted, inserted].into_iter().min_by_key(|e| e.total()).unwrap_or_default();
            diagonal = above;
        }
    }
    WordErrors { said: said.len(), ..row[heard.len()] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_counted_by_kind() {
        for (said, heard, expected) in [
            ("the chain rule", "the chain rule", (0, 0, 0)),
            ("the chain rule", "the chin rule", (1, 0, 0)),
            ("the chain rule", "chain rule", (0, 1, 0)),
            ("the chain rule", "the the chain rule", (0, 0, 1)),
            ("a rate of 0.1!", "A rate of zero point one", (0, 0, 0)),
            ("one two", "", (0, 2, 0)),
            ("", "one two", (0, 0, 2)),
        ] {
            let errors = word_errors(said, heard);
            assert_eq!((errors.substituted, errors.deleted, errors.inserted), expected, "{said} | {heard}");
        }
        assert_eq!(wer("one two three four", "one two three"), 0.25);
    }
}
