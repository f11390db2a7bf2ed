//! A message from a client: any text is read or refused, and what was read is written and read again as the same.
#![no_main]

use synapscribe_protocol::ClientMessage;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(message) = ClientMessage::parse(text) {
        let again = serde_json::to_string(&message).expect("a message can be written");
        assert_eq!(ClientMessage::parse(&again), Ok(message));
    }
});
