//! A message over a live line: any text is read or refused, and what was read is written and read again as the same.
#![no_main]

use synapscribe_protocol::LiveMessage;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(mut message) = LiveMessage::parse(text) {
        let again = serde_json::to_string(&message).expect("a message can be written");
        let mut again = LiveMessage::parse(&again).expect("what was written can be read");
        // Reading a number may round its last bit.
        if let (Some(a), Some(b)) = (playhead(&mut message), playhead(&mut again)) {
            assert!((a - b).abs() <= a.abs() * 1e-12, "{a} became {b}");
        }
        assert_eq!(again, message);
    }
});

fn playhead(message: &mut LiveMessage) -> Option<f64> {
    match message {
        LiveMessage::Start { playhead, .. } => playhead.take(),
        _ => None,
    }
}
