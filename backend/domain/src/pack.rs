//! Packs: cards for revising, each a question with its answer and what stands behind it. Rules only: no randomness, no clock.

use serde::{Deserialize, Serialize};

use crate::citation::Citation;
use crate::failure::{Code, Failure};
use crate::ids::{InvalidId, PersonId, identifier};
use crate::lecture::Visibility;
use crate::source::Source;
use crate::time::Timestamp;
use crate::turn::{Turn, TurnState};

identifier!(
    /// One pack.
    PackId
);
identifier!(
    /// One card of a pack.
    CardId
);

/// The most packs that one person has.
pub const MOST_PACKS: usize = 200;
/// The most cards of a pack.
pub const MOST_CARDS: usize = 500;
/// The most bytes of a pack's cards: it is read in one answer, and a function on AWS gives none of more than 6 MB.
pub const MOST_BYTES: usize = 2_000_000;
/// The longest question of a card, in characters.
pub const QUESTION_CHARS: usize = 1_000;
/// The longest answer of a card, in characters.
pub const ANSWER_CHARS: usize = 8_000;

/// What is told instead of an answer whose sentences somebody may not read.
pub const WITHHELD: &str =
    "This answer is withheld: it is made of sentences of something that you may not open, or that is gone.";

/// Cards under one title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    /// Its name everywhere.
    pub id: PackId,
    /// Whose it is.
    pub owner: PersonId,
    /// Who may see it.
    pub visibility: Visibility,
    /// What it is called.
    pub title: String,
    /// When it was made.
    pub created: Timestamp,
}

impl Pack {
    /// Whether this person may see it by themselves; a class may show it to them all the same.
    pub fn is_open_to(&self, person: &PersonId) -> bool {
        self.visibility == Visibility::Public || &self.owner == person
    }
}

/// A pack as a list has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The pack.
    pub pack: Pack,
    /// How many cards it holds.
    pub cards: u32,
}

/// A question, its answer, and what the answer is taken from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// Its name in its pack.
    pub id: CardId,
    /// What is asked.
    pub question: String,
    /// What is to be known.
    pub answer: String,
    /// What stands behind the answer; a card that was written by hand has none.
    pub citations: Vec<Citation>,
    /// Whether the answer is made of its sources' own sentences.
    #[serde(default)]
    pub quoted: bool,
    /// When it was kept.
    pub kept: Timestamp,
}

impl Card {
    /// A card that somebody writes by hand.
    pub fn written(id: CardId, question: &str, answer: &str, now: Timestamp) -> Result<Self, Failure> {
        let (question, answer) = (question_from_person(question)?, answer_from_person(answer)?);
        Ok(Self { id, question, answer, citations: Vec::new(), quoted: false, kept: now })
    }

    /// The card of a turn that ended with an answer. Words beyond what a card holds are left out, and it shows.
    pub fn of_turn(id: CardId, turn: &Turn, now: Timestamp) -> Result<Self, Failure> {
        let (question, answer) = (plain(&turn.question), plain(&turn.answer));
        if turn.state != TurnState::Done || !turn.found || question.is_empty() || answer.is_empty() {
            return Err(Failure::new(Code::Conflict, "this question has no whole answer that could be kept; ask it again"));
        }
        Ok(Self {
            id,
            question: shortened(question, QUESTION_CHARS),
            answer: shortened(answer, ANSWER_CHARS),
            citations: turn.citations.clone(),
            quoted: !turn.generated,
            kept: now,
        })
    }

    /// How many bytes it takes, with some for what is told of each citation beside its words.
    pub fn bytes(&self) -> usize {
        let cited: usize = self.citations.iter().map(|one| one.excerpt.len() + 256).sum();
        self.question.len() + self.answer.len() + cited
    }

    /// Puts the answer into somebody's own words. Whoever was not shown it leaves it as it is.
    pub fn answer_anew(&mut self, answer: &str) {
        if answer != self.answer && answer != WITHHELD {
            answer.clone_into(&mut self.answer);
            self.quoted = false;
        }
    }

    /// The card as somebody sees it who may open some of what stands behind it. Sentences of what they may not open are not theirs to
    /// read, and which of an answer's sentences are whose is not kept.
    pub fn seen(mut self, may_open: impl Fn(&Source) -> bool) -> CardSeen {
        let all = self.citations.len();
        self.citations.retain(|citation| may_open(&citation.source));
        let withheld = u32::try_from(all - self.citations.len()).unwrap_or(u32::MAX);
        if self.quoted && withheld > 0 {
            WITHHELD.clone_into(&mut self.answer);
        }
        CardSeen { card: self, withheld }
    }
}

/// A card as one person sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct CardSeen {
    /// The card, with the citations that this person may open.
    pub card: Card,
    /// How many citations it has beyond those.
    pub withheld: u32,
}

/// The question of a card as somebody wrote it.
pub fn question_from_person(text: &str) -> Result<String, Failure> {
    words(text, "question", QUESTION_CHARS)
}

/// The answer of a card as somebody wrote it.
pub fn answer_from_person(text: &str) -> Result<String, Failure> {
    words(text, "answer", ANSWER_CHARS)
}

