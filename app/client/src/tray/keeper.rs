//! The one task that owns the list: takes orders, runs a few uploads at a time, tells what changed, remembers the rest.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Instant;

use super::gather::{self, Found, Gathered};
use super::item::{Item, ItemState};
use crate::client::Client;
use crate::error::{ClientError, Result, code};
use crate::home;
use crate::upload::{self, UploadEvent, UploadOptions};

/// Uploads whose bytes travel at once.
const SENDING: usize = 2;
/// Events of uploads that may wait to be shown.
const EVENTS: usize = 64;

/// What a person wants.
pub(super) enum Order {
    Add(Vec<PathBuf>),
    Pause(String),
    Resume(String),
    Cancel(String),
    Dismiss(String),
}

/// What is remembered of an upload between runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    id: String,
    path: PathBuf,
    captions: Option<PathBuf>,
    paused: bool,
    /// Of one that is cancelled: it is remembered until what was sent of it is gone.
    #[serde(default)]
    leaving: Option<Leaving>,
}

/// What an upload that is cancelled was to become on the server.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Leaving {
    lecture: Option<String>,
    document: Option<String>,
    /// Whether something may have come of it that was not seen here.
    ask: bool,
}

/// The owner of the list.
pub(super) struct Keeper {
    client: Client,
    items: Vec<(Item, Kept)>,
    running: HashMap<String, AbortHandle>,
    /// Those that are cancelled and may not be gone from the server, each with who removes it.
    leaving: Vec<(Kept, AbortHandle)>,
    /// Whoever removes one, which ends with its name.
    removing: JoinSet<String>,
    /// When those that wait for what passes are tried again, where there are any.
    look: Option<Instant>,
    told: watch::Sender<Vec<Item>>,
    places: Arc<Semaphore>,
    events: mpsc::Sender<(String, UploadEvent)>,
    news: Option<mpsc::Receiver<(String, UploadEvent)>>,
}

impl Keeper {
    /// The list as it was when it was last open.
    pub(super) fn restore(client: Client, told: watch::Sender<Vec<Item>>) -> Self {
        let (events, news) = mpsc::channel(EVENTS);
        let kept: Vec<Kept> = home::read_json(&client.home().tray_file(client.scope())).unwrap_or_default();
        let (leaving, kept): (Vec<Kept>, Vec<Kept>) = kept.into_iter().partition(|kept| kept.leaving.is_some());
        let items = kept.into_iter().map(|kept| (item(&kept), kept)).collect();
        let mut keeper = Self {
            client,
            items,
            running: HashMap::new(),
            leaving: Vec::new(),
            removing: JoinSet::new(),
            look: None,
            told,
            places: Arc::new(Semaphore::new(SENDING)),
            events,
            news: Some(news),
        };
        for kept in leaving {
            keeper.leave(kept);
        }
        keeper
    }

