//! Questions within a session: accepted once, answered asynchronously, relayed to whoever asked, stored as they were sent.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use synapscribe_domain::keys::Place;
use synapscribe_domain::trace::MEASURED;
use synapscribe_domain::turn::Unexpected;
use synapscribe_domain::{
    About, Code, ConnectionId, Failure, Millis, ObjectKey, PersonId, QueryId, Question, Session, SessionState, Timestamp, Turn,
    TurnEvent, TurnMachine, TurnState, WorkId, audio,
};
use synapscribe_ports::{
    Agent, AgentEvent, AgentRequest, AnswerOrder, Audience, Clock, Connections, Exchange, Job, Jobs, Library, Notice, Objects,
    Scope, SendError, Sessions, Speech, StoreError,
};
use tokio::time::Instant;

use crate::lines::{Line, Lines};
use crate::quoting;
use crate::thread;
use crate::voice;

mod begin;
mod standing;

use standing::Standing;

/// The longest typed question, in characters.
const QUESTION_CHARS: usize = 2_000;
/// Turns of the session that a new question is understood with.
const HISTORY: usize = 6;
/// Bytes of text in one message: JSON writes some characters as six, and the gateway takes 128 KB.
const PORTION: usize = 16 * 1024;
/// How long an answer usually waits for a person whose connection was lost.
pub const RECONNECT: Duration = Duration::from_secs(15);
/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// The longest spoken answer that is kept.
const KEPT_MS: u64 = 10 * 60_000;

/// What is needed to converse.
#[derive(Clone)]
pub struct Conversing {
    /// Lectures and documents.
    pub library: Arc<dyn Library>,
    /// Sessions and turns.
    pub sessions: Arc<dyn Sessions>,
    /// Spoken answers.
    pub objects: Arc<dyn Objects>,
    /// Takes accepted questions.
    pub jobs: Arc<dyn Jobs>,
    /// Answers.
    pub agent: Arc<dyn Agent>,
    /// Who is connected.
    pub connections: Arc<dyn Connections>,
    /// Tells them.
    pub audience: Arc<dyn Audience>,
    /// Where answers go.
    pub lines: Lines,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// How long an answer waits for a person whose connection was lost.
    pub reconnect: Duration,
}

/// What is to be done with a question that was checked.
enum Admitted {
    /// It is to be answered.
    Fresh,
    /// Its answer was begun at this moment, and has no end yet.
    Begun(Timestamp),
    /// Its answer was told again.
    Told,
}

impl Conversing {
    /// Checks a question and stores it as work before it is acknowledged; one that was answered is told again.
    pub async fn accept(&self, mut order: AnswerOrder) -> Result<(), Failure> {
        let now = self.clock.now();
        // One that was begun is in the queue already, unless there was no room to store how it ended.
        if !matches!(self.admit(&mut order, now).await?, Admitted::Told) {
            let work = WorkId::of(&order.person, &order.query);
            self.jobs.enqueue(&format!("answer/{work}"), &Job::Answer(order.clone()), now).await?;
            self.told(&order.connection, &accepted(&order)).await;
            self.lines.move_to(&work, &order.connection);
        }
        Ok(())
    }

    /// The same for whoever answers it at once over a line that nobody else reaches: gives what is left to answer. It is no work for
    /// others, and ends with that line. Nobody keeps two from writing one answer, so whoever asks again waits until it must be over.
    pub async fn accept_here(&self, mut order: AnswerOrder, longest: Duration) -> Result<Option<AnswerOrder>, Failure> {
        let now = self.clock.now();
        match self.admit(&mut order, now).await? {
            Admitted::Told => return Ok(None),
            Admitted::Begun(at) if Duration::from_millis(now.0.saturating_sub(at.0).max(0) as u64) < longest => {
                let sentence = "this question is being answered already; its answer will be in the session";
                return Err(Failure::new(Code::Busy, sentence));
            }
            Admitted::Begun(_) | Admitted::Fresh => {}
        }
        self.told(&order.connection, &accepted(&order)).await;
        Ok(Some(order))
    }

