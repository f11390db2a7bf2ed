//! Takes jobs from the durable queue and works on them, several at once, until it is told to stop.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use synapscribe_domain::Failure;
use synapscribe_ports::{Clock, Job, Jobs, Leased};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A lease is extended at a third of this.
const LEASE_MS: i64 = 60_000;
/// Attempts before a job is kept for an operator.
const ATTEMPTS: u32 = 4;

/// What a job is handed to.
#[async_trait]
pub trait Handler: Send + Sync {
    /// Works on a job; `Ok(Some(delay))` asks to be called again later without counting it as a failure.
    async fn handle(&self, job: &Job) -> Result<Option<Duration>, Failure>;
    /// The job failed for good.
    async fn gave_up(&self, job: &Job, failure: &Failure);
}

/// A consumer of the queue.
pub struct Worker {
    /// The queue.
    pub jobs: Arc<dyn Jobs>,
    /// Works on jobs.
    pub handler: Arc<dyn Handler>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Questions worked on at once.
    pub answers: usize,
    /// Recordings worked on at once.
    pub ingests: usize,
}

impl Worker {
    /// Works until `stop`, then finishes or gives back what it holds within a few seconds.
    pub async fn run(self, stop: CancellationToken) {
        let this = Arc::new(self);
        let places = Arc::new(Semaphore::new(this.answers + this.ingests));
        let slow = Arc::new(Semaphore::new(this.ingests.max(1)));
        let tasks = TaskTracker::new();
        loop {
            let place = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                place = Arc::clone(&places).acquire_owned() => place,
            };
            let Ok(place) = place else { break };
            let now = this.clock.now();
            match this.jobs.lease(now, now.plus(LEASE_MS)).await {
                Ok(Some(leased)) => {
                    let (this, slow, stop) = (Arc::clone(&this), Arc::clone(&slow), stop.clone());
                    tasks.spawn(async move {
                        this.work(leased, &slow, &stop).await;
                        drop(place);
                    });
                }
                Ok(None) => {
                    drop(place);
                    tokio::select! {
                        () = stop.cancelled() => break,
                        () = this.jobs.wait() => {}
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "the queue does not answer");
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

    async fn work(&self, leased: Leased, slow: &Semaphore, stop: &CancellationToken) {
        let handling = async {
            let _turn = match &leased.job {
                Job::IngestLecture { .. } => slow.acquire().await.ok(),
                _ => None,
            };
            self.handler.handle(&leased.job).await
        };
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
                self.settle(self.jobs.retry(leased.id, self.clock.now(), "stopped").await);
                return;
            }
        };
        let now = self.clock.now();
        let settled = match outcome {
            Ok(None) => self.jobs.complete(leased.id).await,
            Ok(Some(later)) => self.jobs.retry(leased.id, now.plus(later.as_millis() as i64), "in progress elsewhere").await,
            Err(failure) if failure.code.retryable() && leased.attempt < ATTEMPTS => {
                tracing::warn!(
                    job = leased.id,
                    attempt = leased.attempt,
                    code = failure.code.as_str(),
                    "a job will be tried again"
                );
                self.jobs.retry(leased.id, now.plus(500i64 << (2 * leased.attempt)), &failure.message).await
            }
            Err(failure) => {
                tracing::error!(job = leased.id, attempt = leased.attempt, code = failure.code.as_str(), "a job failed for good");
                self.handler.gave_up(&leased.job, &failure).await;
                self.jobs.bury(leased.id, &failure.message).await
            }
        };
        self.settle(settled);
    }

    fn settle(&self, outcome: synapscribe_ports::StoreResult<()>) {
        if let Err(error) = outcome {
            // The lease ends by itself and the job comes back; handling it again changes nothing.
            tracing::error!(%error, "a job's end could not be noted");
        }
    }
}