    /// Serves until the list is dropped.
    pub(super) async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        let Some(mut news) = self.news.take() else { return };
        let waiting: Vec<String> = self.items.iter().filter(|(_, kept)| !kept.paused).map(|(item, _)| item.id.clone()).collect();
        for id in waiting {
            self.start(&id);
        }
        self.tell();
        loop {
            let look = self.look;
            tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => self.take(order).await,
                    None => break,
                },
                // One sender is held here, so the channel never ends.
                Some((id, event)) = news.recv() => self.hear(&id, event),
                Some(removed) = self.removing.join_next() => {
                    if let Ok(id) = removed {
                        self.leaving.retain(|(kept, _)| kept.id != id);
                        self.keep();
                    }
                }
                () = tokio::time::sleep_until(look.unwrap_or_else(Instant::now)), if look.is_some() => self.look_again(),
            }
            self.tell();
        }
        for (_, upload) in self.running.drain() {
            upload.abort();
        }
    }

    async fn take(&mut self, order: Order) {
        match order {
            Order::Add(paths) => self.add(paths).await,
            Order::Pause(id) => {
                if self.stop(&id)
                    && let Some((item, kept)) = self.find(&id)
                {
                    kept.paused = true;
                    item.state = ItemState::Paused;
                    item.rest();
                }
            }
            Order::Resume(id) => {
                let stands =
                    |item: &Item| item.state == ItemState::Paused || item.state.is_final() && item.state != ItemState::Ready;
                if let Some((item, kept)) = self.find(&id)
                    && stands(item)
                {
                    kept.paused = false;
                    self.start(&id);
                }
            }
            Order::Cancel(id) => {
                if let Some(upload) = self.running.remove(&id) {
                    upload.abort();
                }
                self.forget(&id);
            }
            Order::Dismiss(id) => {
                if self.items.iter().any(|(item, _)| item.id == id && item.state.is_final()) {
                    self.items.retain(|(item, _)| item.id != id);
                }
            }
        }
        self.keep();
    }

    async fn add(&mut self, paths: Vec<PathBuf>) {
        let gathered = tokio::task::spawn_blocking(move || gather::gather(&paths)).await;
        let Ok(Gathered { found, captions, empty }) = gathered else { return };
        for found in found {
            self.begin(found);
        }
        for folder in empty {
            self.refuse(folder);
        }
        let lonely: Vec<PathBuf> = captions.into_iter().filter(|captions| !self.attach(captions)).collect();
        let beside: Vec<_> = lonely.iter().map(|captions| gather::beside(captions)).collect();
        // A recording that lies beside captions may have become a lecture long ago, which is not to be made once more.
        let lectures = match beside.iter().any(Option::is_some) {
            true => self.client.lectures().await.unwrap_or_default(),
            false => Vec::new(),
        };
        for (captions, beside) in lonely.into_iter().zip(beside) {
            match beside.filter(|_| !upload::is_named_like_one(&captions, &lectures)) {
                Some(recording) => self.begin(Found { recording, captions: Some(captions) }),
                None => self.begin(Found { recording: captions, captions: None }),
            }
        }
    }

    fn begin(&mut self, found: Found) {
        // The same file once more means the same upload, unless that is over.
        let same = |(item, kept): &(Item, Kept)| kept.path == found.recording && !item.state.is_final();
        if self.items.iter().any(same) {
            return;
        }
        self.items.retain(|(_, kept)| kept.path != found.recording);
        // What a cancelled one came to may be what this one goes on with; as long as the server was not asked, it is not removed.
        self.leaving.retain(|(kept, removing)| {
            let goes_on = kept.path == found.recording && kept.leaving.as_ref().is_some_and(|leaving| leaving.ask);
            if goes_on {
                removing.abort();
            }
            !goes_on
        });
        let id = fresh_id();
        let kept = Kept { id: id.clone(), path: found.recording, captions: found.captions, paused: false, leaving: None };
        self.items.push((item(&kept), kept));
        self.start(&id);
    }

    /// Tells of a folder that came to nothing.
    fn refuse(&mut self, folder: PathBuf) {
        self.items.retain(|(_, kept)| kept.path != folder);
        let kept = Kept { id: fresh_id(), path: folder, captions: None, paused: false, leaving: None };
        let mut item = item(&kept);
        item.fail(nothing_in_it().to_dto());
        self.items.push((item, kept));
    }

    /// Gives captions without a recording in the same drop to one that still waits; `false` when none does.
    fn attach(&mut self, captions: &Path) -> bool {
        let waits = |(item, kept): &&mut (Item, Kept)| {
            matches!(item.state, ItemState::Checking | ItemState::Waiting | ItemState::Paused)
                && !upload::is_captions(&kept.path)
                && gather::same_stem(&kept.path, captions)
        };
        let Some((item, kept)) = self.items.iter_mut().find(waits) else { return false };
        item.captions = Some(name(captions));
        kept.captions = Some(captions.to_owned());
        let (id, runs) = (item.id.clone(), item.state != ItemState::Paused);
        if runs {
            self.stop(&id);
            self.start(&id);
        }
        true
    }

    fn start(&mut self, id: &str) {
        let (client, places, events) = (self.client.clone(), Arc::clone(&self.places), self.events.clone());
        let Some((item, kept)) = self.find(id) else { return };
        item.wait();
        if !kept.path.exists() {
            (item.state, item.failure) = (ItemState::Lost, Some(lost(&kept.path).to_dto()));
            return;
        }
        let (path, options) = (kept.path.clone(), UploadOptions { captions: kept.captions.clone(), ..UploadOptions::default() });
        let name = id.to_owned();
        let upload = tokio::spawn(async move {
            let turn = places.acquire_owned();
            tokio::pin!(turn);
            let place = tokio::select! {
                biased;
                place = &mut turn => place,
                // What cannot be taken is told at once, whatever goes first.
                Err(error) = upload::check(&path, client.discovery().limits.clone()), if !upload::is_captions(&path) => {
                    let _ = events.send((name, UploadEvent::end(None, false, &error))).await;
                    return;
                }
            };
            // The semaphore is never closed.
            let Ok(place) = place else { return };
            let mut place = Some(place);
            let (tell, mut told) = mpsc::channel(EVENTS);
            let passing = async {
                while let Some(event) = told.recv().await {
                    if matches!(event, UploadEvent::Uploaded { .. } | UploadEvent::AlreadyThere { .. }) {
                        // The next one may send while the server works.
                        place.take();
                    }
                    if events.send((name.clone(), event)).await.is_err() {
                        break;
                    }
                }
            };
            let sending = async move {
                // Its last event says how it ended.
                let _ = client.upload(&path, &options, &tell).await;
            };
            tokio::join!(sending, passing);
        });
        self.running.insert(id.to_owned(), upload.abort_handle());
    }

    /// Stops an upload that is under way on this side; `false` when there is nothing to stop.
    fn stop(&mut self, id: &str) -> bool {
        let sends = |item: &Item| matches!(item.state, ItemState::Checking | ItemState::Waiting | ItemState::Sending);
        if !self.items.iter().any(|(item, _)| item.id == id && sends(item)) {
            return false;
        }
        if let Some(upload) = self.running.remove(id) {
            upload.abort();
        }
        true
    }

    /// Takes an upload off the list and what was sent off the server, unless that has come to something there.
    fn forget(&mut self, id: &str) {
        let Some(at) = self.items.iter().position(|(item, _)| item.id == id) else { return };
        let (item, mut kept) = self.items.remove(at);
        if upload::is_captions(&kept.path) {
            // They were for a lecture that was there before them, and stays.
            return;
        }
        // Where a person stopped it on its way there is nothing to ask.
        let ask = !matches!(item.state, ItemState::Sending | ItemState::Paused);
        kept.leaving = Some(Leaving { lecture: item.lecture_id, document: item.document_id, ask });
        self.leave(kept);
    }

    /// Removes one that is cancelled, now or once the server can.
    fn leave(&mut self, kept: Kept) {
        let Some(leaving) = kept.leaving.clone() else { return };
        let (client, id) = (self.client.clone(), kept.id.clone());
        // Its file may have been chosen once more since, and what is known of that is not to be forgotten.
        let again = self.items.iter().any(|(_, other)| other.path == kept.path);
        let path = (!again).then(|| kept.path.clone());
        let removing = self.removing.spawn(async move {
            remove(&client, path.as_deref(), &leaving).await;
            id
        });
        self.leaving.push((kept, removing));
    }

    fn hear(&mut self, id: &str, event: UploadEvent) {
        // An event of an upload that was stopped meanwhile comes too late.
        if !self.running.contains_key(id) {
            return;
        }
        let Some((item, _)) = self.find(id) else { return };
        item.take(event);
        let waits = item.waits;
        if item.state.is_final() {
            self.running.remove(id);
            self.keep();
        }
        if waits {
            let again = Instant::now() + self.client.room();
            self.look.get_or_insert(again);
        }
    }

    /// Tries those again that a full disk stopped, or a server that was away.
    fn look_again(&mut self) {
        self.look = None;
        let stopped: Vec<String> = self.items.iter().filter(|(item, _)| item.waits).map(|(item, _)| item.id.clone()).collect();
        for id in stopped {
            self.start(&id);
        }
    }

    fn find(&mut self, id: &str) -> Option<&mut (Item, Kept)> {
        self.items.iter_mut().find(|(item, _)| item.id == id)
    }

    fn tell(&self) {
        self.told.send_replace(self.items.iter().map(|(item, _)| item.clone()).collect());
    }

    /// Remembers what is not over. A file that is not there may lie on a disk that is plugged in again.
    fn keep(&self) {
        let goes_on = |(item, _): &&(Item, Kept)| !item.state.is_final() || item.waits || item.state == ItemState::Lost;
        let leaving = self.leaving.iter().map(|(kept, _)| kept);
        let kept: Vec<&Kept> = self.items.iter().filter(goes_on).map(|(_, kept)| kept).chain(leaving).collect();
        if let Err(error) = home::write_json(&self.client.home().tray_file(self.client.scope()), &kept) {
            tracing::warn!(code = %error.code, "the list of uploads could not be kept");
        }
    }
}

