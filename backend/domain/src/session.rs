//! A thread of questions about one lecture.

use serde::{Deserialize, Serialize};

use crate::ids::{LectureId, PersonId, SessionId};
use crate::time::{DAY_MS, Timestamp};

/// A session rests this long without a question before it ends.
pub const INACTIVITY_MS: i64 = 30 * 60 * 1000;
/// Sessions, queries and responses are kept this long.
pub const RETENTION_MS: i64 = 7 * DAY_MS;

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
    /// The lecture it is about.
    pub lecture: LectureId,
    /// Whether it goes on.
    pub state: SessionState,
    /// When it began.
    pub created: Timestamp,
    /// When something was last asked or answered.
    pub active: Timestamp,
    /// When it is deleted.
    pub expires: Timestamp,
}

impl Session {
    /// A new session.
    pub fn begin(id: SessionId, owner: PersonId, lecture: LectureId, now: Timestamp) -> Self {
        Self { id, owner, lecture, state: SessionState::Open, created: now, active: now, expires: now.plus(RETENTION_MS) }
    }

    /// Whether a question can be added now.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.state == SessionState::Open && now < self.active.plus(INACTIVITY_MS) && now < self.expires
    }

    /// Notes that something happened.
    pub fn touch(&mut self, now: Timestamp) {
        self.active = now;
        self.expires = now.plus(RETENTION_MS);
    }
}
