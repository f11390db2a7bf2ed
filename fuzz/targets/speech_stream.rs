//! A speech server's bytes: the same samples however the network cuts them, or the same refusal.
#![no_main]

use synapscribe_engines::openai::PcmStream;

libfuzzer_sys::fuzz_target!(|input: (u8, &[u8])| {
    let (piece, bytes) = input;
    // Bits are compared, because a damaged file may hold numbers that are not numbers.
    let read = |size: usize| -> Option<(Vec<u32>, Option<u32>, bool)> {
        let mut stream = PcmStream::new(24_000);
        let mut found = Vec::new();
        for piece in bytes.chunks(size) {
            found.extend(stream.push(piece).ok()?.into_iter().map(f32::to_bits));
        }
        Some((found, stream.rate(), stream.is_unfinished()))
    };
    assert_eq!(read(usize::from(piece) + 1), read(bytes.len().max(1)));
});
