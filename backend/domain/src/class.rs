//! Classes: who learns together, and the code by which somebody comes in. Rules only: no randomness, no clock.

use serde::{Deserialize, Serialize};

use crate::account::WrittenCode;
use crate::failure::{Code, Failure};
use crate::ids::{InvalidId, PersonId, identifier};
use crate::pack::Counted;
use crate::source::Source;
use crate::time::Timestamp;

identifier!(
    /// One class.
    ClassId
);
identifier!(
    /// One membership. It stands for the person towards everybody else: whoever knows a guest's identity could go about as them.
    MemberId
);

/// The longest name of a class, and of a member in it, in characters.
pub const LONGEST_NAME: usize = 80;
/// The most classes that one person teaches.
pub const MOST_CLASSES: usize = 100;
/// The most members of a class.
pub const MOST_MEMBERS: usize = 2_000;
/// The most sources that are shown to a class, and the most packs.
pub const MOST_SOURCES: usize = 1_000;

/// People who learn together, and what they are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// Its name everywhere.
    pub id: ClassId,
    /// Who teaches it.
    pub teacher: PersonId,
    /// What it is called.
    pub name: String,
    /// The code that lets somebody in, until it is renewed. It is kept as it is and not as a digest: its teacher reads it out again
    /// weeks later, and what it opens is kept in the same place.
    pub code: WrittenCode,
    /// When it was made.
    pub created: Timestamp,
}

impl Class {
    /// Whether this person teaches it.
    pub fn is_taught_by(&self, person: &PersonId) -> bool {
        &self.teacher == person
    }
}

/// Somebody in a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The membership.
    pub id: MemberId,
    /// Who.
    pub person: PersonId,
    /// What the teacher and they call them; guests may come without a name.
    pub name: Option<String>,
    /// Since when.
    pub joined: Timestamp,
}

/// Something that is shown to a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// What.
    pub source: Source,
    /// Its title.
    pub title: String,
    /// Whose it is.
    pub owner: PersonId,
    /// Since when.
    pub since: Timestamp,
}

/// A class as one person sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The class. Its code is for its teacher.
    pub class: Class,
    /// Whether this person teaches it.
    pub teaches: bool,
    /// What its teacher is called, where they say.
    pub teacher: Option<String>,
    /// How many are in it besides its teacher.
    pub members: u32,
    /// How many sources and packs it is shown.
    pub sources: u32,
}

/// A class with who is in it and what it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    /// The class.
    pub seen: Seen,
    /// Its members, for its teacher; to one another they are a number.
    pub members: Option<Vec<Member>>,
    /// What it is shown, the latest first.
    pub shown: Vec<Shown>,
    /// Which packs it is shown, the latest first.
    pub packs: Vec<Counted>,
}

/// A name as somebody wrote it: on one line, neither empty nor too long.
pub fn name_from_person(text: &str) -> Result<String, Failure> {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let name = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    match name.chars().count() {
        0 => Err(Failure::new(Code::BadMessage, "the name is empty; write at least one letter")),
        1..=LONGEST_NAME => Ok(name),
        _ => Err(Failure::new(Code::BadMessage, format!("the name is too long; take at most {LONGEST_NAME} characters"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_that_says_something() {
        assert_eq!(name_from_person("  Calculus\n1 \u{0}B ").unwrap(), "Calculus 1 B");
        assert_eq!(name_from_person(&"ü".repeat(LONGEST_NAME)).unwrap().chars().count(), LONGEST_NAME);
        for bad in ["", " \t", &"x".repeat(LONGEST_NAME + 1)] {
            assert_eq!(name_from_person(bad).unwrap_err().code, Code::BadMessage, "{bad:?}");
        }
    }
}
