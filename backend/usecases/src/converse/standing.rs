//! Where in an answer its spoken pieces stand. Knows no voice and no wire.

use synapscribe_ports::SpokenWord;

/// Follows the pieces through the answer.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// The bytes of the answer up to the end of the last piece that was found in it.
    end: usize,
    /// The characters before the piece that is spoken, and the number of its first stretch.
    piece: Option<(u32, u32)>,
}

impl Standing {
    /// A piece begins with the stretch of this number, or was sent before.
    pub fn begin(&mut self, piece: &str, answer: &str, first: Option<u32>) {
        self.piece = None;
        let Some(further) = answer.get(self.end..).and_then(|rest| rest.find(piece)) else { return };
        let from = self.end + further;
        self.end = from + piece.len();
        self.piece = first.map(|first| (answer[..from].chars().count() as u32, first));
    }

    /// Words of the piece as words of the answer, and the number of the stretch that their times are counted from.
    pub fn of_answer(&self, mut words: Vec<SpokenWord>) -> Option<(u32, Vec<SpokenWord>)> {
        let (before, first) = self.piece?;
        for word in &mut words {
            word.from = word.from.saturating_add(before);
            word.to = word.to.saturating_add(before);
        }
        Some((first, words))
    }
}