    /// Checks a question, and says whether it is to be answered; one that was answered is told again.
    async fn admit(&self, order: &mut AnswerOrder, now: Timestamp) -> Result<Admitted, Failure> {
        check_question(order)?;
        self.may_ask(&order.person, &order.about).await?;
        match self.enter(order, now).await? {
            None => {}
            Some(session) if session.about != order.about => return Err(Failure::not_found("session")),
            Some(session) => match self.turn(order).await?.filter(|t| !again(t)) {
                Some(turn) if turn.state.is_final() => {
                    self.told(&order.connection, &accepted(order)).await;
                    self.replay(order, &turn).await;
                    return Ok(Admitted::Told);
                }
                Some(turn) => return Ok(Admitted::Begun(turn.asked)),
                None if session.is_open(now) => {}
                None => return Err(begin::ended()),
            },
        }
        Ok(Admitted::Fresh)
    }

    /// Answers an accepted question; called again after a crash, it writes the answer anew and says so, and speaks on where it
    /// stopped. A session that is deleted meanwhile takes its answer along, and all that was said aloud.
    pub async fn answer(&self, order: &AnswerOrder) -> Result<(), Failure> {
        match self.answer_in_session(order).await {
            Err(failure) if failure.code == Code::NotFound => {
                match self.sessions.session(&order.session, self.clock.now()).await? {
                    Some(_) => Err(failure),
                    None => Ok(voice::forget(&*self.objects, &order.person, &order.query).await?),
                }
            }
            // Without room nothing can be noted, not even that it failed. Whoever asked is told, and asks again when there is.
            Err(failure) if failure.code == Code::DiskFull => {
                self.told(&order.connection, &Notice::Failed(Some(order.query.clone()), failure)).await;
                Ok(())
            }
            other => other,
        }
    }

    async fn answer_in_session(&self, order: &AnswerOrder) -> Result<(), Failure> {
        let now = self.clock.now();
        let Some(session) = self.sessions.session(&order.session, now).await? else {
            return Err(Failure::not_found("session"));
        };
        let turns = quoting::turns(&*self.library, &*self.sessions, &*self.objects, &session).await?;
        let work = WorkId::of(&order.person, &order.query);
        let mut line = self.lines.open(work, order.connection.clone(), order.here_only);
        let before = turns.iter().find(|t| t.query == order.query);
        if let Some(before) = before {
            if !again(before) && before.state.is_final() {
                self.replay(order, before).await;
                return Ok(());
            }
            // Whoever is not there now is found, or given up, with the first thing there is to say.
            let _ = self.send(&mut line, before, &order.person, &Notice::AnswerRestarted(order.query.clone())).await;
        }
        let mut machine = TurnMachine::begin(
            order.query.clone(),
            order.session.clone(),
            order.about.clone(),
            now,
            order.playhead,
            &order.question,
        );
        if let Some(before) = before {
            machine.go_on_after(&before.aloud);
        }
        self.sessions.save_turn(machine.turn()).await?;
        let request = AgentRequest {
            work: WorkId::of(&order.person, &order.query),
            session: order.session.clone(),
            scope: scope(order),
            question: order.question.clone(),
            playhead: order.playhead,
            page: order.page,
            history: history(&turns, &order.query),
            speech: order.speech.clone(),
            trace: order.trace.clone(),
        };
        let started = Instant::now();
        if let Err(failure) = self.relay(&mut line, &mut machine, order, request, started).await {
            let event = if failure.code == Code::Cancelled { TurnEvent::Cancel } else { TurnEvent::Fail(failure) };
            // A turn that has just ended by itself stays as it is.
            let _ = machine.apply(event, elapsed(started));
        }
        measure(machine.turn());
        self.sessions.save_turn(machine.turn()).await?;
        self.touch(session).await?;
        self.send_end(&mut line, machine.turn(), &order.person).await;
        Ok(())
    }

    /// Stores that an accepted question could not be answered, so that asking again answers it, and tells whoever asked.
    pub async fn give_up(&self, order: &AnswerOrder, failure: Failure) -> Result<(), Failure> {
        let stored = self.turn(order).await?;
        let end = match stored {
            Some(turn) if turn.state.is_final() => end_of(&turn, &order.person),
            Some(mut turn) => {
                turn.timings.done = Some(self.clock.now().0.saturating_sub(turn.asked.0).max(0) as u64);
                (turn.state, turn.failure) = (TurnState::Failed, Some(failure));
                self.sessions.save_turn(&turn).await?;
                end_of(&turn, &order.person)
            }
            None => Notice::Failed(Some(order.query.clone()), failure),
        };
        self.told(&order.connection, &end).await;
        Ok(())
    }

