//! What stands before a question: whether its sources can be asked, and sessions that begin before anything is asked in them.

use synapscribe_domain::lecture::title_from_person;
use synapscribe_domain::{About, Code, Failure, LectureState, PersonId, Session, SessionId, SessionSummary, Source};
use synapscribe_ports::AnswerOrder;

use super::Conversing;
use crate::ask::subject::can_be_asked;
use crate::{sight, thread};

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

    /// Two first questions at once begin the same session; one that is there and not seen has expired.
    pub(super) async fn begun_meanwhile(&self, order: &AnswerOrder) -> Result<(), Failure> {
        match self.sessions.session(&order.session, self.clock.now()).await? {
            Some(session) if session.owner != order.person => Err(thread::taken()),
            Some(session) if session.about == order.about => Ok(()),
            Some(_) => Err(Failure::not_found("session")),
            None => Err(ended()),
        }
    }
}

/// Nothing more can be asked in it.
pub(super) fn ended() -> Failure {
    Failure::new(Code::SessionEnded, "this session has ended; ask again in a new one")
}
