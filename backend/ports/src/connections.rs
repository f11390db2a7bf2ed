//! Open WebSockets, wherever the gateway keeps them.

use std::time::Duration;

use async_trait::async_trait;
use synapscribe_domain::account::SignInId;
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

/// Who made a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Whose things they reach.
    pub person: PersonId,
    /// Under which sign-in; guests have none, and neither has who is held to theirs elsewhere.
    pub sign_in: Option<SignInId>,
}

impl From<PersonId> for Holder {
    fn from(person: PersonId) -> Self {
        Self { person, sign_in: None }
    }
}

/// Knows who is connected and sends them messages.
#[async_trait]
pub trait Connections: Send + Sync {
    /// Notes a new connection.
    async fn opened(&self, connection: &ConnectionId, holder: &Holder, now: Timestamp) -> StoreResult<()>;
    /// Forgets a connection.
    async fn closed(&self, connection: &ConnectionId) -> StoreResult<()>;
    /// Whose connection it is.
    async fn holder(&self, connection: &ConnectionId) -> StoreResult<Option<Holder>>;
    /// A person's connections, oldest first.
    async fn of(&self, person: &PersonId) -> StoreResult<Vec<ConnectionId>>;
    /// The same, each with who made it.
    async fn held_by(&self, person: &PersonId) -> StoreResult<Vec<(ConnectionId, Holder)>>;
    /// How long after it was noted a connection may be missing among its person's; nothing where it never is.
    fn lists_after(&self) -> Duration;
    /// Every connection, in any order.
    async fn everyone(&self) -> StoreResult<Vec<ConnectionId>>;
    /// Sends one message, waiting while the receiver is slow; a connection that is gone is also forgotten.
    async fn send(&self, connection: &ConnectionId, message: &str) -> Result<(), SendError>;
    /// Closes a connection from this side, after what was sent before, and forgets it; one that is gone already is no fault.
    async fn hang_up(&self, connection: &ConnectionId) -> StoreResult<()>;
}
