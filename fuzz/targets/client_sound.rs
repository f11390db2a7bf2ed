//! A file a student picks, and a wave file a server sends: a type or none, samples or a refusal.
#![no_main]

use synapscribe_client::Format;
use synapscribe_client::audio::wav;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some(format) = Format::of(bytes) {
        assert!(format.media_type().starts_with("audio/"));
    }
    if let Ok((samples, rate)) = wav::decode(bytes) {
        assert!(wav::decode(&wav::encode(&samples, rate)).is_ok_and(|(again, _)| again == samples));
    }
});
