//! `talk`: a full-screen conversation with a lecture. The state decides, the view draws, the run connects them to the
//! keyboard, the server and the sound.

mod key;
mod run;
mod sources;
mod state;
mod view;
mod wrap;

pub use run::run;
