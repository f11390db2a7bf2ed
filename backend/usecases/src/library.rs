//! What a person sees of lectures and sessions. Other people's things answer exactly as things that do not exist.

use std::sync::Arc;

use synapscribe_domain::{
    Failure, IngestReport, Lecture, LectureId, ObjectKey, PersonId, Phrase, QueryId, Session, SessionId, Turn,
};
use synapscribe_ports::{Clock, Library, Objects, Sessions};

/// A link to a recording is good for this long.
pub const LINK_SECONDS: u32 = 3600;

/// What is needed to read and delete.
#[derive(Clone)]
pub struct Reading {
    /// Lectures.
    pub library: Arc<dyn Library>,
    /// Recordings.
    pub objects: Arc<dyn Objects>,
    /// Sessions.
    pub sessions: Arc<dyn Sessions>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Reading {
    /// Everything the person may see, newest first.
    pub async fn lectures(&self, person: &PersonId) -> Result<Vec<Lecture>, Failure> {
        Ok(self.library.lectures(person).await?)
    }

    /// One lecture.
    pub async fn lecture(&self, person: &PersonId, id: &LectureId) -> Result<Lecture, Failure> {
        let found = self.library.lecture(id).await?.filter(|l| l.visible_to(person));
        found.ok_or_else(|| Failure::not_found("lecture"))
    }

    /// A lecture's transcript.
    pub async fn transcript(&self, person: &PersonId, id: &LectureId) -> Result<Vec<Phrase>, Failure> {
        self.lecture(person, id).await?;
        Ok(self.library.phrases(id).await?)
    }

    /// What became of a recording.
    pub async fn report(&self, person: &PersonId, id: &LectureId) -> Result<IngestReport, Failure> {
        self.lecture(person, id).await?;
        self.library.report(id).await?.ok_or_else(|| Failure::not_found("report"))
    }

    /// An address that plays the recording.
    pub async fn recording_url(&self, person: &PersonId, id: &LectureId) -> Result<String, Failure> {
        let lecture = self.lecture(person, id).await?;
        self.link(&lecture.key).await
    }

    /// An address that plays a spoken answer of this person's.
    pub async fn answer_url(&self, person: &PersonId, query: &QueryId) -> Result<String, Failure> {
        self.link(&ObjectKey::response(person, query, "wav")).await
    }

    async fn link(&self, key: &ObjectKey) -> Result<String, Failure> {
        if self.objects.head(key).await?.is_none() {
            return Err(Failure::not_found("recording"));
        }
        Ok(self.objects.download_url(key, LINK_SECONDS).await?)
    }

    /// Deletes a lecture of this person's with everything made from it.
    pub async fn delete_lecture(&self, person: &PersonId, id: &LectureId) -> Result<(), Failure> {
        let lecture = self.library.lecture(id).await?.filter(|l| &l.owner == person);
        let lecture = lecture.ok_or_else(|| Failure::not_found("lecture"))?;
        for object in self.objects.list(&format!("lectures/{}/{id}/", lecture.owner)).await? {
            self.objects.delete(&object.key).await?;
        }
        for session in self.sessions.sessions(person, Some(id), self.clock.now()).await? {
            self.delete_session(person, &session.id).await?;
        }
        Ok(self.library.delete_lecture(id).await?)
    }

    /// A person's sessions, the latest first.
    pub async fn sessions(&self, person: &PersonId, lecture: Option<&LectureId>) -> Result<Vec<Session>, Failure> {
        Ok(self.sessions.sessions(person, lecture, self.clock.now()).await?)
    }

    /// One session with its turns.
    pub async fn session(&self, person: &PersonId, id: &SessionId) -> Result<(Session, Vec<Turn>), Failure> {
        let found = self.sessions.session(id, self.clock.now()).await?.filter(|s| &s.owner == person);
        let session = found.ok_or_else(|| Failure::not_found("session"))?;
        let turns = self.sessions.turns(id).await?;
        Ok((session, turns))
    }

    /// Deletes a session with its spoken questions and answers.
    pub async fn delete_session(&self, person: &PersonId, id: &SessionId) -> Result<(), Failure> {
        let (session, turns) = self.session(person, id).await?;
        for turn in turns {
            for extension in ["wav", "webm", "ogg", "mp3", "m4a", "flac"] {
                self.objects.delete(&ObjectKey::query(person, &turn.query, extension)).await?;
            }
            self.objects.delete(&ObjectKey::response(person, &turn.query, "wav")).await?;
        }
        Ok(self.sessions.delete_session(&session.id).await?)
    }
}
