//! What the operating system opens the app with, at its start and later: addresses that the page shows, and files to upload.
//! Nothing is lost that comes before the page listens or before the server is there.

mod thing;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tauri::{AppHandle, Emitter as _, Manager as _, Runtime};
use tokio::sync::mpsc;
use url::Url;

use self::thing::{Thing, of_url, parse};
use crate::shell::Shell;

/// The event that tells the page an address.
const OPENED: &str = "opened";
/// Starts that may wait for the server; a person opens few things before it is there.
const STARTS: usize = 64;

/// What waits for the page and for the server.
pub struct Opening {
    page: Mutex<Page>,
    files: mpsc::Sender<Vec<PathBuf>>,
}

/// Whether the page listens, and where it shall begin.
enum Page {
    Loading(Option<String>),
    Listening,
}

impl Opening {
    /// Nothing yet, and the files that will come.
    pub fn new() -> (Self, mpsc::Receiver<Vec<PathBuf>>) {
        let (files, coming) = mpsc::channel(STARTS);
        (Self { page: Mutex::new(Page::Loading(None)), files }, coming)
    }

    /// Takes the arguments of a start in `folder`.
    pub fn take<R: Runtime>(&self, app: &AppHandle<R>, arguments: impl Iterator<Item = String>, folder: &Path) {
        self.open(app, arguments.filter_map(|argument| parse(&argument, folder)));
    }

    /// Takes what the system opens with the app by its address; a Mac names files and addresses alike so, and never as arguments.
    pub fn take_urls<R: Runtime>(&self, app: &AppHandle<R>, urls: &[Url]) {
        self.open(app, urls.iter().filter_map(of_url));
    }

    fn open<R: Runtime>(&self, app: &AppHandle<R>, things: impl Iterator<Item = Thing>) {
        let mut files = Vec::new();
        for thing in things {
            match thing {
                Thing::Address(address) => self.show(app, address),
                Thing::File(path) => files.push(path),
            }
        }
        if !files.is_empty() && self.files.try_send(files).is_err() {
            tracing::warn!("files that the app was opened with are left out: too many wait already");
        }
    }

    /// Shows an address as soon as the page can.
    fn show<R: Runtime>(&self, app: &AppHandle<R>, address: String) {
        let mut page = self.page.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *page {
            // One place can be shown; the latest is meant.
            Page::Loading(first) => *first = Some(address),
            Page::Listening => drop(app.emit(OPENED, address)),
        }
    }

    /// Where the page begins; from now on it listens.
    pub fn first(&self) -> Option<String> {
        let mut page = self.page.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *page, Page::Listening) {
            Page::Loading(first) => first,
            Page::Listening => None,
        }
    }
}

/// Uploads files as they come, each as soon as the server is there.
pub async fn upload<R: Runtime>(app: AppHandle<R>, mut coming: mpsc::Receiver<Vec<PathBuf>>) {
    while let Some(files) = coming.recv().await {
        app.state::<Shell>().attached_at_last().await.tray.add(files).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_told_once_where_it_begins() {
        let (opening, _files) = Opening::new();
        *opening.page.lock().unwrap() = Page::Loading(Some("synapscribe://settings".to_owned()));
        assert_eq!(opening.first().as_deref(), Some("synapscribe://settings"));
        assert_eq!(opening.first(), None);
    }
}
