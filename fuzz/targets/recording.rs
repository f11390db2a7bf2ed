//! A whole recording: measured or refused, in every container and codec that is accepted.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| synapscribe_media::fuzz_inspect(data));
