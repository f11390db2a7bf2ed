//! Looks at a new object: is it a recording we can teach from? Delivered twice or late, the result is the same.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use synapscribe_domain::keys::Place;
use synapscribe_domain::lecture::title_from_file_name;
use synapscribe_domain::{
    AudioLimits, Code, Failure, Lecture, LectureId, LectureState, MediaFacts, Phrase, TranscriptSource, Visibility, captions,
};
use synapscribe_ports::{
    Audience, AudioFiles, Claim, Clock, Connections, Happening, Herald, Job, Jobs, Lane, Ledger, Library, Notice, ObjectCreated,
    Objects, StoreError,
};

use crate::{failing, jobs, scratch, tell};

/// A claim is held this long; validation itself takes well under a second.
const CLAIM_MS: i64 = 15_000;
/// A large recording is fetched before it is looked at.
const TURN_MS: i64 = 60_000;
/// How often a recording looks whether its captions are done with, and how long it rests in between.
const LOOKS: u32 = 20;
const LOOK: Duration = Duration::from_millis(100);

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was handled, now or before.
    Settled,
    /// It cannot be settled yet, because somebody is at it or something is away: come back later.
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
    /// Tells other systems.
    pub herald: Arc<dyn Herald>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The limits of a lecture.
    pub limits: AudioLimits,
    /// A folder for objects that are not files yet.
    pub scratch: PathBuf,
}

impl Validating {
    /// Writes down that a new recording cannot be used, because looking at it failed time and again.
    pub async fn give_up(&self, id: &LectureId, failure: Failure) -> Result<(), Failure> {
        failing::give_up(&*self.library, &*self.connections, &*self.audience, &*self.herald, id, failure).await
    }

