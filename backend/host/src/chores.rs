//! What a host does beside answering: it announces new objects, keeps house and makes the sample lecture.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use synapscribe_domain::session::Retention;
use synapscribe_local::S3Endpoint;
use synapscribe_ports::{Clock, Job, Jobs};
use synapscribe_usecases::Sample;
use synapscribe_usecases::housekeeping::{Housekeeping, Swept};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::accounts::Accounts;
use crate::parts::Problems;

/// How often what has expired is removed.
const SWEEP_EVERY: Duration = Duration::from_secs(300);

/// Stores the event of a new object before its upload is acknowledged.
pub(crate) fn announce(jobs: Arc<dyn Jobs>, clock: Arc<dyn Clock>) -> synapscribe_local::OnCreated {
    Arc::new(move |created| {
        let (jobs, clock) = (Arc::clone(&jobs), Arc::clone(&clock));
        async move {
            let key = format!("object/{}/{}", created.key, created.sequencer);
            jobs.enqueue(&key, &Job::ObjectCreated(created), clock.now()).await
        }
        .boxed()
    })
}

/// Removes what has expired, now and every few minutes, and at once when less is to be kept.
pub(crate) async fn keep_house(
    keeper: Housekeeping,
    s3: S3Endpoint,
    accounts: Accounts,
    clock: Arc<dyn Clock>,
    mut retention: watch::Receiver<Retention>,
    stop: CancellationToken,
) {
    // Objects whose event was not stored before a crash are announced first.
    if let Err(error) = s3.recover().await {
        tracing::error!(%error, "uploads that were cut off could not be announced");
    }
    loop {
        let keep = *retention.borrow_and_update();
        match keeper.sweep(keep).await {
            Ok(swept) if swept != Swept::default() => {
                let Swept { sessions, objects, lectures, documents, jobs, claims } = swept;
                tracing::info!(sessions, objects, lectures, documents, jobs, claims, "expired things were removed");
            }
            Ok(_) => {}
            Err(failure) => tracing::warn!(code = failure.code.as_str(), "expired things could not be removed"),
        }
        if let Err(error) = s3.sweep(clock.now()).await {
            tracing::warn!(%error, "unfinished uploads could not be removed");
        }
        accounts.sweep(clock.now()).await;
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(SWEEP_EVERY) => {}
            Ok(()) = retention.changed() => {}
        }
    }
}

/// Makes the sample lecture when it is missing.
pub(crate) async fn make_sample(sample: Sample, problems: Problems, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        made = sample.ensure() => if let Err(failure) = made {
            tracing::warn!(code = failure.code.as_str(), "the sample lecture could not be made");
            problems.lock().unwrap_or_else(PoisonError::into_inner).push(format!("the sample lecture is missing: {failure}"));
        }
    }
}
