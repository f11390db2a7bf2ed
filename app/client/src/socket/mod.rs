//! The WebSocket session: one task owns the connection, and this handle is how the rest of the client talks to it.
//! Knows nothing of files, sound or screens.

mod link;
mod pending;
mod task;

use std::time::Duration;

use synapscribe_protocol::{ClientMessage, ServerMessage};
use tokio::sync::{Mutex, broadcast, mpsc, oneshot, watch};

use crate::error::{ClientError, Result, code};
pub(crate) use link::Link;

/// How the connection is kept alive and given up, and when something else is tried again.
#[derive(Debug, Clone)]
pub struct Pace {
    /// The server closes a connection that says nothing, so a ping is sent this often.
    pub ping: Duration,
    /// While an answer is awaited, silence of this length is questioned with a ping.
    pub busy_ping: Duration,
    /// A ping that is not answered within this time means the connection is gone.
    pub pong: Duration,
    /// The gateway ends every connection after two hours; a new one is made this long after the last.
    pub renew: Duration,
    /// What is asked for fails when no connection could be made for this long.
    pub patience: Duration,
    /// What was asked for fails when the server says nothing of it for this long.
    pub silence: Duration,
    /// The first pause before connecting again; it doubles up to `longest_pause`.
    pub pause: Duration,
    /// The longest pause before connecting again.
    pub longest_pause: Duration,
    /// An upload that a full disk stopped, or a server that was away, is tried again this often.
    pub room: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        use synapscribe_protocol::limits;
        Self {
            ping: Duration::from_secs(limits::PING_SECONDS),
            busy_ping: Duration::from_secs(15),
            pong: Duration::from_secs(10),
            renew: Duration::from_secs(limits::CONNECTION_SECONDS - 10 * 60),
            patience: Duration::from_secs(30),
            silence: Duration::from_secs(180),
            pause: Duration::from_millis(250),
            longest_pause: Duration::from_secs(10),
            room: Duration::from_secs(5),
        }
    }
}

/// Whether the client and the server are in touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// Nothing was needed yet.
    Idle,
    /// A connection is being made.
    Connecting,
    /// The connection stands.
    Open,
    /// The connection broke and is made again after a pause.
    Waiting,
}

/// Where the server wants a file.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub url: String,
    pub key: String,
    /// The lecture's name, or the document's.
    pub lecture: String,
    pub content_type: String,
}

/// What the task is asked to do.
pub(crate) enum Command {
    /// Ask where to put a file.
    Upload { message: ClientMessage, query: Option<String>, reply: oneshot::Sender<Result<Place>> },
    /// Ask a question; everything said about it goes to `events`.
    Query { id: String, message: ClientMessage, events: mpsc::Sender<Result<ServerMessage>> },
    /// Stop a question.
    Cancel { id: String },
    /// End a session.
    End { session: String, reply: oneshot::Sender<Result<()>> },
}

/// The handle; the task ends when the last one is dropped.
pub(crate) struct Socket {
    commands: mpsc::Sender<Command>,
    lectures: broadcast::Sender<ServerMessage>,
    connection: watch::Receiver<Connection>,
    // An error that names no question can only be matched to a request for a place when one at a time is asked for.
    one_place_at_a_time: Mutex<()>,
}

impl Socket {
    /// Starts the task; it connects at once.
    pub fn start(link: Link, pace: Pace) -> Self {
        let (commands, inbox) = mpsc::channel(64);
        let (lectures, _) = broadcast::channel(256);
        let (state, connection) = watch::channel(Connection::Connecting);
        tokio::spawn(task::Task::new(link, pace, inbox, lectures.clone(), state).run());
        Self { commands, lectures, connection, one_place_at_a_time: Mutex::new(()) }
    }

    /// What the server says of lectures from now on.
    pub fn lectures(&self) -> broadcast::Receiver<ServerMessage> {
        self.lectures.subscribe()
    }

    /// Whether the connection stands.
    pub fn connection(&self) -> watch::Receiver<Connection> {
        self.connection.clone()
    }

    /// Asks where to put a file.
    pub async fn place(&self, message: ClientMessage) -> Result<Place> {
        let _turn = self.one_place_at_a_time.lock().await;
        let query = match &message {
            ClientMessage::RequestUpload { query_id, .. } => query_id.clone(),
            _ => None,
        };
        let (reply, answer) = oneshot::channel();
        self.send(Command::Upload { message, query, reply }).await?;
        answer.await.map_err(|_| gone())?
    }

    /// Asks a question.
    pub async fn query(&self, id: String, message: ClientMessage) -> Result<mpsc::Receiver<Result<ServerMessage>>> {
        // Holds a whole long answer, so that a screen that is held up for a while does not stop it.
        let (events, answer) = mpsc::channel(4096);
        self.send(Command::Query { id, message, events }).await?;
        Ok(answer)
    }

    /// Stops a question.
    pub async fn cancel(&self, id: &str) -> Result<()> {
        self.send(Command::Cancel { id: id.to_owned() }).await
    }

    /// Ends a session.
    pub async fn end_session(&self, session: &str) -> Result<()> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::End { session: session.to_owned(), reply }).await?;
        answer.await.map_err(|_| gone())?
    }

    async fn send(&self, command: Command) -> Result<()> {
        self.commands.send(command).await.map_err(|_| gone())
    }
}

fn gone() -> ClientError {
    ClientError::passing(code::UNREACHABLE, "the connection was closed")
}
