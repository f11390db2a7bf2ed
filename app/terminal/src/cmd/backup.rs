//! `backup` and `restore`: everything this machine's host holds, in one file.

use std::path::Path;

use anyhow::Result;

use crate::cli::Global;
use crate::exit::Exit;
use crate::local;
use crate::out::Out;
use crate::text;

/// Writes a backup; the host may be running.
pub async fn backup(file: &Path, replace: bool, global: &Global, out: Out) -> Result<Exit> {
    let data = local::own_data(global)?;
    let bytes = synapscribe_host::backup(&data, file, replace).await?;
    out.event(&serde_json::json!({ "type": "backed_up", "file": file, "bytes": bytes }))?;
    out.line(format!("{} holds everything ({})", file.display(), text::size(bytes)))?;
    Ok(Exit::Done)
}

/// Brings a backup back; no host may be running on the folder.
pub async fn restore(file: &Path, replace: bool, global: &Global, out: Out) -> Result<Exit> {
    let data = local::own_data(global)?;
    synapscribe_host::restore(&data, file, replace).await?;
    out.event(&serde_json::json!({ "type": "restored", "file": file, "data": data }))?;
    out.line(format!("{} holds what the backup held", data.display()))?;
    Ok(Exit::Done)
}
