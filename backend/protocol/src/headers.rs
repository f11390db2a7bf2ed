//! Headers that requests between processes carry beside what HTTP knows.

/// The name of what a request is about, under which an operator finds it in every log.
pub const CORRELATION: &str = "x-correlation-id";
/// An access token beside a signature, which takes `Authorization` for itself.
pub const ACCESS_TOKEN: &str = "x-synapscribe-token";
/// What a request follows on in a trace, as W3C writes it.
pub const TRACEPARENT: &str = "traceparent";
/// What a WebSocket of ours speaks; a browser, which can set no header, asks for this and for [`TOKEN_PROTOCOL`] with its token.
pub const SUBPROTOCOL: &str = "synapscribe";
/// An access token follows this in `Sec-WebSocket-Protocol`.
pub const TOKEN_PROTOCOL: &str = "access_token.";
/// An access token in the query of an address, where nothing else is possible, such as the source of an audio element or a WebSocket
/// whose address is signed.
pub const TOKEN_QUERY: &str = "access_token";