fn words(text: &str, what: &str, most: usize) -> Result<String, Failure> {
    let words = plain(text);
    match words.chars().count() {
        0 => Err(Failure::new(Code::BadMessage, format!("the {what} of a card has at least one character; write it down"))),
        n if n > most => {
            Err(Failure::new(Code::BadMessage, format!("the {what} of a card has at most {most} characters; write less")))
        }
        _ => Ok(words),
    }
}

/// Text whose lines stay, without what no screen shows.
fn plain(text: &str) -> String {
    let shown = |c: char| if c.is_control() && c != '\n' { ' ' } else { c };
    text.replace("\r\n", "\n").chars().map(shown).collect::<String>().trim().to_owned()
}

fn shortened(text: String, most: usize) -> String {
    if text.chars().count() <= most {
        return text;
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{DocumentId, LectureId, PassageId, QueryId, SessionId};
    use crate::passage::{Pages, Spot};
    use crate::time::Span;
    use crate::turn::{Question, TurnMachine};

    fn id() -> CardId {
        CardId::parse("c").unwrap()
    }

    fn turn(question: &str, answer: &str, state: TurnState) -> Turn {
        let lecture = LectureId::parse("l").unwrap();
        let document = DocumentId::parse("d").unwrap();
        let (query, session) = (QueryId::parse("q").unwrap(), SessionId::parse("s").unwrap());
        let machine = TurnMachine::begin(query, session, &lecture, Timestamp(0), None, &Question::Text(question.into()));
        let cited = |number, source: Source, spot| Citation {
            number,
            passage: PassageId::of(&source, 0),
            source,
            spot,
            excerpt: "slopes multiply".into(),
            score: 1.0,
        };
        let citations = vec![
            cited(1, (&lecture).into(), Spot::Said(Span::default())),
            cited(2, document.into(), Spot::Printed(Pages::one(3))),
        ];
        Turn { answer: answer.into(), citations, state, ..machine.turn().clone() }
    }

    #[test]
    fn a_card_holds_words_of_some_length() {
        let card = Card::written(id(), "  Why?\u{0} ", "One.\r\nTwo.\n", Timestamp(7)).unwrap();
        assert_eq!((card.question.as_str(), card.answer.as_str(), card.kept), ("Why?", "One.\nTwo.", Timestamp(7)));
        assert!(Card::written(id(), &"ü".repeat(QUESTION_CHARS), &"ü".repeat(ANSWER_CHARS), Timestamp(7)).is_ok());
        for (question, answer) in [
            (" \n", "answer"),
            ("question", "\t"),
            (&*"x".repeat(QUESTION_CHARS + 1), "answer"),
            ("question", &*"x".repeat(ANSWER_CHARS + 1)),
        ] {
            assert_eq!(Card::written(id(), question, answer, Timestamp(7)).unwrap_err().code, Code::BadMessage);
        }
    }

    #[test]
    fn a_turn_is_kept_once_it_is_answered_with_what_stands_behind_it() {
        let answered = turn("What is the chain rule?", " Slopes multiply [1]. ", TurnState::Done);
        let card = Card::of_turn(id(), &answered, Timestamp(7)).unwrap();
        assert_eq!((card.question.as_str(), card.answer.as_str()), ("What is the chain rule?", "Slopes multiply [1]."));
        assert_eq!(card.citations, answered.citations);
        for unfinished in [
            turn("Why?", "Because", TurnState::Answering),
            turn("Why?", "Because", TurnState::Cancelled),
            turn("Why?", " ", TurnState::Done),
            Turn { found: false, ..turn("Why?", "The lecture does not answer this.", TurnState::Done) },
            turn("", "Because", TurnState::Done),
        ] {
            assert_eq!(Card::of_turn(id(), &unfinished, Timestamp(7)).unwrap_err().code, Code::Conflict, "{unfinished:?}");
        }
        let long = Card::of_turn(id(), &turn(&"x".repeat(2_000), "y", TurnState::Done), Timestamp(7)).unwrap();
        assert!(long.question.chars().count() == QUESTION_CHARS && long.question.ends_with('…'));
    }

    #[test]
    fn what_somebody_may_not_open_is_counted_and_not_shown() {
        let card = Card::of_turn(id(), &turn("Why?", "Because.", TurnState::Done), Timestamp(7)).unwrap();
        let seen = card.clone().seen(|source| source.document().is_some());
        assert_eq!((seen.card.citations.iter().map(|one| one.number).collect::<Vec<_>>(), seen.withheld), (vec![2], 1));
        assert_eq!((seen.card.question.as_str(), seen.card.answer.as_str()), ("Why?", WITHHELD), "no model wrote it");
        assert_eq!(card.clone().seen(|_| true), CardSeen { card: card.clone(), withheld: 0 });
        let mut own = card.clone();
        own.answer_anew(WITHHELD);
        assert_eq!(own, card, "what was not shown is not written over");
        own.answer_anew("They do.");
        let written = Turn { generated: true, ..turn("Why?", "Because.", TurnState::Done) };
        let written = Card::of_turn(id(), &written, Timestamp(7)).unwrap();
        for (card, answer) in [(own, "They do."), (written, "Because.")] {
            assert_eq!(card.seen(|_| false).card.answer, answer, "in other words than its sources'");
        }
    }
}
