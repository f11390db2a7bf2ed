//! Open WebSockets, wherever the gateway keeps them.

use async_trait::async_trait;
use synapscribe_domain::{ConnectionId, PersonId, Timestamp};
use thiserror::Error;

use crate::world::StoreResult;

/// The gateway refuses messages beyond this many bytes.
pub const MAX_MESSAGE: usize = 128 * 1024;
/// The gateway cuts messages into frames of this many bytes.
pub const MAX_FRAME: usize = 32 * 1024;

/// Why a message could not be sent.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SendError {
    /// The connection went away for good.
    #[error("the connection is gone")]
    Gone,
    /// The message is larger than the gateway allows.
    #[error("the message is too large")]
    TooLarge,
    /// It may work later.
    #[error("the gateway did not take the message: {0}")]
    Unavailable(String),
}

/// Knows who is connected and sends them messages.
#[async_trait]
pub trait Connections: Send + Sync {
    /// Notes a new connection.
    async fn opened(&self, connection: &ConnectionId, person: &PersonId, now: Timestamp) -> StoreResult<()>;
    /// Forgets a connection.
    async fn closed(&self, connection: &ConnectionId) -> StoreResult<()>;
    /// Whose connection it is.
    async fn person(&self, connection: &ConnectionId) -> StoreResult<Option<PersonId>>;
    /// A person's connections, oldest first.
    async fn of(&self, person: &PersonId) -> StoreResult<Vec<ConnectionId>>;
    /// Every connection, in any order.
    async fn everyone(&self) -> StoreResult<Vec<ConnectionId>>;
    /// Sends one message, waiting while the receiver is slow; a connection that is gone is also forgotten.
    async fn send(&self, connection: &ConnectionId, message: &str) -> Result<(), SendError>;
}
