//! Time that stands still until it is moved, and names that can be foreseen.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::SeqCst};

use synapscribe_domain::Timestamp;

use crate::{Clock, Ids};

/// A clock that is set by hand.
#[derive(Debug)]
pub struct SetClock(AtomicI64);

impl SetClock {
    /// A clock that shows this moment.
    pub fn at(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.0))
    }

    /// Moves it on.
    pub fn pass(&self, ms: i64) {
        self.0.fetch_add(ms, SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(SeqCst))
    }
}

/// Names that are counted: `id-1`, `id-2`, …
#[derive(Debug, Default)]
pub struct NumberedIds(AtomicU64);

impl Ids for NumberedIds {
    fn fresh(&self) -> String {
        format!("id-{}", self.0.fetch_add(1, SeqCst) + 1)
    }
}