/// Removes what was sent, unless the server has made something of it. A server that is away is waited for.
async fn remove(client: &Client, path: Option<&Path>, leaving: &Leaving) {
    if leaving.ask {
        match insist(client, || made_of(client, leaving)).await {
            Ok(false) => {}
            // What became of it was not seen. It stays, and so does the knowledge that its file is there.
            Ok(true) => return,
            Err(error) => return not_removed(&error),
        }
    }
    if let Some(path) = path {
        upload::forget(client, path);
    }
    if let Err(error) = insist(client, || delete(client, leaving)).await
        && error.code != code::NOT_FOUND
    {
        not_removed(&error);
    }
}

async fn delete(client: &Client, leaving: &Leaving) -> Result<()> {
    match (&leaving.lecture, &leaving.document) {
        (Some(lecture), _) => client.delete_lecture(lecture).await,
        (None, Some(document)) => client.delete_document(document).await,
        (None, None) => Ok(()),
    }
}

/// Asks until the server gives an answer that stays.
async fn insist<T, F: Future<Output = Result<T>>>(client: &Client, ask: impl Fn() -> F) -> Result<T> {
    loop {
        match ask().await {
            Err(error) if error.retryable => tokio::time::sleep(client.room()).await,
            answer => return answer,
        }
    }
}

