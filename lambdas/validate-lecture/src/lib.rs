//! Object-created events: checks each new recording by one operation. Holds no logic.

mod event;
mod queue;

pub use queue::handle_queue;

use aws_lambda_events::s3::S3Event;
use synapscribe_domain::Failure;
use synapscribe_usecases::{Outcome, Validating};
use tracing::Instrument;

/// What the handler calls; built once.
#[derive(Clone)]
pub struct Context {
    /// Validates recordings.
    pub validating: Validating,
}

/// Handles every record of an event. `InProgress` asks for the event to be delivered again.
pub async fn handle(context: &Context, event: S3Event) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::Settled;
    for record in event.records {
        let Some(created) = event::read(&record) else { continue };
        let span = tracing::error_span!("validate", correlation = created.key.place().name());
        if context.validating.object_created(&created).instrument(span).await? == Outcome::InProgress {
            outcome = Outcome::InProgress;
        }
    }
    Ok(outcome)
}
