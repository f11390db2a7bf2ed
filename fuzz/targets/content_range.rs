//! Which part of a file a server sends: a place within the file, or a refusal.
#![no_main]

use synapscribe_client::audio::whole_length;
use synapscribe_engines::models::content_range;

libfuzzer_sys::fuzz_target!(|input: (u64, u64, u64, &str)| {
    let (first, last, all, text) = input;
    // Whatever is believed, the rest of the text agrees with.
    if let Some(length) = whole_length(text) {
        assert!(content_range(text).is_some_and(|first| first < length), "{text:?}");
    }
    let written = format!("bytes {first}-{last}/{all}");
    let fits = first <= last && last < all;
    assert_eq!((content_range(&written), whole_length(&written)), (fits.then_some(first), fits.then_some(all)));
});
