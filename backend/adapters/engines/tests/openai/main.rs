//! The engines behind OpenAI-compatible servers, against a scripted server that follows the published API to the letter.

mod chat;
mod ears;
mod peer;
mod trouble;
mod vectors;
mod voice;
