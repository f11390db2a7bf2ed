//! A model server's event stream: the same events however the network cuts it.
#![no_main]

use synapscribe_engines::openai::Events;

libfuzzer_sys::fuzz_target!(|input: (u8, &[u8])| {
    let (piece, bytes) = input;
    let read = |size: usize| -> Option<Vec<String>> {
        let mut events = Events::default();
        let mut found = Vec::new();
        for piece in bytes.chunks(size) {
            found.extend(events.push(piece).ok()?);
        }
        found.extend(events.finish());
        Some(found)
    };
    assert_eq!(read(usize::from(piece) + 1), read(bytes.len().max(1)));
});
