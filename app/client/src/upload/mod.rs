//! Brings a recording or a document to the server and follows it until it can be asked: checked first, resumed where it stopped.

mod captions;
mod former;
mod late;
mod line;
mod meter;
mod put;
mod saved;
mod send;
mod wait;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde::Serialize;
use synapscribe_protocol::ErrorDto;
use synapscribe_protocol::client::{ClientMessage, UploadPurpose};
use tokio::sync::mpsc;

use crate::client::Client;
use crate::error::{ClientError, Result, code};
use crate::sniff::{self, Checked, Format};
use captions::Captions;
pub use late::is_captions;
pub(crate) use late::{is_named_like_one, plain_stem};
pub use put::xml_field;
pub(crate) use put::{Content, put_url};
use saved::{Saved, Slot};

/// Files up to this size travel in one piece, larger ones in parts of this size.
pub(crate) const PART: u64 = 8 * 1024 * 1024;

/// What happens to an upload.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum UploadEvent {
    /// The file can be taken.
    Checked {
        /// Its size.
        bytes: u64,
        /// Its container.
        format: &'static str,
    },
    /// The lecture has a name; bytes begin to travel.
    Started {
        /// The lecture.
        lecture_id: String,
        /// Bytes that had arrived in an earlier attempt.
        resumed: u64,
    },
    /// This very file was brought here before; it does not travel again.
    AlreadyThere {
        /// The lecture, or the document, that it became.
        lecture_id: String,
    },
    /// Captions beside the recording were sent.
    Captions {
        /// Their file's name; the field `file` is the recording's, where several are told of.
        #[serde(rename = "captions")]
        file: String,
    },
    /// Bytes travel.
    Progress {
        /// Bytes that left.
        bytes: u64,
        /// Bytes in all.
        total: u64,
        /// The speed of the last seconds.
        bytes_per_second: u64,
        /// Seconds left at that speed.
        #[serde(skip_serializing_if = "Option::is_none")]
        seconds_left: Option<u64>,
    },
    /// The server does not answer; it is tried again by itself, and nothing that arrived is lost.
    Unreachable {
        /// The lecture, or null when it has no name yet.
        lecture_id: Option<String>,
        /// What it was.
        error: ErrorDto,
    },
    /// The server answers again.
    Reachable {},
    /// The recording is on the server.
    Uploaded {
        /// The lecture.
        lecture_id: String,
        /// Always `uploaded`.
        state: &'static str,
    },
    /// The server works on it.
    Processing {
        /// The lecture.
        lecture_id: String,
        /// The stage.
        state: String,
        /// The share done of all stages, 0 to 1.
        progress: f32,
        /// Windows finished, while transcribing.
        #[serde(skip_serializing_if = "Option::is_none")]
        done: Option<u32>,
        /// Windows in all, while transcribing.
        #[serde(skip_serializing_if = "Option::is_none")]
        total: Option<u32>,
    },
    /// What its file had become before stays beside it, since not all of it could be passed on.
    Kept {
        /// The document.
        lecture_id: String,
        /// What its file had become before.
        former: String,
        /// Why.
        error: ErrorDto,
    },
    /// It can be asked.
    Ready {
        /// The lecture, or the document.
        lecture_id: String,
        /// Always `ready`.
        state: &'static str,
        /// Its title.
        title: String,
        /// Its length in seconds.
        duration: f64,
        /// Tokens its text takes.
        tokens_used: u32,
        /// The pages of a document.
        #[serde(skip_serializing_if = "Option::is_none")]
        pages: Option<u32>,
    },
    /// The server went away for good, or whoever sent it stopped; nothing is known to be wrong with the recording.
    Interrupted {
        /// The lecture, or null when it never got a name.
        lecture_id: Option<String>,
        /// `interrupted` while it was on its way, where the same upload once more goes on; `unknown` once it had arrived, since
        /// the server may have gone on with it.
        state: &'static str,
        /// What it was.
        error: ErrorDto,
    },
    /// It cannot be used.
    Failed {
        /// The lecture, or null when it never got a name.
        lecture_id: Option<String>,
        /// Always `failed`.
        state: &'static str,
        /// Why.
        error: ErrorDto,
    },
}

impl UploadEvent {
    /// The last event of an upload that did not come to its end; `arrived` is whether the recording is on the server.
    pub fn end(lecture_id: Option<String>, arrived: bool, error: &ClientError) -> Self {
        match error.code.as_str() {
            code::UNREACHABLE | code::NOT_SYNAPSCRIBE => Self::interrupted(lecture_id, arrived, error),
            _ => Self::Failed { lecture_id, state: "failed", error: error.to_dto() },
        }
    }

