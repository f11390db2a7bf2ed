//! Who speaks where: a conversation is spoken in over one live line, and a person has few. Knows names alone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use synapscribe_domain::{Code, Failure, PersonId, SessionId};
use tokio_util::sync::CancellationToken;

/// Conversations that one person may speak in at once.
const EACH: usize = 4;

type Taken = HashMap<PersonId, Vec<(SessionId, Arc<CancellationToken>)>>;

/// The seats that are taken; cloning shares them.
#[derive(Debug, Clone, Default)]
pub struct Seats(Arc<Mutex<Taken>>);

/// One of them, free again when it is dropped.
pub(super) struct Seat {
    seats: Seats,
    person: PersonId,
    /// Cancelled once the conversation goes on elsewhere.
    left: Arc<CancellationToken>,
}

impl Seats {
    /// Takes one, also from a line whose end nobody has noticed yet.
    pub(super) fn take(&self, person: &PersonId, session: &SessionId) -> Result<Seat, Failure> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let theirs = taken.entry(person.clone()).or_default();
        let before = theirs.iter().position(|(other, _)| other == session).map(|place| theirs.swap_remove(place));
        if let Some((_, left)) = before {
            left.cancel();
        }
        if theirs.len() >= EACH {
            let message = format!("you speak in {EACH} conversations already; close one of them and try again");
            return Err(Failure::new(Code::Busy, message));
        }
        let left = Arc::new(CancellationToken::new());
        theirs.push((session.clone(), Arc::clone(&left)));
        Ok(Seat { seats: self.clone(), person: person.clone(), left })
    }
}

impl Seat {
    /// Returns once the conversation goes on elsewhere.
    pub fn left(&self) -> CancellationToken {
        CancellationToken::clone(&self.left)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(theirs) = taken.get_mut(&self.person) {
            theirs.retain(|(_, left)| !Arc::ptr_eq(left, &self.left));
            if theirs.is_empty() {
                taken.remove(&self.person);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_moves_to_its_newest_line_and_a_person_has_few() {
        let seats = Seats::default();
        let person = |name: &str| PersonId::parse(name).unwrap();
        let take = |who: &str, session: &str| seats.take(&person(who), &SessionId::parse(session).unwrap());
        let first = take("ada", "s0").unwrap();
        let again = take("ada", "s0").unwrap();
        assert!(first.left().is_cancelled() && !again.left().is_cancelled());
        // The older one takes nothing along.
        drop(first);
        let others: Vec<Seat> = ["s1", "s2", "s3"].map(|session| take("ada", session).unwrap()).into();
        assert_eq!(take("ada", "s4").err().map(|failure| failure.code), Some(Code::Busy));
        assert!(take("bob", "s0").is_ok() && !again.left().is_cancelled(), "another person's has the same name");
        drop(others);
        assert!(take("ada", "s4").is_ok());
        drop(again);
        assert!(seats.0.lock().unwrap().is_empty());
    }
}