/// Whether the server has made something of an upload, or is about to, although that was not seen here.
async fn made_of(client: &Client, leaving: &Leaving) -> Result<bool> {
    let state = match (&leaving.lecture, &leaving.document) {
        (Some(lecture), _) => client.lecture(lecture).await.map(|lecture| lecture.state),
        (None, Some(document)) => client.document(document).await.map(|document| document.state),
        (None, None) => return Ok(false),
    };
    match state {
        Ok(state) => Ok(!matches!(state.as_str(), "uploading" | "failed")),
        Err(error) if error.code == code::NOT_FOUND => Ok(false),
        Err(error) => Err(error),
    }
}

/// It is not on the list any more; the library still shows it, and it can be deleted there.
fn not_removed(error: &ClientError) {
    tracing::warn!(code = %error.code, "what was sent of a cancelled upload could not be removed");
}

fn item(kept: &Kept) -> Item {
    Item {
        id: kept.id.clone(),
        name: name(&kept.path),
        bytes: std::fs::metadata(&kept.path).map_or(0, |meta| meta.len()),
        state: if kept.paused { ItemState::Paused } else { ItemState::Checking },
        sent: 0,
        speed: 0,
        seconds_left: None,
        captions: kept.captions.as_deref().map(name),
        lecture_id: None,
        document_id: None,
        failure: None,
        is_document: false,
        waits: false,
    }
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

fn fresh_id() -> String {
    format!("u-{}", uuid::Uuid::now_v7().simple())
}

fn nothing_in_it() -> ClientError {
    ClientError::new(
        code::FILE,
        "nothing in this folder can be taken; look whether there are recordings or documents in it, and whether you may open it",
    )
}

fn lost(path: &Path) -> ClientError {
    ClientError::new(code::FILE, format!("{} is not there any more; bring it back or choose it again", path.display()))
}
