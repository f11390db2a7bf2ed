//! A tutor over any language model, whoever serves it: what the model is told, and how its marks become citations. Knows no server.

mod markers;
mod model;
mod prompt;
mod retell;
mod thinking;
mod tutor;

pub use markers::{Markers, Token};
pub use model::{LanguageModel, Prompt, Said, Speaker};
pub(crate) use prompt::dictation;
pub use tutor::PromptedTutor;
