//! Whose turn it is while several recordings are ingested and share the machine: whoever has least left goes first, so that a
//! short one is not held up by long ones, and every fourth turn goes to whoever waits longest, so that a long one is never
//! held up for ever. Knows nothing of what is done in a turn.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// Every so many turns the longest waiting is served.
const PATIENT: u64 = 4;

/// A number of places that are taken by turns.
#[derive(Debug)]
pub struct Turns {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    free: usize,
    given: u64,
    /// In the order of arrival.
    waiting: Vec<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    left: usize,
    call: oneshot::Sender<Turn>,
}

/// A place; dropping it lets the next one in.
#[derive(Debug)]
pub struct Turn {
    of: Arc<Turns>,
}

impl Turns {
    /// So many at once, at least one.
    pub fn new(places: usize) -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(State { free: places.max(1), given: 0, waiting: Vec::new() }) })
    }

    /// Waits for a turn; `left` is how much work the caller still has before it, this turn's included.
    pub async fn take(self: &Arc<Self>, left: usize) -> Turn {
        let called = {
            let mut state = self.state();
            if state.free > 0 {
                state.free -= 1;
                state.given += 1;
                return Turn { of: Arc::clone(self) };
            }
            let (call, called) = oneshot::channel();
            state.waiting.push(Waiting { left, call });
            called
        };
        called.await.expect("whoever waits is called before the turns go away, because a turn keeps them")
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves a list that is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes out who is next.
    fn next(&mut self) -> Option<Waiting> {
        self.waiting.retain(|waiting| !waiting.call.is_closed());
        self.given += 1;
        let patient = self.given.is_multiple_of(PATIENT);
        let least = self.waiting.iter().enumerate().min_by_key(|(at, waiting)| (waiting.left, *at)).map(|(at, _)| at)?;
        Some(self.waiting.remove(if patient { 0 } else { least }))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let next = {
            let mut state = self.of.state();
            let next = state.next();
            state.free += usize::from(next.is_none());
            next
        };
        if let Some(next) = next {
            // One who gave up at this very moment gives the turn back by dropping it.
            let _ = next.call.send(Turn { of: Arc::clone(&self.of) });
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    /// Lets `waiting` callers queue up behind one who has the only place, then tells in which order they are served.
    async fn order(waiting: &[usize]) -> Vec<usize> {
        let turns = Turns::new(1);
        let first = turns.take(1).await;
        let served = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        for left in waiting {
            let (turns, served, left) = (Arc::clone(&turns), Arc::clone(&served), *left);
            let mut work = Box::pin(async move {
                let _turn = turns.take(left).await;
                served.lock().unwrap().push(left);
            });
            assert!(work.as_mut().now_or_never().is_none(), "the place is taken");
            tasks.push(tokio::spawn(work));
        }
        drop(first);
        for task in tasks {
            task.await.unwrap();
        }
        Arc::into_inner(served).unwrap().into_inner().unwrap()
    }

    #[tokio::test]
    async fn a_short_one_goes_first_and_a_long_one_is_not_forgotten() {
        assert_eq!(order(&[500, 3, 2]).await, [2, 3, 500]);
        assert_eq!(order(&[500, 5, 4, 3, 2, 1]).await, [1, 2, 500, 3, 4, 5], "the fourth turn is for the longest waiting");
    }

    #[tokio::test]
    async fn there_are_never_more_than_there_are_places() {
        let turns = Turns::new(2);
        let (one, two) = (turns.take(9).await, turns.take(9).await);
        assert!(turns.take(1).now_or_never().is_none());
        drop(one);
        let three = turns.take(1).now_or_never().expect("one place is free again");
        assert!(turns.take(1).now_or_never().is_none(), "those who gave up before hold nothing");
        drop((two, three));
        let _both = (turns.take(1).now_or_never().unwrap(), turns.take(1).now_or_never().unwrap());
    }
}
