//! A growing answer into pieces to speak: the first one short, all of them ending where a voice would pause.

use crate::chunker::is_abbreviation;

/// The first piece is cut at a clause as soon as it has this many characters.
const FIRST_LEAST: usize = 12;
/// Later pieces are cut at a sentence end from this size on.
const LATER_LEAST: usize = 30;
/// A piece this long is cut at a clause.
const CLAUSE_AT: usize = 160;
/// A piece this long is cut at any space.
const SPACE_AT: usize = 260;

/// Takes text as it is written and hands out pieces that can be spoken.
#[derive(Debug, Default)]
pub struct Splitter {
    buffer: String,
    spoken_any: bool,
}

impl Splitter {
    /// Adds text and returns the pieces that are now complete.
    pub fn push(&mut self, delta: &str) -> Vec<String> {
        self.buffer.push_str(delta);
        let mut out = Vec::new();
        while let Some(at) = self.cut() {
            let rest = self.buffer.split_off(at);
            let piece = std::mem::replace(&mut self.buffer, rest);
            let piece = piece.trim();
            if !piece.is_empty() {
                self.spoken_any = true;
                out.push(piece.to_owned());
            }
        }
        out
    }

    /// The text has ended: what is left is the last piece.
    pub fn finish(&mut self) -> Option<String> {
        let rest = std::mem::take(&mut self.buffer);
        let rest = rest.trim();
        (!rest.is_empty()).then(|| rest.to_owned())
    }

    /// Where to cut the buffer now, if anywhere; never at its very end, where a number or a short form may go on.
    fn cut(&self) -> Option<usize> {
        let text = &self.buffer;
        let mut last_clause = None;
        let mut last_space = None;
        for (at, c) in text.char_indices() {
            let after = at + c.len_utf8();
            let Some(next) = text[after..].chars().next() else { break };
            let breaks = next.is_whitespace() || next == '"' || next == '”';
            let sentence =
                matches!(c, '.' | '!' | '?' | '…' | '\n') && (breaks || c == '\n') && !(c == '.' && is_abbreviation(&text[..at]));
            let clause = matches!(c, ',' | ';' | ':' | '—') && breaks;
            if sentence && (after >= if self.spoken_any { LATER_LEAST } else { FIRST_LEAST }) {
                return Some(after);
            }
            if clause && !self.spoken_any && after >= FIRST_LEAST {
                return Some(after);
            }
            if clause {
                last_clause = Some(after);
            }
            if c.is_whitespace() {
                last_space = Some(after);
            }
            if after >= CLAUSE_AT && last_clause.is_some_and(|cut| cut >= LATER_LEAST) {
                return last_clause;
            }
            if after >= SPACE_AT {
                return last_space.or(Some(after));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_first_clause_comes_early_and_later_ones_are_sentences() {
        let mut splitter = Splitter::default();
        assert!(splitter.push("In the lecture").is_empty());
        assert_eq!(splitter.push(", the chain rule, as she said, is"), ["In the lecture,"]);
        assert!(splitter.push(" a product of slopes.").is_empty());
        assert_eq!(splitter.push(" It"), ["the chain rule, as she said, is a product of slopes."]);
        assert_eq!(splitter.finish().as_deref(), Some("It"));
    }

    #[test]
    fn numbers_and_short_forms_stay_whole() {
        let mut splitter = Splitter::default();
        assert!(splitter.push("The step is 0.").is_empty());
        assert!(splitter.push("5 e.g. small").is_empty());
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_no_piece_is_endless(deltas in prop::collection::vec("[ -~äß。\n]{0,40}", 0..60)) {
            let mut splitter = Splitter::default();
            let mut pieces = Vec::new();
            for delta in &deltas {
                pieces.extend(splitter.push(delta));
            }
            pieces.extend(splitter.finish());
            let strip = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(strip(&pieces.concat()), strip(&deltas.concat()));
            let mut at_once = Splitter::default();
            let whole: Vec<String> = at_once.push(&deltas.concat()).into_iter().chain(at_once.finish()).collect();
            prop_assert_eq!(&pieces, &whole, "how the text comes changes where it is cut");
            for piece in &pieces {
                prop_assert!(piece.len() <= SPACE_AT + 8);
            }
        }
    }
}
