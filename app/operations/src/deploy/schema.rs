//! The database's schema, which a function brings up to date. Asked twice it does nothing more.

use std::path::Path;

use serde_json::{Value, json};
use synapscribe_client::ClientError;

use crate::cloud::code;
use crate::function::call;
use crate::tool::Tool;

/// The function may take five minutes, and a database that sleeps has to wake first.
const PATIENCE_SECONDS: u32 = 320;

/// Gives the function the newer program, and asks it.
pub(super) async fn renew(aws: &Tool, function: &str, archive: &Path) -> Result<String, ClientError> {
    let archive = format!("fileb://{}", archive.display());
    aws.ask(&["lambda", "update-function-code", "--function-name", function, "--zip-file", &archive]).await?;
    aws.run(&["lambda", "wait", "function-updated-v2", "--function-name", function]).await?;
    migrate(aws, function).await
}

/// Asks the function, and says what it did.
pub(super) async fn migrate(aws: &Tool, function: &str) -> Result<String, ClientError> {
    let said = call(aws, function, &json!({}), PATIENCE_SECONDS).await;
    let said = said.map_err(|failed| failed.told(code::STEP, "the schema could not be brought up to date"))?;
    let report: Value = serde_json::from_str(&said).unwrap_or_default();
    Ok(match (report["from"].as_u64(), report["to"].as_u64()) {
        (Some(from), Some(to)) if from == to => format!("version {to}, as it was"),
        (Some(from), Some(to)) => format!("version {to}, {from} before"),
        _ => said,
    })
}
