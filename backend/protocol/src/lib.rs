//! Every message that crosses a process boundary. Knows nothing of storage, vendors or the domain's rules.

pub mod accounts;
pub mod agent;
pub mod chat;
pub mod classes;
pub mod client;
pub mod discovery;
pub mod documents;
pub mod events;
pub mod headers;
pub mod live;
pub mod packs;
pub mod reading;
pub mod rest;
pub mod search;
pub mod server;
pub mod stretches;
#[cfg(test)]
mod typescript;

pub use agent::{AgentLine, CancelRequest, EndSessionRequest, InvokeRequest};
pub use client::{ClientMessage, Malformed, SpeechWish};
pub use discovery::Discovery;
pub use live::{LiveEvent, LiveMessage};
pub use server::{CitationDto, ErrorDto, PagesDto, ServerMessage, SourceDto, SpokenWordDto, TimingsDto, UsageDto};
pub use stretches::Stretches;

/// The gateway's limits, kept on every deployment.
pub mod limits {
    /// The largest frame, in bytes.
    pub const FRAME: usize = 32 * 1024;
    /// The largest message, in bytes.
    pub const MESSAGE: usize = 128 * 1024;
    /// A connection without a message is closed after this many seconds; clients ping every 300.
    pub const IDLE_SECONDS: u64 = 600;
    /// A client says `ping` this often, in seconds.
    pub const PING_SECONDS: u64 = 300;
    /// A connection lives at most this many seconds.
    pub const CONNECTION_SECONDS: u64 = 7200;
    /// The handling of a message is given up after this many seconds.
    pub const ROUTE_SECONDS: u64 = 29;
    /// Audio in one `audio_chunk`, in bytes before base64, so that a message fits one frame.
    pub const CHUNK: usize = 21 * 1024;
    /// The longest typed question, in characters.
    pub const QUESTION: usize = 2_000;
    /// No place in a lecture lies further in, in seconds.
    pub const PLAYHEAD_SECONDS: f64 = 1e7;
}
