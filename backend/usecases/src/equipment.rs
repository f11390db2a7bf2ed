//! What a deployment works with, and what is kept for a person: engines, voices, storage.

use std::sync::Arc;

use synapscribe_domain::usage::Stored;
use synapscribe_domain::{Failure, PersonId};
use synapscribe_ports::{
    Embedder, EngineCard, Models, Narrator, Objects, PageRecogniser, Reached, Role, Transcriber, Tutor, VoiceCard,
};

/// What is needed to tell.
#[derive(Clone)]
pub struct Equipment {
    /// Recognises speech.
    pub transcriber: Arc<dyn Transcriber>,
    /// Writes answers.
    pub tutor: Arc<dyn Tutor>,
    /// Speaks.
    pub narrator: Arc<dyn Narrator>,
    /// Compares meanings, if anything does.
    pub embedder: Option<Arc<dyn Embedder>>,
    /// Recognises the text of pages that are pictures, if there is somebody.
    pub recogniser: Option<Arc<dyn PageRecogniser>>,
    /// Recordings.
    pub objects: Arc<dyn Objects>,
    /// Model files, where they are kept beside the lectures.
    pub models: Option<Arc<dyn Models>>,
}

impl Equipment {
    /// The engines in use.
    pub fn engines(&self) -> Vec<(Role, EngineCard)> {
        let mut cards = vec![
            (Role::Recognition, self.transcriber.card()),
            (Role::Answers, self.tutor.card()),
            (Role::Speech, self.narrator.card()),
        ];
        cards.extend(self.embedder.as_ref().map(|embedder| (Role::Meaning, embedder.card())));
        cards.extend(self.recogniser.as_ref().map(|recogniser| (Role::Pages, recogniser.card())));
        cards
    }

    /// The servers and programs behind engines, each after it was tried.
    pub async fn reach(&self) -> Vec<(Role, Reached)> {
        let meaning = async {
            match &self.embedder {
                Some(embedder) => embedder.reach().await,
                None => None,
            }
        };
        let pages = async {
            match &self.recogniser {
                Some(recogniser) => recogniser.reach().await,
                None => None,
            }
        };
        let (ear, tutor, voice, meaning, pages) =
            tokio::join!(self.transcriber.reach(), self.tutor.reach(), self.narrator.reach(), meaning, pages);
        let tried = [
            (Role::Recognition, ear),
            (Role::Answers, tutor),
            (Role::Speech, voice),
            (Role::Meaning, meaning),
            (Role::Pages, pages),
        ];
        tried.into_iter().filter_map(|(role, reached)| Some((role, reached?))).collect()
    }

    /// The voices to choose from, the usual one first.
    pub fn voices(&self) -> Vec<VoiceCard> {
        self.narrator.voices()
    }

    /// Whether there may be more voices than those.
    pub fn has_other_voices(&self) -> bool {
        self.narrator.has_other_voices()
    }

    /// What is kept for a person, and for all.
    pub async fn stored(&self, person: &PersonId) -> Result<Stored, Failure> {
        let below = async |place: &str| -> Result<u64, Failure> {
            let listed = self.objects.list(&format!("{place}/{person}/")).await?;
            Ok(listed.iter().map(|object| object.bytes).sum())
        };
        Ok(Stored {
            lectures: below("lectures").await?,
            queries: below("queries").await?,
            responses: below("responses").await?,
            models: match &self.models {
                Some(models) => models.bytes().await?,
                None => 0,
            },
        })
    }
}
