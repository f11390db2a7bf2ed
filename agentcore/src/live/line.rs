//! One live line from its beginning to its end: what is heard becomes questions, and what is answered goes out. One task owns it.

use std::collections::VecDeque;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket};
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};
use synapscribe_domain::audio::{SPEECH_RATE, wav_s16};
use synapscribe_domain::{About, Code, ConnectionId, Failure, Millis, ObjectKey, QueryId, Question, SessionId};
use synapscribe_ports::{AnswerOrder, Notice, Style};
use synapscribe_protocol::live::TYPES;
use synapscribe_protocol::{LiveEvent, LiveMessage, ServerMessage, SpeechWish, limits};
use synapscribe_telemetry as telemetry;
use synapscribe_wire::{agent, dto, names};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tracing::Instrument;

use super::answer::Answer;
use super::ear::{Ear, Heard};
use super::pace::Pace;
use super::seats::Seat;
use super::{Live, Speaker};
use crate::sockets::{self, SENDING, say};

/// What a line hears of a host that ends.
const STOPPING: &str = "the host is stopping; connect again";

/// What is to be done about something that was said.
struct Work {
    /// The question that it asks, if it asks one.
    asks: Option<QueryId>,
    /// Whatever is wrong was told by its end; a beginning comes back.
    doing: BoxFuture<'static, Option<Talk>>,
}

/// What comes of something that was said.
#[derive(Default)]
struct Upshot {
    say: Option<Message>,
    work: Option<Work>,
}

/// What is asked about.
struct Talk {
    about: About,
    session: SessionId,
    playhead: Option<Millis>,
    speech: Option<Style>,
    ear: Ear,
}

/// One open line.
pub(super) struct Line {
    live: Arc<Live>,
    speaker: Speaker,
    connection: ConnectionId,
    talk: Option<Talk>,
    seat: Option<Seat>,
    answer: Answer,
    heard: VecDeque<Heard>,
    /// Whether it was told that sound came which cannot be used; it is told once, and there are many frames.
    told: bool,
}

impl Line {
    /// Serves a line until one side ends it.
    pub async fn serve(live: Arc<Live>, speaker: Speaker, mut socket: WebSocket) {
        let (connection, mut said) = (live.open)();
        let mut line = Self {
            live,
            speaker,
            connection,
            talk: None,
            seat: None,
            answer: Answer::default(),
            heard: VecDeque::new(),
            told: false,
        };
        let close = line.converse(&mut socket, &mut said).await;
        if let Some(why) = close {
            sockets::close(&mut socket, why).await;
        }
        drop(said);
        if let Some(stopping) = line.interrupt() {
            let _ = timeout(line.live.terms.route, stopping.doing).await;
        }
    }

    /// Serves until one side ends it, and says what to tell the other.
    async fn converse(&mut self, socket: &mut WebSocket, said: &mut BoxStream<'static, String>) -> Option<(u16, &'static str)> {
        let (live, begun) = (Arc::clone(&self.live), Instant::now());
        let (mut idle, end) = (begun + live.terms.idle, begun + live.terms.life);
        let mut pace = Pace::begin(begun);
        let mut look = tokio::time::interval(live.terms.look);
        // While something is being done nothing is listened to, and what is to be said still goes out. It has to be done by then.
        let mut working: Option<(Work, Instant)> = None;
        let in_time = |work: Work| (work, Instant::now() + live.terms.route);
        loop {
            while working.is_none()
                && let Some(heard) = self.heard.pop_front()
            {
                idle = Instant::now() + live.terms.idle;
                let Upshot { say: message, work } = self.about(heard);
                if !say(socket, message, SENDING).await {
                    return None;
                }
                working = work.map(in_time);
            }
            let left = self.seat.as_ref().map(Seat::left);
            // The meter of speech takes time: more sound than one can speak is left in the socket, and its sender waits.
            let rest = pace.rest(Instant::now());
            tokio::select! {
                () = live.stop.cancelled() => return Some((1001, STOPPING)),
                () = async { match &left { Some(left) => left.cancelled().await, None => std::future::pending().await } } => {
                    return Some((1008, "this conversation goes on over another line"));
                }
                done = async {
                    match &mut working {
                        Some((work, until)) => timeout_at(*until, &mut work.doing).await,
                        None => std::future::pending().await,
                    }
                } => {
                    let asks = working.take().and_then(|(work, _)| work.asks);
                    let message = match done {
                        Ok(begun) => begun.map(|talk| self.begin(talk)),
                        Err(_) => Some(self.give_up(asks)),
                    };
                    if !say(socket, message, SENDING).await {
                        return None;
                    }
                }
                text = said.next() => {
                    let Some(text) = text else {
                        // A host that stops ends the queues, too, and which end is seen first is left to chance.
                        let why = if live.stop.is_cancelled() { STOPPING } else { "the line took nothing for too long; connect again" };
                        return Some((1001, why));
                    };
                    idle = Instant::now() + live.terms.idle;
                    if !say(socket, self.answer.relay(text), SENDING).await {
                        return None;
                    }
                }
                () = sleep_until(rest.unwrap_or(end)), if working.is_none() && rest.is_some() => {}
                message = socket.recv(), if working.is_none() && rest.is_none() => {
                    let upshot = match message {
                        None | Some(Ok(Message::Close(_))) => return None,
                        Some(Ok(Message::Text(text))) => {
                            idle = Instant::now() + live.terms.idle;
                            self.read(&text)
                        }
                        Some(Ok(Message::Binary(frame))) => {
                            pace.take(frame.len() / 2, Instant::now());
                            self.listen(&frame)
                        }
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Upshot::default(),
                        Some(Err(error)) if sockets::too_large(&error) => {
                            return Some((1009, "more came at once than the 128 KB a message has at most; send less and connect again"));
                        }
                        Some(Err(_)) => return Some((1002, "the line broke the WebSocket protocol")),
                    };
                    if !say(socket, upshot.say, SENDING).await {
                        return None;
                    }
                    working = upshot.work.map(in_time);
                }
                _ = look.tick() => if let Some(sign_in) = &self.speaker.sign_in && !live.porter.may_stay(sign_in).await {
                    return Some((1008, "you are signed out here; sign in again"));
                },
                () = sleep_until(idle.min(end)) => {
                    let over = if idle < end { "nobody spoke for ten minutes; connect again" } else { "open for two hours; connect again" };
                    return Some((1001, over));
                }
            }
        }
    }

