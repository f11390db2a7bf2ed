//! A whole recording, decoded to its end: bounded blocks of samples that are numbers, or a refusal.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| synapscribe_media::fuzz_decode(data));
