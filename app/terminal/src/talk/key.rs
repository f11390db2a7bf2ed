//! The talk key: held down where the terminal tells of a release, pressed twice where it does not. Knows no microphone.

use std::time::{Duration, Instant};

/// A held key repeats at least this often, once it has begun to.
const REPEAT: Duration = Duration::from_millis(160);

/// A held key begins to repeat within this time.
const FIRST_REPEAT: Duration = Duration::from_millis(750);

/// What happened to the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stroke {
    /// It went down.
    Press,
    /// It is still down; only told by better terminals.
    Repeat,
    /// It went up; only told by better terminals.
    Release,
}

/// Tells holding from pressing twice.
#[derive(Debug, Default)]
pub struct TalkKey {
    releases: bool,
    down: Option<Down>,
}

#[derive(Debug, Clone, Copy)]
struct Down {
    first: Instant,
    last: Instant,
    // Presses since the first: none, one that may be the second or a repetition, or a row of repetitions.
    more: u32,
}

/// What the key means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Begin.
    Begin,
    /// End.
    End,
    /// Nothing yet.
    Nothing,
}

impl TalkKey {
    /// For a terminal that tells of releases, or one that does not.
    pub fn new(releases: bool) -> Self {
        Self { releases, down: None }
    }

    /// Whether it is to be held down.
    pub fn is_held(&self) -> bool {
        self.releases
    }

    /// Takes a stroke.
    pub fn stroke(&mut self, stroke: Stroke, now: Instant) -> Meaning {
        match (stroke, &mut self.down) {
            (Stroke::Press, None) => {
                self.down = Some(Down { first: now, last: now, more: 0 });
                Meaning::Begin
            }
            (Stroke::Release, Some(_)) if self.releases => self.end(),
            (Stroke::Press, Some(down)) if !self.releases => {
                let pause = now.duration_since(down.last);
                let repeated = if down.more == 0 { now.duration_since(down.first) < FIRST_REPEAT } else { pause < REPEAT };
                down.last = now;
                down.more += 1;
                // A second press soon after the first may be a repetition; the next moments tell.
                if repeated { Meaning::Nothing } else { self.end() }
            }
            _ => Meaning::Nothing,
        }
    }

    /// Looks at the clock: a held key that stopped repeating was released.
    pub fn tick(&mut self, now: Instant) -> Meaning {
        match self.down {
            Some(down) if !self.releases && down.more > 0 && now.duration_since(down.last) > REPEAT => self.end(),
            _ => Meaning::Nothing,
        }
    }

    /// Forgets what was begun.
    pub fn reset(&mut self) {
        self.down = None;
    }

    fn end(&mut self) -> Meaning {
        self.down = None;
        Meaning::End
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Strokes as (milliseconds, stroke); a tick every 10 ms. Gives the times of begin and end.
    fn play(releases: bool, strokes: &[(u64, Stroke)]) -> Vec<(u64, Meaning)> {
        let start = Instant::now();
        let mut key = TalkKey::new(releases);
        let mut out = Vec::new();
        for ms in 0..6_000 {
            let now = start + Duration::from_millis(ms);
            let mut meanings: Vec<Meaning> =
                strokes.iter().filter(|(at, _)| *at == ms).map(|(_, s)| key.stroke(*s, now)).collect();
            if ms % 10 == 0 {
                meanings.push(key.tick(now));
            }
            out.extend(meanings.into_iter().filter(|m| *m != Meaning::Nothing).map(|m| (ms, m)));
        }
        out
    }

    #[test]
    fn with_releases_it_is_held() {
        use Stroke::{Press, Release, Repeat};
        let strokes = [(100, Press), (600, Repeat), (630, Repeat), (2_000, Release)];
        assert_eq!(play(true, &strokes), [(100, Meaning::Begin), (2_000, Meaning::End)]);
    }

    #[test]
    fn without_releases_it_is_pressed_twice() {
        let strokes = [(100, Stroke::Press), (3_000, Stroke::Press)];
        assert_eq!(play(false, &strokes), [(100, Meaning::Begin), (3_000, Meaning::End)]);
        // Twice in quick succession ends a moment later, because it might have been a held key.
        let quick = [(100, Stroke::Press), (500, Stroke::Press)];
        assert_eq!(play(false, &quick), [(100, Meaning::Begin), (670, Meaning::End)]);
    }

    #[test]
    fn holding_it_works_without_releases_too() {
        let mut strokes = vec![(100, Stroke::Press)];
        strokes.extend((0..60).map(|n| (700 + n * 33, Stroke::Press)));
        let played = play(false, &strokes);
        assert_eq!(played[0], (100, Meaning::Begin));
        assert_eq!((played.len(), played[1].1), (2, Meaning::End));
        assert!((2_800..2_850).contains(&played[1].0), "{played:?}");
    }
}
