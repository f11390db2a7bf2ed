//! The consumer of ingests: a recording that was checked becomes a lecture that answers. Knows no queue.

use std::time::Duration;

use async_trait::async_trait;
use synapscribe_domain::{Failure, LectureId};
use synapscribe_ports::Job;
use synapscribe_usecases::Ingesting;
use synapscribe_usecases::jobs::Handler;

/// Hands ingests to the operation; a job of another kind that strayed here is set aside.
#[derive(Clone)]
pub struct Ingests {
    /// Ingests.
    pub ingesting: Ingesting,
}

impl Ingests {
    /// Notes that a recording failed for good.
    pub async fn give_up(&self, lecture: &LectureId, failure: &Failure) {
        if let Err(failure) = self.ingesting.give_up(lecture, failure.clone()).await {
            tracing::error!(
                correlation = lecture.as_str(),
                code = failure.code.as_str(),
                "a lecture's failure could not be noted"
            );
        }
    }
}

#[async_trait]
impl Handler for Ingests {
    async fn handle(&self, job: &Job, last: bool) -> Result<Option<Duration>, Failure> {
        match job {
            Job::IngestLecture { lecture } if last => self.ingesting.ingest(lecture).await.map(|()| None),
            Job::IngestLecture { lecture } => self.ingesting.ingest_what_can_be_heard(lecture).await.map(|()| None),
            _ => Err(Failure::internal()),
        }
    }

    async fn gave_up(&self, job: &Job, failure: &Failure) {
        if let Job::IngestLecture { lecture } = job {
            self.give_up(lecture, failure).await;
        }
    }
}
