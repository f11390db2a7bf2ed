//! The task that owns the connection: connects, says what is asked, hands out what is heard, pings, renews, reconnects.
//! Knows no meaning of a question or an upload.

use std::time::{Duration, Instant};

use futures::{SinkExt as _, StreamExt as _};
use synapscribe_protocol::{ClientMessage, ServerMessage};
use tokio::sync::{broadcast, mpsc, watch};
use tokio_tungstenite::tungstenite::Message;

use super::link::{Link, Stream};
use super::pending::{Pending, Routed};
use super::{Command, Connection, Pace};
use crate::account::Standing;
use crate::error::ClientError;

pub(super) struct Task {
    link: Link,
    pace: Pace,
    inbox: mpsc::Receiver<Command>,
    lectures: broadcast::Sender<ServerMessage>,
    state: watch::Sender<Connection>,
    /// Who the connection is for; nothing where there are no accounts.
    standing: Option<watch::Receiver<Standing>>,
    pending: Pending,
}

/// Why a connection ended.
enum Ended {
    /// Nobody holds the client any more.
    Unneeded,
    /// It broke, or the server closed it.
    Lost,
    /// It grew old, or somebody else goes on, and a new one is made.
    Old,
}

impl Task {
    pub fn new(
        link: Link,
        pace: Pace,
        inbox: mpsc::Receiver<Command>,
        lectures: broadcast::Sender<ServerMessage>,
        state: watch::Sender<Connection>,
    ) -> Self {
        let standing = link.guest.account().map(|account| account.standing());
        Self { link, pace, inbox, lectures, state, standing, pending: Pending::default() }
    }

    pub async fn run(mut self) {
        let mut pause = self.pace.pause;
        loop {
            self.state.send_replace(Connection::Connecting);
            if let Some(standing) = &mut self.standing {
                standing.mark_unchanged();
            }
            let link = self.link.clone();
            match self.meanwhile(link.open()).await {
                None => return,
                Some(Ok(stream)) => {
                    self.state.send_replace(Connection::Open);
                    let opened = Instant::now();
                    match self.live(stream).await {
                        Ended::Unneeded => return,
                        Ended::Old => continue,
                        // A connection that lasted was a good one, so the next attempt need not be shy.
                        Ended::Lost if opened.elapsed() > self.pace.pause => pause = self.pace.pause,
                        Ended::Lost => {}
                    }
                }
                Some(Err(error)) if !error.retryable => self.pending.fail(&error),
                Some(Err(_)) => {}
            }
            self.state.send_replace(Connection::Waiting);
            let jitter = rand::random_range(0.5..1.0);
            let mut standing = self.standing.clone();
            let rest = async {
                tokio::select! {
                    () = tokio::time::sleep(pause.mul_f64(jitter)) => {}
                    () = somebody_else(&mut standing) => {}
                }
            };
            if self.meanwhile(rest).await.is_none() {
                return;
            }
            pause = (pause * 2).min(self.pace.longest_pause);
        }
    }

