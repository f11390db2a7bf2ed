//! The files that the person copied elsewhere; a webview keeps their paths from its page.

use std::path::PathBuf;

use tauri::{AppHandle, Runtime};
use tokio::sync::oneshot;

/// What is there to be pasted; nothing where no files were copied.
pub async fn files<R: Runtime>(app: &AppHandle<R>) -> Vec<PathBuf> {
    let (tell, told) = oneshot::channel();
    // The clipboard belongs to the window's own thread.
    if app.run_on_main_thread(move || read(tell)).is_err() {
        return Vec::new();
    }
    told.await.unwrap_or_default()
}

#[cfg(target_os = "linux")]
fn read(tell: oneshot::Sender<Vec<PathBuf>>) {
    gtk::Clipboard::get(&gtk::gdk::SELECTION_CLIPBOARD).request_uris(move |_, uris| {
        let urls = uris.iter().filter_map(|uri| tauri::Url::parse(uri).ok());
        drop(tell.send(urls.filter_map(|url| url.to_file_path().ok()).collect()));
    });
}

#[cfg(not(target_os = "linux"))]
fn read(tell: oneshot::Sender<Vec<PathBuf>>) {
    let files = arboard::Clipboard::new().and_then(|mut clipboard| clipboard.get().file_list());
    drop(tell.send(files.unwrap_or_default()));
}
