//! The desktop app as its person meets it, in a real window, with a microphone and a loudspeaker.

mod account;
mod asking;
mod documents;
mod loudspeaker;
mod opening;
mod package;
mod playing;
mod settings;
mod uploading;
