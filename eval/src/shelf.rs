//! Puts the texts into a library as they come there in use, and says which passages hold what is asked for.

use std::sync::Arc;

use anyhow::Context;
use synapscribe_domain::lecture::HOUSE;
use synapscribe_domain::passage::Spot;
use synapscribe_domain::{
    Citation, DocumentId, Lecture, LectureId, LectureState, ObjectKey, Pages, Passage, PersonId, Source, Timestamp, Visibility,
    chunker,
};
use synapscribe_ports::{Embedder, Library, Parted};
use synapscribe_usecases::index_lecture::parted;

use crate::books::Bindery;
use crate::heard::Heard;
use crate::set::{Form, Question, Text};

/// Whoever searches sees every text.
pub fn reader() -> PersonId {
    PersonId::parse("reader").expect("it is a valid identifier")
}

/// Puts texts into a library.
pub async fn put(library: &Arc<dyn Library>, embedder: &Arc<dyn Embedder>, texts: &[Text]) -> anyhow::Result<()> {
    let bindery = Bindery::of(Arc::clone(library), Arc::clone(embedder))?;
    for text in texts {
        let put = match &text.form {
            Form::Book(binding) => bindery.put(text, *binding).await,
            Form::Talk(heard) => put_talk(&**library, &**embedder, text, heard).await,
        };
        put.with_context(|| text.name.clone())?;
    }
    Ok(())
}

/// Stores a talk's record and passages.
async fn put_talk(library: &dyn Library, embedder: &dyn Embedder, text: &Text, heard: &Heard) -> anyhow::Result<()> {
    let id = LectureId::parse(text.name.as_str())?;
    let passages = chunker::passages(&id, &heard.phrases());
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
    Ok(())
}

/// What a text is in the library.
pub fn source(text: &Text) -> anyhow::Result<Source> {
    Ok(match text.form {
        Form::Book(_) => DocumentId::parse(text.name.as_str())?.into(),
        Form::Talk(_) => LectureId::parse(text.name.as_str())?.into(),
    })
}

/// The pages of a book, each as its words in one line; a talk has none.
pub async fn pages(library: &dyn Library, text: &Text) -> anyhow::Result<Vec<String>> {
    if matches!(text.form, Form::Talk(_)) {
        return Ok(Vec::new());
    }
    let read = library.pages(&DocumentId::parse(text.name.as_str())?, Pages::new(1, 9_999)).await?;
    Ok(read.into_iter().map(|page| spaced(&page.map(|page| page.text()).unwrap_or_default())).collect())
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

    /// Whether the words of a citation stand on the pages it opens.
    pub fn stands_on_its_pages(citation: &Citation, pages: &[String]) -> bool {
        let opened = opened(citation, pages);
        // A hyphen at the end of a page is not joined on it.
        let words = spaced(&citation.excerpt);
        opened.contains(&words) || words.split(' ').all(|word| opened.contains(word))
    }

    /// Whether the pages that a citation opens hold a sentence that answers the question.
    pub fn is_on_its_pages(citation: &Citation, question: &Question, pages: &[String]) -> bool {
        let opened = opened(citation, pages);
        question.support.iter().any(|support| opened.contains(&spaced(support)))
    }

    /// Of a book the words are compared; of a talk the seconds, since its words were not all understood.
    fn covers(&self, spot: Spot, words: &str, support: &str) -> bool {
        match &self.text.form {
            Form::Book(_) => {
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

/// The pages that a citation opens, as one line.
fn opened(citation: &Citation, pages: &[String]) -> String {
    let Some(at) = citation.spot.pages() else { return String::new() };
    let among = (1..).zip(pages).filter(|(number, _)| (at.from..=at.to).contains(number));
    among.map(|(_, page)| page.as_str()).collect::<Vec<_>>().join(" ")
}

fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
