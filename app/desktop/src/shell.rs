//! What the window is connected to: the server, its lectures, documents and uploads, the microphone and the loudspeaker. Puts parts of
//! the client together; decides nothing.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use synapscribe_client::audio::{Lead, Loudspeaker, Microphone, Taken};
use synapscribe_client::protocol::ErrorDto;
use synapscribe_client::{Client, ClientError, Connection, Home, LiveBooks, LiveShelf, Tray};
use synapscribe_host::{Joined, Retention, Running};
use tauri::{AppHandle, Manager as _, Runtime};
use tokio::sync::{Notify, watch};

use crate::events::{self, Heard};
use crate::settings::Settings;

/// The longest spoken question, until the server has said how long one may be.
const LONGEST_QUESTION: Duration = Duration::from_secs(120);
/// Commands wait this long for a connection that is being made.
const PATIENCE: Duration = Duration::from_secs(30);
/// A host of another program on this machine that is gone for so long has ended.
const GONE: Duration = Duration::from_secs(4);
/// The longest pause between attempts to reach the server.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Everything behind the window.
pub struct Shell {
    link: watch::Sender<Link>,
    again: Arc<Notify>,
    settings: Arc<Mutex<Settings>>,
    folder: PathBuf,
    own: Arc<tokio::sync::Mutex<Option<Running>>>,
    /// The microphone.
    pub microphone: Microphone,
    /// The loudspeaker.
    pub loudspeaker: Loudspeaker,
    /// What the window knows of it.
    pub heard: Heard,
    /// Leads what the page plays by itself, and the rest, to the chosen one.
    pub lead: Lead,
    recordings: Mutex<HashMap<String, Taken>>,
}

/// How the shell stands with its server.
#[derive(Clone)]
pub enum Link {
    /// An attempt is being made.
    Connecting,
    /// The server answered.
    Attached(Attached),
    /// It did not; another attempt follows.
    Waiting(ErrorDto),
}

/// A server and what is followed of it.
#[derive(Clone)]
pub struct Attached {
    /// The client.
    pub client: Client,
    /// Its lectures.
    pub shelf: Arc<LiveShelf>,
    /// Its documents.
    pub books: Arc<LiveBooks>,
    /// The uploads to it.
    pub tray: Arc<Tray>,
}

impl Shell {
    /// Reads the settings and begins to connect.
    pub fn start<R: Runtime>(app: AppHandle<R>) -> anyhow::Result<Self> {
        let folder = app.path().app_config_dir()?;
        let shell = Self {
            link: watch::channel(Link::Connecting).0,
            again: Arc::default(),
            settings: Arc::new(Mutex::new(Settings::read(&folder))),
            folder,
            own: Arc::default(),
            microphone: Microphone::new(LONGEST_QUESTION),
            loudspeaker: Loudspeaker::default(),
            heard: Heard::default(),
            lead: Lead::default(),
            recordings: Mutex::default(),
        };
        tauri::async_runtime::spawn(keep_connected(
            shell.link.clone(),
            Arc::clone(&shell.again),
            Arc::clone(&shell.own),
            Arc::clone(&shell.settings),
            shell.microphone.clone(),
        ));
        events::follow(app, shell.link.subscribe(), shell.microphone.clone(), shell.loudspeaker.clone(), shell.heard.clone());
        Ok(shell)
    }

    /// The server once it is there.
    pub async fn attached(&self) -> Result<Attached, ClientError> {
        let mut link = self.link.subscribe();
        let there = async {
            loop {
                match &*link.borrow_and_update() {
                    Link::Attached(attached) => return Ok(attached.clone()),
                    Link::Waiting(failure) => return Err(ClientError::from(failure.clone())),
                    Link::Connecting => {}
                }
                if link.changed().await.is_err() {
                    return Err(ClientError::unreachable("the server"));
                }
            }
        };
        tokio::time::timeout(PATIENCE, there).await.unwrap_or_else(|_| Err(ClientError::unreachable("the server")))
    }

    /// The server, however long it takes.
    pub async fn attached_at_last(&self) -> Attached {
        let mut link = self.link.subscribe();
        loop {
            if let Link::Attached(attached) = &*link.borrow_and_update() {
                return attached.clone();
            }
            // The sender is this shell's own.
            let _ = link.changed().await;
        }
    }

    /// How the shell stands with its server now.
    pub fn link(&self) -> Link {
        self.link.borrow().clone()
    }

    /// The server's client once it is there.
    pub async fn client(&self) -> Result<Client, ClientError> {
        Ok(self.attached().await?.client)
    }

    /// Tries again now.
    pub fn reconnect(&self) {
        self.again.notify_one();
    }

    /// The chosen server; empty for the host inside the app.
    pub fn server(&self) -> String {
        self.settings().server.clone()
    }

    /// Goes on with another server, once it has answered.
    pub async fn use_server(&self, address: &str) -> Result<(), ClientError> {
        if !address.is_empty() {
            Client::connect(address, Home::of_platform()?).await?;
        }
        let settings = Settings { server: address.to_owned() };
        settings
            .write(&self.folder)
            .map_err(|error| ClientError::new("disk", format!("{} cannot be written: {error}", self.folder.display())))?;
        *self.settings() = settings;
        self.link.send_replace(Link::Connecting);
        self.again.notify_one();
        Ok(())
    }