    /// Handles an event that a queue delivers, 1 the first time. What may pass is asked for again, but not for ever: whoever waits
    /// for the lecture is told why rather than left waiting.
    pub async fn delivered(&self, event: &ObjectCreated, delivery: u32) -> Outcome {
        let failure = match self.object_created(event).await {
            Ok(outcome) => return outcome,
            Err(failure) => failure,
        };
        tracing::warn!(code = failure.code.as_str(), delivery, "a new recording could not be looked at");
        if jobs::again(Lane::Arrivals, delivery, &failure) {
            return Outcome::InProgress;
        }
        let Place::Lecture(lecture) = event.key.place() else { return Outcome::Settled };
        match self.give_up(&lecture, failure).await {
            Ok(()) => Outcome::Settled,
            Err(failure) => {
                tracing::error!(
                    correlation = lecture.as_str(),
                    code = failure.code.as_str(),
                    "a lecture's failure could not be noted"
                );
                Outcome::InProgress
            }
        }
    }

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
        let handled = self.in_turn(id, event).await;
        match handled {
            Ok(Outcome::InProgress) => {
                self.ledger.release(&claim_key, &event.sequencer).await?;
                Ok(Outcome::InProgress)
            }
            Ok(Outcome::Settled) => {
                self.ledger.finish(&claim_key, &event.sequencer, "").await?;
                Ok(Outcome::Settled)
            }
            Err(failure) => {
                self.ledger.release(&claim_key, &event.sequencer).await?;
                Err(failure)
            }
        }
    }

    /// While a recording is handled its captions wait: between two of its steps it would look as if nobody were at it. What is done
    /// about captions takes a moment, so a recording waits for that, but not for long.
    async fn in_turn(&self, id: LectureId, event: &ObjectCreated) -> Result<Outcome, Failure> {
        let turn = format!("arrival/{id}");
        let mut granted = self.takes(&turn).await?;
        let handled = if event.key.is_captions() {
            if !granted {
                return Ok(Outcome::InProgress);
            }
            self.captions_arrived(&id, event).await
        } else {
            for _ in 0..LOOKS {
                if granted {
                    break;
                }
                tokio::time::sleep(LOOK).await;
                granted = self.takes(&turn).await?;
            }
            self.recording_arrived(id, event).await
        };
        if granted && let Err(error) = self.ledger.release(&turn, "0").await {
            // It ends by itself.
            tracing::debug!(%error, "a turn was not given back");
        }
        handled
    }

    async fn takes(&self, turn: &str) -> Result<bool, Failure> {
        let now = self.clock.now();
        Ok(self.ledger.claim(turn, "0", now, now.plus(TURN_MS)).await? == Claim::Granted)
    }

    /// Captions that come after their recording replace the words that are there, unless these are the same.
    async fn captions_arrived(&self, id: &LectureId, event: &ObjectCreated) -> Result<Outcome, Failure> {
        let Some(lecture) = self.library.lecture(id).await?.filter(|l| l.owner == event.key.owner()) else {
            return Ok(Outcome::Settled);
        };
        if lecture.state.waits_for_recording() || (lecture.state == LectureState::Validating && lecture.media.is_none()) {
            // The recording is not there yet, and its ingest finds them.
            return Ok(Outcome::Settled);
        }
        if matches!(lecture.state, LectureState::Transcribing { .. } | LectureState::Indexing) {
            // Its ingest may have looked for captions before these were there.
            return Ok(Outcome::InProgress);
        }
        if lecture.media.is_none() {
            // Its recording was refused, and words alone are no lecture.
            return Ok(Outcome::Settled);
        }
        if lecture.state == LectureState::Ready
            && let Some(why) = self.unfit(&lecture, event).await?
        {
            self.objects.delete(&event.key).await?;
            return self.note_captions(&lecture, Some(why.to_string())).await;
        }
        if lecture.state == LectureState::Ready && self.has_these_words(id, event).await? {
            return self.note_captions(&lecture, None).await;
        }
        // Earlier ones of the other kind would be found beside the recording as well, and taken for these.
        for older in ["vtt", "srt"].map(|kind| lecture.key.beside(kind)).iter().filter(|key| **key != event.key) {
            self.objects.delete(older).await?;
        }
        self.enqueue(id, None, &event.sequencer).await?;
        Ok(Outcome::Settled)
    }

    /// Why captions cannot take the place of the words that are there: these would be lost for nothing.
    async fn unfit(&self, lecture: &Lecture, event: &ObjectCreated) -> Result<Option<Failure>, Failure> {
        let Some(duration) = lecture.media.as_ref().map(|media| media.duration) else { return Ok(None) };
        let Some(bytes) = self.objects.get(&event.key).await? else { return Ok(None) };
        let read = captions::parse(&String::from_utf8_lossy(&bytes));
        Ok(read.and_then(|phrases| captions::check_against(&phrases, duration)).err())
    }

    /// Writes down whether the latest captions were refused, and tells those who wait for them.
    async fn note_captions(&self, lecture: &Lecture, refused: Option<String>) -> Result<Outcome, Failure> {
        if let Some(mut report) = self.library.report(&lecture.id).await? {
            report.refused_captions = refused;
            self.library.save_report(&lecture.id, &report).await?;
            let notice = Notice::LectureReady { lecture: Box::new(lecture.clone()), passages: report.passages };
            tell::viewers(&*self.library, &*self.connections, &*self.audience, lecture, &notice).await;
        }
        Ok(Outcome::Settled)
    }

    /// Whether a lecture's words are those of the captions, apart from what was corrected since.
    async fn has_these_words(&self, id: &LectureId, event: &ObjectCreated) -> Result<bool, Failure> {
        if self.library.report(id).await?.is_none_or(|r| r.source != TranscriptSource::Captions) {
            return Ok(false);
        }
        let Some(bytes) = self.objects.get(&event.key).await? else { return Ok(true) };
        // Captions that cannot be read are told of by the ingest.
        let Ok(read) = captions::parse(&String::from_utf8_lossy(&bytes)) else { return Ok(false) };
        let stored = self.library.phrases(id).await?;
        let same = |(new, old): (&Phrase, &Phrase)| new.span == old.span && (new.text == old.text || old.corrected);
        Ok(read.len() == stored.len() && read.iter().zip(&stored).all(same))
    }

    async fn recording_arrived(&self, id: LectureId, event: &ObjectCreated) -> Result<Outcome, Failure> {
        let lecture = match self.library.lecture(&id).await? {
            Some(lecture) if lecture.owner != event.key.owner() => {
                tracing::warn!(correlation = id.as_str(), "an object names a lecture of somebody else and is left alone");
                return Ok(Outcome::Settled);
            }
            // What is being made of the recording before it would be taken for what this one holds.
            Some(lecture) if matches!(lecture.state, LectureState::Transcribing { .. } | LectureState::Indexing) => {
                return Ok(Outcome::InProgress);
            }
            Some(_) => {
                let arrived = |l: &mut Lecture| (l.key, l.state, l.media) = (event.key.clone(), LectureState::Validating, None);
                self.library.change_lecture(&id, &arrived).await
            }
            None => {
                let lecture = Lecture {
                    id,
                    owner: event.key.owner(),
                    visibility: Visibility::Private,
                    title: title_from_file_name(event.key.file_name()),
                    key: event.key.clone(),
                    state: LectureState::Validating,
                    media: None,
                    tokens: None,
                    created: self.clock.now(),
                };
                self.library.add_lecture(&lecture).await.map(|()| lecture)
            }
        };
        let lecture = match lecture {
            Err(StoreError::Gone) => {
                // It was deleted while its recording was still on its way; nothing of it is kept.
                self.objects.delete(&event.key).await?;
                return Ok(Outcome::Settled);
            }
            other => other?,
        };
        tell::viewers(
            &*self.library,
            &*self.connections,
            &*self.audience,
            &lecture,
            &Notice::LectureProgress(Box::new(lecture.clone())),
        )
        .await;
        let told = match self.examine(&lecture, event.bytes).await {
            Ok(media) => self.enqueue(&lecture.id, Some(media), &event.sequencer).await,
            Err(failure) if failure.code.retryable() => Err(failure),
            Err(failure) => self.refuse(&lecture.id, failure).await,
        };
        match told {
            Err(failure) if failure.code == Code::NotFound && self.library.lecture(&lecture.id).await?.is_none() => {
                Ok(Outcome::Settled)
            }
            other => other.map(|()| Outcome::Settled),
        }
    }

    async fn examine(&self, lecture: &Lecture, bytes: u64) -> Result<MediaFacts, Failure> {
        self.limits.check_size(bytes)?;
        let scratch = scratch::folder(&self.scratch)?;
        let path = self.objects.as_file(&lecture.key, scratch.path()).await?;
        let path = path.ok_or_else(|| Failure::new(Code::AudioCorrupt, "the upload is not there any more; upload it again"))?;
        let media = self.audio.inspect(&path).await?;
        self.limits.check(&media)?;
        Ok(media)
    }

    async fn refuse(&self, id: &LectureId, failure: Failure) -> Result<(), Failure> {
        tracing::info!(correlation = id.as_str(), code = failure.code.as_str(), "a recording was refused");
        let code = failure.code;
        let failed = LectureState::Failed { failure };
        let lecture = self.library.change_lecture(id, &|l| l.state = failed.clone()).await?;
        tell::viewers(
            &*self.library,
            &*self.connections,
            &*self.audience,
            &lecture,
            &Notice::LectureFailed(Box::new(lecture.clone())),
        )
        .await;
        tell::systems(&*self.herald, Happening::LectureFailed(lecture.id, code)).await;
        Ok(())
    }

    /// Has the recording ingested, with its facts where they were just measured.
    async fn enqueue(&self, id: &LectureId, media: Option<MediaFacts>, sequencer: &str) -> Result<(), Failure> {
        let measured = |l: &mut Lecture| {
            l.media = media.clone().or_else(|| l.media.take());
            l.state = LectureState::Validating;
        };
        self.library.change_lecture(id, &measured).await?;
        let job = Job::IngestLecture { lecture: id.clone() };
        // Each event has a job of its own: one that is about to end does not know of this event.
        self.jobs.enqueue(&format!("ingest/{id}/{sequencer}"), &job, self.clock.now()).await?;
        // Only what is in the queue is said to be listened to, since a crash here would leave it waiting for ever. The job may be
        // further by now.
        let queued = LectureState::Transcribing { done: 0, total: 0 };
        let begin = |l: &mut Lecture| {
            if l.state == LectureState::Validating {
                l.state = queued.clone();
            }
        };
        let lecture = self.library.change_lecture(id, &begin).await?;
        if lecture.state == queued {
            let notice = Notice::LectureProgress(Box::new(lecture.clone()));
            tell::viewers(&*self.library, &*self.connections, &*self.audience, &lecture, &notice).await;
        }
        Ok(())
    }
}
