//! Object events as a queue delivers them: at least once, in any order, and again while they are not settled.

use aws_lambda_events::s3::S3Event;
use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use synapscribe_domain::Failure;
use synapscribe_domain::keys::Place;
use synapscribe_usecases::Outcome;

use crate::{Context, handle, read};

/// Deliveries after which a recording is given up. Whoever waits for a lecture is told why rather than left waiting.
const DELIVERIES: u32 = 4;

/// Handles every message and names those that have to come again.
pub async fn handle_queue(context: &Context, event: SqsEvent) -> SqsBatchResponse {
    let mut again = SqsBatchResponse::default();
    for message in event.records {
        if !settled(context, &message).await {
            let mut failed = BatchItemFailure::default();
            failed.item_identifier = message.message_id.unwrap_or_default();
            again.batch_item_failures.push(failed);
        }
    }
    again
}

async fn settled(context: &Context, message: &SqsMessage) -> bool {
    let body = message.body.as_deref().unwrap_or_default();
    let Ok(event) = serde_json::from_str::<S3Event>(body) else {
        // S3 says this once, when its notifications are set up; anything else is for an operator to look at.
        return body.contains("s3:TestEvent");
    };
    let failure = match handle(context, event.clone()).await {
        Ok(outcome) => return outcome == Outcome::Settled,
        Err(failure) => failure,
    };
    let deliveries = message.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse().ok()).unwrap_or(1);
    tracing::warn!(code = failure.code.as_str(), deliveries, "a new recording could not be looked at");
    if failure.code.retryable() && deliveries < DELIVERIES {
        return false;
    }
    give_up(context, &event, &failure).await
}

async fn give_up(context: &Context, event: &S3Event, failure: &Failure) -> bool {
    let mut told = true;
    for created in event.records.iter().filter_map(read) {
        let Place::Lecture(lecture) = created.key.place() else { continue };
        if let Err(failure) = context.validating.give_up(&lecture, failure.clone()).await {
            tracing::error!(%lecture, code = failure.code.as_str(), "a lecture's failure could not be noted");
            told = false;
        }
    }
    told
}