    /// The last event of one that was broken off, by whatever that was.
    pub fn interrupted(lecture_id: Option<String>, arrived: bool, error: &ClientError) -> Self {
        let state = if arrived { "unknown" } else { "interrupted" };
        Self::Interrupted { lecture_id, state, error: error.to_dto() }
    }
}

/// How a recording is to be uploaded.
#[derive(Debug, Clone)]
pub struct UploadOptions {
    /// Whether to follow it until it can be asked.
    pub wait: bool,
    /// Captions to send along; left out, a file of the same name ending in `.srt` or `.vtt` is looked for.
    pub captions: Option<PathBuf>,
    /// The lecture that captions on their own are for; left out, the one they are named like.
    pub lecture: Option<String>,
}

impl Default for UploadOptions {
    fn default() -> Self {
        Self { wait: true, captions: None, lecture: None }
    }
}

/// Uploads one recording, or captions for one that is there; the last event says how it ended, and so does the result.
pub(crate) async fn upload(
    client: &Client,
    path: &Path,
    options: &UploadOptions,
    events: &mpsc::Sender<UploadEvent>,
) -> Result<String> {
    let reached = Reached::default();
    let outcome = if is_captions(path) {
        late::hand(client, path, options, events, &reached).await
    } else {
        recording(client, path, options, events, &reached).await
    };
    if let Err(error) = &outcome {
        tell(events, reached.end(error)).await;
    }
    outcome
}

async fn recording(
    client: &Client,
    path: &Path,
    options: &UploadOptions,
    events: &mpsc::Sender<UploadEvent>,
    reached: &Reached,
) -> Result<String> {
    match looked_at(client, path, options, events).await {
        Ok((checked, captions)) => {
            let work = run(client, path, (checked, captions), options.wait, events, reached);
            line::watched(client, &reached.lecture, events, work).await
        }
        Err(error) => Err(error),
    }
}

/// How far an upload got.
#[derive(Default)]
struct Reached {
    lecture: OnceLock<String>,
    arrived: OnceLock<()>,
}

impl Reached {
    /// The last event of an upload that did not come to its end.
    fn end(self, error: &ClientError) -> UploadEvent {
        let arrived = self.arrived.get().is_some();
        UploadEvent::end(self.lecture.into_inner(), arrived, error)
    }
}

/// Checks the files before anything is said to the server: a lecture that never gets its recording would be left behind there.
async fn looked_at(
    client: &Client,
    path: &Path,
    options: &UploadOptions,
    events: &mpsc::Sender<UploadEvent>,
) -> Result<(Checked, Option<Captions>)> {
    let checked = check(path, client.discovery().limits.clone()).await?;
    let captions = match checked.format {
        Format::Document => None,
        _ => Captions::read(options.captions.as_deref(), path).await?,
    };
    tell(events, UploadEvent::Checked { bytes: checked.bytes, format: checked.format.name() }).await;
    Ok((checked, captions))
}

async fn run(
    client: &Client,
    path: &Path,
    (checked, captions): (Checked, Option<Captions>),
    wait: bool,
    events: &mpsc::Sender<UploadEvent>,
    reached: &Reached,
) -> Result<String> {
    // Listening begins before anything is sent, so that no news is missed.
    let news = wait.then(|| client.socket().lectures());
    let mut slot = Slot::open(client.home(), client.scope(), path)?;
    let kind = Kind::of(&checked);
    let (mut saved, fresh_url) = match earlier(client, kind, &mut slot).await? {
        Some(saved) => (saved, None),
        None => {
            let (saved, url) = begin(client, path, checked).await?;
            (slot.begin(saved)?, Some(url))
        }
    };
    let (mut id, former) = (saved.lecture.clone(), saved.former.clone());
    let ended = saved.ended;
    let _ = reached.lecture.set(id.clone());
    if ended {
        tell(events, UploadEvent::AlreadyThere { lecture_id: id.clone() }).await;
    }
    // The server looks for captions when the recording arrives, so they go first; changed ones go even after it.
    if let Some(captions) = captions {
        captions.send(client, &mut saved, &mut slot, events).await?;
    }
    if !saved.sent {
        send::send(client, path, saved, fresh_url, &mut slot, events).await?;
    }
    let _ = reached.arrived.set(());
    if !ended {
        if let Some(former) = former {
            kind.clear(client, &former).await;
        }
        tell(events, UploadEvent::Uploaded { lecture_id: id.clone(), state: "uploaded" }).await;
    }
    if let Some(news) = news {
        let ready = wait::until_ready(client, kind, &id, news, events).await;
        if ready.as_ref().is_err_and(|error| error.code != code::UNREACHABLE) {
            // The server refused the recording; the next attempt begins anew.
            slot.forget();
        }
        let mut ready = ready?;
        if kind == Kind::Document {
            id = former::give_way(client, &id, &mut ready, events).await?;
        }
        tell(events, ready).await;
    }
    // It came to its end. The same file once more is the same lecture, as long as that is there.
    slot.end(&id);
    Ok(id)
}

