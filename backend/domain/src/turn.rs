//! One question and its answer, as a state machine that decides what may happen next.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::aloud::{Aloud, Numbering};
use crate::citation::Citation;
use crate::failure::{Code, Failure};
use crate::ids::{QueryId, SessionId};
use crate::keys::ObjectKey;
use crate::source::About;
use crate::time::{Millis, Timestamp};
use crate::usage::Usage;

/// How a question arrives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Question {
    /// Typed.
    Text(String),
    /// Recorded and stored under `queries/`.
    Spoken(ObjectKey),
}

/// Where a turn stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TurnState {
    /// The question is being recorded or fetched.
    Listening,
    /// The question is being recognised.
    Transcribing,
    /// Passages are being looked for.
    Retrieving,
    /// The answer is being written, and spoken where it is ready.
    Answering,
    /// The answer is written; the rest is being spoken.
    Speaking,
    /// All was sent.
    Done,
    /// The person stopped it.
    Cancelled,
    /// It could not be finished.
    Failed,
}

impl TurnState {
    /// Whether nothing more may happen.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Cancelled | Self::Failed)
    }
}

/// What happens to a turn.
#[derive(Debug, Clone, PartialEq)]
pub enum TurnEvent {
    /// The recording is complete.
    Heard,
    /// The question's words are known.
    Understood(String),
    /// Passages were found, or none.
    Retrieved,
    /// A piece of the answer was sent.
    Wrote(String),
    /// A citation was sent.
    Cited(Citation),
    /// A stretch of speech was sent.
    Spoke(Millis),
    /// The last word of the answer was written.
    Written,
    /// The last sound was sent.
    Finished,
    /// The person stopped it.
    Cancel,
    /// Something broke.
    Fail(Failure),
}

/// The event does not fit the state.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a turn that is {state:?} cannot take this event")]
pub struct Unexpected {
    /// The state it was in.
    pub state: TurnState,
}

/// A turn as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// The question's name.
    pub query: QueryId,
    /// The session it belongs to.
    pub session: SessionId,
    /// What it is about.
    #[serde(flatten)]
    pub about: About,
    /// When it was asked.
    pub asked: Timestamp,
    /// Where in the lecture the student was.
    pub playhead: Option<Millis>,
    /// The question's words, once known.
    pub question: String,
    /// The answer as far as it was sent.
    pub answer: String,
    /// The citations that were sent.
    pub citations: Vec<Citation>,
    /// How much speech was sent.
    pub spoken: Millis,
    /// Which speech was sent, as long as another process may have to go on with it.
    #[serde(default, skip_serializing_if = "Aloud::is_empty")]
    pub aloud: Aloud,
    /// Whether the answer was written by a model (`false`: taken from the source's own sentences).
    pub generated: bool,
    /// Whether its sources held an answer.
    pub found: bool,
    /// How it ended, or where it stands.
    pub state: TurnState,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// When each stage was reached, in milliseconds since the question.
    pub timings: Timings,
    /// What it cost.
    pub usage: Usage,
}

impl Turn {
    /// Takes out of it what it took from its sources, one of which was deleted. The question is its person's own and stays.
    pub fn withhold(&mut self) {
        self.answer.clear();
        self.citations.clear();
        (self.spoken, self.aloud, self.found) = (Millis(0), Aloud::default(), false);
        self.state = TurnState::Failed;
        let told = "what this answer was taken from was deleted; ask again, and it is taken from what there is";
        self.failure = Some(Failure::new(Code::NotFound, told));
    }
}

/// When each stage of a turn was reached, in milliseconds since it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Timings {
    /// The question's words were known.
    pub understood: Option<u64>,
    /// The passages were there.
    pub retrieved: Option<u64>,
    /// The first piece of text was sent.
    pub first_text: Option<u64>,
    /// The first sound was sent.
    pub first_audio: Option<u64>,
    /// Everything was sent.
    pub done: Option<u64>,
}

/// The machine that moves a turn from state to state.
#[derive(Debug, Clone)]
pub struct TurnMachine {
    turn: Turn,
    numbering: Numbering,
}

