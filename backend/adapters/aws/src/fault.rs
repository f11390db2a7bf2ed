//! What a service refused, in the words of the ports. The cause is logged here, since ports carry no vendor's words.

use std::error::Error;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use synapscribe_domain::{Code, Failure};
use synapscribe_ports::StoreError;

/// A call of a store that failed.
pub(crate) fn fault<E, R>(error: SdkError<E, R>) -> StoreError
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug,
{
    StoreError::Unavailable(reason(&error))
}

/// A call of an engine that failed: throttling is worth another try, a refusal is an operator's affair.
pub(crate) fn engine_fault<E, R>(service: &'static str, error: SdkError<E, R>) -> Failure
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug,
{
    tracing::warn!(service, error = reason(&error), "an engine on AWS refused");
    refusal(service, error.as_service_error().and_then(ProvideErrorMetadata::code))
}

/// What to tell of an error with this code, or of no answer at all.
pub(crate) fn refusal(service: &str, code: Option<&str>) -> Failure {
    match code {
        Some("ThrottlingException" | "TooManyRequestsException" | "ServiceQuotaExceededException" | "ModelNotReadyException") => {
            Failure::new(Code::Busy, format!("{service} is busy; try again in a moment"))
        }
        Some(
            "AccessDeniedException" | "UnrecognizedClientException" | "ResourceNotFoundException" | "InvalidSignatureException",
        ) => Failure::new(
            Code::EngineMissing,
            format!("{service} does not admit this deployment; its operator has to allow the model"),
        ),
        _ => Failure::new(Code::EngineFailed, format!("{service} did not answer; try again in a moment")),
    }
}

/// The service's own code where it answered, else what went wrong on the way; never what was sent.
pub(crate) fn reason<E, R>(error: &SdkError<E, R>) -> String
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug,
{
    match error.as_service_error() {
        Some(answered) => answered.code().unwrap_or("an error without a code").to_owned(),
        None => {
            let mut text = error.to_string();
            let mut source = error.source();
            while let Some(cause) = source {
                text = format!("{text}: {cause}");
                source = cause.source();
            }
            text
        }
    }
}
