//! What a server says of an answer, in any order and with anything in between: the client puts it together and holds on.
#![no_main]

use synapscribe_client::Assembled;
use synapscribe_client::protocol::ServerMessage;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let mut answer = Assembled::default();
    for message in text.lines().filter_map(|line| serde_json::from_str::<ServerMessage>(line).ok()) {
        let again: ServerMessage = serde_json::from_str(&message.to_json()).expect("what was written can be read");
        assert_eq!(again.query_id(), message.query_id());
        answer.take(&message);
        let mut numbers: Vec<u32> = answer.citations.iter().map(|citation| citation.number).collect();
        numbers.sort_unstable();
        assert!(numbers.windows(2).all(|pair| pair[0] != pair[1]), "a citation is there twice");
        assert!(answer.audio.is_empty() || answer.rate > 0);
        let _ = answer.audio_from(usize::MAX);
    }
});
