//! What a question, a session or a citation is about, as the protocol names it: a lecture by its own field as ever, anything else
//! by fields beside it.

use synapscribe_domain::{About, Code, DocumentId, Failure, LectureId, Source};
use synapscribe_protocol::SourceDto;

use crate::names::missing;

/// What something is about, in the fields of the protocol.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Named {
    /// The lecture, or nothing.
    pub lecture_id: String,
    /// The document.
    pub document_id: Option<String>,
    /// Several of them.
    pub sources: Vec<SourceDto>,
    /// Whatever the person may see.
    pub everything: bool,
}

impl Named {
    /// The names of these sources.
    pub fn of(sources: &[Source]) -> Self {
        match sources {
            [Source::Lecture(id)] => Self { lecture_id: id.to_string(), ..Self::default() },
            [Source::Document(id)] => Self { document_id: Some(id.to_string()), ..Self::default() },
            several => Self { sources: several.iter().map(dto).collect(), ..Self::default() },
        }
    }

    /// The names in what something is about.
    pub fn about(about: &About) -> Self {
        Self { everything: *about == About::Everything, ..Self::of(&about.sources()) }
    }

    /// The sources that are named, each field as it may be filled.
    pub fn sources(&self) -> Result<Vec<Source>, Failure> {
        let lecture = Some(self.lecture_id.clone()).filter(|id| !id.is_empty());
        let alone = SourceDto { lecture_id: lecture, document_id: self.document_id.clone() };
        let alone = Some(alone).filter(|alone| *alone != SourceDto::default());
        alone.iter().chain(&self.sources).map(source).collect()
    }

    /// What is meant; naming nothing, or several things in fields that do not go together, is refused.
    pub fn read(&self) -> Result<About, Failure> {
        let sources = self.sources()?;
        let fields = [!self.lecture_id.is_empty(), self.document_id.is_some(), !self.sources.is_empty(), self.everything];
        match fields.iter().filter(|given| **given).count() {
            0 => Err(Failure::new(
                Code::BadMessage,
                "`lectureId` is missing; `documentId`, `sources` or `everything` may stand for it",
            )),
            1 if self.everything => Ok(About::Everything),
            1 => About::only(sources).ok_or_else(|| Failure::new(Code::BadMessage, "`sources` names too many at once")),
            _ => Err(Failure::new(Code::BadMessage, "give one of `lectureId`, `documentId`, `sources` and `everything`")),
        }
    }
}

/// A source as the protocol names it.
pub fn dto(source: &Source) -> SourceDto {
    match source {
        Source::Lecture(id) => SourceDto { lecture_id: Some(id.to_string()), document_id: None },
        Source::Document(id) => SourceDto { lecture_id: None, document_id: Some(id.to_string()) },
    }
}

/// The source that is named.
pub fn source(dto: &SourceDto) -> Result<Source, Failure> {
    match (&dto.lecture_id, &dto.document_id) {
        (Some(id), None) => LectureId::parse(id.as_str()).map(Source::from).map_err(|_| missing("lectureId")),
        (None, Some(id)) => DocumentId::parse(id.as_str()).map(Source::from).map_err(|_| missing("documentId")),
        (None, None) => Err(missing("lectureId")),
        (Some(_), Some(_)) => Err(Failure::new(Code::BadMessage, "give either `lectureId` or `documentId`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_something_is_about_survives_the_wire() {
        let lecture = Source::from(LectureId::parse("l").unwrap());
        let document = Source::from(DocumentId::parse("d").unwrap());
        let several = About::only(vec![lecture.clone(), document.clone()]).unwrap();
        for about in [lecture.into(), document.into(), several, About::Everything] {
            assert_eq!(Named::about(&about).read(), Ok(about));
        }
    }

    #[test]
    fn what_names_nothing_or_too_much_is_refused() {
        let named = |lecture: &str, document: Option<&str>, everything| Named {
            lecture_id: lecture.into(),
            document_id: document.map(str::to_owned),
            everything,
            ..Named::default()
        };
        let bad = [named("", None, false), named("l", Some("d"), false), named("l", None, true), named("a/b", None, false)];
        let both = SourceDto { lecture_id: Some("l".into()), document_id: Some("d".into()) };
        let odd = [
            vec![both],
            vec![SourceDto::default()],
            (0..99).map(|n| dto(&DocumentId::parse(n.to_string()).unwrap().into())).collect(),
        ];
        let odd = odd.map(|sources| Named { sources, ..Named::default() });
        for named in bad.iter().chain(&odd) {
            assert_eq!(named.read().map_err(|failure| failure.code), Err(Code::BadMessage), "{named:?}");
        }
    }
}
