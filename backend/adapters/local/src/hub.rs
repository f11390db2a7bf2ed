//! Open WebSockets of this process: who is connected, and a small queue to each. It must not know what the messages mean or
//! how a socket is written; the gateway takes them out of an [`Outbox`].

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use synapscribe_domain::{ConnectionId, PersonId, Timestamp};
use synapscribe_ports::connections::{Connections, Holder, MAX_MESSAGE, SendError};
use synapscribe_ports::world::StoreResult;
use tokio::sync::{Notify, Semaphore};

/// Bytes that may wait for one connection; two of the largest messages, so that a sender can prepare one while one is written.
const WAITING_BYTES: usize = 2 * MAX_MESSAGE;

/// A receiver that takes nothing for this long is treated as gone.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Everybody who is connected.
#[derive(Clone)]
pub struct Hub {
    lines: Arc<Mutex<Lines>>,
    patience: Duration,
}

#[derive(Default)]
struct Lines {
    by_connection: HashMap<ConnectionId, Entry>,
    by_person: HashMap<PersonId, Vec<(Timestamp, ConnectionId)>>,
}

#[derive(Default)]
struct Entry {
    holder: Option<Holder>,
    line: Option<Arc<Line>>,
}

/// One connection's queue. An idle one holds no buffer: the queue allocates when the first message waits.
struct Line {
    queue: Mutex<VecDeque<String>>,
    arrived: Notify,
    /// Bytes still free; closed when either side is done.
    room: Semaphore,
}

/// The receiving end of one connection; dropping it closes the line, so that senders learn at once.
pub struct Outbox {
    hub: Hub,
    connection: ConnectionId,
    line: Arc<Line>,
}

impl Hub {
    /// An empty hub.
    pub fn new() -> Self {
        Self::with_patience(PATIENCE)
    }

    /// An empty hub that waits this long for a slow receiver.
    pub fn with_patience(patience: Duration) -> Self {
        Self { lines: Arc::default(), patience }
    }

    /// Makes the queue of a socket that was just accepted; call it before anybody is told of the connection. A second call
    /// for the same connection closes the first one's queue.
    pub fn attach(&self, connection: &ConnectionId) -> Outbox {
        let line = Arc::new(Line { queue: Mutex::default(), arrived: Notify::new(), room: Semaphore::new(WAITING_BYTES) });
        let mut lines = self.lock();
        let entry = lines.by_connection.entry(connection.clone()).or_default();
        if let Some(old) = entry.line.replace(Arc::clone(&line)) {
            old.close();
        }
        Outbox { hub: self.clone(), connection: connection.clone(), line }
    }

    /// Open sockets.
    pub fn open(&self) -> usize {
        self.lock().by_connection.values().filter(|entry| entry.line.is_some()).count()
    }

