//! The models one can add: what there is, fetching it so that a break costs nothing, and which one is in use. Knows no engine.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use reqwest::{Client, Response, StatusCode, header};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use synapscribe_domain::{Code, Failure};
use synapscribe_ports::{Models, StoreError, StoreResult};
use tokio::io::AsyncWriteExt;

use crate::openai::trust;

mod catalogue;
mod range;

pub use catalogue::catalogue;
pub use range::content_range;

/// What a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ModelKind {
    /// Recognises speech (`SYNAPSCRIBE_WHISPER_MODEL`).
    Ear,
    /// Compares meanings (`SYNAPSCRIBE_MINILM`).
    Meaning,
}

/// A file of a model and where it is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelFile {
    /// The file's name.
    pub name: String,
    /// Its address.
    pub url: String,
    /// Its size.
    pub bytes: u64,
    /// Its published SHA-256 in lower-case hexadecimal.
    pub sha256: String,
}

/// A model that can be fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelCard {
    /// The name to ask for.
    pub name: String,
    /// What it is for.
    pub kind: ModelKind,
    /// A few words for people.
    pub description: String,
    /// Its licence.
    pub licence: String,
    /// Its files; an ear is one file, a model of meaning a folder.
    pub files: Vec<ModelFile>,
}

impl ModelCard {
    /// The size of all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().fold(0, |sum, file| sum.saturating_add(file.bytes))
    }
}

/// A model and what is here of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The model.
    pub card: ModelCard,
    /// Whether all of it is here.
    pub installed: bool,
    /// Whether it is the one in use.
    pub in_use: bool,
    /// The bytes that are here, also of a download that broke off.
    pub bytes_here: u64,
}

/// How far a download has come, over all files of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes that are here.
    pub done: u64,
    /// Bytes in all.
    pub total: u64,
}

/// The models on this machine.
#[derive(Debug, Clone)]
pub struct ModelStore {
    folder: PathBuf,
    catalogue: Vec<ModelCard>,
    /// Why the operator's own models could not be read.
    fault: Option<Failure>,
}

/// A server that falls silent for longer is given up; what came is kept.
const SILENCE: Duration = Duration::from_secs(30);
/// So many times a broken download goes on by itself, as long as each try brought something.
const TRIES: usize = 5;
/// The file that says which models are in use.
const CHOICES: &str = "in-use.json";
/// The names that stand for having no model in use, and the kinds they mean.
const BUILT_IN: &[(&str, &[ModelKind])] = &[
    ("built-in", &[ModelKind::Ear, ModelKind::Meaning]),
    ("built-in-ear", &[ModelKind::Ear]),
    ("built-in-meaning", &[ModelKind::Meaning]),
];

/// Which models are in use, by their names.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Choices {
    #[serde(default)]
    ear: Option<String>,
    #[serde(default)]
    meaning: Option<String>,
}

#[async_trait]
impl Models for ModelStore {
    async fn bytes(&self) -> StoreResult<u64> {
        let this = self.clone();
        let counting = tokio::task::spawn_blocking(move || this.list().iter().map(|model| model.bytes_here).sum());
        counting.await.map_err(|error| StoreError::Unavailable(error.to_string()))
    }
}

impl Choices {
    fn of(&mut self, kind: ModelKind) -> &mut Option<String> {
        match kind {
            ModelKind::Ear => &mut self.ear,
            ModelKind::Meaning => &mut self.meaning,
        }
    }
}