    /// Waits for `work` without a connection, and takes commands in; `None` when nobody holds the client any more.
    async fn meanwhile<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        tokio::pin!(work);
        let mut tick = tokio::time::interval(self.tick());
        loop {
            tokio::select! {
                done = &mut work => return Some(done),
                command = self.inbox.recv() => match command? {
                    Command::Cancel { id } => self.pending.cancel_unconnected(&id),
                    command => drop(self.pending.take(command, Instant::now())),
                },
                _ = tick.tick() => {
                    self.pending.deserted();
                    self.pending.lose_patience(Instant::now(), self.pace.patience);
                }
            }
        }
    }

    async fn live(&mut self, mut stream: Stream) -> Ended {
        let opened = Instant::now();
        let mut heard = Instant::now();
        let mut pinged: Option<Instant> = None;
        let mut tick = tokio::time::interval(self.tick());
        for message in self.pending.again(Instant::now()) {
            if say(&mut stream, &message).await.is_err() {
                return Ended::Lost;
            }
        }
        self.pending.cancellations_said();
        loop {
            let mut to_say: Vec<ClientMessage> = tokio::select! {
                command = self.inbox.recv() => match command {
                    None => {
                        let _ = stream.close(None).await;
                        return Ended::Unneeded;
                    }
                    Some(command) => self.pending.take(command, Instant::now()).into_iter().collect(),
                },
                frame = stream.next() => {
                    heard = Instant::now();
                    pinged = None;
                    match frame {
                        Some(Ok(Message::Text(text))) => {
                            self.hear(&text);
                            Vec::new()
                        }
                        Some(Ok(Message::Close(_)) | Err(_)) | None => return Ended::Lost,
                        // Binary messages mean nothing here; pings are answered by the library.
                        Some(Ok(_)) => Vec::new(),
                    }
                },
                () = somebody_else(&mut self.standing) => {
                    let _ = stream.close(None).await;
                    return Ended::Old;
                }
                _ = tick.tick() => {
                    let now = Instant::now();
                    if pinged.is_some_and(|at| now.duration_since(at) > self.pace.pong) {
                        tracing::debug!("a ping was not answered");
                        return Ended::Lost;
                    }
                    let age = now.duration_since(opened);
                    // A quiet moment is chosen for the change; near the end of its life any moment is.
                    if age > self.pace.renew && (!self.pending.waits() || age > self.pace.renew + Duration::from_secs(8 * 60)) {
                        let _ = stream.close(None).await;
                        return Ended::Old;
                    }
                    self.pending.lose_patience(now, self.pace.silence);
                    self.pending.deserted();
                    let quiet = if self.pending.waits() { self.pace.busy_ping } else { self.pace.ping };
                    if pinged.is_none() && now.duration_since(heard) > quiet {
                        pinged = Some(now);
                        vec![ClientMessage::Ping {}]
                    } else {
                        Vec::new()
                    }
                },
            };
            to_say.extend(self.pending.cancellations());
            for message in to_say {
                if say(&mut stream, &message).await.is_err() {
                    return Ended::Lost;
                }
            }
            self.pending.cancellations_said();
        }
    }

    /// Hands a message out.
    fn hear(&mut self, text: &str) {
        let message = match serde_json::from_str::<ServerMessage>(text) {
            Ok(message) => message,
            Err(error) => {
                // A newer server may say things this client does not know; they are not for it.
                tracing::debug!(%error, bytes = text.len(), "a message is not understood and passed over");
                return;
            }
        };
        match self.pending.route(message, Instant::now()) {
            Routed::Done => {}
            // Without a listener there is nobody to tell, which is fine.
            Routed::Lecture(message) => drop(self.lectures.send(message)),
            Routed::Overrun(id) => {
                tracing::warn!(query = %id, "an answer is not being read and is stopped");
                self.pending.stop(id);
            }
        }
    }

    /// How often the clock is looked at.
    fn tick(&self) -> Duration {
        let shortest = self.pace.pong.min(self.pace.busy_ping).min(self.pace.patience);
        (shortest / 4).clamp(Duration::from_millis(5), Duration::from_secs(1))
    }
}

/// Returns when somebody signed in, or is not signed in any more.
async fn somebody_else(standing: &mut Option<watch::Receiver<Standing>>) {
    let changed = match standing {
        Some(standing) => standing.changed().await.is_ok(),
        None => false,
    };
    if !changed {
        std::future::pending::<()>().await;
    }
}

async fn say(stream: &mut Stream, message: &ClientMessage) -> Result<(), ClientError> {
    let text =
        serde_json::to_string(message).expect("messages hold only strings, numbers and options, which JSON can always write");
    stream.send(Message::text(text)).await.map_err(|error| {
        tracing::debug!(%error, "the connection broke while speaking");
        ClientError::unreachable("the server")
    })
}
