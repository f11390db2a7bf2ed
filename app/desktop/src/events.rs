//! What the shell tells the window by itself. The names are those of `ui/src/shared/bridge/tauri/commands.ts`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::Serialize;
use synapscribe_client::account::{Account, Standing};
use synapscribe_client::audio::{Devices, Loudspeaker, Microphone, Phase};
use synapscribe_client::protocol::ErrorDto;
use synapscribe_client::{Books, Connection, Item, Shelf};
use tauri::{AppHandle, Emitter as _, Runtime};
use tokio::sync::watch;

use crate::shell::{Attached, Link};

/// A message about a question.
pub const ANSWER: &str = "answer";

/// The meter moves this often.
const METER: Duration = Duration::from_millis(40);
/// Devices are looked after this often.
const CARE: Duration = Duration::from_secs(1);
/// Microphones and loudspeakers are looked for this often.
const DEVICES: Duration = Duration::from_secs(2);
/// Lists are told of at most this often.
const LISTS: Duration = Duration::from_millis(200);

/// How the window stands with its server.
#[derive(Clone, Serialize)]
pub struct ConnectionEvent {
    phase: &'static str,
    failure: Option<ErrorDto>,
}

impl From<&Link> for ConnectionEvent {
    fn from(link: &Link) -> Self {
        match link {
            Link::Connecting => Self { phase: "connecting", failure: None },
            Link::Waiting(failure) => Self { phase: "waiting", failure: Some(failure.clone()) },
            Link::Attached(attached) => {
                let phase = match *attached.client.connection().borrow() {
                    Connection::Open => "open",
                    Connection::Idle | Connection::Connecting => "connecting",
                    Connection::Waiting => "waiting",
                };
                Self { phase, failure: None }
            }
        }
    }
}

#[derive(Clone, Serialize)]
struct RecorderEvent {
    phase: &'static str,
    failure: Option<ErrorDto>,
}

/// Whether something is heard, as the window was last told.
#[derive(Clone, Default)]
pub struct Heard(Arc<AtomicBool>);

impl Heard {
    /// Tells the window where that is news.
    pub fn tell<R: Runtime>(&self, app: &AppHandle<R>, now: bool) {
        if self.is_news(now) {
            let _ = app.emit("speaking", now);
        }
    }

    fn is_news(&self, now: bool) -> bool {
        self.0.swap(now, Ordering::AcqRel) != now
    }
}

/// Follows everything and tells the window.
pub fn follow<R: Runtime>(
    app: AppHandle<R>,
    link: watch::Receiver<Link>,
    microphone: Microphone,
    loudspeaker: Loudspeaker,
    heard: Heard,
) {
    tauri::async_runtime::spawn(follow_link(app.clone(), link));
    tauri::async_runtime::spawn(follow_microphone(app.clone(), microphone.phase()));
    tauri::async_runtime::spawn(follow_devices(app.clone()));
    tauri::async_runtime::spawn(follow_sound(app, microphone.clone(), loudspeaker.clone(), heard));
    // Each by itself: whoever waits for a microphone whose server does not answer holds no loudspeaker up.
    tauri::async_runtime::spawn(look_after(move || {
        let microphone = microphone.clone();
        async move { microphone.look_after().await }
    }));
    tauri::async_runtime::spawn(look_after(move || {
        let loudspeaker = loudspeaker.clone();
        async move { loudspeaker.look_after().await }
    }));
}

async fn follow_link<R: Runtime>(app: AppHandle<R>, mut link: watch::Receiver<Link>) {
    loop {
        let now = link.borrow_and_update().clone();
        let _ = app.emit("connection", ConnectionEvent::from(&now));
        if let Link::Attached(attached) = &now {
            tokio::select! {
                () = follow_server(&app, attached, &now) => {}
                changed = link.changed() => if changed.is_err() { return } else { continue },
            }
        }
        if link.changed().await.is_err() {
            return;
        }
    }
}

