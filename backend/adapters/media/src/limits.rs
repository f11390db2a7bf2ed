//! How much measuring and decoding may use.

use serde::{Deserialize, Serialize};
use synapscribe_sandbox::Limits;

/// What one piece of work may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkLimits {
    /// Memory beyond what the process needs to start.
    pub memory_bytes: u64,
    /// Processor time.
    pub cpu_seconds: u64,
    /// How long the parent waits for the child in all, not counting the time it is itself busy with what it got.
    pub wait_seconds: u64,
    /// How much sound may come out.
    pub output_seconds: u64,
}

impl WorkLimits {
    /// For measuring: a lecture of 500 MB takes well under a second.
    pub const INSPECT: Self = Self { memory_bytes: 256 << 20, cpu_seconds: 20, wait_seconds: 30, output_seconds: 0 };
    /// For decoding: three hours take less than a minute.
    pub const DECODE: Self = Self { memory_bytes: 384 << 20, cpu_seconds: 600, wait_seconds: 1_200, output_seconds: 12 * 3_600 };

    /// What the process puts on itself.
    pub(crate) fn of_process(&self) -> Limits {
        Limits { memory_bytes: self.memory_bytes, cpu_seconds: self.cpu_seconds }
    }
}
