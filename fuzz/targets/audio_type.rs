//! The first bytes of a file: some type, or none.
#![no_main]

use synapscribe_domain::AudioFormat;

libfuzzer_sys::fuzz_target!(|head: &[u8]| {
    if let Some(format) = AudioFormat::sniff(head) {
        assert!(format.content_type().contains('/'));
    }
});