impl ModelStore {
    /// The store in a folder, with the models the project knows and those of the operator's `catalogue.json` in it.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        let (own, fault) = match catalogue::own(&folder) {
            Ok(own) => (own, None),
            Err(fault) => (Vec::new(), Some(fault)),
        };
        let mut cards = catalogue();
        // An operator's own takes the place of one with the same name.
        cards.retain(|card| own.iter().all(|other| other.name != card.name));
        cards.extend(own);
        Self { fault, ..Self::with_catalogue(folder, cards) }
    }

    /// The models of the host that keeps its data in this folder.
    pub fn in_data_folder(data: &Path) -> Self {
        Self::new(data.join("models"))
    }

    /// The store with these models and no others.
    pub fn with_catalogue(folder: impl Into<PathBuf>, catalogue: Vec<ModelCard>) -> Self {
        Self { folder: folder.into(), catalogue, fault: None }
    }

    /// Whether all models could be read; where the operator's own could not, only those the project knows are here.
    pub fn sound(&self) -> Result<(), Failure> {
        self.fault.clone().map_or(Ok(()), Err)
    }

    /// Every model there is.
    pub fn list(&self) -> Vec<Listed> {
        let in_use = self.choices();
        let listed = |card: &ModelCard| {
            let here = |f: &ModelFile| size(&self.file(card, f)).or_else(|| size(&part(&self.file(card, f)))).unwrap_or(0);
            Listed {
                installed: self.is_installed(card),
                in_use: [&in_use.ear, &in_use.meaning].into_iter().flatten().any(|n| *n == card.name),
                bytes_here: card.files.iter().map(here).sum(),
                card: card.clone(),
            }
        };
        self.catalogue.iter().map(listed).collect()
    }

    /// Chooses an installed model and returns its path, or goes back to what is built in, which has none.
    pub fn choose(&self, name: &str) -> Result<Option<PathBuf>, Failure> {
        if let Some((_, kinds)) = BUILT_IN.iter().find(|(known, _)| *known == name) {
            let mut choices = self.choices();
            for kind in *kinds {
                *choices.of(*kind) = None;
            }
            return self.keep(&choices).map(|()| None);
        }
        let card = self.card(name)?;
        if !self.is_installed(card) {
            return Err(Failure::new(
                Code::EngineMissing,
                format!("{name} is not on this machine yet; fetch it with `synapscribe models get {name}`"),
            ));
        }
        let mut choices = self.choices();
        *choices.of(card.kind) = Some(card.name.clone());
        self.keep(&choices)?;
        Ok(Some(self.path(card)))
    }

    fn keep(&self, choices: &Choices) -> Result<(), Failure> {
        let text = serde_json::to_vec_pretty(choices).map_err(|_| Failure::internal())?;
        let path = self.folder.join(CHOICES);
        let new = part(&path);
        let kept = std::fs::create_dir_all(&self.folder).and_then(|()| std::fs::write(&new, text));
        kept.and_then(|()| std::fs::rename(&new, &path)).map_err(|e| self.disk(&e))
    }

    /// The chosen model of a kind, if it is still here: a file for an ear, a folder for a model of meaning.
    pub fn in_use(&self, kind: ModelKind) -> Option<PathBuf> {
        let name = self.choices().of(kind).take()?;
        let card = self.card(&name).ok()?;
        self.is_installed(card).then(|| self.path(card))
    }

    /// Fetches a model: what is here already is not fetched again, a broken download goes on where it stopped, and nothing
    /// becomes visible under its name before its checksum is right.
    pub async fn get(&self, name: &str, mut progress: impl FnMut(Progress) + Send) -> Result<PathBuf, Failure> {
        let card = self.card(name)?;
        let total = card.bytes();
        let mut done = 0;
        for file in &card.files {
            let path = self.file(card, file);
            if size(&path) != Some(file.bytes) {
                self.fetch(file, &path, &mut |here| progress(Progress { done: done + here, total })).await?;
            }
            done += file.bytes;
            progress(Progress { done, total });
        }
        Ok(self.path(card))
    }

    async fn fetch(&self, file: &ModelFile, path: &Path, progress: &mut (dyn FnMut(u64) + Send)) -> Result<(), Failure> {
        let partial = part(path);
        if let Some(folder) = path.parent() {
            tokio::fs::create_dir_all(folder).await.map_err(|e| self.disk(&e))?;
        }
        let lock = std::fs::OpenOptions::new().create(true).append(true).open(&partial).map_err(|e| self.disk(&e))?;
        if lock.try_lock().is_err() {
            return Err(Failure::new(Code::Busy, format!("{} is being fetched already; wait until that is done", file.name)));
        }
        let client = client()?;
        let mut tries = 0;
        loop {
            let before = size(&partial).unwrap_or(0);
            match self.download(&client, file, &partial, progress).await {
                Ok(()) => break,
                // A break in the middle: as long as something came, going on is worth it.
                Err(Stop::Broken(failure)) => {
                    tries += 1;
                    if tries >= TRIES || size(&partial).unwrap_or(0) <= before {
                        return Err(failure);
                    }
                }
                Err(Stop::Final(failure)) => return Err(failure),
            }
        }
        self.check(file, &partial).await?;
        tokio::fs::rename(&partial, path).await.map_err(|e| self.disk(&e))
    }

    /// One try: everything that is missing, appended to what is here.
    async fn download(
        &self,
        client: &Client,
        file: &ModelFile,
        partial: &Path,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<(), Stop> {
        let mut here = size(partial).unwrap_or(0);
        if here == file.bytes {
            return Ok(());
        }
        if here > file.bytes {
            self.empty(partial)?;
            here = 0;
        }
        let mut response = self.request(client, file, here).await?;
        match response.status() {
            StatusCode::PARTIAL_CONTENT if starts_at(&response) == Some(here) => {}
            // The server does not continue downloads, or cannot continue this one: it begins again.
            StatusCode::OK => {
                self.empty(partial)?;
                here = 0;
            }
            StatusCode::RANGE_NOT_SATISFIABLE | StatusCode::PARTIAL_CONTENT => {
                self.empty(partial)?;
                here = 0;
                response = self.request(client, file, 0).await?;
                if response.status() != StatusCode::OK && starts_at(&response) != Some(0) {
                    return Err(Stop::Final(refused(file, response.status())));
                }
            }
            status if status.is_server_error() => return Err(Stop::Broken(refused(file, status))),
            status => return Err(Stop::Final(refused(file, status))),
        }
        let mut out = tokio::fs::OpenOptions::new().append(true).open(partial).await.map_err(|e| Stop::Final(self.disk(&e)))?;
        progress(here);
        loop {
            let chunk = match tokio::time::timeout(SILENCE, response.chunk()).await {
                Ok(Ok(Some(chunk))) => chunk,
                Ok(Ok(None)) => break,
                Ok(Err(_)) | Err(_) => {
                    out.flush().await.map_err(|e| Stop::Final(self.disk(&e)))?;
                    return Err(Stop::Broken(broken(file)));
                }
            };
            here += chunk.len() as u64;
            if here > file.bytes {
                // A write may still be under way, and would land behind the truncation.
                let _ = out.flush().await;
                let _ = self.empty(partial);
                return Err(Stop::Final(wrong(file, "it is larger than published")));
            }
            out.write_all(&chunk).await.map_err(|e| Stop::Final(self.disk(&e)))?;
            progress(here);
        }
        out.flush().await.map_err(|e| Stop::Final(self.disk(&e)))?;
        out.sync_all().await.map_err(|e| Stop::Final(self.disk(&e)))?;
        if here < file.bytes { Err(Stop::Broken(broken(file))) } else { Ok(()) }
    }

    async fn request(&self, client: &Client, file: &ModelFile, from: u64) -> Result<Response, Stop> {
        let mut request = client.get(&file.url);
        if from > 0 {
            request = request.header(header::RANGE, format!("bytes={from}-"));
        }
        match tokio::time::timeout(SILENCE, request.send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) if error.is_builder() => Err(Stop::Final(Failure::internal())),
            Ok(Err(error)) if error.is_connect() || error.is_timeout() => Err(Stop::Broken(self.unreachable(file))),
            Ok(Err(_)) => Err(Stop::Broken(broken(file))),
            Err(_) => Err(Stop::Broken(self.unreachable(file))),
        }
    }

    /// Compares the checksum; a file that is wrong is removed, so that the next try begins anew.
    async fn check(&self, file: &ModelFile, partial: &Path) -> Result<(), Failure> {
        let path = partial.to_owned();
        let sum = tokio::task::spawn_blocking(move || checksum(&path)).await.map_err(|_| Failure::internal())?;
        if sum.map_err(|e| self.disk(&e))? == file.sha256.to_lowercase() {
            return Ok(());
        }
        let _ = tokio::fs::remove_file(partial).await;
        Err(wrong(file, "its checksum differs"))
    }

    fn empty(&self, partial: &Path) -> Result<(), Stop> {
        std::fs::OpenOptions::new().write(true).truncate(true).open(partial).map(|_| ()).map_err(|e| Stop::Final(self.disk(&e)))
    }

    fn card(&self, name: &str) -> Result<&ModelCard, Failure> {
        self.catalogue.iter().find(|c| c.name == name).ok_or_else(|| {
            let names: Vec<&str> = self.catalogue.iter().map(|c| c.name.as_str()).collect();
            Failure::new(Code::NotFound, format!("there is no model {name}; there are {}", names.join(", ")))
        })
    }

    fn is_installed(&self, card: &ModelCard) -> bool {
        card.files.iter().all(|f| size(&self.file(card, f)) == Some(f.bytes))
    }

    fn path(&self, card: &ModelCard) -> PathBuf {
        match (card.kind, card.files.first()) {
            (ModelKind::Ear, Some(file)) => self.file(card, file),
            _ => self.folder.join(&card.name),
        }
    }

    fn file(&self, card: &ModelCard, file: &ModelFile) -> PathBuf {
        self.folder.join(&card.name).join(&file.name)
    }

    fn choices(&self) -> Choices {
        std::fs::read(self.folder.join(CHOICES)).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
    }

    fn unreachable(&self, file: &ModelFile) -> Failure {
        let host = reqwest::Url::parse(&file.url)
            .ok()
            .and_then(|u| u.host_str().map(str::to_owned))
            .unwrap_or_else(|| "the server".into());
        Failure::new(
            Code::EngineFailed,
            format!(
                "{host} cannot be reached; connect to the internet and try again, or copy {} from another machine into {}",
                file.name,
                self.folder.display()
            ),
        )
    }

    fn disk(&self, error: &std::io::Error) -> Failure {
        let folder = self.folder.display();
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Failure::new(
                Code::DiskFull,
                format!("the disk that holds {folder} is full; make room and try again, what was fetched is kept"),
            ),
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => Failure::new(
                Code::EngineFailed,
                format!("{folder} cannot be written; choose another data folder or change its permissions"),
            ),
            _ => Failure::new(Code::EngineFailed, format!("the model could not be stored in {folder}: {}", error.kind())),
        }
    }
}

