//! The sources of the answers: going through them, and hearing the lecturer's own seconds.

use super::state::{Act, Phase, Talk};

/// A source under the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marked {
    /// Which question's.
    pub turn: usize,
    /// Which of its citations.
    pub citation: usize,
}

impl Talk {
    /// Whether anything is cited that could be heard.
    pub fn cites(&self) -> bool {
        self.turns.iter().any(|turn| !turn.answer.citations.is_empty())
    }

    /// Whether the last answer cites anything.
    pub(super) fn last_cites(&self) -> bool {
        self.turns.last().is_some_and(|turn| !turn.answer.citations.is_empty())
    }

    /// The source after the marked one, or before it; the last answer's come first, then those of the answer before.
    pub(super) fn next_marked(&self, forwards: bool) -> Option<Marked> {
        let mut all: Vec<Marked> = Vec::new();
        for (turn, asked) in self.turns.iter().enumerate().rev() {
            all.extend((0..asked.answer.citations.len()).map(|citation| Marked { turn, citation }));
        }
        let count = all.len();
        let at = self.marked.and_then(|marked| all.iter().position(|one| *one == marked));
        let next = match (at, forwards) {
            (None, true) => 0,
            (None, false) => count.checked_sub(1)?,
            (Some(at), true) => (at + 1) % count,
            (Some(at), false) => (at + count - 1) % count,
        };
        all.get(next).copied()
    }

    /// Plays what the last answer cites by this number.
    pub(super) fn play_number(&mut self, digit: char) -> Vec<Act> {
        let number = digit.to_digit(10).unwrap_or(0);
        let Some(turn) = self.turns.len().checked_sub(1) else { return Vec::new() };
        match self.turns[turn].answer.citations.iter().position(|cited| cited.number == number) {
            Some(citation) => self.play(Marked { turn, citation }),
            None => {
                self.notice = Some(format!("The last answer has no source {number}; Tab goes through all of them."));
                Vec::new()
            }
        }
    }

    /// Plays the source under the cursor.
    pub(super) fn play_marked(&mut self) -> Vec<Act> {
        self.marked.map_or_else(Vec::new, |marked| self.play(marked))
    }

    fn play(&mut self, which: Marked) -> Vec<Act> {
        let turn = self.turns.get(which.turn);
        let Some(cited) = turn.and_then(|turn| turn.answer.citations.get(which.citation)).cloned() else { return Vec::new() };
        if let Some(why) = &self.no_speaker {
            self.notice = Some(why.clone());
            return Vec::new();
        }
        self.playhead = Some(cited.to);
        let mut acts = if self.phase == Phase::Answering { self.stop() } else { Vec::new() };
        if self.phase == Phase::Recording {
            acts.push(Act::Discard);
        }
        self.key.reset();
        self.phase = Phase::Speaking;
        self.notice = Some(format!("The lecturer, {}–{}", crate::text::clock(cited.from), crate::text::clock(cited.to)));
        acts.extend([Act::Hush, Act::PlayClip(cited)]);
        acts
    }
}
