//! What a person changes of their own things: titles, and words that were misheard. Other people's things answer exactly as
//! things that do not exist.

use std::sync::Arc;

use synapscribe_domain::lecture::title_from_person;
use synapscribe_domain::{Code, Failure, Lecture, LectureId, Millis, PersonId, Phrase, SessionId, SessionSummary};
use synapscribe_ports::{Audience, Clock, Connections, Library, Notice, Sessions, StoreError};
use tokio::sync::Notify;

use crate::{tell, thread};

/// The longest phrase, in characters.
const PHRASE_CHARS: usize = 2_000;

/// What is needed to edit.
#[derive(Clone)]
pub struct Editing {
    /// Lectures.
    pub library: Arc<dyn Library>,
    /// Sessions.
    pub sessions: Arc<dyn Sessions>,
    /// Who is connected.
    pub connections: Arc<dyn Connections>,
    /// Tells them.
    pub audience: Arc<dyn Audience>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Rings for whoever indexes corrected words.
    pub corrected: Arc<Notify>,
}

/// A phrase that was misheard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// Where the phrase begins.
    pub from: Millis,
    /// Its words as the person saw them.
    pub expected: String,
    /// What was really said; nothing where nothing was.
    pub text: String,
}

impl Editing {
    /// Gives a lecture of this person's another title.
    pub async fn rename_lecture(&self, person: &PersonId, id: &LectureId, title: &str) -> Result<Lecture, Failure> {
        let title = title_from_person(title)?;
        self.own_lecture(person, id).await?;
        let lecture = self.library.change_lecture(id, &|l| l.title = title.clone()).await?;
        self.tell(&lecture, Notice::LectureRenamed(Box::new(lecture.clone()))).await;
        Ok(lecture)
    }

    /// Puts the words of a phrase right; what is searched follows soon.
    pub async fn correct(&self, person: &PersonId, id: &LectureId, correction: &Correction) -> Result<Phrase, Failure> {
        let plain: String = correction.text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let text = plain.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.chars().count() > PHRASE_CHARS {
            return Err(Failure::new(Code::BadMessage, format!("a phrase has at most {PHRASE_CHARS} characters; write less")));
        }
        let lecture = self.own_lecture(person, id).await?;
        if !lecture.state.is_final() {
            return Err(Failure::new(Code::LectureNotReady, "the lecture is still being prepared; correct it when it is ready"));
        }
        match self.library.correct_phrase(id, correction.from, &correction.expected, &text).await {
            Ok(phrase) => {
                self.corrected.notify_one();
                self.tell(&lecture, Notice::LectureCorrected(id.clone())).await;
                Ok(phrase)
            }
            Err(StoreError::Conflict) => Err(Failure::new(
                Code::Conflict,
                "these words are not in the transcript any more; load it again and correct what is there now",
            )),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives a session of this person's a title.
    pub async fn rename_session(&self, person: &PersonId, id: &SessionId, title: &str) -> Result<SessionSummary, Failure> {
        let title = title_from_person(title)?;
        let id = thread::own(&*self.sessions, person, id, self.clock.now()).await?.id;
        let session = self.sessions.change_session(&id, &|s| s.title = Some(title.clone())).await?;
        Ok(SessionSummary::of(thread::shown(session), &self.sessions.turns(&id).await?))
    }

    async fn tell(&self, lecture: &Lecture, notice: Notice) {
        tell::viewers(&*self.library, &*self.connections, &*self.audience, lecture, &notice).await;
    }

    async fn own_lecture(&self, person: &PersonId, id: &LectureId) -> Result<Lecture, Failure> {
        let found = self.library.lecture(id).await?.filter(|l| &l.owner == person);
        found.ok_or_else(|| Failure::not_found("lecture"))
    }
}
