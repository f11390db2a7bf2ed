//! Names and places as messages and requests give them; what is none is refused with the field's name.

use synapscribe_domain::{Code, Failure, LectureId, Millis, QueryId, SessionId};
use synapscribe_protocol::{Malformed, limits};

/// A question's name is at most this long, so that it fits object keys and work names.
const QUERY_ID: usize = 64;

/// A question's name.
pub fn query(text: String) -> Result<QueryId, Failure> {
    QueryId::parse(text).ok().filter(|q| q.as_str().len() <= QUERY_ID).ok_or_else(|| missing("queryId"))
}

/// A session's name.
pub fn session(text: String) -> Result<SessionId, Failure> {
    SessionId::parse(text).map_err(|_| missing("sessionId"))
}

/// A lecture's name.
pub fn lecture(text: String) -> Result<LectureId, Failure> {
    LectureId::parse(text).map_err(|_| missing("lectureId"))
}

/// A place in a lecture, in seconds.
pub fn place(seconds: f64) -> Result<Millis, Failure> {
    if seconds <= limits::PLAYHEAD_SECONDS {
        Ok(Millis::from_seconds(seconds))
    } else {
        Err(Failure::new(Code::BadMessage, "`playhead`: give the place in the lecture in seconds"))
    }
}

/// A field without which nothing can be done.
pub fn missing(field: &str) -> Failure {
    Failure::new(Code::BadMessage, format!("`{field}` is missing or is not a name of letters, digits, '-' and '_'"))
}

/// A message that could not be read; `known` are the names of those that can.
pub fn misread(malformed: Malformed, known: &[&str]) -> Failure {
    match malformed {
        Malformed::TooLarge => Failure::new(Code::TooLarge, "the message is larger than 128 KB; send a smaller one"),
        Malformed::Bad(why) => Failure::new(Code::BadMessage, why),
        Malformed::UnknownType(kind) => {
            Failure::new(Code::UnknownType, format!("there is no message type `{kind}`; known are {}", known.join(", ")))
        }
    }
}
