//! Conversations.

use synapscribe_client::ClientError;
use synapscribe_client::protocol::SourceDto;
use synapscribe_client::protocol::rest::SessionDto;
use tauri::{AppHandle, State};
use tauri_plugin_dialog::DialogExt as _;
use tokio::sync::oneshot;

use super::{Answer, refused};
use crate::shell::Shell;

#[tauri::command]
pub async fn sessions(shell: State<'_, Shell>, of: Option<SourceDto>) -> Answer<Vec<SessionDto>> {
    shell.client().await.map_err(refused)?.sessions(of.as_ref()).await.map_err(refused)
}

#[tauri::command]
pub async fn session(shell: State<'_, Shell>, id: String) -> Answer<SessionDto> {
    shell.client().await.map_err(refused)?.session(&id).await.map_err(refused)
}

#[tauri::command]
pub async fn rename_session(shell: State<'_, Shell>, id: String, title: String) -> Answer<SessionDto> {
    shell.client().await.map_err(refused)?.rename_session(&id, &title).await.map_err(refused)
}

#[tauri::command]
pub async fn delete_session(shell: State<'_, Shell>, id: String) -> Answer<()> {
    shell.client().await.map_err(refused)?.delete_session(&id).await.map_err(refused)
}

#[tauri::command]
pub async fn session_markdown(shell: State<'_, Shell>, id: String) -> Answer<String> {
    shell.client().await.map_err(refused)?.export_session(&id).await.map_err(refused)
}

/// Keeps a text as a file of the person's choice; `false` when they thought better of it.
#[tauri::command]
pub async fn save_text(app: AppHandle, file_name: String, text: String) -> Answer<bool> {
    let (tell, chosen) = oneshot::channel();
    app.dialog().file().set_file_name(file_name).save_file(move |path| drop(tell.send(path)));
    let Some(path) = chosen.await.ok().flatten().and_then(|path| path.into_path().ok()) else { return Ok(false) };
    let written = tokio::fs::write(&path, text).await;
    written.map_err(|error| refused(ClientError::new("disk", format!("{} cannot be written: {error}", path.display()))))?;
    Ok(true)
}
