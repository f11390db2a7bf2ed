//! Where a question begins and ends in what comes from a microphone. Knows samples alone: no socket, no clock, nobody's words.

use synapscribe_domain::audio::SPEECH_RATE;
use synapscribe_domain::{Code, Failure, Millis};

/// Tells from moment to moment whether somebody speaks.
pub trait Voice: Send + Sync {
    /// Listens to the next samples, at [`SPEECH_RATE`].
    fn push(&mut self, samples: &[f32]);
    /// Whether somebody was speaking at the end of them; the short pauses of speech are part of it.
    fn speaking(&self) -> bool;
}

/// Samples that are looked at in one go.
const BLOCK: usize = 256;
/// What seems speech for so long is speech. A meter takes a click for 0.3 seconds of it.
const SURE: usize = samples(420);
/// A question has ended once nobody has spoken for so long, after what a meter bridges.
const PAUSE: usize = samples(500);
/// What is kept of the time before it was sure that somebody speaks.
const LEAD: usize = samples(1_000);

const fn samples(ms: usize) -> usize {
    ms * SPEECH_RATE as usize / 1_000
}

/// What was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Heard {
    /// Somebody speaks.
    Began,
    /// They have asked this.
    Question(Vec<i16>),
    /// They go on for longer than a question may be.
    TooLong,
    /// They say that they have asked, and nothing was heard.
    Nothing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nobody speaks.
    Waiting,
    Listening,
    /// Until whoever said too much pauses.
    Deaf,
}

/// Listens to one microphone; what it keeps is bounded by the longest question.
pub(super) struct Ear {
    voice: Box<dyn Voice>,
    longest: usize,
    state: State,
    /// Samples that do not fill a block yet.
    rest: Vec<i16>,
    kept: Vec<i16>,
    /// Samples of what may be speech, up to now without a pause.
    voiced: usize,
    /// Samples since somebody spoke.
    quiet: usize,
}

impl Ear {
    pub fn new(voice: Box<dyn Voice>, longest: Millis) -> Self {
        let longest = samples(longest.0 as usize);
        Self { voice, longest, state: State::Waiting, rest: Vec::new(), kept: Vec::new(), voiced: 0, quiet: 0 }
    }

    /// Listens to a frame of 16-bit little-endian samples; it makes no difference how the sound is cut into frames.
    pub fn hear(&mut self, frame: &[u8]) -> Result<Vec<Heard>, Failure> {
        let (pairs, []) = frame.as_chunks::<2>() else {
            return Err(Failure::new(Code::BadMessage, "a frame of sound holds whole samples of two bytes; send it again"));
        };
        self.rest.extend(pairs.iter().map(|pair| i16::from_le_bytes(*pair)));
        let whole = self.rest.len() / BLOCK * BLOCK;
        let blocks: Vec<i16> = self.rest.drain(..whole).collect();
        Ok(blocks.chunks_exact(BLOCK).filter_map(|block| self.listen(block)).collect())
    }

    /// Whoever speaks says that the question is complete.
    pub fn end(&mut self) -> Option<Heard> {
        let mut rest = std::mem::take(&mut self.rest);
        self.kept.append(&mut rest);
        let state = self.state;
        let asked = self.take();
        match state {
            State::Waiting => Some(Heard::Nothing),
            State::Listening => Some(Heard::Question(asked)),
            // That was told already.
            State::Deaf => None,
        }
    }

    fn listen(&mut self, block: &[i16]) -> Option<Heard> {
        self.voice.push(&levels(block));
        let speaking = self.voice.speaking();
        self.quiet = if speaking { 0 } else { self.quiet + BLOCK };
        if self.state == State::Deaf {
            if self.quiet >= PAUSE {
                self.take();
            }
            return None;
        }
        self.kept.extend_from_slice(block);
        if self.state == State::Waiting {
            self.voiced = if speaking { self.voiced + BLOCK } else { 0 };
            let surplus = self.kept.len().saturating_sub(LEAD);
            self.kept.drain(..surplus);
            if self.voiced < SURE {
                return None;
            }
            self.state = State::Listening;
            return Some(Heard::Began);
        }
        if self.quiet >= PAUSE {
            return Some(Heard::Question(self.take()));
        }
        if self.kept.len() > self.longest {
            self.take();
            self.state = State::Deaf;
            return Some(Heard::TooLong);
        }
        None
    }

    /// What was kept; from here on nobody has spoken yet.
    fn take(&mut self) -> Vec<i16> {
        (self.state, self.voiced, self.quiet) = (State::Waiting, 0, 0);
        let mut taken = std::mem::take(&mut self.kept);
        taken.truncate(self.longest);
        taken
    }
}