/// What becomes of a file on the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Lecture,
    Document,
}

impl Kind {
    fn of(checked: &Checked) -> Self {
        if checked.format == Format::Document { Self::Document } else { Self::Lecture }
    }

    /// How far the server is with it, and how many of its pages could not be read.
    async fn stand(self, client: &Client, id: &str) -> Result<(String, u32)> {
        Ok(match self {
            Self::Lecture => (client.lecture(id).await?.state, 0),
            Self::Document => {
                let document = client.document(id).await?;
                (document.state, document.failed_pages)
            }
        })
    }

    /// Takes what could not be used off the shelf, now that its file is there once more.
    async fn clear(self, client: &Client, id: &str) {
        if self.stand(client, id).await.is_ok_and(|(state, _)| state == "failed") {
            self.remove(client, id).await;
        }
    }

    /// Where that fails it stays, and can be deleted as anything else.
    async fn remove(self, client: &Client, id: &str) {
        let removed = match self {
            Self::Lecture => client.delete_lecture(id).await,
            Self::Document => client.delete_document(id).await,
        };
        if let Err(error) = removed {
            tracing::warn!(correlation = id, code = %error.code, "what its file took the place of is still listed");
        }
    }
}

/// Forgets where an upload stood, so that the same file begins anew.
pub(crate) fn forget(client: &Client, path: &Path) {
    if let Ok(mut slot) = Slot::open(client.home(), client.scope(), path) {
        slot.forget();
    }
}

/// Looks whether a file can be taken at all.
pub(crate) async fn check(path: &Path, limits: synapscribe_protocol::discovery::UploadLimits) -> Result<Checked> {
    let path = path.to_owned();
    let checked = tokio::task::spawn_blocking(move || sniff::check(&path, &limits)).await;
    checked.map_err(|error| ClientError::new(code::FILE, format!("the file cannot be checked: {error}")))?
}

/// What an earlier attempt left behind and the server still knows of; without it the file begins anew.
async fn earlier(client: &Client, kind: Kind, slot: &mut Slot) -> Result<Option<Saved>> {
    let Some(mut saved) = slot.saved() else { return Ok(None) };
    match kind.stand(client, &saved.lecture).await {
        Ok((state, _)) if state == "failed" => {}
        // Its pages may be read this time. Until there is a place for it, the one it has is not forgotten.
        Ok((state, unread)) if state == "ready" && unread > 0 && saved.ended => return Ok(None),
        // Beyond `uploading` the file is there, even when this side did not live to note it.
        Ok((state, _)) if state != "uploading" => {
            saved.sent = true;
            return Ok(Some(saved));
        }
        // Where it was sent, it is there, and the server is about to notice.
        Ok(_) => return Ok(Some(saved)),
        Err(error) if error.code == code::UNREACHABLE => return Err(error),
        Err(_) => {}
    }
    slot.forget();
    Ok(None)
}

async fn begin(client: &Client, path: &Path, checked: Checked) -> Result<(Saved, String)> {
    let file_name = path.file_name().map_or_else(|| "recording".into(), |name| name.to_string_lossy().into_owned());
    let message = ClientMessage::RequestUpload {
        file_name,
        bytes: checked.bytes,
        purpose: match Kind::of(&checked) {
            Kind::Lecture => UploadPurpose::Lecture,
            Kind::Document => UploadPurpose::Document,
        },
        query_id: None,
        lecture_id: None,
    };
    let place = client.socket().place(message).await?;
    let saved = Saved {
        lecture: place.lecture,
        key: place.key,
        content_type: place.content_type,
        bytes: checked.bytes,
        part_bytes: PART,
        multipart: None,
        captions_sent: None,
        sent: false,
        ended: false,
        former: None,
    };
    Ok((saved, place.url))
}

/// Tells a listener; one that went away is not an error.
async fn tell(events: &mpsc::Sender<UploadEvent>, event: UploadEvent) {
    let _ = events.send(event).await;
}
