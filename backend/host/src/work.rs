//! Jobs of the queue as the events that AWS would raise, handed to the very same handlers.

use std::time::Duration;

use async_trait::async_trait;
use aws_lambda_events::s3::{S3Event, S3EventRecord};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use synapscribe_agentcore::Ingests;
use synapscribe_agentcore::jobs::Handler;
use synapscribe_domain::Failure;
use synapscribe_domain::keys::Place;
use synapscribe_ports::{Job, ObjectCreated};
use synapscribe_usecases::{Making, Outcome};

/// An event that somebody else is handling is looked at again after this long.
const LATER: Duration = Duration::from_secs(5);

/// What S3 encodes in the keys of its events: all that a form encodes, but no slash.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'/');

/// Hands jobs over.
pub(crate) struct Dispatcher {
    pub validate: lambda_validate_lecture::Context,
    pub answer: lambda_answer::Context,
    pub ingests: Ingests,
    pub documents: Making,
}

#[async_trait]
impl Handler for Dispatcher {
    async fn handle(&self, job: &Job, last: bool) -> Result<Option<Duration>, Failure> {
        match job {
            Job::ObjectCreated(created) if matches!(created.key.place(), Place::Document(_)) => {
                self.documents.arrived(created).await.map(|()| None)
            }
            Job::MakeDocument { document, step } => self.documents.step(document, *step, last).await.map(|()| None),
            Job::ObjectCreated(created) => {
                let outcome = lambda_validate_lecture::handle(&self.validate, event(created)).await?;
                Ok((outcome == Outcome::InProgress).then_some(LATER))
            }
            Job::IngestLecture { .. } => self.ingests.handle(job, last).await,
            Job::Answer(order) => lambda_answer::handle(&self.answer, order.clone()).await.map(|()| None),
        }
    }

    async fn gave_up(&self, job: &Job, failure: &Failure) {
        if matches!(job, Job::Answer(_)) {
            return self.answer.gave_up(job, failure).await;
        }
        if let Some(document) = job.document() {
            if let Err(failure) = self.documents.give_up(&document, failure.clone()).await {
                let code = failure.code.as_str();
                tracing::error!(correlation = document.as_str(), code, "a document's failure could not be noted");
            }
        } else if let Some(lecture) = job.lecture() {
            self.ingests.give_up(&lecture, failure).await;
        }
    }
}

/// The event that S3 raises for a new object.
fn event(created: &ObjectCreated) -> S3Event {
    let mut record = S3EventRecord::default();
    record.event_source = Some("aws:s3".into());
    record.event_name = Some("ObjectCreated:Put".into());
    record.s3.bucket.name = Some(synapscribe_local::BUCKET.into());
    let object = &mut record.s3.object;
    object.key = Some(utf8_percent_encode(created.key.as_str(), ENCODED).to_string().replace("%20", "+"));
    object.size = i64::try_from(created.bytes).ok();
    object.sequencer = Some(created.sequencer.clone());
    let mut event = S3Event::default();
    event.records.push(record);
    event
}

#[cfg(test)]
mod tests {
    use synapscribe_domain::ObjectKey;

    use super::*;

    #[test]
    fn a_key_is_encoded_as_in_the_events_of_s3() {
        let key = ObjectKey::parse("lectures/us-east-1:ab/l1/Week 3 + ü.mp3").unwrap();
        let raised = event(&ObjectCreated { key, bytes: 1, sequencer: "1".into() });
        assert_eq!(raised.records[0].s3.object.key.as_deref(), Some("lectures/us-east-1%3Aab/l1/Week+3+%2B+%C3%BC.mp3"));
    }
}
