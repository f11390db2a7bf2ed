//! Looks at a new object: is it a recording we can teach from? Delivered twice or late, the result is the same.

use std::path::PathBuf;
use std::sync::Arc;

use synapscribe_domain::keys::Place;
use synapscribe_domain::lecture::title_from_file_name;
use synapscribe_domain::{
    AudioLimits, Code, Failure, Lecture, LectureId, LectureState, MediaFacts, TranscriptSource, Visibility,
};
use synapscribe_ports::{
    Audience, AudioFiles, Claim, Clock, Connections, Job, Jobs, Ledger, Library, Notice, ObjectCreated, Objects,
};

use crate::tell;

/// A claim is held this long; validation itself takes well under a second.
const CLAIM_MS: i64 = 15_000;

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was handled, now or before.
    Settled,
    /// Somebody else is at it: come back later to make sure that they finished.
    InProgress,
}

/// What is needed to validate.
#[derive(Clone)]
pub struct Validating {
    /// Lectures.
    pub library: Arc<dyn Library>,
    /// Recordings.
    pub objects: Arc<dyn Objects>,
    /// Reads recordings.
    pub audio: Arc<dyn AudioFiles>,
    /// Remembers events.
    pub ledger: Arc<dyn Ledger>,
    /// Takes the work that follows.
    pub jobs: Arc<dyn Jobs>,
    /// Who is connected.
    pub connections: Arc<dyn Connections>,
    /// Tells them.
    pub audience: Arc<dyn Audience>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The limits of a lecture.
    pub limits: AudioLimits,
    /// A folder for objects that are not files yet.
    pub scratch: PathBuf,
}

impl Validating {
    /// Handles one object-created event.
    pub async fn object_created(&self, event: &ObjectCreated) -> Result<Outcome, Failure> {
        let Place::Lecture(id) = event.key.place() else { return Ok(Outcome::Settled) };
        let claim_key = format!("object/{}", event.key);
        let now = self.clock.now();
        match self.ledger.claim(&claim_key, &event.sequencer, now, now.plus(CLAIM_MS)).await? {
            Claim::Done(_) | Claim::Outdated => return Ok(Outcome::Settled),
            Claim::InProgress => return Ok(Outcome::InProgress),
            Claim::Granted => {}
        }
        let handled = if is_captions(event.key.file_name()) {
            self.captions_arrived(&id, event).await
        } else {
            self.recording_arrived(id, event).await
        };
        match handled {
            Ok(()) => {
                self.ledger.finish(&claim_key, &event.sequencer, "").await?;
                Ok(Outcome::Settled)
            }
            Err(failure) => {
                self.ledger.release(&claim_key, &event.sequencer).await?;
                Err(failure)
            }
        }
    }

    /// Captions that come after a lecture was recognised replace what was recognised.
    async fn captions_arrived(&self, id: &LectureId, event: &ObjectCreated) -> Result<(), Failure> {
        let Some(lecture) = self.library.lecture(id).await?.filter(|l| l.owner == event.key.owner()) else { return Ok(()) };
        let recognised = self.library.report(id).await?.is_some_and(|r| r.source == TranscriptSource::Recognised);
        if lecture.media.is_some() && lecture.state.is_final() && (recognised || lecture.state != LectureState::Ready) {
            self.enqueue(lecture).await?;
        }
        Ok(())
    }

    async fn recording_arrived(&self, id: LectureId, event: &ObjectCreated) -> Result<(), Failure> {
        let lecture = match self.library.lecture(&id).await? {
            Some(lecture) if lecture.owner != event.key.owner() => {
                tracing::warn!(lecture = %id, "an object names a lecture of somebody else and is left alone");
                return Ok(());
            }
            Some(lecture) => Lecture { key: event.key.clone(), ..lecture },
            None => Lecture {
                id,
                owner: event.key.owner(),
                visibility: Visibility::Private,
                title: title_from_file_name(event.key.file_name()),
                key: event.key.clone(),
                state: LectureState::Uploading,
                media: None,
                tokens: None,
                created: self.clock.now(),
            },
        };
        let lecture = Lecture { state: LectureState::Validating, ..lecture };
        self.library.save_lecture(&lecture).await?;
        tell::owner(&*self.connections, &*self.audience, &lecture, &Notice::LectureProgress(Box::new(lecture.clone()))).await;
        match self.examine(&lecture, event.bytes).await {
            Ok(media) => self.enqueue(Lecture { media: Some(media), ..lecture }).await,
            Err(failure) if failure.code.retryable() => Err(failure),
            Err(failure) => {
                tracing::info!(lecture = %lecture.id, code = failure.code.as_str(), "a recording was refused");
                let lecture = Lecture { state: LectureState::Failed { failure }, ..lecture };
                self.library.save_lecture(&lecture).await?;
                tell::owner(&*self.connections, &*self.audience, &lecture, &Notice::LectureFailed(Box::new(lecture.clone())))
                    .await;
                Ok(())
            }
        }
    }

    async fn examine(&self, lecture: &Lecture, bytes: u64) -> Result<MediaFacts, Failure> {
        self.limits.check_size(bytes)?;
        let path = self.objects.as_file(&lecture.key, &self.scratch).await?;
        let path = path.ok_or_else(|| Failure::new(Code::AudioCorrupt, "the upload is not there any more; upload it again"))?;
        let media = self.audio.inspect(&path).await?;
        self.limits.check(&media)?;
        Ok(media)
    }

    async fn enqueue(&self, lecture: Lecture) -> Result<(), Failure> {
        let lecture = Lecture { state: LectureState::Transcribing { done: 0, total: 0 }, ..lecture };
        self.library.save_lecture(&lecture).await?;
        let job = Job::IngestLecture { lecture: lecture.id.clone() };
        self.jobs.enqueue(&format!("ingest/{}", lecture.id), &job, self.clock.now()).await?;
        tell::owner(&*self.connections, &*self.audience, &lecture, &Notice::LectureProgress(Box::new(lecture.clone()))).await;
        Ok(())
    }
}

fn is_captions(file_name: &str) -> bool {
    let lower = file_name.to_lowercase();
    lower.ends_with(".srt") || lower.ends_with(".vtt")
}
