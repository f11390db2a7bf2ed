//! What a question is asked of, looked up once before the question is understood. It searches nothing.

use synapscribe_domain::aim::Aim;
use synapscribe_domain::document::{Document, DocumentState};
use synapscribe_domain::source::Matter;
use synapscribe_domain::{Code, DocumentId, Failure, Lecture, LectureId, LectureState, Millis, Passage, Source};
use synapscribe_ports::Scope;

use super::Asking;

/// A document of more passages is searched, and not read for a question about a subject.
const MOST_READ: u32 = 2_000;

/// Whether a document can be asked by now.
pub(crate) fn can_be_asked(document: &Document) -> Result<(), Failure> {
    match &document.state {
        DocumentState::Failed { failure } => Err(failure.clone()),
        state if state.can_be_asked() => Ok(()),
        _ => Err(Failure::new(Code::DocumentNotReady, "the document is still being read; ask again in a moment")),
    }
}

/// What a question is asked of.
#[derive(Debug)]
pub(super) struct Subject {
    /// Where answers may come from.
    pub scope: Scope,
    /// What that is.
    pub matter: Matter,
    /// What it is called.
    pub title: String,
    /// The lecture, where it is one and nothing else: only there is a place where the student is.
    pub lecture: Option<Lecture>,
    /// Its passages in order, where they can be read for one question.
    pub passages: Option<Vec<Passage>>,
    /// Tokens all of it takes in a model's window, where that is known.
    pub tokens: Option<u32>,
}

impl Subject {
    /// What a question is after here: only a lecture goes on while it is asked about, and only one source begins and ends.
    pub fn aim(&self, aim: Aim) -> Aim {
        match (self.matter, aim) {
            (Matter::Lecture, Aim::Page) => Aim::Subject,
            (Matter::Lecture, aim) => aim,
            (Matter::Document, Aim::Overview | Aim::Beginning | Aim::Ending | Aim::Page) => aim,
            _ => Aim::Subject,
        }
    }

    /// Where the lecture ends.
    pub fn end(&self) -> Option<Millis> {
        let measured = self.lecture.as_ref()?.media.as_ref().map(|media| media.duration);
        measured.or_else(|| self.passages.iter().flatten().filter_map(Passage::span).map(|span| span.to).max())
    }
}

impl Asking {
    /// Looks up what a question is asked of; all of it has to be ready.
    pub(super) async fn subject(&self, scope: &Scope) -> Result<Subject, Failure> {
        let mut subject = Subject {
            scope: scope.clone(),
            matter: Matter::of(scope.sources()),
            title: String::new(),
            lecture: None,
            passages: None,
            tokens: None,
        };
        let mut titles = Vec::new();
        for source in scope.sources() {
            match source {
                Source::Lecture(id) => {
                    let lecture = self.lecture(id).await?;
                    titles.push(lecture.title.clone());
                    if subject.matter == Matter::Lecture {
                        subject.tokens = lecture.tokens;
                        subject.passages = Some(self.library.passages(source).await?);
                        subject.lecture = Some(lecture);
                    }
                }
                Source::Document(id) => {
                    let document = self.document(id).await?;
                    titles.push(document.title.clone());
                    if subject.matter == Matter::Document {
                        subject.tokens = document.tokens;
                        if document.passages.is_some_and(|count| count <= MOST_READ) {
                            subject.passages = Some(self.library.passages(source).await?);
                        }
                    }
                }
            }
        }
        subject.title = titles.join("; ");
        Ok(subject)
    }

    async fn document(&self, id: &DocumentId) -> Result<Document, Failure> {
        let document = self.library.document(id).await?.ok_or_else(|| Failure::not_found("document"))?;
        can_be_asked(&document).map(|()| document)
    }

    async fn lecture(&self, id: &LectureId) -> Result<Lecture, Failure> {
        let lecture = self.library.lecture(id).await?.ok_or_else(|| Failure::not_found("lecture"))?;
        if lecture.state == LectureState::Ready {
            return Ok(lecture);
        }
        Err(Failure::new(Code::LectureNotReady, "the lecture is still being prepared; ask again when it is ready"))
    }
}
