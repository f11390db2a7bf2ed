//! The seconds behind a citation, cut out of a recording that a server sends: that much sound and no more, or a refusal.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // The last two bytes, which no container needs, say which seconds: the recordings to begin with are a second long.
    let place = |back: usize| data.len().checked_sub(back).map_or(0.0, |at| f64::from(data[at]) / 128.0);
    let from = place(1);
    synapscribe_client::audio::fuzz_clip(data, from, from + place(2));
});
