//! The server: what it is and which one is used.

use synapscribe_client::protocol::discovery::EngineDto;
use synapscribe_client::protocol::rest::{StorageDto, VoiceDto};
use tauri::State;

use super::{Answer, refused};
use crate::events::ConnectionEvent;
use crate::opening::Opening;
use crate::shell::Shell;

/// How the window stands with its server now; changes are told as events.
#[tauri::command]
pub fn connection(shell: State<'_, Shell>) -> ConnectionEvent {
    ConnectionEvent::from(&shell.link())
}

/// The address the app was started with, once; later ones are told as events.
#[tauri::command]
pub fn opened(opening: State<'_, Opening>) -> Option<String> {
    opening.first()
}

/// What the page may know of the server: everything but where credentials are drawn from.
#[tauri::command]
pub async fn discovery(shell: State<'_, Shell>) -> Answer<serde_json::Value> {
    let client = shell.client().await.map_err(refused)?;
    let mut document = serde_json::to_value(client.discovery()).unwrap_or_default();
    if let Some(fields) = document.as_object_mut() {
        for secret in ["region", "identityPoolId", "cognitoEndpoint", "s3Endpoint", "bucket", "websocketUrl"] {
            fields.remove(secret);
        }
    }
    Ok(document)
}

#[tauri::command]
pub fn reconnect(shell: State<'_, Shell>) {
    shell.reconnect();
}

#[tauri::command]
pub fn server_address(shell: State<'_, Shell>) -> String {
    shell.server()
}

#[tauri::command]
pub async fn use_server(shell: State<'_, Shell>, address: String) -> Answer<()> {
    shell.use_server(address.trim()).await.map_err(refused)
}

#[tauri::command]
pub async fn storage(shell: State<'_, Shell>) -> Answer<StorageDto> {
    shell.client().await.map_err(refused)?.storage().await.map_err(refused)
}

#[tauri::command]
pub async fn engines(shell: State<'_, Shell>) -> Answer<Vec<EngineDto>> {
    shell.client().await.map_err(refused)?.engines().await.map_err(refused)
}

#[tauri::command]
pub async fn voices(shell: State<'_, Shell>) -> Answer<Vec<VoiceDto>> {
    shell.client().await.map_err(refused)?.voices().await.map_err(refused)
}

/// For how many days what was asked is kept; nothing where that is not this app's to say.
#[tauri::command]
pub async fn retention(shell: State<'_, Shell>) -> Answer<Option<u32>> {
    // The host inside begins together with the connection to it.
    shell.attached().await.map_err(refused)?;
    Ok(shell.retention().await)
}

#[tauri::command]
pub async fn keep_for(shell: State<'_, Shell>, days: u32) -> Answer<()> {
    shell.keep_for(days).await.map_err(refused)
}
