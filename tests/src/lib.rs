//! What the end-to-end stories share: the built programs, a running host, and what a program printed. It sees only what a person
//! or a stock client could see, and must not reach into any crate of the product.

mod collector;
mod curl;
mod daemon;
mod ear;
mod emulator;
mod host;
mod member;
mod mirror;
mod peer;
mod postgres;
mod process;
mod program;
mod relay;
mod said;
mod socket;
mod sound;
mod terminal;
mod tides;
mod voices;
mod window;

pub use collector::{Collector, Recorded};
pub use curl::{Reply, curl};
pub use daemon::Daemon;
pub use ear::Ear;
pub use emulator::Emulator;
pub use host::Host;
pub use member::{Member, letter_code};
pub use mirror::{Giving, Mirror};
pub use peer::{Asked, Peer, Piece, Script, speaks, streams, whole, writes};
pub use postgres::{PASSWORD, Postgres, Version};
pub use program::program;
pub use relay::Relay;
pub use said::{Said, answer_in, run};
pub use socket::{Socket, python};
pub use sound::{Listening, Plugged, Sound};
pub use terminal::Terminal;
pub use tides::{SENTENCES, Tides};
pub use voices::{bury_in_noise, hear, long_recording, share_heard, speak};
pub use window::{Desk, Held, Window};

/// Why a story could not be told. Stories unwrap it: the text is what a failing test shows.
#[derive(Debug, thiserror::Error)]
pub enum StoryError {
    /// The program could not be built.
    #[error("{program} could not be built: {reason}")]
    Build {
        /// The program's name.
        program: &'static str,
        /// What cargo said, or what was wrong.
        reason: String,
    },
    /// A process could not be started or watched.
    #[error("{what}: {source}")]
    Process {
        /// What was being done.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The program ended, or said something else, before it named its address.
    #[error("the program did not name its address within {waited_s} s; it printed: {printed}")]
    NoAddress {
        /// How long was waited.
        waited_s: u64,
        /// What it printed instead, both streams.
        printed: String,
    },
}
