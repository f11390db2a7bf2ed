//! Takes jobs from the durable queue and works on them, several at once, until it is told to stop.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use synapscribe_domain::{Code, Failure};
use synapscribe_ports::{Clock, Job, Jobs, Lane, Leased, StoreResult};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A lease is extended at a third of this.
const LEASE_MS: i64 = 60_000;

/// Attempts before a job of a lane is kept for an operator. Between those of a recording there are up to two minutes, so that an
/// engine may be started anew; whoever asked a question does not wait so long. A step of a document is tried again three times.
fn attempts(lane: Lane) -> u32 {
    match lane {
        Lane::Arrivals | Lane::Answers | Lane::Documents => 4,
        Lane::Ingests => 5,
    }
}

/// Whether what failed at this attempt, 1 the first time, is worth another.
pub(crate) fn again(lane: Lane, attempt: u32, failure: &Failure) -> bool {
    failure.code.retryable() && attempt < attempts(lane)
}

/// A job in whose middle the process ended this often may well be what ends it. Programs are closed and killed for other reasons
/// too, so it is more than a few.
const INTERRUPTIONS: u32 = 10;

/// What a job is handed to.
#[async_trait]
pub trait Handler: Send + Sync {
    /// Works on a job, perhaps for the last time; `Ok(Some(delay))` asks to be called again later without counting as an attempt.
    async fn handle(&self, job: &Job, last: bool) -> Result<Option<Duration>, Failure>;
    /// The job failed for good.
    async fn gave_up(&self, job: &Job, failure: &Failure);
}

/// How many jobs of each lane are worked on at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    /// New objects looked at.
    pub arrivals: usize,
    /// Questions answered.
    pub answers: usize,
    /// Recordings ingested; they share the recogniser by turns, so this many may be under way.
    pub ingests: usize,
    /// Steps of documents done; each may take a core.
    pub documents: usize,
}

impl Places {
    /// For a machine with this many cores.
    pub fn for_cores(cores: usize) -> Self {
        Self { arrivals: cores.max(2), answers: 512, ingests: (8 * cores).clamp(8, 32), documents: cores.max(2) }
    }

    fn of(&self, lane: Lane) -> usize {
        match lane {
            Lane::Arrivals => self.arrivals,
            Lane::Answers => self.answers,
            Lane::Ingests => self.ingests,
            Lane::Documents => self.documents,
        }
        .max(1)
    }
}

/// A consumer of the queue.
pub struct Worker {
    /// The queue.
    pub jobs: Arc<dyn Jobs>,
    /// Works on jobs.
    pub handler: Arc<dyn Handler>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Its size.
    pub places: Places,
}

impl Worker {
    /// Works until `stop`, then finishes or gives back what it holds within a few seconds. A lane never waits for another.
    pub async fn run(self, stop: CancellationToken) {
        let this = Arc::new(self);
        futures::future::join_all(Lane::ALL.map(|lane| Arc::clone(&this).attend(lane, stop.clone()))).await;
    }

    /// The same on one lane alone, for whoever works on nothing else.
    pub async fn run_lane(self, lane: Lane, stop: CancellationToken) {
        Arc::new(self).attend(lane, stop).await;
    }

    async fn attend(self: Arc<Self>, lane: Lane, stop: CancellationToken) {
        let places = Arc::new(Semaphore::new(self.places.of(lane)));
        let tasks = TaskTracker::new();
        loop {
            let place = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                place = Arc::clone(&places).acquire_owned() => place,
            };
            let Ok(place) = place else { break };
            let now = self.clock.now();
            match self.jobs.lease(lane, now, now.plus(LEASE_MS)).await {
                Ok(Some(leased)) => {
                    let (this, stop) = (Arc::clone(&self), stop.clone());
                    tasks.spawn(async move {
                        this.work(leased, &stop).await;
                        drop(place);
                    });
                }
                Ok(None) => {
                    drop(place);
                    tokio::select! {
                        () = stop.cancelled() => break,
                        () = self.jobs.wait(lane) => {}
                    }
                }
                Err(error) => {
                    tracing::error!(%error, lane = lane.name(), "the queue does not answer");
                    drop(place);
                    tokio::select! {
                        () = stop.cancelled() => break,
                        () = tokio::time::sleep(Duration::from_secs(1)) => {}
                    }
                }
            }
        }
        tasks.close();
        tasks.wait().await;
    }

    /// Works on the oldest job of a lane that is due, and says whether there was one: for whoever is called for each job.
    pub async fn one(&self, lane: Lane, stop: &CancellationToken) -> StoreResult<bool> {
        let now = self.clock.now();
        let leased = self.jobs.lease(lane, now, now.plus(LEASE_MS)).await?;
        let found = leased.is_some();
        if let Some(leased) = leased {
            self.work(leased, stop).await;
        }
        Ok(found)
    }

    async fn work(&self, leased: Leased, stop: &CancellationToken) {
        let lane = leased.job.lane();
        if leased.interrupted >= INTERRUPTIONS {
            let failure = Failure::new(Code::Internal, "the server ended again and again while it worked on this; try it anew");
            self.settle(self.give_up(&leased, &failure).await);
            return;
        }
        let handling = self.handler.handle(&leased.job, leased.attempt == attempts(lane));
        let keeping = async {
            loop {
                tokio::time::sleep(Duration::from_millis(LEASE_MS as u64 / 3)).await;
                if let Err(error) = self.jobs.extend(leased.id, self.clock.now().plus(LEASE_MS)).await {
                    tracing::warn!(%error, "a lease could not be extended");
                }
            }
        };
        let outcome = tokio::select! {
            outcome = handling => outcome,
            () = keeping => return,
            () = stop.cancelled() => {
                // Due at once for whoever starts next; what is half done is resumed from its last stored step.
                self.settle(self.jobs.put_off(leased.id, self.clock.now(), "stopped").await);
                return;
            }
        };
        let now = self.clock.now();
        let settled = match outcome {
            Ok(None) => self.jobs.complete(leased.id).await,
            Ok(Some(later)) => self.jobs.put_off(leased.id, now.plus(later.as_millis() as i64), "in progress elsewhere").await,
            Err(failure) if again(lane, leased.attempt, &failure) => {
                tracing::warn!(
                    correlation = leased.job.correlation(),
                    job = leased.id,
                    attempt = leased.attempt,
                    code = failure.code.as_str(),
                    "a job will be tried again"
                );
                self.jobs.retry(leased.id, now.plus(500i64 << (2 * leased.attempt)), &failure.message).await
            }
            Err(failure) => self.give_up(&leased, &failure).await,
        };
        self.settle(settled);
    }

    async fn give_up(&self, leased: &Leased, failure: &Failure) -> StoreResult<()> {
        let lecture = leased.job.lecture().map(tracing::field::display);
        let (correlation, code) = (leased.job.correlation(), failure.code.as_str());
        tracing::error!(correlation, job = leased.id, lecture, attempt = leased.attempt, code, "a job failed for good");
        self.handler.gave_up(&leased.job, failure).await;
        self.jobs.bury(leased.id, &failure.message).await
    }

    fn settle(&self, outcome: StoreResult<()>) {
        if let Err(error) = outcome {
            // The lease ends by itself and the job comes back; handling it again changes nothing.
            tracing::error!(%error, "a job's end could not be noted");
        }
    }
}
