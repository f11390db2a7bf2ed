//! Where work stands in a trace that goes through several processes, in the form W3C gave it, and what marks a measurement. Knows
//! nothing that records either.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The target of events in a log that are measurements. Each has an `operation`; fields that end in `.ms`, `.bytes` or `.count` are
/// what was measured.
pub const MEASURED: &str = "synapscribe::measured";

/// Why a text names no place in a trace.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a trace parent is 00, a trace of 32 and a span of 16 small hexadecimal digits, and 2 digits of flags, joined by '-'")]
pub struct InvalidTrace;

/// The `traceparent` of W3C's Trace Context: what the next piece of work in a trace follows on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TraceParent(String);

impl TraceParent {
    /// Checks the text and wraps it.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidTrace> {
        let text = text.into();
        let parts: Vec<&str> = text.split('-').collect();
        let [version, trace, span, flags] = parts.as_slice() else { return Err(InvalidTrace) };
        let hex = |part: &str, length| part.len() == length && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let named = |part: &str, length| hex(part, length) && part.bytes().any(|b| b != b'0');
        if *version == "00" && named(trace, 32) && named(span, 16) && hex(flags, 2) { Ok(Self(text)) } else { Err(InvalidTrace) }
    }

    /// The text as it travels.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for TraceParent {
    type Error = InvalidTrace;
    fn try_from(text: String) -> Result<Self, InvalidTrace> {
        Self::parse(text)
    }
}

impl From<TraceParent> for String {
    fn from(trace: TraceParent) -> String {
        trace.0
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_names_a_trace_and_a_span_is_taken() {
        let (trace, span) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");
        assert!(TraceParent::parse(format!("00-{trace}-{span}-01")).is_ok());
        for bad in [
            String::new(),
            format!("01-{trace}-{span}-01"),
            format!("00-{}-{span}-01", trace.to_uppercase()),
            format!("00-{}-{span}-01", "0".repeat(32)),
            format!("00-{trace}-{}-01", "0".repeat(16)),
            format!("00-{trace}-{span}"),
            format!("00-{trace}-{span}-01-x"),
            format!("00-{trace}-{span}-\n1"),
        ] {
            assert_eq!(TraceParent::parse(bad.clone()), Err(InvalidTrace), "{bad:?}");
        }
    }
}
