//! What was asked for and not yet answered, so that it can be asked again after a reconnect. Does no I/O.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use synapscribe_protocol::{ClientMessage, ServerMessage};
use tokio::sync::{mpsc, oneshot};

use super::{Command, Place};
use crate::error::{ClientError, Result, code};

/// Asking again this often without an answer means that asking is what breaks the connection.
const TRIES: u32 = 6;

/// A question that is being answered.
struct Query {
    message: ClientMessage,
    events: mpsc::Sender<Result<ServerMessage>>,
    news: Instant,
    accepted: bool,
    tries: u32,
}

/// A file that waits for a place.
struct Upload {
    message: ClientMessage,
    query: Option<String>,
    reply: oneshot::Sender<Result<Place>>,
    asked: Instant,
    tries: u32,
}

/// A session that is being ended.
struct Ending {
    session: String,
    reply: oneshot::Sender<Result<()>>,
    asked: Instant,
    tries: u32,
}

/// Everything that waits for the server.
#[derive(Default)]
pub(super) struct Pending {
    queries: HashMap<String, Query>,
    uploads: VecDeque<Upload>,
    endings: Vec<Ending>,
    // Cancellations that were not said yet; the server would go on answering otherwise.
    cancels: Vec<String>,
}

/// What became of a message from the server.
pub(super) enum Routed {
    /// It was for someone here, or for nobody.
    Done,
    /// It is about a lecture.
    Lecture(ServerMessage),
    /// A listener does not keep up; its question is to be stopped.
    Overrun(String),
}

impl Pending {
    /// Takes a command in and says what is to be sent for it.
    pub fn take(&mut self, command: Command, now: Instant) -> Option<ClientMessage> {
        match command {
            Command::Upload { message, query, reply } => {
                let copy = message.clone();
                self.uploads.push_back(Upload { message, query, reply, asked: now, tries: 0 });
                Some(copy)
            }
            Command::Query { id, message, events } => {
                let copy = message.clone();
                self.queries.insert(id, Query { message, events, news: now, accepted: false, tries: 0 });
                Some(copy)
            }
            Command::Cancel { id } => {
                let known = self.queries.contains_key(&id);
                known.then_some(ClientMessage::Cancel { query_id: id })
            }
            Command::End { session, reply } => {
                self.endings.push(Ending { session: session.clone(), reply, asked: now, tries: 0 });
                Some(ClientMessage::EndSession { session_id: session })
            }
        }
    }

    /// A question was cancelled while there is no connection: whoever listens hears so at once.
    pub fn cancel_unconnected(&mut self, id: &str) {
        if let Some(query) = self.queries.remove(id) {
            let _ = query.events.try_send(Ok(ServerMessage::Cancelled { query_id: id.to_owned() }));
            self.cancels.push(id.to_owned());
        }
    }

    /// Everything to be said on a new connection.
    pub fn again(&mut self, now: Instant) -> Vec<ClientMessage> {
        self.give_up(|tries, _| tries >= TRIES);
        let mut messages = self.cancellations();
        for upload in &mut self.uploads {
            (upload.tries, upload.asked) = (upload.tries + 1, now);
            messages.push(upload.message.clone());
        }
        for query in self.queries.values_mut() {
            (query.tries, query.news) = (query.tries + 1, now);
            messages.push(query.message.clone());
        }
        for ending in &mut self.endings {
            (ending.tries, ending.asked) = (ending.tries + 1, now);
            messages.push(ClientMessage::EndSession { session_id: ending.session.clone() });
        }
        messages
    }

    /// Whether anything waits for the server.
    pub fn waits(&self) -> bool {
        !(self.queries.is_empty() && self.uploads.is_empty() && self.endings.is_empty() && self.cancels.is_empty())
    }

    /// Fails what has waited longer than `patience`.
    pub fn lose_patience(&mut self, now: Instant, patience: Duration) {
        self.give_up(|_, since| now.duration_since(since) > patience);
    }

    /// Fails everything.
    pub fn fail(&mut self, error: &ClientError) {
        for (_, query) in self.queries.drain() {
            let _ = query.events.try_send(Err(error.clone()));
        }
        for upload in self.uploads.drain(..) {
            let _ = upload.reply.send(Err(error.clone()));
        }
        for ending in self.endings.drain(..) {
            let _ = ending.reply.send(Err(error.clone()));
        }
    }

    fn give_up(&mut self, too_much: impl Fn(u32, Instant) -> bool) {
        let error =
            ClientError::passing(code::UNREACHABLE, "the server cannot be reached or says nothing; try again in a moment");
        self.queries.retain(|_, query| {
            let over = too_much(query.tries, query.news);
            if over {
                let _ = query.events.try_send(Err(error.clone()));
            }
            !over
        });
        while let Some(at) = self.uploads.iter().position(|upload| too_much(upload.tries, upload.asked)) {
            if let Some(upload) = self.uploads.remove(at) {
                let _ = upload.reply.send(Err(error.clone()));
            }
        }
        while let Some(at) = self.endings.iter().position(|ending| too_much(ending.tries, ending.asked)) {
            let _ = self.endings.swap_remove(at).reply.send(Err(error.clone()));
        }
    }

