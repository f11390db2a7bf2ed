//! Connections that end in a mailbox.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use synapscribe_domain::{ConnectionId, PersonId, Timestamp};
use tokio::sync::mpsc;

use super::open;
use crate::connections::{Holder, MAX_MESSAGE};
use crate::{Connections, SendError, StoreResult};

/// Messages that may lie in a mailbox; a test that leaves more unread has lost its way.
const ROOM: usize = 64;

/// Knows who is connected. It can be late, and counts how often somebody looked for the holders of connections.
#[derive(Debug, Default)]
pub struct MemoryConnections {
    people: Mutex<Vec<(Timestamp, ConnectionId, Holder)>>,
    lines: Mutex<HashMap<ConnectionId, mpsc::Sender<String>>>,
    late: Mutex<Duration>,
    looks: AtomicUsize,
}

/// The receiving end of one connection; dropping it hangs up.
#[derive(Debug)]
pub struct Mailbox(mpsc::Receiver<String>);

impl Mailbox {
    /// The next message, `None` once the connection was closed and all was read.
    pub async fn next(&mut self) -> Option<String> {
        self.0.recv().await
    }
}

impl MemoryConnections {
    /// Opens the line of a connection.
    pub fn attach(&self, connection: &ConnectionId) -> Mailbox {
        let (sender, receiver) = mpsc::channel(ROOM);
        open(&self.lines).insert(connection.clone(), sender);
        Mailbox(receiver)
    }

    /// From now on it lists connections so late that of two looks for their holders the first finds none; looks are counted anew.
    pub fn list_late(&self, late: Duration) {
        *open(&self.late) = late;
        self.looks.store(0, Ordering::Relaxed);
    }

    /// How often somebody looked for the holders of a person's connections.
    pub fn looks(&self) -> usize {
        self.looks.load(Ordering::Relaxed)
    }

    fn forget(&self, connection: &ConnectionId) {
        open(&self.people).retain(|(_, known, _)| known != connection);
        open(&self.lines).remove(connection);
    }
}

#[async_trait]
impl Connections for MemoryConnections {
    async fn opened(&self, connection: &ConnectionId, holder: &Holder, now: Timestamp) -> StoreResult<()> {
        let mut people = open(&self.people);
        people.retain(|(_, known, _)| known != connection);
        people.push((now, connection.clone(), holder.clone()));
        people.sort_by_key(|(opened, _, _)| *opened);
        Ok(())
    }

    async fn closed(&self, connection: &ConnectionId) -> StoreResult<()> {
        self.forget(connection);
        Ok(())
    }

    async fn holder(&self, connection: &ConnectionId) -> StoreResult<Option<Holder>> {
        Ok(open(&self.people).iter().find(|(_, known, _)| known == connection).map(|(_, _, holder)| holder.clone()))
    }

    async fn of(&self, person: &PersonId) -> StoreResult<Vec<ConnectionId>> {
        let people = open(&self.people);
        Ok(people.iter().filter(|(_, _, holder)| holder.person == *person).map(|(_, connection, _)| connection.clone()).collect())
    }

    async fn held_by(&self, person: &PersonId) -> StoreResult<Vec<(ConnectionId, Holder)>> {
        let before = self.looks.fetch_add(1, Ordering::Relaxed);
        if !self.lists_after().is_zero() && before.is_multiple_of(2) {
            return Ok(Vec::new());
        }
        let people = open(&self.people);
        let theirs = people.iter().filter(|(_, _, holder)| holder.person == *person);
        Ok(theirs.map(|(_, connection, holder)| (connection.clone(), holder.clone())).collect())
    }

    fn lists_after(&self) -> Duration {
        *open(&self.late)
    }

    async fn everyone(&self) -> StoreResult<Vec<ConnectionId>> {
        Ok(open(&self.people).iter().map(|(_, connection, _)| connection.clone()).collect())
    }

    async fn send(&self, connection: &ConnectionId, message: &str) -> Result<(), SendError> {
        if message.len() > MAX_MESSAGE {
            return Err(SendError::TooLarge);
        }
        let line = open(&self.lines).get(connection).cloned();
        match line.map(|line| line.try_send(message.to_owned())) {
            Some(Ok(())) => Ok(()),
            Some(Err(mpsc::error::TrySendError::Full(_))) => Err(SendError::Unavailable("the mailbox is full".into())),
            Some(Err(mpsc::error::TrySendError::Closed(_))) | None => {
                self.forget(connection);
                Err(SendError::Gone)
            }
        }
    }

    async fn hang_up(&self, connection: &ConnectionId) -> StoreResult<()> {
        self.forget(connection);
        Ok(())
    }
}
