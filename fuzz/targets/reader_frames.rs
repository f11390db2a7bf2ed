//! What the child that reads documents says to its parent: frames within their limits, or a refusal.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| synapscribe_reader::fuzz_frames(data));
