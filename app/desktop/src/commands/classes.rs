//! Classes: joining them, teaching them, and what they are shown.

use synapscribe_client::code;
use synapscribe_client::protocol::SourceDto;
use synapscribe_client::protocol::classes::{ClassDto, RoomDto};
use tauri::State;

use super::{Answer, refused};
use crate::shell::Shell;

/// Nothing where the server has none.
#[tauri::command]
pub async fn classes(shell: State<'_, Shell>) -> Answer<Option<Vec<ClassDto>>> {
    match shell.client().await.map_err(refused)?.classes().await {
        Err(error) if error.code == code::NOT_FOUND || error.code == code::NOT_SYNAPSCRIBE => Ok(None),
        found => found.map(Some).map_err(refused),
    }
}

#[tauri::command]
pub async fn class(shell: State<'_, Shell>, id: String) -> Answer<RoomDto> {
    shell.client().await.map_err(refused)?.class(&id).await.map_err(refused)
}

#[tauri::command]
pub async fn join_class(shell: State<'_, Shell>, code: String, name: Option<String>) -> Answer<RoomDto> {
    shell.client().await.map_err(refused)?.join_class(&code, name.as_deref()).await.map_err(refused)
}

#[tauri::command]
pub async fn create_class(shell: State<'_, Shell>, name: String) -> Answer<ClassDto> {
    shell.client().await.map_err(refused)?.make_class(&name).await.map_err(refused)
}

#[tauri::command]
pub async fn rename_class(shell: State<'_, Shell>, id: String, name: String) -> Answer<RoomDto> {
    shell.client().await.map_err(refused)?.rename_class(&id, &name).await.map_err(refused)
}

#[tauri::command]
pub async fn renew_class_code(shell: State<'_, Shell>, id: String) -> Answer<RoomDto> {
    shell.client().await.map_err(refused)?.renew_class_code(&id).await.map_err(refused)
}

#[tauri::command]
pub async fn leave_class(shell: State<'_, Shell>, id: String) -> Answer<()> {
    shell.client().await.map_err(refused)?.leave_class(&id).await.map_err(refused)
}

#[tauri::command]
pub async fn dismiss_member(shell: State<'_, Shell>, id: String, member: String) -> Answer<()> {
    shell.client().await.map_err(refused)?.send_away(&id, &member).await.map_err(refused)
}

#[tauri::command]
pub async fn delete_class(shell: State<'_, Shell>, id: String) -> Answer<()> {
    shell.client().await.map_err(refused)?.end_class(&id).await.map_err(refused)
}

#[tauri::command]
pub async fn share_with_class(shell: State<'_, Shell>, id: String, source: SourceDto) -> Answer<()> {
    shell.client().await.map_err(refused)?.show_class(&id, &source).await.map_err(refused)
}

#[tauri::command]
pub async fn unshare_with_class(shell: State<'_, Shell>, id: String, source: SourceDto) -> Answer<()> {
    shell.client().await.map_err(refused)?.hide_from_class(&id, &source).await.map_err(refused)
}

#[tauri::command]
pub async fn publish(shell: State<'_, Shell>, source: SourceDto, public: bool) -> Answer<()> {
    shell.client().await.map_err(refused)?.publish(&source, public).await.map_err(refused)
}
