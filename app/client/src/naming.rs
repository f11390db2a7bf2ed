//! What a person means by a name: a whole identifier, a title, or the beginning of an identifier. Asks nobody.

use synapscribe_protocol::documents::DocumentDto;
use synapscribe_protocol::rest::LectureDto;

use crate::error::{ClientError, Result, code};
use crate::reading::{clock, day};

/// Candidates that are named when a name fits several.
const SHOWN: usize = 4;
/// The shortest beginning of an identifier that names it, in characters.
const BEGINNING: usize = 6;

/// Something that can be named.
#[derive(Debug, Clone)]
pub(crate) struct Named<'a> {
    pub id: &'a str,
    pub title: Option<&'a str>,
    /// The name of its file, where it is seldom its title.
    pub file: Option<&'a str>,
    /// What tells it from others of the same title.
    pub about: Vec<String>,
}

impl<'a> Named<'a> {
    pub fn new(id: &'a str, title: Option<&'a str>) -> Self {
        Self { id, title, file: None, about: Vec::new() }
    }

    pub fn lecture(lecture: &'a LectureDto) -> Self {
        let about = [Some(day(lecture.created)), lecture.duration.map(clock)];
        Self { about: about.into_iter().flatten().collect(), ..Self::new(&lecture.lecture_id, Some(&lecture.title)) }
    }

    pub fn document(document: &'a DocumentDto) -> Self {
        let about = [Some(day(document.created)), document.pages.map(|pages| format!("{pages} p."))];
        let file = document.s3_key.rsplit('/').next();
        Self { file, about: about.into_iter().flatten().collect(), ..Self::new(&document.document_id, Some(&document.title)) }
    }

    fn told(&self) -> String {
        let known: Vec<&str> = self.title.map(str::trim).into_iter().chain(self.about.iter().map(String::as_str)).collect();
        if known.is_empty() { self.id.to_owned() } else { format!("{} ({})", self.id, known.join(", ")) }
    }
}

/// The one thing a name stands for: the identifier itself, else the only title that reads so, to the letter or else whatever its
/// capitals, else the only one whose file is called so, with or without its ending, else the only identifier that begins so. Only
/// a beginning of some length counts, since all new identifiers begin alike. `what` is its kind, for sentences.
pub(crate) fn pick<'a>(what: &str, name: &str, all: impl Iterator<Item = Named<'a>> + Clone) -> Result<&'a str> {
    let name = name.trim();
    if let Some(exact) = all.clone().find(|one| one.id == name) {
        return Ok(exact.id);
    }
    let titled = |reads: &dyn Fn(&str) -> bool| -> Vec<Named<'a>> {
        all.clone().filter(|one| one.title.is_some_and(|title| reads(title.trim()))).collect()
    };
    let lower = name.to_lowercase();
    let mut fits = titled(&|title| title == name);
    if fits.is_empty() {
        fits = titled(&|title| title.to_lowercase() == lower);
    }
    let called = |file: &str| {
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        !name.is_empty() && [file, stem].iter().any(|called| called.to_lowercase() == lower)
    };
    if fits.is_empty() {
        fits = all.clone().filter(|one| one.file.is_some_and(called)).collect();
    }
    let begins = || all.clone().filter(move |one| !name.is_empty() && one.id.starts_with(name));
    if fits.is_empty() && name.len() >= BEGINNING {
        fits = begins().collect();
    }
    match &fits[..] {
        [] => {
            let hint = match begins().next() {
                Some(_) => format!("; the beginning of an ID needs at least {BEGINNING} characters"),
                None => String::new(),
            };
            Err(ClientError::new(code::NOT_FOUND, format!("there is no {what} “{name}”{hint}")))
        }
        [one] => Ok(one.id),
        several => {
            let mut shown: Vec<String> = several.iter().take(SHOWN).map(Named::told).collect();
            if several.len() > SHOWN {
                shown.push("…".into());
            }
            Err(ClientError::new(
                code::AMBIGUOUS,
                format!("“{name}” may be any of {}: {}; name one by its ID", several.len(), shown.join(", ")),
            ))
        }
    }
}

/// The longest name of a session, in characters.
const LONGEST: usize = 200;