    /// For how many days what was asked is kept; only the host inside the app tells.
    pub async fn retention(&self) -> Option<u32> {
        self.own.lock().await.as_ref().map(|host| host.retention().days())
    }

    /// Keeps what was asked for so many days, on the host inside the app.
    pub async fn keep_for(&self, days: u32) -> Result<(), ClientError> {
        let own = self.own.lock().await;
        let host =
            own.as_ref().ok_or_else(|| ClientError::new("not_own", "another program or server keeps it; ask who runs that"))?;
        let retention = Retention::of_days(days)
            .ok_or_else(|| ClientError::new("bad_message", "between one day and a week can be chosen"))?;
        host.keep_for(retention).map_err(|error| ClientError::new("disk", format!("the choice cannot be kept: {error}")))
    }

    /// Keeps a recording until it is asked, and gives its name.
    pub fn keep(&self, taken: Taken) -> String {
        let mut recordings = self.recordings.lock().unwrap_or_else(PoisonError::into_inner);
        // One that was never asked makes room for the next.
        recordings.clear();
        let id = synapscribe_client::new_session_id();
        recordings.insert(id.clone(), taken);
        id
    }

    /// Takes a recording that was kept.
    pub fn recording(&self, id: &str) -> Option<Taken> {
        self.recordings.lock().unwrap_or_else(PoisonError::into_inner).remove(id)
    }

    /// Stops the host inside, if there is one.
    pub fn stop(&self) {
        let own = Arc::clone(&self.own);
        tauri::async_runtime::block_on(async move {
            if let Some(host) = own.lock().await.take() {
                host.stop().await;
            }
        });
    }

    fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Attaches to the chosen server, again and again until it answers, and anew whenever that is asked for.
async fn keep_connected(
    link: watch::Sender<Link>,
    again: Arc<Notify>,
    own: Arc<tokio::sync::Mutex<Option<Running>>>,
    settings: Arc<Mutex<Settings>>,
    microphone: Microphone,
) {
    let mut pause = Duration::from_millis(250);
    loop {
        let address = settings.lock().unwrap_or_else(PoisonError::into_inner).server.clone();
        match attach(&address, &own).await {
            Ok(attached) => {
                pause = Duration::from_millis(250);
                microphone.limit(Duration::from_secs(attached.client.discovery().limits.query_seconds));
                let connection = attached.client.connection();
                let joined = address.is_empty() && own.lock().await.is_none();
                link.send_replace(Link::Attached(attached));
                // From here on the client's socket looks after itself. Only a host that was another program's may be gone for
                // good; this app then needs one of its own.
                tokio::select! {
                    () = again.notified() => {}
                    () = ended(connection), if joined => {}
                }
            }
            Err(error) => {
                tracing::warn!(code = %error.code, "the server cannot be reached");
                link.send_replace(Link::Waiting(error.to_dto()));
                let _ = tokio::time::timeout(pause, again.notified()).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Returns when a server has stayed away.
async fn ended(mut connection: watch::Receiver<Connection>) {
    while connection.wait_for(|now| matches!(now, Connection::Waiting)).await.is_ok() {
        let back = connection.wait_for(|now| matches!(now, Connection::Open));
        if tokio::time::timeout(GONE, back).await.is_err() {
            return;
        }
    }
}

async fn attach(address: &str, own: &tokio::sync::Mutex<Option<Running>>) -> Result<Attached, ClientError> {
    let address = if address.is_empty() { own_host(own).await? } else { address.to_owned() };
    let client = Client::connect(&address, Home::of_platform()?).await?;
    // The line is opened before the first question.
    drop(client.connection());
    let shelf = Arc::new(LiveShelf::follow(client.clone()));
    let books = Arc::new(LiveBooks::follow(client.clone()));
    let tray = Arc::new(Tray::open(client.clone()));
    Ok(Attached { client, shelf, books, tray })
}

/// The address of this machine's own host: the one that runs already, or one inside the app.
async fn own_host(own: &tokio::sync::Mutex<Option<Running>>) -> Result<String, ClientError> {
    let mut own = own.lock().await;
    if let Some(host) = &*own {
        return Ok(host.url.clone());
    }
    let failed =
        |error: &dyn std::fmt::Display| ClientError::passing("host_failed", format!("the app's own host did not start: {error}"));
    let data = match std::env::var_os("SYNAPSCRIBE_DATA") {
        Some(data) => PathBuf::from(data),
        None => synapscribe_host::default_data_folder().map_err(|error| failed(&error))?,
    };
    let settings = synapscribe_host::Settings::from_env(data, |name| std::env::var(name).ok()).map_err(|error| failed(&error))?;
    match synapscribe_host::join(settings).await.map_err(|error| failed(&format!("{error:#}")))? {
        Joined::Started(host) => {
            let url = host.url.clone();
            *own = Some(*host);
            Ok(url)
        }
        Joined::Running(url) => Ok(url),
    }
}
