//! The lecture that is there from the start: its script is spoken once, and it is then ingested like any other.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use synapscribe_domain::audio::{Pcm, SPEECH_RATE, wav};
use synapscribe_domain::lecture::HOUSE;
use synapscribe_domain::{Code, Failure, Lecture, LectureId, LectureState, ObjectKey, PersonId, Phrase, Visibility, captions};
use synapscribe_ports::{
    Audience, Clock, Connections, Herald, Job, Jobs, Library, Notice, ObjectCreated, Objects, StoreError, StoreResult,
};
use tokio::sync::watch;

use crate::{failing, tell};

/// Progress is told at most this often.
const TELL_EVERY: Duration = Duration::from_millis(250);

/// Speaks paragraphs and says when each sentence was said; it tells how many of how many sentences are done, from any thread.
pub type Speak = dyn Fn(&[&str], &(dyn Fn(u32, u32) + Sync)) -> Result<(Pcm, Vec<Phrase>), Failure> + Send + Sync;

/// What is needed to make it.
pub struct Sample {
    /// Where it is recorded.
    pub library: Arc<dyn Library>,
    /// Where its recording is put.
    pub objects: Arc<dyn Objects>,
    /// Takes the recording on.
    pub jobs: Arc<dyn Jobs>,
    /// Who is there to be told.
    pub connections: Arc<dyn Connections>,
    /// Tells them.
    pub audience: Arc<dyn Audience>,
    /// Tells other systems.
    pub herald: Arc<dyn Herald>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Its voice, which may take its time.
    pub speak: Arc<Speak>,
    /// Its name.
    pub id: &'static str,
    /// What is spoken: a title, then paragraphs.
    pub script: &'static str,
}

impl Sample {
    /// Makes the sample lecture unless it is there, and tells everybody how far it is; it is then ingested like any other. One for which
    /// there is no voice fails, and is tried again at the next start.
    pub async fn ensure(&self) -> Result<(), Failure> {
        let id = LectureId::parse(self.id).map_err(|_| Failure::internal())?;
        if self.library.lecture(&id).await?.is_some_and(|lecture| !lacks_recording(&lecture)) {
            return Ok(());
        }
        let owner = PersonId::parse(HOUSE).map_err(|_| Failure::internal())?;
        let key = ObjectKey::lecture(&owner, &id, "how-neural-networks-learn.wav");
        let (title, paragraphs) = parts(self.script);
        let lecture = Lecture {
            id: id.clone(),
            owner,
            visibility: Visibility::Public,
            title: title.to_owned(),
            key: key.clone(),
            state: LectureState::Making { done: 0, total: 0 },
            media: None,
            tokens: None,
            created: self.clock.now(),
        };
        match self.library.add_lecture(&lecture).await {
            // An earlier start was ended before the voice was done.
            Ok(()) | Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
        let (done, spoken) = watch::channel((0, 0));
        let speak = Arc::clone(&self.speak);
        let speaking = tokio::task::spawn_blocking(move || {
            // Two cores may come the other way round.
            let told = |n: u32, total: u32| done.send_modify(|so_far| *so_far = (n.max(so_far.0), total));
            speak(&paragraphs, &told)
        });
        self.follow(&id, spoken).await?;
        let stopped = |_| Err(Failure::new(Code::EngineFailed, "the voice of the sample lecture stopped"));
        let (pcm, phrases) = match speaking.await.unwrap_or_else(stopped) {
            Ok(spoken) => spoken,
            Err(failure) => {
                failing::give_up(&*self.library, &*self.connections, &*self.audience, &*self.herald, &id, failure.clone())
                    .await?;
                return Err(failure);
            }
        };
        self.objects.put(&key.beside("vtt"), Bytes::from(captions::to_vtt(&phrases)), "text/vtt").await?;
        let file = Bytes::from(wav(SPEECH_RATE, &pcm.0));
        let bytes = file.len() as u64;
        self.objects.put(&key, file, "audio/wav").await?;
        let created = ObjectCreated { key, bytes, sequencer: "0".into() };
        Ok(self.jobs.enqueue(&format!("object/{}", self.id), &Job::ObjectCreated(created), self.clock.now()).await?)
    }

    /// Tells how many sentences are spoken, until the voice is done.
    async fn follow(&self, id: &LectureId, mut spoken: watch::Receiver<(u32, u32)>) -> StoreResult<()> {
        loop {
            let (done, total) = *spoken.borrow_and_update();
            let lecture = self.library.change_lecture(id, &|l| l.state = LectureState::Making { done, total }).await?;
            let notice = Notice::LectureProgress(Box::new(lecture.clone()));
            tell::viewers(&*self.library, &*self.connections, &*self.audience, &lecture, &notice).await;
            if spoken.changed().await.is_err() {
                return Ok(());
            }
            tokio::time::sleep(TELL_EVERY).await;
        }
    }
}

/// Whether it has still to be spoken, be it that nobody could.
fn lacks_recording(lecture: &Lecture) -> bool {
    match &lecture.state {
        LectureState::Failed { failure } => {
            lecture.media.is_none() && matches!(failure.code, Code::EngineMissing | Code::EngineFailed)
        }
        state => state.waits_for_recording(),
    }
}

/// The title and the paragraphs.
fn parts(script: &'static str) -> (&'static str, Vec<&'static str>) {
    let mut blocks = script.split("\n\n").map(str::trim).filter(|b| !b.is_empty());
    let title = blocks.next().unwrap_or_default().trim_start_matches('#').trim();
    (title, blocks.collect())
}

#[cfg(test)]
mod tests {
    use synapscribe_domain::ConnectionId;
    use synapscribe_ports::fakes::{Listeners, MemoryConnections, MemoryJobs, MemoryLibrary, MemoryObjects};
    use synapscribe_ports::{SystemClock, Unheard};