    /// Stops a question of this person.
    pub async fn cancel(&self, connection: &ConnectionId, person: &PersonId, query: &QueryId) -> Result<(), Failure> {
        if !self.agent.cancel(&WorkId::of(person, query)).await? {
            self.told(connection, &Notice::Cancelled(query.clone())).await;
        }
        Ok(())
    }

    /// Passes events on in order, each noted in the turn only after it was sent.
    async fn relay(
        &self,
        line: &mut Line,
        machine: &mut TurnMachine,
        order: &AnswerOrder,
        request: AgentRequest,
        started: Instant,
    ) -> Result<(), Failure> {
        let (query, person) = (&order.query, &order.person);
        let mut events: BoxStream<'static, AgentEvent> = self.agent.invoke(request).await?;
        let (mut sound, mut standing) = (Sound::default(), Standing::default());
        while let Some(event) = events.next().await {
            match event {
                AgentEvent::Heard => {
                    machine.apply(TurnEvent::Heard, elapsed(started)).map_err(odd)?;
                }
                AgentEvent::Understood(text) => {
                    self.send(line, machine.turn(), person, &Notice::QueryText(query.clone(), text.clone())).await?;
                    machine.apply(TurnEvent::Understood(text), elapsed(started)).map_err(odd)?;
                    self.sessions.save_turn(machine.turn()).await?;
                }
                AgentEvent::Retrieved => {
                    machine.apply(TurnEvent::Retrieved, elapsed(started)).map_err(odd)?;
                }
                AgentEvent::Wrote(text) => {
                    for portion in portions(&text) {
                        let notice = Notice::AnswerText(query.clone(), portion.to_owned());
                        self.send(line, machine.turn(), person, &notice).await?;
                        machine.apply(TurnEvent::Wrote(portion.to_owned()), elapsed(started)).map_err(odd)?;
                    }
                }
                AgentEvent::Cited(citation) => {
                    self.send(line, machine.turn(), person, &Notice::Cited(query.clone(), citation.clone())).await?;
                    machine.apply(TurnEvent::Cited(citation), elapsed(started)).map_err(odd)?;
                    // A citation ends a thought: what was sent up to here survives a crash.
                    self.sessions.save_turn(machine.turn()).await?;
                }
                AgentEvent::Piece(piece) => {
                    // Stored before any of it is sent: whoever goes on after a crash knows which words have which numbers.
                    if machine.begin_piece(piece.clone()) {
                        self.sessions.save_turn(machine.turn()).await?;
                    }
                    standing.begin(&piece, &machine.turn().answer, machine.upcoming_stretch());
                }
                AgentEvent::Words(words) => {
                    if let Some((index, words)) = standing.of_answer(words) {
                        let notice = Notice::Words { query: query.clone(), index, words };
                        self.send(line, machine.turn(), person, &notice).await?;
                    }
                }
                AgentEvent::Spoke(speech) => {
                    let length = speech.length();
                    // What another process has sent of it is kept with the rest, and not said twice.
                    if let Some(index) = machine.number_stretch() {
                        let notice = Notice::Audio { query: query.clone(), index, speech: speech.clone() };
                        self.send(line, machine.turn(), person, &notice).await?;
                    }
                    machine.apply(TurnEvent::Spoke(length), elapsed(started)).map_err(odd)?;
                    sound.add(speech, length);
                }
                AgentEvent::Spent(usage) => machine.spent(usage),
                AgentEvent::Muted(failure) => {
                    self.send(line, machine.turn(), person, &Notice::Muted(query.clone(), failure)).await?;
                }
                AgentEvent::Written => {
                    machine.apply(TurnEvent::Written, elapsed(started)).map_err(odd)?;
                }
                AgentEvent::Done(summary) => {
                    machine.annotate(summary.generated, summary.found, summary.usage);
                    if !sound.samples.is_empty() {
                        let key = self.keep(order, &sound).await;
                        let (query, chunks) = (query.clone(), machine.stretches());
                        let notice = Notice::AudioComplete { query, chunks, length: sound.length, key };
                        self.send(line, machine.turn(), person, &notice).await?;
                    }
                    machine.apply(TurnEvent::Finished, elapsed(started)).map_err(odd)?;
                    return Ok(());
                }
                AgentEvent::Failed(failure) => return Err(failure),
            }
        }
        Err(Failure::new(Code::EngineFailed, "the answering service went away in the middle of the answer; ask again"))
    }

