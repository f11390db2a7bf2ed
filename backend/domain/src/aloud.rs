//! How far an answer was said aloud, so that whoever goes on with it says nothing twice. Knows neither sound nor wire.

use serde::{Deserialize, Serialize};

/// Numbers set aside for a piece, more than any takes, in however small stretches its voice speaks.
const SET_ASIDE: u32 = 100_000;

/// What is stored of an answer's speech, which is sent piece by piece, in numbered stretches. A number is never given to another
/// piece, so whoever has heard a part of one passes over that part when the piece comes again under its numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Aloud {
    /// The pieces that were begun, in order; all but the last were sent to their end.
    pub pieces: Vec<String>,
    /// The number of the last one's first stretch.
    pub from: u32,
    /// No stretch was sent under this number or a higher one.
    pub free: u32,
}

impl Aloud {
    /// Whether nothing was begun.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }
}

/// Numbers the stretches of an answer, which a process that is gone may have said in part.
#[derive(Debug, Clone)]
pub(crate) struct Numbering {
    /// So many of the stored pieces came again, or were begun here.
    come: usize,
    /// Lower numbers belong to what was said before.
    fresh: u32,
    /// The number of the next stretch; nothing while a piece comes again that was sent to its end.
    next: Option<u32>,
}

impl Numbering {
    /// Goes on behind what is stored.
    pub fn after(aloud: &Aloud) -> Self {
        Self { come: 0, fresh: aloud.free, next: Some(aloud.free) }
    }

    /// A piece begins; says whether that changed what is to be stored, which has to be done before any of it is sent.
    pub fn begin(&mut self, piece: String, aloud: &mut Aloud) -> bool {
        if aloud.pieces.get(self.come) == Some(&piece) {
            self.come += 1;
            // How much of the last one was sent, nobody knows: all of it comes again, under its numbers.
            self.next = (self.come == aloud.pieces.len()).then_some(aloud.from);
            return false;
        }
        let from = self.next.map_or(self.fresh, |next| next.max(self.fresh));
        aloud.pieces.truncate(self.come);
        aloud.pieces.push(piece);
        aloud.from = from;
        aloud.free = aloud.free.max(from.saturating_add(SET_ASIDE));
        (self.come, self.next) = (aloud.pieces.len(), Some(from));
        true
    }

    /// The number of the next stretch, unless it was sent before.
    pub fn number(&mut self) -> Option<u32> {
        let number = self.next?;
        self.next = Some(number.saturating_add(1));
        Some(number)
    }

    /// The same, without giving it away.
    pub fn upcoming(&self) -> Option<u32> {
        self.next
    }

    /// One more than the highest number of what was said.
    pub fn end(&self, aloud: &Aloud) -> u32 {
        self.next.unwrap_or(aloud.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABC: &[&str] = &["a", "b", "c"];
    const WHOLE: &str = "a1 a2 b1 b2 c1 c2";
    const ALL: usize = 99;

    /// What is heard of an answer that one process after another says: each in these pieces, of two stretches, and killed when it
    /// has sent so many.
    fn heard(processes: &[(&[&str], usize)]) -> String {
        let (mut stored, mut next, mut heard) = (Aloud::default(), 0, Vec::new());
        for (pieces, sends) in processes {
            let (mut aloud, mut sent) = (stored.clone(), 0);
            let mut numbering = Numbering::after(&aloud);
            let stretches = pieces.iter().flat_map(|piece| [(piece, 1), (piece, 2)]);
            for (piece, half) in stretches {
                if half == 1 && numbering.begin((*piece).to_owned(), &mut aloud) {
                    stored = aloud.clone();
                }
                let Some(number) = numbering.number() else { continue };
                if sent == *sends {
                    break;
                }
                sent += 1;
                if number >= next {
                    next = number + 1;
                    heard.push(format!("{piece}{half}"));
                }
            }
        }
        heard.join(" ")
    }

    #[test]
    fn wherever_it_is_cut_off_and_however_often_each_stretch_is_heard_once() {
        for first in 0..=6 {
            for second in 0..=6 {
                assert_eq!(heard(&[(ABC, first), (ABC, second), (ABC, ALL)]), WHOLE, "cut off after {first} and {second}");
            }
        }
    }

    #[test]
    fn an_answer_that_is_worded_otherwise_goes_on_with_its_first_other_piece_and_loses_nothing_of_it() {
        let (other, short): (&[&str], &[&str]) = (&["a", "x", "y"], &["x"]);
        for second in 0..=4 {
            assert_eq!(heard(&[(ABC, 3), (other, second), (other, ALL)]), "a1 a2 b1 x1 x2 y1 y2", "cut off again after {second}");
        }
        assert_eq!(heard(&[(ABC, 3), (short, ALL)]), "a1 a2 b1 x1 x2");
    }

    #[test]
    fn numbers_have_no_gap_where_nothing_was_cut_off() {
        let mut aloud = Aloud::default();
        let mut numbering = Numbering::after(&aloud);
        let mut numbers = vec![numbering.number()];
        for piece in ABC {
            assert!(numbering.begin((*piece).to_owned(), &mut aloud));
            numbers.extend([numbering.number(), numbering.number()]);
        }
        assert_eq!(numbers, (0..7).map(Some).collect::<Vec<_>>());
        assert_eq!((numbering.end(&aloud), aloud.from), (7, 5));
        let mut again = Numbering::after(&aloud);
        assert!(!again.begin("a".into(), &mut aloud));
        assert_eq!((again.number(), again.end(&aloud)), (None, 5), "what was sent to its end is passed over");
    }
}
