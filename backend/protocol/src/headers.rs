//! Headers that requests between processes carry beside what HTTP knows.

/// The name of what a request is about, under which an operator finds it in every log.
pub const CORRELATION: &str = "x-correlation-id";
/// What a request follows on in a trace, as W3C writes it.
pub const TRACEPARENT: &str = "traceparent";
