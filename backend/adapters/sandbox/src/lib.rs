//! A child process for one untrusted file: its limits, the frames it speaks in, and why it ended.
//!
//! It must not know what is in the file. Whoever parses one starts the running program again with a hidden argument
//! ([`Child::start`]); the child gives up whatever it does not need ([`Limits::enter`]) before it looks at a byte, and answers
//! on its standard output in frames whose lengths the parent checks before it spends memory on them.

pub mod frames;
mod limits;
mod parent;
pub mod worker;

pub use limits::{Limits, allow_cpu};
pub use parent::{Child, End, explain_opening, this_program};
