//! What stands before a question: whether its sources can be asked, and sessions that begin before anything is asked in them.

use synapscribe_domain::lecture::title_from_person;
use synapscribe_domain::{About, Code, Failure, LectureState, PersonId, Session, SessionId, SessionSummary, Source, Timestamp};
use synapscribe_ports::{AnswerOrder, StoreError};

use super::Conversing;
use crate::ask::subject::can_be_asked;
use crate::sight;
use crate::thread::{self, Named};

/// A name may be lost to somebody else's question, and the one beside it to another of one's own.
const TRIES: usize = 3;

impl Conversing {
    /// Begins a session of this person's before anything is asked in it.
    pub async fn begin(
        &self,
        person: &PersonId,
        id: SessionId,
        about: About,
        title: Option<&str>,
    ) -> Result<SessionSummary, Failure> {
        let title = title.map(title_from_person).transpose()?;
        self.may_ask(person, &about).await?;
        let session = Session { title, ..Session::begin(id, person.clone(), about, self.clock.now()) };
        self.sessions.add_session(&session).await?;
        Ok(SessionSummary::of(session, &[]))
    }

    /// Whether this person may ask all of this now.
    pub async fn may_ask(&self, person: &PersonId, about: &About) -> Result<(), Failure> {
        for source in about.sources() {
            self.can_be_asked(person, &source).await?;
        }
        Ok(())
    }

    /// Whether this person may ask it now in what goes by this name: a session of theirs about the same, or none yet.
    pub async fn may_ask_in(&self, person: &PersonId, name: &SessionId, about: &About) -> Result<(), Failure> {
        self.may_ask(person, about).await?;
        let now = self.clock.now();
        match thread::find(&*self.sessions, person, name, now).await? {
            Named::Nothing(_) => Ok(()),
            Named::Taken => Err(thread::taken()),
            Named::Theirs(session) if session.about != *about => Err(Failure::not_found("session")),
            Named::Theirs(session) if session.is_open(now) => Ok(()),
            Named::Theirs(_) => Err(ended()),
        }
    }

    /// What a session of this person's is about.
    pub async fn about(&self, person: &PersonId, id: &SessionId) -> Result<About, Failure> {
        Ok(thread::own(&*self.sessions, person, id, self.clock.now()).await?.about)
    }

    /// Whether this person may ask this source now.
    async fn can_be_asked(&self, person: &PersonId, source: &Source) -> Result<(), Failure> {
        let id = match source {
            Source::Lecture(id) => id,
            Source::Document(id) => {
                let document = sight::document(&*self.library, person, id).await?;
                return can_be_asked(&document.ok_or_else(|| Failure::not_found("document"))?);
            }
        };
        let lecture = sight::lecture(&*self.library, person, id).await?;
        match lecture.ok_or_else(|| Failure::not_found("lecture"))?.state {
            LectureState::Ready => Ok(()),
            LectureState::Failed { failure } => Err(failure),
            _ => Err(Failure::new(Code::LectureNotReady, "the lecture is still being prepared; ask again when it is ready")),
        }
    }

    /// The session that a question is asked in, by the name it is kept under; nothing where this question began it.
    pub(super) async fn enter(&self, order: &mut AnswerOrder, now: Timestamp) -> Result<Option<Session>, Failure> {
        for _ in 0..TRIES {
            let kept = match thread::find(&*self.sessions, &order.person, &order.session, now).await? {
                Named::Theirs(session) => {
                    order.session = session.id.clone();
                    return Ok(Some(*session));
                }
                Named::Nothing(kept) => kept,
                Named::Taken => return Err(thread::taken()),
            };
            let session = Session::begin(kept.clone(), order.person.clone(), order.about.clone(), now);
            match self.sessions.add_session(&session).await {
                Ok(()) => {
                    order.session = kept;
                    return Ok(None);
                }
                // Another first question was quicker: the session is theirs by now, or theirs is kept beside it.
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        // It is there and not seen: it has expired.
        Err(ended())
    }
}

/// Nothing more can be asked in it.
pub(super) fn ended() -> Failure {
    Failure::new(Code::SessionEnded, "this session has ended; ask again in a new one")
}