/// Samples between -1 and 1.
fn levels(samples: &[i16]) -> Vec<f32> {
    samples.iter().map(|sample| f32::from(*sample) / 32_767.0).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LONGEST: Millis = Millis(4_000);

    /// Takes what is loud for speech, and bridges as long a pause as a meter does.
    #[derive(Default)]
    struct Loud(usize);

    impl Voice for Loud {
        fn push(&mut self, block: &[f32]) {
            self.0 =
                if block.iter().any(|sample| sample.abs() > 0.1) { samples(300) } else { self.0.saturating_sub(block.len()) };
        }

        fn speaking(&self) -> bool {
            self.0 > 0
        }
    }

    fn ear() -> Ear {
        Ear::new(Box::new(Loud::default()), LONGEST)
    }

    /// Sound that is loud and quiet by turns, for so many milliseconds.
    fn sound(turns: &[(bool, usize)]) -> Vec<u8> {
        let turn = |(loud, ms): &(bool, usize)| vec![if *loud { 9_000i16 } else { 0 }; samples(*ms)];
        turns.iter().flat_map(turn).flat_map(i16::to_le_bytes).collect()
    }

    fn heard(ear: &mut Ear, turns: &[(bool, usize)]) -> Vec<Heard> {
        ear.hear(&sound(turns)).unwrap()
    }

    #[test]
    fn a_question_ends_when_its_speaker_pauses_and_has_what_came_just_before_it() {
        let heard = heard(&mut ear(), &[(false, 5_000), (true, 1_000), (false, 250), (true, 500), (false, 3_000)]);
        let [Heard::Began, Heard::Question(asked)] = heard.as_slice() else { panic!("{} were heard", heard.len()) };
        assert!((samples(3_050)..samples(3_250)).contains(&asked.len()), "{} samples", asked.len());
        assert_eq!(asked.iter().position(|sample| *sample != 0).map(|at| at / samples(100)), Some(5), "its first word is whole");
    }

    #[test]
    fn a_click_is_no_question_and_nobody_is_heard_who_did_not_speak() {
        let mut ear = ear();
        assert!(heard(&mut ear, &[(false, 500), (true, 20), (false, 2_000)]).is_empty());
        assert_eq!(ear.end(), Some(Heard::Nothing));
    }

    #[test]
    fn whoever_says_so_has_asked_at_once() {
        let mut ear = ear();
        assert_eq!(heard(&mut ear, &[(true, 700)]), [Heard::Began]);
        assert_eq!(ear.end(), Some(Heard::Question(vec![9_000; samples(700)])));
        assert!(heard(&mut ear, &[(false, 2_000)]).is_empty());
    }

    #[test]
    fn who_goes_on_for_too_long_is_told_once_and_heard_again_after_a_pause() {
        let mut ear = ear();
        assert_eq!(heard(&mut ear, &[(true, 9_000)]), [Heard::Began, Heard::TooLong]);
        assert_eq!(ear.end(), None);
        let again = heard(&mut ear, &[(false, 2_000), (true, 600), (false, 2_000)]);
        assert!(matches!(again.as_slice(), [Heard::Began, Heard::Question(_)]), "{} were heard", again.len());
    }

    #[test]
    fn half_a_sample_is_refused_and_nothing_is_lost_by_it() {
        let mut ear = ear();
        assert_eq!(ear.hear(&[1, 2, 3]).unwrap_err().code, Code::BadMessage);
        assert_eq!(heard(&mut ear, &[(true, 700)]), [Heard::Began]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn it_makes_no_difference_how_sound_is_cut_and_a_question_follows_its_beginning(
            turns in prop::collection::vec((any::<bool>(), 1usize..2_500), 0..8),
            cuts in prop::collection::vec(1usize..9_000, 1..6),
        ) {
            let sound = sound(&turns);
            let (mut whole, mut cut) = (ear(), ear());
            let expected = whole.hear(&sound).unwrap();
            let (mut rest, mut found) = (sound.as_slice(), Vec::new());
            for samples in cuts.iter().cycle() {
                let (frame, after) = rest.split_at(rest.len().min(2 * samples));
                found.extend(cut.hear(frame).unwrap());
                rest = after;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert!(found == expected);
            prop_assert_eq!(whole.end(), cut.end());
            for (place, heard) in expected.iter().enumerate() {
                prop_assert_eq!(*heard == Heard::Began, place % 2 == 0);
                if let Heard::Question(asked) = heard {
                    prop_assert!(asked.len() <= samples(4_000));
                }
            }
        }
    }
}
