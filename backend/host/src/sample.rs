//! The lecture that is there from the start: written for the product, spoken by the built-in voice at the first start.

use std::sync::Arc;

use bytes::Bytes;
use synapscribe_domain::audio::{SPEECH_RATE, wav};
use synapscribe_domain::lecture::HOUSE;
use synapscribe_domain::{Code, Failure, Lecture, LectureId, LectureState, ObjectKey, PersonId, Visibility, captions};
use synapscribe_engines::builtin::{Voice, speak_script};
use synapscribe_ports::{Clock, Job, Jobs, Library, ObjectCreated, Objects, StoreError};

/// The script.
const SCRIPT: &str = include_str!("../../../samples/gradient-descent/lecture.txt");
/// Its name.
pub(crate) const ID: &str = "sample-gradient-descent";
/// A question it answers.
pub(crate) const QUESTION: &str = "What did she mean by the chain rule?";

/// What is needed to make it.
pub(crate) struct Sample {
    pub library: Arc<dyn Library>,
    pub objects: Arc<dyn Objects>,
    pub jobs: Arc<dyn Jobs>,
    pub clock: Arc<dyn Clock>,
}

impl Sample {
    /// Makes the sample lecture unless it is there; it is then ingested like any other.
    pub async fn ensure(&self) -> Result<(), Failure> {
        let id = LectureId::parse(ID).map_err(|_| Failure::internal())?;
        if self.library.lecture(&id).await?.is_some_and(|l| l.state != LectureState::Uploading) {
            return Ok(());
        }
        let owner = PersonId::parse(HOUSE).map_err(|_| Failure::internal())?;
        let key = ObjectKey::lecture(&owner, &id, "how-neural-networks-learn.wav");
        let (title, paragraphs) = script();
        let lecture = Lecture {
            id,
            owner,
            visibility: Visibility::Public,
            title: title.to_owned(),
            key: key.clone(),
            state: LectureState::Uploading,
            media: None,
            tokens: None,
            created: self.clock.now(),
        };
        match self.library.add_lecture(&lecture).await {
            // An earlier start was ended before the voice was done.
            Ok(()) | Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
        let spoken = tokio::task::spawn_blocking(move || speak_script(&paragraphs, Voice::Slt)).await;
        let (pcm, phrases) = spoken.map_err(|_| Failure::new(Code::EngineFailed, "the built-in voice stopped"))??;
        self.objects.put(&key.beside("vtt"), Bytes::from(captions::to_vtt(&phrases)), "text/vtt").await?;
        let file = Bytes::from(wav(SPEECH_RATE, &pcm.0));
        let bytes = file.len() as u64;
        self.objects.put(&key, file, "audio/wav").await?;
        let created = ObjectCreated { key, bytes, sequencer: "0".into() };
        Ok(self.jobs.enqueue(&format!("object/{ID}"), &Job::ObjectCreated(created), self.clock.now()).await?)
    }
}

/// The title and the paragraphs.
fn script() -> (&'static str, Vec<&'static str>) {
    let mut blocks = SCRIPT.split("\n\n").map(str::trim).filter(|b| !b.is_empty());
    let title = blocks.next().unwrap_or_default().trim_start_matches('#').trim();
    (title, blocks.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_answers_the_question_that_is_suggested() {
        let (title, paragraphs) = script();
        assert!(!title.is_empty() && paragraphs.len() > 5);
        assert!(SCRIPT.contains("The chain rule says"));
    }
}
