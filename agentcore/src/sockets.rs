//! What all WebSockets of a server have in common: how they are opened, how long somebody is waited for, how they end. Knows no message.

use std::error::Error;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use synapscribe_domain::{Code, Failure};
use synapscribe_protocol::{headers, limits};
use tokio::time::timeout;

/// A message that a client has not taken after this long is one that it will not take; slow lines have room for 128 KB.
pub const SENDING: Duration = Duration::from_secs(30);

/// How long a connection lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// One over which nobody says anything for this long is closed.
    pub idle: Duration,
    /// None lives longer.
    pub life: Duration,
    /// The handling of a message is given up after this.
    pub route: Duration,
    /// Whether somebody's sign-in lasts is looked at this often.
    pub look: Duration,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(limits::IDLE_SECONDS),
            life: Duration::from_secs(limits::CONNECTION_SECONDS),
            route: Duration::from_secs(limits::ROUTE_SECONDS),
            look: Duration::from_secs(20),
        }
    }
}

/// What somebody is told who opens something else.
pub fn another_protocol() -> Failure {
    Failure::new(Code::BadMessage, "this address takes WebSockets of version 13 and nothing else")
}

/// What somebody is told about whose message nothing could be done in time.
pub fn given_up() -> Failure {
    Failure::new(Code::Busy, "the server took too long over your last message; send it again")
}

/// The terms of all that are opened; what ends one is a frame larger than this.
pub fn open(upgrade: WebSocketUpgrade, frame: usize) -> WebSocketUpgrade {
    upgrade
        // A browser that shows its token among the protocols has to be answered with one of them.
        .protocols([headers::SUBPROTOCOL])
        // Idle connections are many: the usual 128 KiB of buffers for each would be most of the host's memory.
        .read_buffer_size(4096)
        .write_buffer_size(0)
        .max_write_buffer_size(2 * limits::MESSAGE)
        .max_frame_size(frame)
        .max_message_size(limits::MESSAGE)
}

/// Whether the other side took each of these within the time; one that reads nothing must not hold the task of its connection.
pub async fn say(socket: &mut WebSocket, messages: impl IntoIterator<Item = Message>, patience: Duration) -> bool {
    for message in messages {
        if !matches!(timeout(patience, socket.send(message)).await, Ok(Ok(()))) {
            return false;
        }
    }
    true
}

/// Tells the other side why it ends.
pub async fn close(socket: &mut WebSocket, (code, reason): (u16, &'static str)) {
    let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
    // The other side may be gone already.
    let _ = timeout(Duration::from_secs(1), socket.send(Message::Close(Some(frame)))).await;
}

/// Whether a frame or a message was larger than is taken. The error is that of the WebSocket crate below axum.
pub fn too_large(error: &axum::Error) -> bool {
    let mut source: Option<&dyn Error> = Some(error);
    while let Some(error) = source {
        if matches!(error.downcast_ref(), Some(tungstenite::Error::Capacity(_))) {
            return true;
        }
        source = error.source();
    }
    false
}