impl TurnMachine {
    /// A new turn; a typed question is understood from the start.
    pub fn begin(
        query: QueryId,
        session: SessionId,
        about: impl Into<About>,
        asked: Timestamp,
        playhead: Option<Millis>,
        question: &Question,
    ) -> Self {
        let (state, words) = match question {
            Question::Text(words) => (TurnState::Retrieving, words.clone()),
            Question::Spoken(_) => (TurnState::Listening, String::new()),
        };
        Self {
            turn: Turn {
                query,
                session,
                about: about.into(),
                asked,
                playhead,
                question: words,
                answer: String::new(),
                citations: Vec::new(),
                spoken: Millis(0),
                aloud: Aloud::default(),
                generated: false,
                found: true,
                state,
                failure: None,
                timings: Timings::default(),
                usage: Usage::default(),
            },
            numbering: Numbering::after(&Aloud::default()),
        }
    }

    /// Goes on with what another process has said of the answer, and says it no second time.
    pub fn go_on_after(&mut self, aloud: &Aloud) {
        self.numbering = Numbering::after(aloud);
        self.turn.aloud = aloud.clone();
    }

    /// A piece begins to be spoken; says whether the turn is to be stored before any of it is sent.
    pub fn begin_piece(&mut self, piece: String) -> bool {
        self.numbering.begin(piece, &mut self.turn.aloud)
    }

    /// The number of the next stretch of speech; nothing where it was sent before and is not to be sent again.
    pub fn number_stretch(&mut self) -> Option<u32> {
        self.numbering.number()
    }

    /// The number that the next stretch will have; nothing where it was sent before.
    pub fn upcoming_stretch(&self) -> Option<u32> {
        self.numbering.upcoming()
    }

    /// One more than the highest number of a stretch.
    pub fn stretches(&self) -> u32 {
        self.numbering.end(&self.turn.aloud)
    }

    /// The turn as it stands: exactly what was sent.
    pub fn turn(&self) -> &Turn {
        &self.turn
    }

    /// Notes what was asked of engines so far, so that an answer that is stopped has cost what it has.
    pub fn spent(&mut self, usage: Usage) {
        self.turn.usage += usage;
    }

    /// Notes what the engines said of themselves at the end; `usage` is the whole turn's.
    pub fn annotate(&mut self, generated: bool, found: bool, usage: Usage) {
        self.turn.generated = generated;
        self.turn.found = found;
        self.turn.usage = usage;
    }