/// Whether a new session can have this name, which becomes part of where its answers are kept.
pub fn check_session_name(name: &str) -> Result<()> {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_:=.".contains(&byte));
    let climbs = name.contains("..") || name.bytes().all(|byte| byte == b'.');
    if plain && !climbs && (1..=LONGEST).contains(&name.len()) {
        return Ok(());
    }
    Err(ClientError::new(
        code::BAD_NAME,
        format!(
            "“{name}” cannot name a session: a name has letters from a to z, digits and - _ : = . only, such as my-notes; choose another, or leave --session out"
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_an_identifier_a_title_or_a_beginning() {
        let all = [
            ("01a2c3aa", Some("Tides")),
            ("01a2c3ab", Some("Waves ")),
            ("01a2c3", Some("tides")),
            ("77bbccdd", None),
            ("88aabbcc", Some("Sand")),
            ("01a2c3ac", Some("01")),
            ("01a2c3ad", Some("77bbcc")),
            ("01a2c3ae", Some("Sand and sea")),
        ];
        let pick = |name: &str| {
            let all = all.iter().map(|(id, title)| Named::new(id, *title));
            pick("lecture", name, all).map_err(|error| error.code)
        };
        let (ambiguous, none) = (|| Err(code::AMBIGUOUS.to_owned()), || Err(code::NOT_FOUND.to_owned()));
        for (name, expected) in [
            ("01a2c3", Ok("01a2c3")),
            ("01a2c3ab", Ok("01a2c3ab")),
            ("01", Ok("01a2c3ac")),
            ("77bbcc", Ok("01a2c3ad")),
            ("77bbccd", Ok("77bbccdd")),
            ("88aabb", Ok("88aabbcc")),
            (" waves", Ok("01a2c3ab")),
            ("SAND", Ok("88aabbcc")),
            ("Tides", Ok("01a2c3aa")),
            ("tides", Ok("01a2c3")),
            ("TIDES", ambiguous()),
            ("01a2c3a", ambiguous()),
            ("77bb", none()),
            ("02", none()),
            ("tide", none()),
            ("", none()),
        ] {
            assert_eq!(pick(name), expected, "{name:?}");
        }
    }

    #[test]
    fn a_document_is_found_by_the_name_of_its_file_where_no_title_reads_so() {
        let file = |id, title, file| Named { file: Some(file), ..Named::new(id, Some(title)) };
        let all = [
            file("01a2c3aa", "Deltas", "Rivers.md"),
            file("01a2c3ab", "Notes", "a.txt"),
            file("01a2c3ac", "More notes", "a.pdf"),
            file("01a2c3ad", "notes", "deltas.pdf"),
        ];
        let pick = |name: &str| pick("document", name, all.iter().cloned()).map_err(|error| error.code);
        assert_eq!(pick("rivers"), Ok("01a2c3aa"));
        assert_eq!(pick("rivers.md"), Ok("01a2c3aa"));
        assert_eq!(pick("deltas"), Ok("01a2c3aa"), "a title goes first");
        assert_eq!(pick("A.TXT"), Ok("01a2c3ab"));
        assert_eq!(pick("a"), Err(code::AMBIGUOUS.to_owned()));
        assert_eq!(pick("river"), Err(code::NOT_FOUND.to_owned()));
        assert_eq!(pick(""), Err(code::NOT_FOUND.to_owned()));
    }

    #[test]
    fn a_beginning_that_is_too_short_says_so() {
        let told = |name| pick("lecture", name, [Named::new("01a2c3ab", Some("02"))].into_iter()).unwrap_err().message;
        assert_eq!(told("01"), "there is no lecture “01”; the beginning of an ID needs at least 6 characters");
        assert_eq!(told("03"), "there is no lecture “03”");
    }

    #[test]
    fn those_that_share_a_title_are_told_apart() {
        let about = |created, length| vec![day(created), clock(length)];
        let first = Named { about: about(0, 360.0), ..Named::new("l1", Some("Tides")) };
        let second = Named { about: about(86_400_000, 372.0), ..Named::new("l2", Some("tides")) };
        let told = pick("lecture", "TIDES", [first, second].into_iter()).unwrap_err().message;
        assert_eq!(
            told,
            "“TIDES” may be any of 2: l1 (Tides, 1970-01-01, 6:00), l2 (tides, 1970-01-02, 6:12); name one by its ID"
        );
    }
}
