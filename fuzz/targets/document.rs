//! A whole document of any kind: read page by page or refused.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| synapscribe_reader::fuzz_document(data));
