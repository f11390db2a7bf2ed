//! How much reading a document may use.

use serde::{Deserialize, Serialize};
use synapscribe_sandbox::Limits;

/// What one piece of work may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadLimits {
    /// Memory beyond what the process needs to start and beyond the file itself.
    pub memory_bytes: u64,
    /// Processor time in all.
    pub cpu_seconds: u64,
    /// Processor time for one page.
    pub page_cpu_seconds: u64,
    /// How long the parent waits for the child in all, not counting the time it is itself busy with what it got.
    pub wait_seconds: u64,
    /// How many pages a document may have.
    pub pages: u32,
}

impl ReadLimits {
    /// For a look at a file: a book of 5,000 pages takes a second.
    pub const EXAMINE: Self =
        Self { memory_bytes: 384 << 20, cpu_seconds: 60, page_cpu_seconds: 10, wait_seconds: 120, pages: 5_000 };
    /// For reading it: 1,000 pages of text take a few seconds.
    pub const PAGES: Self = Self { cpu_seconds: 900, page_cpu_seconds: 15, wait_seconds: 1_800, ..Self::EXAMINE };
    /// For drawing a page: most take a tenth of a second, and some maps many.
    pub const PICTURE: Self = Self { cpu_seconds: 30, page_cpu_seconds: 30, wait_seconds: 60, ..Self::EXAMINE };

    /// What the process puts on itself when it reads a file of this length.
    pub(crate) fn of_process(&self, file_bytes: u64) -> Limits {
        Limits { memory_bytes: self.memory_bytes.saturating_add(file_bytes), cpu_seconds: self.cpu_seconds }
    }
}
