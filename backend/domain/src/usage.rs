//! What an engine call cost, in the units engines are billed by.

use serde::{Deserialize, Serialize};

/// Counts of one call or of a sum of calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens read by a language model.
    pub tokens_in: u64,
    /// Tokens written by a language model.
    pub tokens_out: u64,
    /// Milliseconds of audio recognised.
    pub audio_in_ms: u64,
    /// Characters spoken.
    pub characters_spoken: u64,
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.tokens_in += other.tokens_in;
        self.tokens_out += other.tokens_out;
        self.audio_in_ms += other.audio_in_ms;
        self.characters_spoken += other.characters_spoken;
    }
}

/// Bytes that are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stored {
    /// The person's recordings and their captions.
    pub lectures: u64,
    /// Their spoken questions.
    pub queries: u64,
    /// The spoken answers they were given.
    pub responses: u64,
    /// Model files, which everybody shares.
    pub models: u64,
}
