//! The database's schema, which a function brings up to date. Asked twice it does nothing more.

use std::path::Path;

use serde_json::Value;
use synapscribe_client::ClientError;

use super::tool::Tool;
use crate::cloud::code;

/// The function may take five minutes, and a database that sleeps has to wake first.
const PATIENCE_SECONDS: &str = "320";

/// Gives the function the newer program, and asks it.
pub(super) async fn renew(aws: &Tool, function: &str, archive: &Path) -> Result<String, ClientError> {
    let archive = format!("fileb://{}", archive.display());
    aws.ask(&["lambda", "update-function-code", "--function-name", function, "--zip-file", &archive]).await?;
    aws.run(&["lambda", "wait", "function-updated-v2", "--function-name", function]).await?;
    migrate(aws, function).await
}

/// Asks the function, and says what it did.
pub(super) async fn migrate(aws: &Tool, function: &str) -> Result<String, ClientError> {
    let here = |error: std::io::Error| ClientError::new(synapscribe_client::code::DISK, error.to_string());
    let answer = tempfile::NamedTempFile::new().map_err(here)?;
    let path = answer.path().to_string_lossy().into_owned();
    let asked = ["lambda", "invoke", "--function-name", function, "--cli-read-timeout", PATIENCE_SECONDS, &path];
    let told: Value = serde_json::from_str(&aws.ask(&asked).await?).unwrap_or_default();
    let said = std::fs::read_to_string(answer.path()).map_err(here)?;
    if told["FunctionError"].is_string() {
        let said = format!("the schema could not be brought up to date: {said}");
        return Err(ClientError::new(code::STEP, said));
    }
    let report: Value = serde_json::from_str(&said).unwrap_or_default();
    Ok(match (report["from"].as_u64(), report["to"].as_u64()) {
        (Some(from), Some(to)) if from == to => format!("version {to}, as it was"),
        (Some(from), Some(to)) => format!("version {to}, {from} before"),
        _ => said,
    })
}