    /// Forgets questions nobody listens to any more; the server is to be told to stop them.
    pub fn deserted(&mut self) {
        let gone = self.queries.extract_if(|_, query| query.events.is_closed());
        self.cancels.extend(gone.map(|(id, _)| id));
    }

    /// Forgets a question; the server is to be told to stop it.
    pub fn stop(&mut self, id: String) {
        self.queries.remove(&id);
        self.cancels.push(id);
    }

    /// What tells the server to stop; kept until [`Pending::cancellations_said`], because saying it may fail.
    pub fn cancellations(&self) -> Vec<ClientMessage> {
        self.cancels.iter().map(|id| ClientMessage::Cancel { query_id: id.clone() }).collect()
    }

    /// All of them were said.
    pub fn cancellations_said(&mut self) {
        self.cancels.clear();
    }

    /// Hands a message to whoever waits for it.
    pub fn route(&mut self, message: ServerMessage, now: Instant) -> Routed {
        match &message {
            ServerMessage::UploadUrl { .. } => self.placed(message),
            ServerMessage::SessionEnded { session_id } => {
                while let Some(at) = self.endings.iter().position(|ending| ending.session == *session_id) {
                    let _ = self.endings.swap_remove(at).reply.send(Ok(()));
                }
                Routed::Done
            }
            ServerMessage::LectureProgress { .. }
            | ServerMessage::LectureReady { .. }
            | ServerMessage::LectureError { .. }
            | ServerMessage::LectureRenamed { .. }
            | ServerMessage::LectureCorrected { .. }
            | ServerMessage::LectureDeleted { .. }
            | ServerMessage::DocumentProgress { .. }
            | ServerMessage::DocumentReady { .. }
            | ServerMessage::DocumentError { .. }
            | ServerMessage::DocumentDeleted { .. } => Routed::Lecture(message),
            ServerMessage::Pong {} => Routed::Done,
            ServerMessage::Error { about: Some(query), .. } => {
                let query = query.clone();
                self.pass_on(query, message, now)
            }
            ServerMessage::Error { query_id, error, .. } => {
                // Places are asked for one at a time, so an error that names nothing is about the one that waits.
                let about_upload = self.uploads.iter().position(|upload| query_id.is_none() || upload.query == *query_id);
                if let Some(upload) = about_upload.and_then(|at| self.uploads.remove(at)) {
                    let _ = upload.reply.send(Err(error.clone().into()));
                    return Routed::Done;
                }
                if query_id.is_none() {
                    let error = error.clone();
                    self.blame(error.into());
                    return Routed::Done;
                }
                self.tell(message, now)
            }
            _ => self.tell(message, now),
        }
    }

    fn placed(&mut self, message: ServerMessage) -> Routed {
        let ServerMessage::UploadUrl { upload_url, s3_key, lecture_id, document_id, content_type, file_name, .. } = message
        else {
            return Routed::Done;
        };
        let asked_for = |upload: &Upload| matches!(&upload.message, ClientMessage::RequestUpload { file_name: name, .. } if *name == file_name);
        if let Some(upload) = self.uploads.iter().position(asked_for).and_then(|at| self.uploads.remove(at)) {
            let lecture = document_id.unwrap_or(lecture_id);
            let place = Place { url: upload_url, key: s3_key, lecture, content_type };
            let _ = upload.reply.send(Ok(place));
        }
        Routed::Done
    }

    /// An error that names nobody belongs to the one request that was not taken yet, when there is just one.
    fn blame(&mut self, error: ClientError) {
        let fresh: Vec<String> = self.queries.iter().filter(|(_, q)| !q.accepted).map(|(id, _)| id.clone()).collect();
        match (fresh.as_slice(), self.endings.len()) {
            ([id], 0) => {
                if let Some(query) = self.queries.remove(id) {
                    let _ = query.events.try_send(Err(error));
                }
            }
            ([], 1) => {
                let _ = self.endings.remove(0).reply.send(Err(error));
            }
            _ => tracing::warn!(code = %error.code, message = %error.message, "the server reports an error"),
        }
    }

    fn tell(&mut self, message: ServerMessage, now: Instant) -> Routed {
        let Some(id) = message.query_id().map(str::to_owned) else { return Routed::Done };
        self.pass_on(id, message, now)
    }

    fn pass_on(&mut self, id: String, message: ServerMessage, now: Instant) -> Routed {
        let Some(query) = self.queries.get_mut(&id) else {
            tracing::debug!(query = %id, "news of a question nobody waits for");
            return Routed::Done;
        };
        query.news = now;
        query.accepted = true;
        let last = message.ends_query();
        let told = query.events.try_send(Ok(message));
        if last {
            self.queries.remove(&id);
        }
        match told {
            Err(mpsc::error::TrySendError::Full(_)) => Routed::Overrun(id),
            _ => Routed::Done,
        }
    }
}
