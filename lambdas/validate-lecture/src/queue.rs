//! Object events as a queue delivers them: at least once, in any order, and again while they are not settled. Decodes the messages
//! and names those that have to come again; what is tried again, and how often, is the operation's to say.

use aws_lambda_events::s3::S3Event;
use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use synapscribe_usecases::Outcome;
use tracing::Instrument;

use crate::Context;
use crate::event::read;

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
    let delivery = message.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse().ok()).unwrap_or(1);
    let mut settled = true;
    for created in event.records.iter().filter_map(read) {
        let span = tracing::error_span!("validate", correlation = created.key.place().name());
        settled &= context.validating.delivered(&created, delivery).instrument(span).await == Outcome::Settled;
    }
    settled
}
