//! Positions inside a recording and moments on the wall clock; the moment itself is always passed in.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A position or a length inside a recording, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Millis(pub u64);

impl Millis {
    /// From seconds as people and captions write them; negative and non-finite values become zero.
    pub fn from_seconds(seconds: f64) -> Self {
        Self((seconds.max(0.0) * 1000.0).round() as u64)
    }

    /// In seconds.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / 1000.0
    }
}

impl fmt::Display for Millis {
    /// `1:02:03` or `2:03`, as a player shows it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = self.0 / 1000;
        if s >= 3600 { write!(f, "{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60) } else { write!(f, "{}:{:02}", s / 60, s % 60) }
    }
}

/// A stretch of a recording; `to` is never before `from`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Span {
    /// Where it starts.
    pub from: Millis,
    /// Where it ends.
    pub to: Millis,
}

impl Span {
    /// A span between two positions in either order.
    pub fn new(a: Millis, b: Millis) -> Self {
        Self { from: a.min(b), to: a.max(b) }
    }

    /// How long it is.
    pub fn length(self) -> Millis {
        Millis(self.to.0 - self.from.0)
    }

    /// The shortest span that holds both.
    pub fn around(self, other: Self) -> Self {
        Self { from: self.from.min(other.from), to: self.to.max(other.to) }
    }

    /// Whether the position lies inside.
    pub fn contains(self, at: Millis) -> bool {
        self.from <= at && at < self.to
    }
}

/// A moment on the wall clock, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The moment `ms` milliseconds later.
    pub fn plus(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Seconds since 1970, as expiry columns keep them.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }
}

/// One day in milliseconds.
pub const DAY_MS: i64 = 24 * 60 * 60 * 1000;