    /// Keeps the spoken answer; one that cannot be kept was heard all the same.
    async fn keep(&self, order: &AnswerOrder, sound: &Sound) -> Option<ObjectKey> {
        let key = ObjectKey::response(&order.person, &order.query, "wav");
        let file = Bytes::from(audio::wav(sound.rate, &sound.samples));
        match self.objects.put(&key, file, "audio/wav").await {
            Ok(()) => Some(key),
            Err(error) => {
                tracing::warn!(%error, "a spoken answer was not kept");
                None
            }
        }
    }

    /// Sends to where the person is, following them to a new connection, where what was sent before is said again in one go. A
    /// person who does not come back in time ends the turn, and so does at once whoever wanted it here only.
    async fn send(&self, line: &mut Line, so_far: &Turn, person: &PersonId, notice: &Notice) -> Result<(), Failure> {
        let deadline = Instant::now() + self.reconnect;
        loop {
            if let Some(newer) = line.moved() {
                self.told(&newer, &Notice::AnswerRestarted(so_far.query.clone())).await;
                self.retell(&newer, so_far).await;
                line.said_to = newer;
            }
            match self.audience.tell(&line.said_to, notice).await {
                Ok(()) => return Ok(()),
                Err(SendError::TooLarge) => {
                    tracing::error!("a message larger than the gateway allows was not sent");
                    return Err(Failure::new(
                        Code::TooLarge,
                        "a part of the answer is too large to be sent; ask for less at once",
                    ));
                }
                Err(SendError::Unavailable(error)) => tracing::warn!(%error, "the gateway did not take a message"),
                Err(SendError::Gone) if line.here_only => {
                    return Err(Failure::new(Code::Cancelled, "whoever asked did not wait for the answer"));
                }
                Err(SendError::Gone) => {}
            }
            if Instant::now() >= deadline {
                return Err(Failure::new(Code::Busy, "the connection was lost while the answer was being sent; ask again"));
            }
            let open = self.connections.of(person).await.unwrap_or_default();
            match open.into_iter().next_back() {
                Some(newest) if newest != line.said_to => line.move_to(&newest),
                _ => tokio::time::sleep(LOOK_EVERY).await,
            }
        }
    }

    /// The last word about a turn that has ended.
    async fn send_end(&self, line: &mut Line, turn: &Turn, person: &PersonId) {
        let notice = end_of(turn, person);
        if self.send(line, turn, person, &notice).await.is_err() {
            tracing::debug!("the end of an answer was not delivered; the person can read it in the session");
        }
    }

    async fn turn(&self, order: &AnswerOrder) -> Result<Option<Turn>, Failure> {
        Ok(self.sessions.turns(&order.session).await?.into_iter().find(|t| t.query == order.query))
    }