/// Why a download ended.
enum Stop {
    /// Going on may work.
    Broken(Failure),
    /// It will not.
    Final(Failure),
}

fn broken(file: &ModelFile) -> Failure {
    Failure::new(
        Code::EngineFailed,
        format!("the download of {} broke off; run the same command again and it goes on where it stopped", file.name),
    )
}

fn wrong(file: &ModelFile, how: &str) -> Failure {
    Failure::new(Code::EngineFailed, format!("what was fetched is not {}: {how}; it was deleted, try again later", file.name))
}

fn refused(file: &ModelFile, status: StatusCode) -> Failure {
    Failure::new(Code::EngineFailed, format!("the server does not give out {} ({}); try again later", file.name, status.as_u16()))
}

/// Where the bytes of a partial answer begin.
fn starts_at(response: &Response) -> Option<u64> {
    content_range(response.headers().get(header::CONTENT_RANGE)?.to_str().ok()?)
}

fn size(path: &Path) -> Option<u64> {
    std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file).map(|m| m.len())
}

fn part(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}

fn checksum(path: &Path) -> std::io::Result<String> {
    let mut file = std::fs::File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(hex::encode(hasher.finalize()));
        }
        hasher.update(&buffer[..read]);
    }
}

/// A client that follows the redirects publishers use to reach the nearest copy, never from encrypted to plain.
fn client() -> Result<Client, Failure> {
    let redirects = reqwest::redirect::Policy::custom(|attempt| {
        let was_safe = attempt.previous().iter().any(|u| u.scheme() == "https");
        if attempt.previous().len() > 5 || (was_safe && attempt.url().scheme() != "https") {
            attempt.stop()
        } else {
            attempt.follow()
        }
    });
    Client::builder()
        .connect_timeout(Duration::from_secs(5))
        .redirect(redirects)
        .tls_backend_preconfigured(trust()?)
        .user_agent(concat!("synapscribe/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|_| Failure::internal())
}