    use super::*;

    /// One sentence of silence for every full stop.
    fn spoken(paragraphs: &[&str], told: &(dyn Fn(u32, u32) + Sync)) -> Result<(Pcm, Vec<Phrase>), Failure> {
        let sentences = paragraphs.iter().flat_map(|text| text.split_inclusive('.')).count() as u32;
        (1..=sentences).for_each(|done| told(done, sentences));
        Ok((Pcm(vec![0.0; 1_600]), Vec::new()))
    }

    fn mute(_: &[&str], _: &(dyn Fn(u32, u32) + Sync)) -> Result<(Pcm, Vec<Phrase>), Failure> {
        Err(Failure::new(Code::EngineMissing, "install a voice"))
    }

    /// A sample with this voice, and somebody who is told of it.
    struct Scene {
        library: Arc<MemoryLibrary>,
        jobs: Arc<MemoryJobs>,
        listeners: Arc<Listeners>,
        line: ConnectionId,
        sample: Sample,
        id: LectureId,
    }

    async fn scene(speak: Arc<Speak>) -> Scene {
        let (library, jobs) = (Arc::new(MemoryLibrary::default()), Arc::new(MemoryJobs::default()));
        let (connections, listeners) = (Arc::new(MemoryConnections::default()), Arc::new(Listeners::default()));
        let line = ConnectionId::parse("c1").unwrap();
        connections.opened(&line, &PersonId::parse("ada").unwrap().into(), SystemClock.now()).await.unwrap();
        listeners.arrive(&line);
        let sample = Sample {
            library: library.clone(),
            objects: Arc::new(MemoryObjects::new(Arc::new(SystemClock))),
            jobs: jobs.clone(),
            connections,
            audience: listeners.clone(),
            herald: Arc::new(Unheard),
            clock: Arc::new(SystemClock),
            speak,
            id: "sample-tides",
            script: "# Tides\n\nThe moon pulls. The sun pulls.\n\nTogether they pull.",
        };
        let id = LectureId::parse(sample.id).unwrap();
        Scene { library, jobs, listeners, line, sample, id }
    }

    #[tokio::test]
    async fn everybody_is_told_how_far_it_is_and_one_that_was_interrupted_is_made_again() {
        let Scene { library, jobs, listeners, line, sample, id } = scene(Arc::new(spoken)).await;
        for _ in 0..2 {
            let before = listeners.told(&line).len();
            sample.ensure().await.unwrap();
            let told: Vec<_> = listeners.told(&line).split_off(before);
            let steps = told.iter().map(|notice| match notice {
                Notice::LectureProgress(lecture) => match lecture.state {
                    LectureState::Making { done, total } => (done, total),
                    ref other => panic!("{other:?}"),
                },
                other => panic!("{other:?}"),
            });
            let steps: Vec<_> = steps.collect();
            assert!(steps.is_sorted() && steps.last() == Some(&(3, 3)), "{steps:?}");
            assert_eq!(jobs.all().len(), 1, "it is handed over like any other recording, and once");
            // As the power goes in the middle of it.
            library.change_lecture(&id, &|l| l.state = LectureState::Making { done: 1, total: 3 }).await.unwrap();
        }
        library.change_lecture(&id, &|l| l.state = LectureState::Ready).await.unwrap();
        let before = listeners.told(&line).len();
        sample.ensure().await.unwrap();
        assert_eq!(listeners.told(&line).len(), before, "one that is there is left alone");
    }
    #[tokio::test]
    async fn one_for_which_there_is_no_voice_fails_with_the_reason_and_is_made_once_there_is_one() {
        let Scene { library, jobs, listeners, line, mut sample, id } = scene(Arc::new(mute)).await;
        assert_eq!(sample.ensure().await.unwrap_err().code, Code::EngineMissing);
        assert!(matches!(listeners.told(&line).last(), Some(Notice::LectureFailed(_))), "nobody waits for it");
        assert!(jobs.all().is_empty());

        sample.speak = Arc::new(spoken);
        sample.ensure().await.unwrap();
        assert_eq!(jobs.all().len(), 1);
        // What went wrong with its recording a voice does not mend.
        let silent = LectureState::Failed { failure: Failure::new(Code::AudioSilent, "it is silent") };
        library.change_lecture(&id, &|l| l.state = silent.clone()).await.unwrap();
        sample.ensure().await.unwrap();
        assert_eq!(library.lecture(&id).await.unwrap().unwrap().state, silent);
    }
}