    /// Takes an event that happened `elapsed` milliseconds after the turn began.
    pub fn apply(&mut self, event: TurnEvent, elapsed: u64) -> Result<TurnState, Unexpected> {
        use TurnState::*;
        let turn = &mut self.turn;
        let next = match (turn.state, &event) {
            (Done | Cancelled | Failed, _) => return Err(Unexpected { state: turn.state }),
            (_, TurnEvent::Cancel) => Cancelled,
            (_, TurnEvent::Fail(_)) => Failed,
            (Listening, TurnEvent::Heard) => Transcribing,
            (Transcribing, TurnEvent::Understood(_)) => Retrieving,
            (Retrieving, TurnEvent::Retrieved) => Answering,
            (Answering, TurnEvent::Wrote(_) | TurnEvent::Cited(_) | TurnEvent::Spoke(_)) => Answering,
            (Answering, TurnEvent::Written) => Speaking,
            (Speaking, TurnEvent::Spoke(_)) => Speaking,
            (Speaking, TurnEvent::Finished) => Done,
            (state, _) => return Err(Unexpected { state }),
        };
        let times = &mut turn.timings;
        match event {
            TurnEvent::Understood(words) => {
                turn.question = words;
                times.understood = Some(elapsed);
            }
            TurnEvent::Retrieved => times.retrieved = Some(elapsed),
            TurnEvent::Wrote(text) => {
                turn.answer.push_str(&text);
                times.first_text.get_or_insert(elapsed);
            }
            TurnEvent::Cited(citation) => turn.citations.push(citation),
            TurnEvent::Spoke(length) => {
                turn.spoken.0 += length.0;
                times.first_audio.get_or_insert(elapsed);
            }
            TurnEvent::Fail(failure) => turn.failure = Some(failure),
            TurnEvent::Heard | TurnEvent::Written | TurnEvent::Finished | TurnEvent::Cancel => {}
        }
        turn.state = next;
        if next.is_final() {
            turn.timings.done = Some(elapsed);
        }
        if matches!(next, Done | Cancelled) {
            // Nobody goes on with it.
            turn.aloud = Aloud::default();
        }
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Code;
    use crate::ids::LectureId;
    use crate::passage::Passage;
    use crate::time::Span;
    use proptest::prelude::*;

    fn machine(question: &Question) -> TurnMachine {
        TurnMachine::begin(
            QueryId::parse("q").unwrap(),
            SessionId::parse("s").unwrap(),
            LectureId::parse("l").unwrap(),
            Timestamp(0),
            None,
            question,
        )
    }

    fn event() -> impl Strategy<Value = TurnEvent> {
        // What ends a turn at once is rare, or few would get far.
        prop_oneof![
            6 => Just(TurnEvent::Heard),
            6 => "[a-z ]{0,9}".prop_map(TurnEvent::Understood),
            6 => Just(TurnEvent::Retrieved),
            6 => "[a-z ]{0,9}".prop_map(TurnEvent::Wrote),
            6 => (1u32..9).prop_map(|number| TurnEvent::Cited(citation(number))),
            6 => (0u64..900).prop_map(|n| TurnEvent::Spoke(Millis(n))),
            6 => Just(TurnEvent::Written),
            6 => Just(TurnEvent::Finished),
            1 => Just(TurnEvent::Cancel),
            1 => Just(TurnEvent::Fail(Failure::new(Code::Internal, "x"))),
        ]
    }

    fn citation(number: u32) -> Citation {
        let lecture = LectureId::parse("l").unwrap();
        Citation::of(number, &Passage::said(&lecture, number, Span::default(), "words"), "words", 1.0)
    }

    fn place(state: TurnState) -> u8 {
        match state {
            TurnState::Listening => 0,
            TurnState::Transcribing => 1,
            TurnState::Retrieving => 2,
            TurnState::Answering => 3,
            TurnState::Speaking => 4,
            TurnState::Done | TurnState::Cancelled | TurnState::Failed => 5,
        }
    }

    #[test]
    fn a_spoken_question_goes_through_every_state() {
        let mut m = machine(&Question::Spoken(ObjectKey::parse("queries/p/q.wav").unwrap()));
        let story = [
            (TurnEvent::Heard, TurnState::Transcribing),
            (TurnEvent::Understood("why".into()), TurnState::Retrieving),
            (TurnEvent::Retrieved, TurnState::Answering),
            (TurnEvent::Wrote("Because".into()), TurnState::Answering),
            (TurnEvent::Spoke(Millis(400)), TurnState::Answering),
            (TurnEvent::Written, TurnState::Speaking),
            (TurnEvent::Spoke(Millis(400)), TurnState::Speaking),
            (TurnEvent::Finished, TurnState::Done),
        ];
        for (n, (event, state)) in story.into_iter().enumerate() {
            assert_eq!(m.apply(event, n as u64), Ok(state));
        }
        assert_eq!(m.turn().spoken, Millis(800));
        assert_eq!(m.turn().timings.first_audio, Some(4));
    }

    proptest! {
        #[test]
        fn a_turn_goes_forward_only_and_holds_what_was_sent(events in prop::collection::vec(event(), 0..40), typed: bool) {
            let question = if typed { Question::Text("why".into()) } else { Question::Spoken(ObjectKey::parse("queries/p/q.wav").unwrap()) };
            let mut m = machine(&question);
            let (mut retrieved, mut written, mut cited) = (false, String::new(), Vec::new());
            for (n, event) in events.into_iter().enumerate() {
                let before = m.turn().clone();
                match m.apply(event.clone(), n as u64) {
                    Ok(state) => {
                        prop_assert!(!before.state.is_final());
                        prop_assert!(place(state) >= place(before.state), "a turn went back");
                        prop_assert!(state != TurnState::Done || before.state == TurnState::Speaking, "done before it was written");
                        let sent = matches!(event, TurnEvent::Wrote(_) | TurnEvent::Cited(_) | TurnEvent::Spoke(_));
                        prop_assert!(retrieved || !sent, "an answer from nothing");
                        match event {
                            TurnEvent::Retrieved => retrieved = true,
                            TurnEvent::Wrote(text) => written.push_str(&text),
                            TurnEvent::Cited(citation) => cited.push(citation),
                            _ => {}
                        }
                    }
                    Err(_) => prop_assert_eq!(m.turn(), &before),
                }
                prop_assert_eq!(&m.turn().answer, &written);
                prop_assert_eq!(&m.turn().citations, &cited);
                prop_assert_eq!(m.turn().state.is_final(), m.turn().timings.done.is_some());
            }
        }

        #[test]
        fn every_open_turn_can_be_cancelled(events in prop::collection::vec(event(), 0..20)) {
            let mut m = machine(&Question::Text("why".into()));
            for event in events { let _ = m.apply(event, 0); }
            if !m.turn().state.is_final() {
                prop_assert_eq!(m.apply(TurnEvent::Cancel, 9), Ok(TurnState::Cancelled));
            }
        }
    }
}
