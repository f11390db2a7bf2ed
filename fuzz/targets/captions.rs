//! A caption file: any text is read or refused, phrases come in order, and they survive being written as WebVTT.
#![no_main]

use synapscribe_domain::captions;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(phrases) = captions::parse(text) {
        assert!(phrases.is_sorted_by_key(|phrase| phrase.span.from));
        assert!(phrases.iter().all(|phrase| phrase.span.from <= phrase.span.to && !phrase.text.is_empty()));
        let again = captions::parse(&captions::to_vtt(&phrases)).expect("what was written can be read");
        assert_eq!(again.len(), phrases.len());
    }
});
