//! Uploads.

use std::path::PathBuf;

use serde::Deserialize;
use synapscribe_client::Item;
use tauri::{AppHandle, State};
use tauri_plugin_dialog::{DialogExt as _, FilePath};
use tokio::sync::oneshot;

use super::{Answer, refused};
use crate::clipboard;
use crate::shell::Shell;

/// What the dialog chooses.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    Files,
    Folder,
}

#[tauri::command]
pub async fn uploads(shell: State<'_, Shell>) -> Answer<Vec<Item>> {
    let attached = shell.attached().await.map_err(refused)?;
    let items = attached.tray.items();
    let now = items.borrow().clone();
    Ok(now)
}

#[tauri::command]
pub async fn pick_uploads(app: AppHandle, shell: State<'_, Shell>, what: What) -> Answer<()> {
    let (tell, chosen) = oneshot::channel();
    let dialog = app.dialog().file();
    // A dialog that was closed chooses nothing.
    match what {
        What::Files => dialog.pick_files(move |files| drop(tell.send(files.unwrap_or_default()))),
        What::Folder => dialog.pick_folder(move |folder| drop(tell.send(folder.into_iter().collect()))),
    }
    let chosen: Vec<FilePath> = chosen.await.unwrap_or_default();
    let paths = chosen.into_iter().filter_map(|path| path.into_path().ok()).collect();
    add_uploads(shell, paths).await
}

#[tauri::command]
pub async fn add_uploads(shell: State<'_, Shell>, paths: Vec<PathBuf>) -> Answer<()> {
    shell.attached().await.map_err(refused)?.tray.add(paths).await;
    Ok(())
}

/// Takes the files that were copied elsewhere; `false` where there are none.
#[tauri::command]
pub async fn paste_uploads(app: AppHandle, shell: State<'_, Shell>) -> Answer<bool> {
    let files = clipboard::files(&app).await;
    let found = !files.is_empty();
    if found {
        add_uploads(shell, files).await?;
    }
    Ok(found)
}

#[tauri::command]
pub async fn pause_upload(shell: State<'_, Shell>, id: String) -> Answer<()> {
    shell.attached().await.map_err(refused)?.tray.pause(&id).await;
    Ok(())
}

#[tauri::command]
pub async fn resume_upload(shell: State<'_, Shell>, id: String) -> Answer<()> {
    shell.attached().await.map_err(refused)?.tray.resume(&id).await;
    Ok(())
}

#[tauri::command]
pub async fn cancel_upload(shell: State<'_, Shell>, id: String) -> Answer<()> {
    shell.attached().await.map_err(refused)?.tray.cancel(&id).await;
    Ok(())
}

#[tauri::command]
pub async fn dismiss_upload(shell: State<'_, Shell>, id: String) -> Answer<()> {
    shell.attached().await.map_err(refused)?.tray.dismiss(&id).await;
    Ok(())
}