    /// A message in text.
    fn read(&mut self, text: &str) -> Upshot {
        self.told = false;
        if text.len() > limits::FRAME {
            return refused(&too_large());
        }
        let message = match LiveMessage::parse(text) {
            Ok(message) => message,
            Err(malformed) => return refused(&names::misread(malformed, &TYPES)),
        };
        match message {
            LiveMessage::Start { lecture_id, session_id, playhead, sample_rate, speech } => {
                let wish = speech.unwrap_or_default();
                match self.start(lecture_id, session_id, playhead, sample_rate, &wish) {
                    Ok(work) => Upshot { say: None, work: Some(work) },
                    Err(failure) => refused(&failure),
                }
            }
            LiveMessage::End {} => match &mut self.talk {
                Some(talk) => {
                    self.heard.extend(talk.ear.end());
                    Upshot::default()
                }
                None => refused(&not_begun()),
            },
            LiveMessage::Cancel {} => Upshot { say: None, work: self.interrupt() },
            LiveMessage::Ping {} => Upshot { say: Some(Message::Text(ServerMessage::Pong {}.to_json().into())), work: None },
        }
    }

    /// A frame of sound.
    fn listen(&mut self, frame: &Bytes) -> Upshot {
        let heard = match &mut self.talk {
            _ if frame.len() > limits::FRAME => Err(too_large()),
            Some(talk) => talk.ear.hear(frame),
            None => Err(not_begun()),
        };
        match heard {
            Ok(heard) => self.heard.extend(heard),
            Err(failure) if !std::mem::replace(&mut self.told, true) => return refused(&failure),
            Err(_) => {}
        }
        Upshot::default()
    }

    /// What comes of something that was heard.
    fn about(&mut self, heard: Heard) -> Upshot {
        match heard {
            Heard::Began => Upshot { say: Some(event(&LiveEvent::SpeechStarted {})), work: self.interrupt() },
            Heard::Question(asked) => Upshot { say: None, work: self.ask(&asked) },
            Heard::TooLong => refused(&Failure::new(
                Code::AudioTooLong,
                format!("a question lasts at most {}; pause, and ask a shorter one", self.live.limits.duration),
            )),
            // A pause has ended the question before.
            Heard::Nothing if self.answer.is_under_way() => Upshot::default(),
            Heard::Nothing => refused(&Failure::new(
                Code::NothingHeard,
                "nothing was heard; speak closer to the microphone and ask again, or type the question",
            )),
        }
    }

    /// Looks whether it can be asked about, and forgets what was asked about before.
    fn start(
        &mut self,
        lecture: String,
        session: Option<String>,
        playhead: Option<f64>,
        rate: u32,
        wish: &SpeechWish,
    ) -> Result<Work, Failure> {
        (self.talk, self.seat) = (None, None);
        self.heard.clear();
        if rate != SPEECH_RATE {
            return Err(Failure::new(Code::BadMessage, format!("`sampleRate` has to be {SPEECH_RATE}")));
        }
        let live = Arc::clone(&self.live);
        let talk = Talk {
            about: About::Lecture(names::lecture(lecture)?),
            session: names::session(session.unwrap_or_else(|| live.ids.fresh()))?,
            playhead: playhead.map(names::place).transpose()?,
            speech: agent::style(wish),
            ear: Ear::new((live.voice)(), live.limits.duration),
        };
        let (person, connection) = (self.speaker.person.clone(), self.connection.clone());
        let looking = async move {
            match live.conversing.may_ask_in(&person, &talk.session, &talk.about).await {
                Ok(()) => Some(talk),
                Err(failure) => {
                    tell(&live, &connection, None, failure).await;
                    None
                }
            }
        };
        Ok(Work { asks: None, doing: looking.boxed() })
    }

