//! Calling a function of a deployment by itself, as AWS lets its operators do. What it is told and says passes through files that
//! nobody else may read.

use serde_json::Value;
use synapscribe_client::ClientError;
use thiserror::Error;

use crate::tool::Tool;

/// Why a function was asked in vain.
#[derive(Debug, Error)]
pub(crate) enum CallFailed {
    /// It was not called, or its answer is lost.
    #[error(transparent)]
    Uncalled(#[from] ClientError),
    /// It failed, and said this.
    #[error("{0}")]
    Function(String),
}

impl CallFailed {
    /// As an operator is told, where the function itself failed in these words.
    pub(crate) fn told(self, code: &str, what: &str) -> ClientError {
        match self {
            Self::Uncalled(error) => error,
            Self::Function(said) => ClientError::new(code, format!("{what}: {said}")),
        }
    }
}

/// Has a function handle an event, and gives what it says as it is.
pub(crate) async fn call(aws: &Tool, function: &str, event: &Value, patience_seconds: u32) -> Result<String, CallFailed> {
    let here = |error: std::io::Error| ClientError::new(synapscribe_client::code::DISK, error.to_string());
    let folder = tempfile::tempdir().map_err(here)?;
    let (asked, answer) = (folder.path().join("event"), folder.path().join("answer"));
    std::fs::write(&asked, event.to_string()).map_err(here)?;
    let (payload, place) = (format!("fileb://{}", asked.display()), answer.display().to_string());
    let (named, patience) = (["--function-name", function, "--payload", &payload], patience_seconds.to_string());
    let told = aws.ask(&[&["lambda", "invoke"][..], &named, &["--cli-read-timeout", &patience, &place]].concat()).await?;
    let said = std::fs::read_to_string(&answer).map_err(here)?;
    let told: Value = serde_json::from_str(&told).unwrap_or_default();
    if told["FunctionError"].is_string() { Err(CallFailed::Function(said)) } else { Ok(said) }
}