    fn forget(&self, connection: &ConnectionId) {
        let mut lines = self.lock();
        let Some(entry) = lines.by_connection.remove(connection) else {
            return;
        };
        if let Some(line) = entry.line {
            line.close();
        }
        if let Some(holder) = entry.holder {
            lines.leave(&holder.person, connection);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Hub {
    fn default() -> Self {
        Self::new()
    }
}

impl Lines {
    fn leave(&mut self, person: &PersonId, connection: &ConnectionId) {
        if let Some(theirs) = self.by_person.get_mut(person) {
            theirs.retain(|(_, known)| known != connection);
            if theirs.is_empty() {
                self.by_person.remove(person);
            }
        }
    }
}

impl Line {
    fn close(&self) {
        self.room.close();
        self.arrived.notify_one();
    }

    fn pop(&self) -> Option<String> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let message = queue.pop_front();
        if queue.is_empty() {
            queue.shrink_to_fit();
        }
        message
    }
}

impl Outbox {
    /// The next message to write; `None` once the connection was closed from this side and everything was written.
    pub async fn next(&mut self) -> Option<String> {
        loop {
            if let Some(message) = self.line.pop() {
                self.line.room.add_permits(cost(&message));
                return Some(message);
            }
            if self.line.room.is_closed() {
                return None;
            }
            self.line.arrived.notified().await;
        }
    }

    /// Whose queue this is.
    pub fn connection(&self) -> &ConnectionId {
        &self.connection
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.line.close();
        // Whether the connection is forgotten is for `closed` to say, which the gateway's disconnect event leads to; only
        // the queue goes now. A newer queue for the same connection stays.
        let mut lines = self.hub.lock();
        if let Some(entry) = lines.by_connection.get_mut(&self.connection)
            && entry.line.as_ref().is_some_and(|line| Arc::ptr_eq(line, &self.line))
        {
            entry.line = None;
            if entry.holder.is_none() {
                lines.by_connection.remove(&self.connection);
            }
        }
    }
}

#[async_trait]
impl Connections for Hub {
    async fn opened(&self, connection: &ConnectionId, holder: &Holder, now: Timestamp) -> StoreResult<()> {
        let mut lines = self.lock();
        let before = lines.by_connection.entry(connection.clone()).or_default().holder.replace(holder.clone());
        if let Some(before) = before {
            lines.leave(&before.person, connection);
        }
        let theirs = lines.by_person.entry(holder.person.clone()).or_default();
        let place = theirs.partition_point(|(opened, _)| *opened <= now);
        theirs.insert(place, (now, connection.clone()));
        theirs.shrink_to_fit();
        Ok(())
    }

    async fn closed(&self, connection: &ConnectionId) -> StoreResult<()> {
        self.forget(connection);
        Ok(())
    }

    async fn holder(&self, connection: &ConnectionId) -> StoreResult<Option<Holder>> {
        Ok(self.lock().by_connection.get(connection).and_then(|entry| entry.holder.clone()))
    }

    async fn of(&self, person: &PersonId) -> StoreResult<Vec<ConnectionId>> {
        Ok(self.lock().by_person.get(person).into_iter().flatten().map(|(_, connection)| connection.clone()).collect())
    }

    async fn held_by(&self, person: &PersonId) -> StoreResult<Vec<(ConnectionId, Holder)>> {
        let lines = self.lock();
        let theirs = lines.by_person.get(person).into_iter().flatten().map(|(_, connection)| connection);
        let held = theirs.filter_map(|connection| {
            let holder = lines.by_connection.get(connection)?.holder.clone()?;
            Some((connection.clone(), holder))
        });
        Ok(held.collect())
    }

    fn lists_after(&self) -> Duration {
        Duration::ZERO
    }

    async fn everyone(&self) -> StoreResult<Vec<ConnectionId>> {
        Ok(self.lock().by_person.values().flatten().map(|(_, connection)| connection.clone()).collect())
    }

    async fn send(&self, connection: &ConnectionId, message: &str) -> Result<(), SendError> {
        if message.len() > MAX_MESSAGE {
            return Err(SendError::TooLarge);
        }
        let line = self.lock().by_connection.get(connection).and_then(|entry| entry.line.clone());
        let Some(line) = line else {
            self.forget(connection);
            return Err(SendError::Gone);
        };
        match tokio::time::timeout(self.patience, line.room.acquire_many(cost(message) as u32)).await {
            Ok(Ok(room)) => {
                let mut queue = line.queue.lock().unwrap_or_else(PoisonError::into_inner);
                queue.push_back(message.to_owned());
                room.forget();
                drop(queue);
                line.arrived.notify_one();
                Ok(())
            }
            // Closed while waiting, or nothing was taken for too long; either way nobody will read this.
            Ok(Err(_)) | Err(_) => {
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

/// Even an empty message takes a place.
fn cost(message: &str) -> usize {
    message.len().max(64)
}

#[cfg(test)]
mod tests {
    use synapscribe_ports::conformance::connections::{self, Peer};

    use super::*;

    struct Socket(Outbox);

    #[async_trait]
    impl Peer for Socket {
        async fn next(&mut self) -> Option<String> {
            self.0.next().await
        }
    }

    fn connection(name: &str) -> ConnectionId {
        ConnectionId::parse(name).unwrap()
    }

    #[tokio::test]
    async fn it_behaves_as_every_gateway() {
        let hub = Hub::new();
        connections::suite(&hub, |connection| Box::new(Socket(hub.attach(connection)))).await;
    }

    #[tokio::test]
    async fn a_receiver_that_takes_nothing_is_gone_in_the_end() {
        let hub = Hub::with_patience(Duration::from_millis(50));
        let mut outbox = hub.attach(&connection("c"));
        let large = "x".repeat(MAX_MESSAGE);
        for _ in 0..2 {
            hub.send(&connection("c"), &large).await.unwrap();
        }
        assert_eq!(hub.send(&connection("c"), "one more").await, Err(SendError::Gone));
        // What was accepted is still handed out before the end is told.
        assert_eq!([outbox.next().await.map(|m| m.len()), outbox.next().await.map(|m| m.len())], [Some(MAX_MESSAGE); 2]);
        assert_eq!(outbox.next().await, None);
        assert_eq!(hub.open(), 0);
    }

    #[tokio::test]
    async fn a_slow_receiver_makes_the_sender_wait_and_loses_nothing() {
        let hub = Hub::new();
        let mut outbox = hub.attach(&connection("c"));
        let sender = tokio::spawn({
            let hub = hub.clone();
            async move {
                for n in 0..500 {
                    hub.send(&connection("c"), &format!("{n:04}{}", "x".repeat(10_000))).await.unwrap();
                }
            }
        });
        for n in 0..500 {
            assert_eq!(&outbox.next().await.unwrap()[..4], format!("{n:04}"));
        }
        sender.await.unwrap();
    }

    #[tokio::test]
    async fn a_hang_up_wakes_a_waiting_sender() {
        let hub = Hub::new();
        let outbox = hub.attach(&connection("c"));
        let large = "x".repeat(MAX_MESSAGE);
        for _ in 0..2 {
            hub.send(&connection("c"), &large).await.unwrap();
        }
        let waiting = hub.clone();
        let sender = tokio::spawn(async move { waiting.send(&connection("c"), "more").await });
        tokio::task::yield_now().await;
        drop(outbox);
        assert_eq!(sender.await.unwrap(), Err(SendError::Gone));
    }
}
