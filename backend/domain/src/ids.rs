//! Identifiers as types, checked when they are made, so that bare strings do not travel inward.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a text cannot be an identifier.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("an identifier is 1 to 200 characters of letters, digits, '-', '_', ':', '=' or '.'")]
pub struct InvalidId;

pub(crate) fn check(text: &str) -> Result<(), InvalidId> {
    let fits = (1..=200).contains(&text.len());
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_:=.".contains(&b));
    // A name of dots only would climb folders when it becomes part of an object key.
    let climbs = text.bytes().all(|b| b == b'.') || text.contains("..");
    if fits && plain && !climbs { Ok(()) } else { Err(InvalidId) }
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks the text and wraps it.
            pub fn parse(text: impl Into<String>) -> Result<Self, InvalidId> {
                let text = text.into();
                $crate::ids::check(&text)?;
                Ok(Self(text))
            }

            /// The text as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::parse(text)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

pub(crate) use identifier;

identifier!(
    /// One recording and everything made from it.
    LectureId
);
identifier!(
    /// One book or paper and everything made from it.
    DocumentId
);
identifier!(
    /// One thread of questions.
    SessionId
);
identifier!(
    /// One question, chosen by the client so that asking twice answers once.
    QueryId
);
identifier!(
    /// Who asks: a guest's or a signed-in person's identity.
    PersonId
);
identifier!(
    /// One open WebSocket, as the gateway names it.
    ConnectionId
);
identifier!(
    /// One passage of one source.
    PassageId
);

identifier!(
    /// One question of one person, as the agent knows it; two people may choose the same [`QueryId`].
    WorkId
);

impl WorkId {
    /// The name of a person's question.
    pub fn of(person: &PersonId, query: &QueryId) -> Self {
        Self(format!("{person}={query}"))
    }

    /// The question's own name, which the student sees; who asked is not part of it.
    pub fn query(&self) -> &str {
        self.0.split_once('=').map_or(&self.0, |(_, query)| query)
    }
}

impl SessionId {
    /// The name under which a person's session of this name is kept while somebody else has one of the same; `None` where that would
    /// be too long for a name.
    pub fn beside(&self, person: &PersonId) -> Option<Self> {
        Self::parse(format!("{self}={person}")).ok()
    }

    /// The name that this person gave it.
    pub fn given_by(&self, person: &PersonId) -> Self {
        let given = self.0.strip_suffix(person.as_str()).and_then(|rest| rest.strip_suffix('='));
        given.filter(|name| !name.is_empty()).map_or_else(|| self.clone(), |name| Self(name.to_owned()))
    }
}

impl PassageId {
    /// The name of the passage at `index` of a lecture or a document: the same input always gives the same name.
    pub fn of(source: &impl std::fmt::Display, index: usize) -> Self {
        Self(format!("{source}:{index:05}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_beside_anothers_is_shown_by_the_name_it_was_given() {
        let (ada, bob) = (PersonId::parse("eu-west-1:ada").unwrap(), PersonId::parse("eu-west-1:bob").unwrap());
        for name in ["s", "a=b", "x==", "s=eu-west-1:bob"] {
            let name = SessionId::parse(name).unwrap();
            let kept = name.beside(&ada).unwrap();
            assert_ne!(kept, name.beside(&bob).unwrap());
            assert_eq!(kept.given_by(&ada), name);
            assert_eq!(name.given_by(&ada), name, "what was not changed is shown as it is");
        }
        assert_eq!(SessionId::parse("x".repeat(200)).unwrap().beside(&ada), None);
    }

    #[test]
    fn an_identifier_never_climbs_or_carries_separators() {
        for bad in ["", ".", "..", "a..b", "a/b", "a b", "ü", "a\0b", &"x".repeat(201)] {
            assert!(LectureId::parse(bad).is_err(), "{bad:?} was accepted");
        }
        for good in ["a", "eu-west-1:3f2a", "01J-xyz_9=", "a.b"] {
            assert!(LectureId::parse(good).is_ok(), "{good:?} was refused");
        }
    }
}
