//! Documents.

use synapscribe_client::protocol::documents::{AreaDto, DocumentDto, FailedPageDto, OutlineEntryDto, PageDto};
use tauri::State;
use tauri::ipc::Response;

use super::{Answer, refused};
use crate::shell::Shell;

/// The list as the server has it now.
#[tauri::command]
pub async fn documents(shell: State<'_, Shell>) -> Answer<Vec<DocumentDto>> {
    let attached = shell.attached().await.map_err(refused)?;
    attached.books.refresh();
    attached.client.documents().await.map_err(refused)
}

#[tauri::command]
pub async fn rename_document(shell: State<'_, Shell>, id: String, title: String) -> Answer<DocumentDto> {
    shell.client().await.map_err(refused)?.rename_document(&id, &title).await.map_err(refused)
}

#[tauri::command]
pub async fn delete_document(shell: State<'_, Shell>, id: String) -> Answer<()> {
    shell.client().await.map_err(refused)?.delete_document(&id).await.map_err(refused)
}

#[tauri::command]
pub async fn outline(shell: State<'_, Shell>, id: String) -> Answer<Vec<OutlineEntryDto>> {
    shell.client().await.map_err(refused)?.outline(&id).await.map_err(refused)
}

#[tauri::command]
pub async fn pages(shell: State<'_, Shell>, id: String, from: u32, to: u32) -> Answer<Vec<PageDto>> {
    shell.client().await.map_err(refused)?.pages(&id, from, to).await.map_err(refused)
}

#[tauri::command]
pub async fn unread_pages(shell: State<'_, Shell>, id: String) -> Answer<Vec<FailedPageDto>> {
    shell.client().await.map_err(refused)?.unread_pages(&id).await.map_err(refused)
}

/// The bytes of a PNG, as they are.
#[tauri::command]
pub async fn page_picture(shell: State<'_, Shell>, id: String, page: u32, width: u32, part: Option<AreaDto>) -> Answer<Response> {
    let client = shell.client().await.map_err(refused)?;
    Ok(Response::new(client.picture(&id, page, width, part.as_ref()).await.map_err(refused)?))
}

/// The bytes of a PNG, as they are.
#[tauri::command]
pub async fn cover(shell: State<'_, Shell>, id: String, width: u32) -> Answer<Response> {
    let client = shell.client().await.map_err(refused)?;
    Ok(Response::new(client.cover(&id, width).await.map_err(refused)?))
}
