//! Where work stands in a trace, as W3C or X-Ray names it: one form of a known length, which survives both ways to write it.
#![no_main]

use synapscribe_domain::TraceParent;

// The crate around it exports what it measures.
#[path = "../../backend/telemetry/src/xray.rs"]
mod xray;

use xray::from_xray;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let parsed = TraceParent::parse(text).ok();
    assert!(parsed.as_ref().is_none_or(|parent| parent.as_str() == text));
    for parent in [parsed, from_xray(text)].into_iter().flatten() {
        let kept = parent.as_str();
        assert!(kept.len() == 55 && kept.is_ascii(), "{kept:?}");
        let stored = serde_json::to_string(&parent).expect("a text can be written");
        assert_eq!(serde_json::from_str::<TraceParent>(&stored).expect("what was written can be read"), parent);
        let (trace, span) = (&kept[3..35], &kept[36..52]);
        let named = from_xray(&format!("Root=1-{}-{};Parent={span};Sampled=1", &trace[..8], &trace[8..]));
        assert_eq!(named.expect("it is a trace").as_str(), format!("00-{trace}-{span}-01"));
    }
});
