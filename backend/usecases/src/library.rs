//! What a person sees of lectures and sessions. Other people's things answer exactly as things that do not exist.

use std::path::PathBuf;
use std::sync::Arc;

use synapscribe_domain::{
    Code, Failure, IngestReport, Lecture, LectureId, ObjectKey, PersonId, Phrase, QueryId, Session, SessionId, SessionSummary,
    Source, Turn, Waveform, notes,
};
use synapscribe_ports::{Audience, AudioFiles, Clock, Connections, Library, Notice, Objects, Sessions};
use tokio::sync::Mutex;

use crate::{quoting, scratch, sight, tell, thread, voice};

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
    /// Who is connected.
    pub connections: Arc<dyn Connections>,
    /// Tells them.
    pub audience: Arc<dyn Audience>,
    /// Reads recordings.
    pub audio: Arc<dyn AudioFiles>,
    /// A folder for objects that are not files yet.
    pub scratch: PathBuf,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Outlines are drawn one after the other, because each takes a whole core.
    pub drawing: Arc<Mutex<()>>,
}

impl Reading {
    /// Everything the person may see, newest first.
    pub async fn lectures(&self, person: &PersonId) -> Result<Vec<Lecture>, Failure> {
        Ok(self.library.lectures(person).await?)
    }

    /// One lecture.
    pub async fn lecture(&self, person: &PersonId, id: &LectureId) -> Result<Lecture, Failure> {
        let found = sight::lecture(&*self.library, person, id).await?;
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

    /// The outline of a recording; one that was never drawn is drawn now.
    pub async fn waveform(&self, person: &PersonId, id: &LectureId) -> Result<(Lecture, Waveform), Failure> {
        let lecture = self.lecture(person, id).await?;
        if let Some(waveform) = self.library.waveform(id).await? {
            return Ok((lecture, waveform));
        }
        if lecture.media.is_none() || !lecture.state.is_final() {
            return Err(Failure::new(Code::LectureNotReady, "the recording is still being read; ask again when it is ready"));
        }
        let _drawing = self.drawing.lock().await;
        // Whoever waited for the same lecture finds it drawn.
        if let Some(waveform) = self.library.waveform(id).await? {
            return Ok((lecture, waveform));
        }
        let scratch = scratch::folder(&self.scratch)?;
        let path = self.objects.as_file(&lecture.key, scratch.path()).await?;
        let path = path.ok_or_else(|| Failure::not_found("recording"))?;
        let waveform = self.audio.speech(&path).await?.waveform;
        self.library.save_waveform(id, &waveform).await?;
        Ok((lecture, waveform))
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
        let interested = tell::of_lecture(&*self.library, &*self.connections, &lecture).await;
        for object in self.objects.list(&format!("lectures/{}/{id}/", lecture.owner)).await? {
            self.objects.delete(&object.key).await?;
        }
        quoting::forget(&*self.sessions, &*self.objects, person, &id.into(), self.clock.now()).await?;
        self.library.delete_lecture(id).await?;
        tell::all(&*self.audience, &interested, &Notice::LectureDeleted(id.clone())).await;
        Ok(())
    }

    /// A person's sessions, the latest first.
    pub async fn sessions(&self, person: &PersonId, of: Option<&Source>) -> Result<Vec<SessionSummary>, Failure> {
        let now = self.clock.now();
        let found = self.sessions.summaries(person, of, now).await?;
        let seen = |summary: SessionSummary| SessionSummary { session: thread::shown(summary.session.seen(now)), ..summary };
        Ok(found.into_iter().map(seen).collect())
    }

    /// One session as a text to keep, with the times of what it cites.
    pub async fn export(&self, person: &PersonId, id: &SessionId) -> Result<String, Failure> {
        let (session, turns) = self.session(person, id).await?;
        let mut titles = Vec::new();
        for source in session.about.sources() {
            titles.extend(sight::title(&*self.library, person, &source).await?);
        }
        let about = (!titles.is_empty()).then(|| titles.join("; "));
        Ok(notes::markdown(about.as_deref(), &SessionSummary::of(session, &turns), &turns))
    }

    /// One session with its turns.
    pub async fn session(&self, person: &PersonId, id: &SessionId) -> Result<(Session, Vec<Turn>), Failure> {
        let now = self.clock.now();
        let session = thread::own(&*self.sessions, person, id, now).await?;
        let turns = quoting::turns(&*self.library, &*self.sessions, &*self.objects, &session).await?;
        Ok((thread::shown(session.seen(now)), turns))
    }

    /// Deletes a session with its spoken questions and answers.
    pub async fn delete_session(&self, person: &PersonId, id: &SessionId) -> Result<(), Failure> {
        let session = thread::own(&*self.sessions, person, id, self.clock.now()).await?;
        let turns = self.sessions.turns(&session.id).await?;
        for turn in &turns {
            voice::forget(&*self.objects, person, &turn.query).await?;
        }
        self.sessions.delete_session(&session.id).await?;
        // What was said since then; whatever is said from now on finds that the session is gone.
        for turn in &turns {
            voice::forget(&*self.objects, person, &turn.query).await?;
        }
        Ok(())
    }
}
