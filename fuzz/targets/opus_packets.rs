//! Packets of Opus and the header before them: each plays no longer than a packet may, or is refused.
#![no_main]

use synapscribe_sound::opus::{Decoder, Head, RATE, samples};

const LONGEST_MS: u64 = 120;

libfuzzer_sys::fuzz_target!(|input: (u8, &[u8], Vec<&[u8]>)| {
    let (rate, head, packets) = input;
    let longest = |rate: u32| u64::from(rate) * LONGEST_MS / 1000;
    assert!(packets.iter().filter_map(|packet| samples(packet)).all(|played| played <= longest(RATE)));

    let rates = [8_000, 12_000, 16_000, 24_000, 48_000];
    let rate = rates[usize::from(rate) % rates.len()];
    let Some(head) = Head::parse(head) else { return };
    let Some(mut decoder) = Decoder::new(&head, rate) else { return };
    for packet in packets {
        let mut sound = Vec::new();
        let taken = decoder.decode(packet, &mut sound);
        assert!(sound.len() as u64 <= longest(rate) && (taken || sound.is_empty()), "{} samples", sound.len());
    }
});
