//! Answers that are waited for in one request, behind a gateway that passes them on while they grow: this process gives each itself,
//! and what is said of it goes into a queue of its own, of which nobody else is told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Body;
use axum::response::Response;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use lambda_library::Lines;
use synapscribe_domain::ConnectionId;
use synapscribe_ports::connections::MAX_MESSAGE;
use synapscribe_ports::{Audience, Ids, Notice, SendError, UuidIds};
use synapscribe_telemetry::flush;
use tokio::sync::mpsc;

/// An answer may take so long. AWS ends the function seventy seconds later: a database that slept wakes first,
/// and then there is time to say and to store that it is over.
const LONGEST: Duration = Duration::from_secs(170);
/// Messages that may wait. An answer that is told again is told as a whole before anybody reads.
const ROOM: usize = 1024;
/// Whoever takes nothing for this long is gone.
const PATIENCE: Duration = Duration::from_secs(10);

/// The queues of the answers that this process gives.
#[derive(Clone, Default)]
pub struct Streams(Arc<Mutex<Senders>>);

type Senders = HashMap<ConnectionId, mpsc::Sender<String>>;

/// The receiving end of one; dropping it closes the queue, so that the answer ends.
struct Said {
    streams: Streams,
    connection: ConnectionId,
    queue: mpsc::Receiver<String>,
}

impl Streams {
    /// What is said over a line from now on.
    fn said_over(&self, connection: ConnectionId) -> BoxStream<'static, String> {
        let (sender, queue) = mpsc::channel(ROOM);
        self.senders().insert(connection.clone(), sender);
        let said = Said { streams: self.clone(), connection, queue };
        stream::unfold(said, |mut said| async move { Some((said.queue.recv().await?, said)) }).boxed()
    }

    fn senders(&self) -> MutexGuard<'_, Senders> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lines for Streams {
    fn open(&self) -> (ConnectionId, BoxStream<'static, String>) {
        let connection = ConnectionId::parse(UuidIds.fresh()).expect("a fresh name is an identifier");
        (connection.clone(), self.said_over(connection))
    }

    fn own_time(&self) -> Option<Duration> {
        Some(LONGEST)
    }

    fn close(&self, line: &ConnectionId) {
        self.senders().remove(line);
    }
}

impl Drop for Said {
    fn drop(&mut self) {
        self.streams.senders().remove(&self.connection);
    }
}

#[async_trait]
impl Audience for Streams {
    async fn tell(&self, to: &ConnectionId, notice: &Notice) -> Result<(), SendError> {
        let sender = self.senders().get(to).cloned();
        let sender = sender.ok_or(SendError::Gone)?;
        let message = synapscribe_wire::message(notice).to_json();
        if message.len() > MAX_MESSAGE {
            return Err(SendError::TooLarge);
        }
        sender.send_timeout(message, PATIENCE).await.map_err(|_| SendError::Gone)
    }
}

/// What is said up to its end, or until it breaks off. AWS may freeze the process then: what was traced has to have left it. Where
/// nobody reads to the end, it leaves with the next answer.
pub async fn to_the_end(response: Response) -> Response {
    response.map(|body| {
        let said = stream::unfold(body.into_data_stream(), |mut said| async move {
            let part = said.next().await;
            if !matches!(part, Some(Ok(_))) {
                flush().await;
            }
            part.map(|part| (part, said))
        });
        Body::from_stream(said)
    })
}

#[cfg(test)]
mod tests {
    use synapscribe_ports::conformance::audience;
    use synapscribe_ports::conformance::connections::Peer;

    use super::*;

    struct Reader(BoxStream<'static, String>);

    #[async_trait]
    impl Peer for Reader {
        async fn next(&mut self) -> Option<String> {
            self.0.next().await
        }
    }

    #[tokio::test]
    async fn it_behaves_as_everything_that_tells_people() {
        let streams = Streams::default();
        audience::suite(&streams, |connection| Box::new(Reader(streams.said_over(connection.clone())))).await;
    }

    #[tokio::test]
    async fn what_was_said_is_heard_to_its_end_when_a_line_is_closed() {
        let streams = Streams::default();
        let (line, said) = streams.open();
        streams.tell(&line, &Notice::Pong).await.unwrap();
        streams.close(&line);
        assert_eq!(said.collect::<Vec<_>>().await.len(), 1);
        assert_eq!(streams.tell(&line, &Notice::Pong).await, Err(SendError::Gone));
    }
}
