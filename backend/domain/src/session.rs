//! A thread of questions about one lecture.

use serde::{Deserialize, Serialize};

use crate::ids::{PersonId, SessionId};
use crate::source::About;
use crate::time::{DAY_MS, Timestamp};
use crate::turn::Turn;

/// A session rests this long without a question before it ends.
pub const INACTIVITY_MS: i64 = 30 * 60 * 1000;
/// Sessions, queries and responses are kept this long, unless a person chose a shorter [`Retention`].
pub const RETENTION_MS: i64 = Retention::WEEK.0 as i64 * DAY_MS;

/// How long a person's sessions, questions and answers are kept after the last of them: a week, or fewer whole days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention(u8);

impl Retention {
    /// The longest there is, and the usual one.
    pub const WEEK: Self = Self(7);

    /// So many days; none at all, or more than a week, cannot be had.
    pub fn of_days(days: u32) -> Option<Self> {
        (1..=7).contains(&days).then_some(Self(days as u8))
    }

    /// In days.
    pub fn days(self) -> u32 {
        self.0.into()
    }

    /// In milliseconds.
    pub fn ms(self) -> i64 {
        i64::from(self.0) * DAY_MS
    }
}

/// Whether questions may still be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SessionState {
    /// Questions may be asked.
    Open,
    /// It was ended by the person or by inactivity; it can be read.
    Ended,
}

/// A thread of questions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Its name.
    pub id: SessionId,
    /// Whose it is.
    pub owner: PersonId,
    /// What it is about.
    #[serde(flatten)]
    pub about: About,
    /// Whether it goes on.
    pub state: SessionState,
    /// When it began.
    pub created: Timestamp,
    /// When something was last asked or answered.
    pub active: Timestamp,
    /// When it is deleted.
    pub expires: Timestamp,
    /// The title somebody gave it; without one it goes by its first question.
    #[serde(default)]
    pub title: Option<String>,
}

/// A session in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionSummary {
    /// The session.
    pub session: Session,
    /// Its turns.
    pub turns: u32,
    /// The first question whose words are known.
    pub first_question: Option<String>,
}

impl SessionSummary {
    /// What a session comes to whose turns are these, oldest first.
    pub fn of(session: Session, turns: &[Turn]) -> Self {
        let first_question = turns.iter().map(|t| &t.question).find(|q| !q.is_empty()).cloned();
        Self { session, turns: turns.len() as u32, first_question }
    }

    /// What to call it, where there is anything to call it by.
    pub fn title(&self) -> Option<&str> {
        self.session.title.as_deref().or(self.first_question.as_deref())
    }
}

impl Session {
    /// A new session.
    pub fn begin(id: SessionId, owner: PersonId, about: impl Into<About>, now: Timestamp) -> Self {
        Self {
            id,
            owner,
            about: about.into(),
            state: SessionState::Open,
            created: now,
            active: now,
            expires: now.plus(RETENTION_MS),
            title: None,
        }
    }

    /// Whether a question can be added now.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.state == SessionState::Open && now < self.active.plus(INACTIVITY_MS) && now < self.expires
    }

    /// The session as it stands now: one that rested for too long has ended, whatever was stored when it was last touched.
    pub fn seen(mut self, now: Timestamp) -> Self {
        if !self.is_open(now) {
            self.state = SessionState::Ended;
        }
        self
    }

    /// Notes that something happened.
    pub fn touch(&mut self, now: Timestamp) {
        self.active = now;
        self.expires = now.plus(RETENTION_MS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LectureId;

    #[test]
    fn a_session_that_rests_is_seen_to_have_ended_until_it_is_touched() {
        let begun = Timestamp(1_000);
        let lecture = LectureId::parse("l").unwrap();
        let mut session = Session::begin(SessionId::parse("s").unwrap(), PersonId::parse("p").unwrap(), &lecture, begun);
        let late = begun.plus(INACTIVITY_MS);
        assert_eq!(session.clone().seen(late.plus(-1)).state, SessionState::Open);
        assert_eq!(session.clone().seen(late).state, SessionState::Ended);
        session.touch(late.plus(-1));
        assert_eq!(session.clone().seen(late).state, SessionState::Open);
        session.state = SessionState::Ended;
        assert_eq!(session.seen(begun).state, SessionState::Ended);
    }
}
