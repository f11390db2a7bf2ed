//! Engines behind any OpenAI-compatible server (vLLM, Ollama, speech servers); knows the published API and no particular vendor.

mod chat;
mod embedder;
mod narrator;
mod peer;
mod sse;
mod transcriber;
mod wav;
mod windows;

pub use chat::{ChatModel, ChatTutor};
pub use embedder::{ApiEmbedder, embeddings};
pub use narrator::{SpeechNarrator, rate_of};
pub use peer::{Endpoint, Secret, Timeouts, trust};
pub use sse::Events;
pub use transcriber::{ChatTranscriber, WhisperApiTranscriber, transcription};
pub use wav::PcmStream;
#[cfg(feature = "whisper")]
pub(crate) use {transcriber::spoken, transcriber::vocabulary, windows::is_silent};
