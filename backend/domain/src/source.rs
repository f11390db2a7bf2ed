//! What answers are taken from, a lecture or a document, and what a question or a session is asked of.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{DocumentId, LectureId};

/// One lecture or one document; the two never share a name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A recording.
    Lecture(LectureId),
    /// A book or a paper.
    Document(DocumentId),
}

impl Source {
    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Lecture(id) => id.as_str(),
            Self::Document(id) => id.as_str(),
        }
    }

    /// The lecture, if it is one.
    pub fn lecture(&self) -> Option<&LectureId> {
        match self {
            Self::Lecture(id) => Some(id),
            Self::Document(_) => None,
        }
    }

    /// The document, if it is one.
    pub fn document(&self) -> Option<&DocumentId> {
        match self {
            Self::Document(id) => Some(id),
            Self::Lecture(_) => None,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl From<&LectureId> for Source {
    fn from(id: &LectureId) -> Self {
        Self::Lecture(id.clone())
    }
}

impl From<LectureId> for Source {
    fn from(id: LectureId) -> Self {
        Self::Lecture(id)
    }
}

impl From<DocumentId> for Source {
    fn from(id: DocumentId) -> Self {
        Self::Document(id)
    }
}

impl From<&DocumentId> for Source {
    fn from(id: &DocumentId) -> Self {
        Self::Document(id.clone())
    }
}

/// What a session and its questions are about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum About {
    /// One lecture.
    Lecture(LectureId),
    /// One document.
    Document(DocumentId),
    /// Several sources and nothing else, in the order of their names.
    Sources(Vec<Source>),
    /// Everything that whoever asks may see.
    Everything,
}

/// The most sources that are named at once.
pub const MOST_SOURCES: usize = 20;

impl About {
    /// About these sources and nothing else, however they are ordered; none at all, or too many, is about nothing.
    pub fn only(mut sources: Vec<Source>) -> Option<Self> {
        sources.sort();
        sources.dedup();
        match sources.len() {
            0 => None,
            1 => sources.pop().map(Self::from),
            _ => (sources.len() <= MOST_SOURCES).then_some(Self::Sources(sources)),
        }
    }

    /// The sources it names; everything names none.
    pub fn sources(&self) -> Vec<Source> {
        match self {
            Self::Lecture(id) => vec![id.into()],
            Self::Document(id) => vec![id.into()],
            Self::Sources(sources) => sources.clone(),
            Self::Everything => Vec::new(),
        }
    }

    /// The lecture, if it is about one and nothing else.
    pub fn lecture(&self) -> Option<&LectureId> {
        match self {
            Self::Lecture(id) => Some(id),
            _ => None,
        }
    }

    /// Whether answers may come from this source.
    pub fn includes(&self, source: &Source) -> bool {
        matches!(self, Self::Everything) || self.sources().contains(source)
    }

    /// A stable name: that of the one source, or one that no source has.
    pub fn name(&self) -> &str {
        match self {
            Self::Lecture(id) => id.as_str(),
            Self::Document(id) => id.as_str(),
            Self::Sources(_) => "several sources",
            Self::Everything => "every source",
        }
    }
}

/// What kind of thing answers are taken from, which decides in which words they are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Matter {
    /// One lecture.
    #[default]
    Lecture,
    /// One document.
    Document,
    /// Several sources, or whatever there is.
    Several,
}

impl Matter {
    /// Of these sources; none named means all.
    pub fn of(sources: &[Source]) -> Self {
        match sources {
            [Source::Lecture(_)] => Self::Lecture,
            [Source::Document(_)] => Self::Document,
            _ => Self::Several,
        }
    }

    /// What it is called in a sentence.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Lecture => "lecture",
            Self::Document => "document",
            Self::Several => "material",
        }
    }
}

impl From<Source> for About {
    fn from(source: Source) -> Self {
        match source {
            Source::Lecture(id) => Self::Lecture(id),
            Source::Document(id) => Self::Document(id),
        }
    }
}

impl From<&DocumentId> for About {
    fn from(id: &DocumentId) -> Self {
        Self::Document(id.clone())
    }
}

impl From<LectureId> for About {
    fn from(id: LectureId) -> Self {
        Self::Lecture(id)
    }
}

impl From<&LectureId> for About {
    fn from(id: &LectureId) -> Self {
        Self::Lecture(id.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Kept {
        name: String,
        #[serde(flatten)]
        about: About,
    }

    #[test]
    fn what_was_kept_of_lectures_reads_as_before_and_the_rest_survives() {
        let lecture = Source::Lecture(LectureId::parse("l1").unwrap());
        let document = Source::Document(DocumentId::parse("d1").unwrap());
        let old: Kept = serde_json::from_str(r#"{"lecture":"l1","name":"s"}"#).unwrap();
        assert_eq!(old.about, About::from(lecture.clone()));
        let several = About::only(vec![document.clone(), lecture.clone(), document.clone()]).unwrap();
        for about in [lecture.into(), document.into(), several, About::Everything] {
            let kept = Kept { name: "s".into(), about };
            assert_eq!(serde_json::from_str::<Kept>(&serde_json::to_string(&kept).unwrap()).unwrap(), kept);
        }
    }

    #[test]
    fn no_source_is_called_what_many_are_called() {
        for many in [About::Everything, About::Sources(Vec::new())] {
            assert!(LectureId::parse(many.name()).is_err(), "{}", many.name());
        }
        assert_eq!(About::only(Vec::new()), None);
    }
}
