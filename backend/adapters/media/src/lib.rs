//! Reading untrusted recordings: measures them, decodes them to speech and finds the speech in them.
//!
//! It knows containers and codecs and must not know where recordings come from, what is done with the words in them, or any
//! storage. Parsing happens in a child process with limits ([`SandboxedMedia`]); the parent never looks at a byte of content.
//!
//! Invariants: the type of a file is decided by its content and never by its name; measuring and decoding walk over the same
//! packets, so positions in the sound and the stated length agree; nothing holds a whole recording in memory.

mod decode;
mod edits;
mod frames;
mod in_process;
mod inspect;
mod limits;
mod recording;
mod sandbox;
mod source;
mod speech;
mod tags;
mod verdict;
mod wav;
mod wave;
mod worker;

pub use decode::fuzz_decode;
pub use frames::fuzz_frames;
pub use in_process::InProcessMedia;
pub use inspect::fuzz_inspect;
pub use limits::WorkLimits;
pub use sandbox::SandboxedMedia;
pub use speech::{SpeechMeter, speech_spans};
pub use wav::encode_wav;
pub use worker::run_worker_if_asked;
