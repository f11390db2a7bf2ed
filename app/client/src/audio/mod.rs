//! Sound in and out: the microphone, the loudspeaker, the lecturer's own seconds, and the wave files between. Knows no
//! question and no answer.

#[cfg(feature = "audio")]
mod clip;
#[cfg(feature = "audio")]
mod devices;
#[cfg(all(feature = "audio", target_os = "linux"))]
mod lead;
#[cfg(all(feature = "audio", not(target_os = "linux")))]
#[path = "not_led.rs"]
mod lead;
#[cfg(feature = "audio")]
mod loudspeaker;
#[cfg(feature = "audio")]
mod microphone;
#[cfg(feature = "audio")]
mod output;
#[cfg(feature = "audio")]
mod player;
#[cfg(feature = "audio")]
mod queue;
#[cfg(feature = "audio")]
mod quiet;
#[cfg(feature = "audio")]
mod ranges;
#[cfg(all(test, feature = "audio"))]
mod recorded;
#[cfg(feature = "audio")]
mod recorder;
pub mod wav;

#[cfg(feature = "audio")]
pub use {
    clip::{Clip, clip, fuzz_clip},
    devices::{Device, Devices},
    lead::{Choice, Lead},
    loudspeaker::{Loudspeaker, Playback, Speech},
    microphone::{Microphone, Phase},
    player::Player,
    ranges::whole_length,
    recorder::{Recorder, Taken},
};

/// The rate questions are recorded in.
pub const SPEECH_RATE: u32 = 16_000;

/// Frames of a recording that are brought to another rate at a time.
#[cfg(feature = "audio")]
const FILTER: usize = 960;
