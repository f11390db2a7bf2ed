//! Speech and language engines behind the ports; knows vendors and models, never storage or the network's clients.

pub mod absent;
pub mod builtin;
pub mod config;
pub mod extractive;
pub mod hashed;
pub mod in_process;
#[cfg(feature = "minilm")]
pub mod minilm;
pub mod models;
pub mod openai;
pub mod prompted;
#[cfg(any(feature = "minilm", feature = "pocketsphinx"))]
mod resting;
pub mod tesseract;
#[cfg(feature = "whisper")]
pub mod whisper;

pub use config::{EngineSettings, Engines, build};
