//! The body of `/invoke`: any text is read or refused, and what was read is the same when it is asked of another agent.
#![no_main]

use synapscribe_protocol::InvokeRequest;
use synapscribe_wire::agent::{invoke, request};

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(asked) = serde_json::from_str::<InvokeRequest>(text).map_err(drop).and_then(|body| request(body).map_err(drop)) {
        let again = request(invoke(&asked)).expect("what was asked can be asked again");
        assert_eq!((again.work, again.question, again.speech), (asked.work, asked.question, asked.speech));
    }
});