    /// From now on this is asked about.
    fn begin(&mut self, talk: Talk) -> Message {
        match self.live.seats.take(&self.speaker.person, &talk.session) {
            Ok(seat) => {
                let listening = LiveEvent::Listening { session_id: talk.session.to_string() };
                (self.talk, self.seat) = (Some(talk), Some(seat));
                event(&listening)
            }
            Err(failure) => error(None, &failure),
        }
    }

    /// Asks what was heard, as a recording of it would be asked.
    fn ask(&mut self, asked: &[i16]) -> Option<Work> {
        let talk = self.talk.as_ref()?;
        let query = QueryId::parse(self.live.ids.fresh()).expect("a fresh name is an identifier");
        let (live, person) = (Arc::clone(&self.live), self.speaker.person.clone());
        let key = ObjectKey::query(&person, &query, "wav");
        let mut order = AnswerOrder {
            person,
            connection: self.connection.clone(),
            query: query.clone(),
            session: talk.session.clone(),
            about: talk.about.clone(),
            question: Question::Spoken(key.clone()),
            playhead: talk.playhead,
            page: None,
            speech: talk.speech.clone(),
            trace: None,
            here_only: true,
        };
        self.answer.begin(query.clone());
        let asks = Some(query.clone());
        let recording = Bytes::from(wav_s16(SPEECH_RATE, asked));
        let span = tracing::error_span!("message", kind = "speech", correlation = query.as_str());
        let asking = async move {
            order.trace = telemetry::here();
            let connection = order.connection.clone();
            let objects = &live.conversing.objects;
            let taken = match objects.put(&key, recording, "audio/wav").await {
                Ok(()) => live.conversing.accept(order).await,
                Err(error) => Err(error.into()),
            };
            if let Err(failure) = taken {
                tracing::info!(code = failure.code.as_str(), "a message was refused");
                // Nobody will listen to it; if it cannot be deleted now, it is swept with the others.
                let _ = objects.delete(&key).await;
                tell(&live, &connection, Some(query), failure).await;
            }
            None
        };
        Some(Work { asks, doing: asking.instrument(span).boxed() })
    }

    /// Leaves undone what took too long, and says so. The question may have been taken by then: nobody listens to its answer any more.
    fn give_up(&mut self, asks: Option<QueryId>) -> Message {
        let correlation = asks.as_ref().map(QueryId::as_str);
        tracing::error!(connection = %self.connection, correlation, "the handling of a message was given up");
        if asks.is_some()
            && let Some(stopping) = self.interrupt()
        {
            tokio::spawn(timeout(self.live.terms.route, stopping.doing));
        }
        error(asks.as_ref(), &sockets::given_up())
    }

    /// Stops the answer that is under way, as `cancel` does.
    fn interrupt(&mut self) -> Option<Work> {
        let query = self.answer.stop()?;
        let (live, person, connection) = (Arc::clone(&self.live), self.speaker.person.clone(), self.connection.clone());
        let stopping = async move {
            if let Err(failure) = live.conversing.cancel(&connection, &person, &query).await {
                tracing::warn!(correlation = query.as_str(), code = failure.code.as_str(), "an answer was not stopped");
            }
            None
        };
        Some(Work { asks: None, doing: stopping.boxed() })
    }
}

/// Tells over the line what did not work, behind all that was told before.
async fn tell(live: &Live, connection: &ConnectionId, query: Option<QueryId>, failure: Failure) {
    if let Err(error) = live.conversing.audience.tell(connection, &Notice::Failed(query, failure)).await {
        tracing::debug!(%error, "an answer to a message was not delivered");
    }
}

fn event(event: &LiveEvent) -> Message {
    Message::Text(event.to_json().into())
}

fn error(query: Option<&QueryId>, failure: &Failure) -> Message {
    let query_id = query.map(QueryId::to_string);
    Message::Text(ServerMessage::Error { query_id, about: None, error: dto::error(failure) }.to_json().into())
}

fn refused(failure: &Failure) -> Upshot {
    Upshot { say: Some(error(None, failure)), work: None }
}

fn not_begun() -> Failure {
    Failure::new(Code::BadMessage, "nothing was begun that could be asked about; send `start` first")
}

fn too_large() -> Failure {
    Failure::new(Code::TooLarge, "a frame holds at most 32 KB; send smaller ones")
}
