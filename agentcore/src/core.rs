//! The agent: a bounded number of questions at once, each of which can be stopped by its name.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::stream::BoxStream;
use futures::{StreamExt, stream};
use synapscribe_domain::{Code, Failure, SessionId, WorkId};
use synapscribe_ports::{Agent, AgentEvent, AgentRequest};
use synapscribe_usecases::Asking;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::metrics::Metrics;

/// A question stopped before it began is remembered this long.
const REMEMBERED: Duration = Duration::from_secs(60);
/// At most this many are remembered.
const REMEMBERED_MOST: usize = 1_000;

/// How much is taken on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// Questions answered at once.
    pub running: usize,
    /// Questions that may wait for a place.
    pub waiting: usize,
}

impl Default for Capacity {
    fn default() -> Self {
        Self { running: 64, waiting: 256 }
    }
}

/// Answers questions with the engines it was given.
pub struct AgentCore {
    asking: Arc<Asking>,
    places: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    book: Arc<Mutex<Book>>,
    metrics: Arc<Metrics>,
}

/// Questions by name: those running, and those stopped before they began.
#[derive(Default)]
struct Book {
    running: HashMap<WorkId, CancellationToken>,
    stopped: HashMap<WorkId, Instant>,
}

impl AgentCore {
    /// An agent with this capacity.
    pub fn new(asking: Asking, capacity: Capacity) -> Self {
        Self {
            asking: Arc::new(asking),
            places: Arc::new(Semaphore::new(capacity.running.max(1))),
            queue: Arc::new(Semaphore::new(capacity.running.max(1) + capacity.waiting)),
            book: Arc::default(),
            metrics: Arc::default(),
        }
    }

    /// What it counts.
    pub fn metrics(&self) -> Arc<Metrics> {
        Arc::clone(&self.metrics)
    }

    /// What it asks with, for readiness.
    pub fn asking(&self) -> &Asking {
        &self.asking
    }
}

/// A panic while the book was held leaves it as it was between two statements, which is always sound.
fn open(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// A place in the queue and the entry in the book, given back when the answer ends or its receiver goes away.
struct Place {
    work: WorkId,
    cancel: CancellationToken,
    book: Arc<Mutex<Book>>,
    metrics: Arc<Metrics>,
    ended: bool,
    running: bool,
    _queue: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.cancel.cancel();
        open(&self.book).running.remove(&self.work);
        if !self.ended {
            self.metrics.cancelled.inc();
        }
        let gauge = if self.running { &self.metrics.running } else { &self.metrics.waiting };
        gauge.dec();
    }
}

#[async_trait]
impl Agent for AgentCore {
    async fn invoke(&self, request: AgentRequest) -> Result<BoxStream<'static, AgentEvent>, Failure> {
        let Ok(queue) = Arc::clone(&self.queue).try_acquire_owned() else {
            self.metrics.refused.inc();
            return Err(Failure::new(Code::Busy, "too many questions are being answered; ask again in a few seconds"));
        };
        let cancel = CancellationToken::new();
        {
            let mut book = open(&self.book);
            if book.stopped.remove(&request.work).is_some_and(|at| at.elapsed() < REMEMBERED) {
                return Err(Failure::new(Code::Cancelled, "the question was stopped"));
            }
            if book.running.contains_key(&request.work) {
                return Err(Failure::new(Code::Busy, "this question is being answered already"));
            }
            book.running.insert(request.work.clone(), cancel.clone());
        }
        self.metrics.taken.inc();
        self.metrics.waiting.inc();
        let mut place = Place {
            work: request.work.clone(),
            cancel: cancel.clone(),
            book: Arc::clone(&self.book),
            metrics: Arc::clone(&self.metrics),
            ended: false,
            running: false,
            _queue: queue,
        };
        let permit = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(Failure::new(Code::Cancelled, "the question was stopped")),
            permit = Arc::clone(&self.places).acquire_owned() => permit.map_err(|_| Failure::internal())?,
        };
        place.running = true;
        self.metrics.waiting.dec();
        self.metrics.running.inc();
        let events = self.asking.ask(request, cancel);
        let state = (events, place, permit, Instant::now(), false);
        Ok(stream::unfold(state, |(mut events, mut place, permit, began, spoken)| async move {
            let event = events.next().await?;
            let metrics = &place.metrics;
            match &event {
                AgentEvent::Spoke(_) if !spoken => metrics.first_audio.observe(began.elapsed().as_secs_f64() * 1_000.0),
                AgentEvent::Done(_) => {
                    metrics.done.inc();
                    place.ended = true;
                    let turn = began.elapsed().as_millis() as u64;
                    tracing::info!(correlation = place.work.query(), turn.ms = turn, "an answer was given");
                }
                AgentEvent::Failed(failure) => {
                    tracing::info!(correlation = place.work.query(), code = failure.code.as_str(), "an answer was not given");
                    let counter = if failure.code == Code::Cancelled { &metrics.cancelled } else { &metrics.failed };
                    counter.inc();
                    place.ended = true;
                }
                _ => {}
            }
            let spoken = spoken || matches!(event, AgentEvent::Spoke(_));
            Some((event, (events, place, permit, began, spoken)))
        })
        .boxed())
    }

    async fn cancel(&self, work: &WorkId) -> Result<bool, Failure> {
        let mut book = open(&self.book);
        if let Some(cancel) = book.running.get(work) {
            cancel.cancel();
            return Ok(true);
        }
        if book.stopped.len() >= REMEMBERED_MOST {
            book.stopped.retain(|_, at| at.elapsed() < REMEMBERED);
        }
        if book.stopped.len() < REMEMBERED_MOST {
            book.stopped.insert(work.clone(), Instant::now());
        }
        Ok(false)
    }

    async fn end_session(&self, _session: &SessionId) -> Result<(), Failure> {
        // Nothing is kept between questions: the session's turns come with each request.
        Ok(())
    }
}
