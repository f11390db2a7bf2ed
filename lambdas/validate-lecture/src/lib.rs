//! Object-created events: checks each new recording by one operation. Holds no logic.

use aws_lambda_events::s3::{S3Event, S3EventRecord};
use synapscribe_domain::{Failure, ObjectKey};
use synapscribe_ports::ObjectCreated;
use synapscribe_usecases::{Outcome, Validating};

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
        let Some(created) = read(&record) else { continue };
        if context.validating.object_created(&created).await? == Outcome::InProgress {
            outcome = Outcome::InProgress;
        }
    }
    Ok(outcome)
}

/// What a record says; one that is not about a key of ours is left alone.
fn read(record: &S3EventRecord) -> Option<ObjectCreated> {
    if !record.event_name.as_deref().is_some_and(|name| name.starts_with("ObjectCreated")) {
        return None;
    }
    let object = &record.s3.object;
    // The published type decodes the key of real events in `url_decoded_key`.
    let key = object.url_decoded_key.as_deref().or(object.key.as_deref())?;
    Some(ObjectCreated {
        key: ObjectKey::parse(key).ok()?,
        bytes: object.size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0),
        sequencer: object.sequencer.clone().unwrap_or_default(),
    })
}
