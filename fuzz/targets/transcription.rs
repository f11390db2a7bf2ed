//! What a recognition server wrote: phrases inside the stretch that was sent, or a refusal.
#![no_main]

use synapscribe_domain::Millis;
use synapscribe_engines::openai::transcription;

libfuzzer_sys::fuzz_target!(|input: (u32, u16, &str)| {
    let (start, length, text) = input;
    let (start, length) = (Millis(u64::from(start)), Millis(u64::from(length)));
    if let Ok(answer) = serde_json::from_str(text)
        && let Some(heard) = transcription(&answer, start, length)
    {
        for phrase in heard.phrases {
            let span = phrase.span;
            assert!(start <= span.from && span.from <= span.to && span.to.0 <= start.0 + length.0, "{span:?}");
            assert!((0.0..=1.0).contains(&phrase.confidence));
        }
    }
});