    async fn touch(&self, session: Session) -> Result<(), Failure> {
        let now = self.clock.now();
        let touch = |s: &mut Session| {
            // The session may have been ended while the answer was being given.
            if s.state == SessionState::Open {
                s.touch(now);
            }
        };
        match self.sessions.change_session(&session.id, &touch).await {
            Ok(_) | Err(StoreError::Gone) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Tells a finished turn again, without its sound, which is kept as a file.
    async fn replay(&self, order: &AnswerOrder, turn: &Turn) {
        self.retell(&order.connection, turn).await;
        self.told(&order.connection, &end_of(turn, &order.person)).await;
    }

    async fn retell(&self, connection: &ConnectionId, turn: &Turn) {
        if !turn.question.is_empty() {
            self.told(connection, &Notice::QueryText(turn.query.clone(), turn.question.clone())).await;
        }
        for portion in portions(&turn.answer) {
            self.told(connection, &Notice::AnswerText(turn.query.clone(), portion.to_owned())).await;
        }
        for citation in &turn.citations {
            self.told(connection, &Notice::Cited(turn.query.clone(), citation.clone())).await;
        }
    }

    /// Tells one connection; one that is gone will ask again.
    async fn told(&self, connection: &ConnectionId, notice: &Notice) {
        if let Err(error) = self.audience.tell(connection, notice).await {
            tracing::debug!(%error, "a notice was not delivered");
        }
    }
}

/// The speech so far.
#[derive(Default)]
struct Sound {
    rate: u32,
    samples: Vec<f32>,
    length: Millis,
}

impl Sound {
    fn add(&mut self, speech: Speech, length: Millis) {
        self.length.0 += length.0;
        self.rate = speech.rate;
        if self.length.0 <= KEPT_MS {
            self.samples.extend(speech.samples);
        }
    }
}

/// Text in portions that fit into a message.
fn portions(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (portion, after) = rest.split_at(rest.floor_char_boundary(PORTION));
        rest = after;
        (!portion.is_empty()).then_some(portion)
    })
}

/// What an operator watches of a turn; nothing of what was said.
fn measure(turn: &Turn) {
    let timings = &turn.timings;
    tracing::info!(
        target: MEASURED,
        correlation = turn.query.as_str(),
        operation = "answer",
        code = turn.failure.as_ref().map(|failure| failure.code.as_str()),
        first_text.ms = timings.first_text,
        first_audio.ms = timings.first_audio,
        turn.ms = timings.done,
        failed.count = u64::from(turn.state == TurnState::Failed),
        stopped.count = u64::from(turn.state == TurnState::Cancelled),
        "a question was answered, or not"
    );
}

fn elapsed(started: Instant) -> u64 {
    started.elapsed().as_millis() as u64
}

fn odd(_: Unexpected) -> Failure {
    Failure::new(Code::EngineFailed, "the answering service spoke out of turn; ask again")
}

/// Where the answer may come from.
fn scope(order: &AnswerOrder) -> Scope {
    match &order.about {
        About::Everything => Scope::VisibleTo(order.person.clone()),
        about => Scope::Sources(about.sources()),
    }
}

fn accepted(order: &AnswerOrder) -> Notice {
    Notice::QueryAccepted { query: order.query.clone(), session: order.session.given_by(&order.person) }
}

fn end_of(turn: &Turn, person: &PersonId) -> Notice {
    match (&turn.state, &turn.failure) {
        (TurnState::Cancelled, _) => Notice::Cancelled(turn.query.clone()),
        (TurnState::Failed, Some(failure)) => Notice::Failed(Some(turn.query.clone()), failure.clone()),
        (TurnState::Failed, None) => Notice::Failed(Some(turn.query.clone()), Failure::internal()),
        _ => Notice::AnswerDone(Box::new(thread::told(turn, person))),
    }
}

/// Whether asking again should answer again: it failed in a way that may pass.
fn again(turn: &Turn) -> bool {
    turn.state == TurnState::Failed && turn.failure.as_ref().is_none_or(|f| f.code.retryable())
}

/// What was said before, oldest first; questions that came to nothing are left out.
fn history(turns: &[Turn], except: &QueryId) -> Vec<Exchange> {
    let told = turns.iter().filter(|t| &t.query != except && !t.answer.is_empty());
    let all: Vec<Exchange> =
        told.map(|t| Exchange { question: t.question.clone(), answer: t.answer.clone(), playhead: t.playhead }).collect();
    all[all.len().saturating_sub(HISTORY)..].to_vec()
}

fn check_question(order: &AnswerOrder) -> Result<(), Failure> {
    match &order.question {
        Question::Text(text) if text.trim().is_empty() => {
            Err(Failure::new(Code::BadMessage, "the question is empty; write or say what you want to know"))
        }
        Question::Text(text) if text.chars().count() > QUESTION_CHARS => {
            Err(Failure::new(Code::BadMessage, format!("a question has at most {QUESTION_CHARS} characters; ask a shorter one")))
        }
        Question::Text(_) => Ok(()),
        Question::Spoken(key) => match key.place() {
            Place::Query(_) if key.owner() == order.person => Ok(()),
            _ => Err(Failure::not_found("recording")),
        },
    }
}
