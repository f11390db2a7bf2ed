//! Puts the texts into a library as they come there in use, and says which passages hold what is asked for.

use synapscribe_domain::lecture::HOUSE;
use synapscribe_domain::passage::Spot;
use synapscribe_domain::{
    Citation, Lecture, LectureId, LectureState, Millis, ObjectKey, Passage, PersonId, Phrase, Span, Timestamp, Visibility,
    chunker,
};
use synapscribe_ports::{Embedder, Library, Parted};
use synapscribe_usecases::index_lecture::parted;

use crate::set::{Form, Question, Text};

/// Whoever searches sees every text.
pub fn reader() -> PersonId {
    PersonId::parse("reader").expect("it is a valid identifier")
}

/// Stores a text's record and passages.
pub async fn put(library: &dyn Library, embedder: &dyn Embedder, text: &Text) -> anyhow::Result<LectureId> {
    let id = LectureId::parse(text.name.as_str())?;
    let phrases = match &text.form {
        Form::Book => read_aloud(&text.body),
        Form::Talk(heard) => heard.phrases(),
    };
    let passages = chunker::passages(&id, &phrases);
    let texts: Vec<Parted> = passages.iter().map(|passage| parted(&text.title, passage)).collect();
    let meanings = embedder.embed_parted(&texts).await?;
    let owner = PersonId::parse(HOUSE)?;
    let lecture = Lecture {
        key: ObjectKey::lecture(&owner, &id, "lecture.wav"),
        id: id.clone(),
        owner,
        visibility: Visibility::Public,
        title: text.title.clone(),
        state: LectureState::Ready,
        media: None,
        tokens: Some(chunker::estimate_tokens(&text.body)),
        created: Timestamp(0),
    };
    library.add_lecture(&lecture).await?;
    library.index(&(&id).into(), &passages, &embedder.space(), &meanings).await?;
    Ok(id)
}

/// A text with captions that hold every word of it.
fn read_aloud(body: &str) -> Vec<Phrase> {
    let mut at = 0;
    let mut phrases = Vec::new();
    for paragraph in body.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        for line in paragraph.split_whitespace().collect::<Vec<_>>().chunks(9) {
            let length = line.len() as u64 * 400;
            phrases.push(Phrase::trusted(Span::new(Millis(at), Millis(at + length)), line.join(" ")));
            at += length;
        }
        at += 800;
    }
    phrases
}

/// What a text holds that is asked for.
pub struct Judge<'a> {
    text: &'a Text,
}

impl<'a> Judge<'a> {
    /// Judges what is found in this text.
    pub fn of(text: &'a Text) -> Self {
        Self { text }
    }

    /// Whether a passage holds a sentence that answers the question.
    pub fn holds(&self, passage: &Passage, question: &Question) -> bool {
        passage.source.name() == self.text.name
            && question.support.iter().any(|support| self.covers(passage.spot, &passage.text, support))
    }

    /// Whether a citation leads to a sentence that answers the question.
    pub fn is_supported(&self, citation: &Citation, question: &Question) -> bool {
        citation.source.name() == self.text.name
            && question.support.iter().any(|support| self.covers(citation.spot, &citation.excerpt, support))
    }

    /// How many of the sentences that hold the answer are cited.
    pub fn cited(&self, citations: &[Citation], question: &Question) -> usize {
        let covered = |support: &&String| citations.iter().any(|c| self.covers(c.spot, &c.excerpt, support));
        question.support.iter().filter(covered).count()
    }

    /// Of a book the words are compared; of a talk the seconds, since its words were not all understood.
    fn covers(&self, spot: Spot, words: &str, support: &str) -> bool {
        match &self.text.form {
            Form::Book => {
                let (words, support) = (spaced(words), spaced(support));
                words.contains(&support) || (support.contains(&words) && words.len() * 2 >= support.len()) || {
                    let sentences = support.split_inclusive(". ").map(str::trim);
                    sentences.clone().count() > 1 && sentences.into_iter().any(|sentence| words.contains(sentence))
                }
            }
            Form::Talk(heard) => spot.said().zip(heard.when(support)).is_some_and(|(span, said)| {
                let shared = said.to.0.min(span.to.0).saturating_sub(said.from.0.max(span.from.0));
                shared * 2 >= said.length().0.min(span.length().0).max(1)
            }),
        }
    }
}

fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
