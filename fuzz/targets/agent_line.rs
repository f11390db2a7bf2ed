//! A line of the agent's answer: any text is read or refused, and what was read can be passed on.
#![no_main]

use synapscribe_protocol::AgentLine;
use synapscribe_wire::agent::{event, line};

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(read) = serde_json::from_str::<AgentLine>(text)
        && let Some(event) = event(read)
    {
        let passed_on = serde_json::to_string(&line(&event)).expect("a line can be written");
        serde_json::from_str::<AgentLine>(&passed_on).expect("what was written can be read");
    }
});
