//! The media type that a speech server gives its bytes: a rate that speech may have, or none.
#![no_main]

use synapscribe_engines::openai::rate_of;

libfuzzer_sys::fuzz_target!(|input: (u32, &str)| {
    let (rate, text) = input;
    if let Some(rate) = rate_of(text) {
        assert!((4_000..=192_000).contains(&rate), "{rate}");
        assert_eq!(rate_of(&format!("audio/pcm; rate=\"{rate}\"")), Some(rate));
    }
    let known = (4_000..=192_000).contains(&rate).then_some(rate);
    assert_eq!(rate_of(&format!("audio/pcm;codec=s16;rate={rate}")), known);
});
