//! Engines that need no network and no model server: a voice, an ear, and what they share. They know no use case.

pub mod denoise;
pub mod flite;
pub mod lecture_words;
pub mod ngram;
pub mod numbers;
pub mod pocketsphinx;
pub mod script;
pub mod segments;
pub mod spoken;
pub mod wer;

pub use flite::Voice;
pub use script::speak_script;