async fn follow_server<R: Runtime>(app: &AppHandle<R>, attached: &Attached, link: &Link) {
    let mut connection = attached.client.connection();
    let (mut shelf, mut books, mut tray) = (attached.shelf.list(), attached.books.list(), attached.tray.items());
    tokio::join!(
        async {
            while connection.changed().await.is_ok() {
                let _ = app.emit("connection", ConnectionEvent::from(link));
            }
        },
        tell_account(app, attached.client.account().ok()),
        tell_lists::<R, Shelf>(app, "lectures", &mut shelf),
        tell_lists::<R, Books>(app, "documents", &mut books),
        tell_lists::<R, Vec<Item>>(app, "uploads", &mut tray),
    );
}

async fn tell_account<R: Runtime>(app: &AppHandle<R>, account: Option<&Account>) {
    let Some(mut standing) = account.map(Account::standing) else {
        let _ = app.emit("account", Standing::Guest);
        return;
    };
    loop {
        let now = standing.borrow_and_update().clone();
        let _ = app.emit("account", now);
        if standing.changed().await.is_err() {
            return;
        }
    }
}

async fn tell_lists<R: Runtime, T: Serialize + Clone>(app: &AppHandle<R>, name: &str, list: &mut watch::Receiver<T>) {
    loop {
        let now = list.borrow_and_update().clone();
        let _ = app.emit(name, now);
        // What comes after a rest is told at once; only what follows it closely waits.
        tokio::time::sleep(LISTS).await;
        if list.changed().await.is_err() {
            return;
        }
    }
}

async fn follow_microphone<R: Runtime>(app: AppHandle<R>, mut phase: watch::Receiver<Phase>) {
    loop {
        let event = match phase.borrow_and_update().clone() {
            Phase::Closed => RecorderEvent { phase: "closed", failure: None },
            Phase::Opening => RecorderEvent { phase: "opening", failure: None },
            Phase::Ready => RecorderEvent { phase: "ready", failure: None },
            Phase::Recording => RecorderEvent { phase: "recording", failure: None },
            Phase::Full => RecorderEvent { phase: "full", failure: None },
            Phase::Failed { failure } => RecorderEvent { phase: "failed", failure: Some(failure) },
        };
        let _ = app.emit("recorder", event);
        if phase.changed().await.is_err() {
            return;
        }
    }
}

/// Tells what is plugged in and pulled out.
async fn follow_devices<R: Runtime>(app: AppHandle<R>) {
    let mut look = tokio::time::interval(DEVICES);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut told = None;
    loop {
        look.tick().await;
        // Looking waits for the sound server.
        let Ok(found) = tokio::task::spawn_blocking(Devices::find).await else { continue };
        if told.as_ref() != Some(&found) {
            let _ = app.emit("devices", &found);
            told = Some(found);
        }
    }
}

async fn follow_sound<R: Runtime>(app: AppHandle<R>, microphone: Microphone, loudspeaker: Loudspeaker, heard: Heard) {
    let mut meter = tokio::time::interval(METER);
    meter.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        meter.tick().await;
        microphone.look_at_length();
        if let Some(level) = microphone.level() {
            let _ = app.emit("level", level);
        }
        heard.tell(&app, loudspeaker.is_speaking());
    }
}

/// Looks after a device. That waits for the sound server, which the meter does not.
async fn look_after<F: Future<Output = ()>>(look: impl Fn() -> F) {
    let mut care = tokio::time::interval(CARE);
    care.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        care.tick().await;
        look().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_heard_is_told_once_whoever_notices_and_so_is_its_end() {
        let of_answer = Heard::default();
        let of_meter = of_answer.clone();
        assert!(!of_meter.is_news(false) && of_answer.is_news(true));
        assert!(!of_meter.is_news(true), "the answer told of it");
        assert!(of_meter.is_news(false) && !of_answer.is_news(false));
    }
}
