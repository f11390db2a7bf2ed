//! The client as its faces see it: one server, one person, one connection. Holds the parts together and no logic of its own.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use synapscribe_protocol::accounts::RegisterDto;
use synapscribe_protocol::discovery::EngineDto;
use synapscribe_protocol::documents::{AreaDto, DocumentDto, FailedPageDto, OutlineEntryDto, PageDto};
use synapscribe_protocol::rest::{
    CorrectionDto, EngineServerDto, HealthDto, LectureDto, LinkDto, PhraseDto, ReportDto, SessionDto, StorageDto, TranscriptDto,
    VoiceDto, WaveformDto,
};
use synapscribe_protocol::{Discovery, SourceDto};
use tokio::sync::{mpsc, watch};

use crate::account::{Account, SignIn, SigningIn};
use crate::ask::{self, Answer, Ask};
use crate::error::{ClientError, Result, code};
use crate::guest::Guest;
use crate::home::Home;
use crate::naming::{self, Named};
use crate::net::{Address, Net};
use crate::rest::Rest;
use crate::socket::{Connection, Link, Pace, Socket};
use crate::upload::{self, UploadEvent, UploadOptions};

/// A connection to a SynapScribe server; clones share it.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    address: Address,
    scope: String,
    discovery: Discovery,
    home: Home,
    net: Net,
    guest: Guest,
    rest: Rest,
    pace: Pace,
    // Most commands need no socket, and none of them need storage; both are made when they are first used.
    s3: OnceLock<aws_sdk_s3::Client>,
    socket: OnceLock<Socket>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("server", &self.inner.address.as_str()).finish_non_exhaustive()
    }
}

impl Client {
    /// Asks the server what it is. `home` is where identities and unfinished uploads are remembered.
    pub async fn connect(server: &str, home: Home) -> Result<Self> {
        Self::connect_with(server, home, Pace::default()).await
    }

    /// The same, with a pace of one's own.
    pub async fn connect_with(server: &str, home: Home, pace: Pace) -> Result<Self> {
        let address = Address::parse(server)?;
        let mut net = Net::new(address.as_str().starts_with("https:"))?;
        let discovery = crate::discovery::discover(&net, &address).await?;
        let secure = |url: &str| url.starts_with("https:") || url.starts_with("wss:");
        if !secure(address.as_str()) && (secure(&discovery.rest_url) || secure(&discovery.websocket_url)) {
            net = Net { time: net.time, ..Net::new(true)? };
        }
        let scope = scope(&address, &discovery);
        let account = Account::new(address.as_str(), &scope, &discovery, &home, &net);
        if let Some(account) = &account {
            account.begin().await?;
        }
        let guest = Guest::new(address.as_str(), &scope, &discovery, &home, account, net.time.clone());
        let rest = Rest {
            net: net.clone(),
            guest: guest.clone(),
            server: address.as_str().to_owned(),
            base: discovery.rest_url.clone(),
            region: discovery.region.clone(),
        };
        let inner =
            Inner { address, scope, discovery, home, net, guest, rest, pace, s3: OnceLock::new(), socket: OnceLock::new() };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The server's address.
    pub fn server(&self) -> &str {
        self.inner.address.as_str()
    }

    /// What the server said of itself.
    pub fn discovery(&self) -> &Discovery {
        &self.inner.discovery
    }

    /// How many seconds the server's clock is ahead of this machine's; none as long as the difference does not matter.
    pub fn clock_ahead(&self) -> i64 {
        self.inner.net.time.ahead()
    }

    /// The account at this server; nothing where there are no accounts.
    pub fn account(&self) -> Result<&Account> {
        let none = || ClientError::new(code::NO_ACCOUNTS, "this server has no accounts; everybody is a guest");
        self.inner.guest.account().ok_or_else(none)
    }

    /// Signs somebody up. What the guest has from here becomes the account's as soon as its address is confirmed.
    pub async fn register(&self, form: &RegisterDto) -> Result<()> {
        let account = self.account()?;
        let (url, body) = account.registering(form)?;
        let mut fresh = false;
        loop {
            let headers = match self.inner.guest.visitor(fresh).await? {
                Some(credentials) => {
                    let (region, now) = (&self.inner.discovery.region, self.inner.net.time.now());
                    crate::sign::headers(&credentials, region, &http::Method::POST, &url, &body, now)?
                }
                None => http::HeaderMap::new(),
            };
            match account.register(headers, body.clone()).await {
                // Remembered credentials may have been revoked, for instance when the server was set up anew.
                Err(error) if matches!(error.code.as_str(), "unauthorised" | code::CREDENTIALS) && !fresh => fresh = true,
                other => return other,
            }
        }
    }

    /// Signs in; what is asked from now on is asked in the account's name. A sign-in that was there before is given up.
    pub async fn sign_in(&self, wish: &SignIn) -> Result<SigningIn> {
        let done = self.account()?.sign_in(wish).await?;
        if let SigningIn::Done(account) = &done {
            self.inner.guest.give_up(&account.identity_id).await;
        }
        Ok(done)
    }

    /// The guest's identity, drawn from the server when there is none yet.
    pub async fn identity(&self) -> Result<String> {
        self.inner.guest.identity().await
    }

    /// Uploads a recording, a document, or captions for the lecture they are named like, and gives the name of what it became; the
    /// last event says how it ended.
    pub async fn upload(&self, path: &Path, options: &UploadOptions, events: &mpsc::Sender<UploadEvent>) -> Result<String> {
        Box::pin(upload::upload(self, path, options, events)).await
    }

    /// Asks a question.
    pub async fn ask(&self, question: Ask) -> Result<Answer> {
        ask::ask(self, question).await
    }

    /// Stops a question; the answer ends with `cancelled`.
    pub async fn cancel(&self, query_id: &str) -> Result<()> {
        self.socket().cancel(query_id).await
    }

    /// Ends a session.
    pub async fn end_session(&self, session_id: &str) -> Result<()> {
        self.socket().end_session(session_id).await
    }

    /// Opens the WebSocket ahead of the first question, and tells how it stands.
    pub fn connection(&self) -> watch::Receiver<Connection> {
        self.socket().connection()
    }

    /// All lectures this guest may ask.
    pub async fn lectures(&self) -> Result<Vec<LectureDto>> {
        self.inner.rest.lectures().await
    }

    /// One lecture.
    pub async fn lecture(&self, id: &str) -> Result<LectureDto> {
        self.inner.rest.lecture(id).await
    }

    /// Whether the server takes documents at all.
    pub fn knows_documents(&self) -> bool {
        self.discovery().features.iter().any(|feature| feature == "documents")
    }

    /// All documents this guest may ask.
    pub async fn documents(&self) -> Result<Vec<DocumentDto>> {
        self.inner.rest.documents().await
    }

    /// One document.
    pub async fn document(&self, id: &str) -> Result<DocumentDto> {
        self.inner.rest.document(id).await
    }

    /// Gives it another title.
    pub async fn rename_document(&self, id: &str, title: &str) -> Result<DocumentDto> {
        self.inner.rest.rename_document(id, title).await
    }

    /// Its table of contents.
    pub async fn outline(&self, id: &str) -> Result<Vec<OutlineEntryDto>> {
        self.inner.rest.outline(id).await
    }

    /// Its pages between two as text, as far as they are read; a server gives a few at once.
    pub async fn pages(&self, id: &str, from: u32, to: u32) -> Result<Vec<PageDto>> {
        self.inner.rest.pages(id, from, to).await
    }

    /// Its pages that could not be read, each with why.
    pub async fn unread_pages(&self, id: &str) -> Result<Vec<FailedPageDto>> {
        self.inner.rest.unread_pages(id).await
    }

    /// One of its pages, or a part of it, as a PNG so many pixels wide.
    pub async fn picture(&self, id: &str, page: u32, width: u32, part: Option<&AreaDto>) -> Result<Vec<u8>> {
        self.inner.rest.picture(id, page, width, part).await
    }

    /// Its cover as a PNG at most so many pixels wide, where it has one.
    pub async fn cover(&self, id: &str, width: u32) -> Result<Vec<u8>> {
        self.inner.rest.cover(id, width).await
    }

    /// Deletes it with everything made from it.
    pub async fn delete_document(&self, id: &str) -> Result<()> {
        self.inner.rest.delete_document(id).await
    }

    /// Its transcript.
    pub async fn transcript(&self, id: &str) -> Result<TranscriptDto> {
        self.inner.rest.transcript(id).await
    }

    /// What became of its recording.
    pub async fn report(&self, id: &str) -> Result<ReportDto> {
        self.inner.rest.report(id).await
    }

    /// Gives it another title.
    pub async fn rename_lecture(&self, id: &str, title: &str) -> Result<LectureDto> {
        self.inner.rest.rename_lecture(id, title).await
    }

    /// Puts the words of one of its phrases right; words that are not as expected any more are answered with `conflict`.
    pub async fn correct(&self, id: &str, correction: &CorrectionDto) -> Result<PhraseDto> {
        self.inner.rest.correct(id, correction).await
    }

    /// The outline of its recording in at most so many points.
    pub async fn waveform(&self, id: &str, points: usize) -> Result<WaveformDto> {
        self.inner.rest.waveform(id, points).await
    }

    /// Where its recording can be fetched.
    pub async fn audio(&self, id: &str) -> Result<LinkDto> {
        self.inner.rest.audio(id).await
    }

    /// Deletes it and everything made of it.
    pub async fn delete_lecture(&self, id: &str) -> Result<()> {
        self.inner.rest.delete_lecture(id).await
    }

    /// The guest's sessions, of one source or of all.
    pub async fn sessions(&self, of: Option<&SourceDto>) -> Result<Vec<SessionDto>> {
        self.inner.rest.sessions(of).await
    }

    /// One session with its turns.
    pub async fn session(&self, id: &str) -> Result<SessionDto> {
        self.inner.rest.session(id).await
    }

    /// Deletes a session.
    pub async fn delete_session(&self, id: &str) -> Result<()> {
        self.inner.rest.delete_session(id).await
    }

    /// Gives a session a title.
    pub async fn rename_session(&self, id: &str, title: &str) -> Result<SessionDto> {
        self.inner.rest.rename_session(id, title).await
    }

    /// A session as Markdown.
    pub async fn export_session(&self, id: &str) -> Result<String> {
        self.inner.rest.export_session(id).await
    }

    /// The bytes that the server keeps for this guest.
    pub async fn storage(&self) -> Result<StorageDto> {
        self.inner.rest.storage().await
    }

    /// What does the work on the server, and where it sends data.
    pub async fn engines(&self) -> Result<Vec<EngineDto>> {
        self.inner.rest.engines().await
    }

    /// The servers behind engines, each after the server tried it.
    pub async fn engine_servers(&self) -> Result<Vec<EngineServerDto>> {
        self.inner.rest.engine_servers().await
    }

    /// The voices to choose from, the usual one first.
    pub async fn voices(&self) -> Result<Vec<VoiceDto>> {
        Ok(self.inner.rest.voices().await?.voices)
    }

    /// Whether the server can speak in this voice, as far as it knows; what it has is named where it cannot.
    pub async fn check_voice(&self, name: &str) -> Result<()> {
        let known = self.inner.rest.voices().await?;
        if known.others || known.voices.iter().any(|voice| voice.name == name) {
            return Ok(());
        }
        let names: Vec<&str> = known.voices.iter().map(|voice| voice.name.as_str()).collect();
        let has = match names[..] {
            [] => "this server has no voice".to_owned(),
            _ => format!("choose one of {}", names.join(", ")),
        };
        Err(ClientError::new(code::UNKNOWN_VOICE, format!("there is no voice “{name}”; {has}")))
    }

    /// Where a spoken answer can be fetched.
    pub async fn response(&self, query_id: &str) -> Result<LinkDto> {
        self.inner.rest.response(query_id).await
    }

    /// The whole spoken answer as the server keeps it, for when parts of it were missed: mono samples and their rate.
    pub async fn spoken_answer(&self, query_id: &str) -> Result<(Vec<i16>, u32)> {
        let link = self.response(query_id).await?;
        let missing = || ClientError::passing(code::NOT_FOUND, "the server does not keep this spoken answer");
        let answer = self.inner.net.http.get(link.url).send().await.map_err(|_| ClientError::unreachable(self.server()))?;
        let bytes = answer.error_for_status().map_err(|_| missing())?.bytes().await.map_err(|_| missing())?;
        crate::audio::wav::decode(&bytes)
    }

    /// What the server says of its own health; to whom shows the key of its operator it names what failed.
    pub async fn health(&self, operator: Option<&str>) -> Result<HealthDto> {
        let unreachable = |_| ClientError::unreachable(self.server());
        let mut request = self.inner.net.http.get(self.inner.address.join("health"));
        if let Some(key) = operator {
            request = request.bearer_auth(key);
        }
        let answer = request.send().await.map_err(unreachable)?;
        // A server that is not well says so with a status of its own, and all the same what is wrong.
        answer.json().await.map_err(|_| ClientError::unreachable(self.server()))
    }

    /// Fetches a small file from the server's own address, such as the sample question.
    pub async fn fetch(&self, path: &str) -> Result<Vec<u8>> {
        let unreachable = |_| ClientError::unreachable(self.server());
        let answer = self.inner.net.http.get(self.inner.address.join(path)).send().await.map_err(unreachable)?;
        if !answer.status().is_success() {
            return Err(ClientError::new(code::NOT_FOUND, format!("{} has no {path} ({})", self.server(), answer.status())));
        }
        Ok(answer.bytes().await.map_err(unreachable)?.into())
    }

    /// Whether storage lets the server's web page put recordings into it, as a browser would ask before it does.
    pub async fn page_may_upload(&self) -> Result<bool> {
        let unreachable = |_| ClientError::unreachable(self.server());
        let discovery = self.discovery();
        // A page asks nobody before it writes to where it came from.
        if discovery.s3_endpoint.as_deref().is_some_and(|endpoint| endpoint.trim_end_matches('/') == self.server()) {
            return Ok(true);
        }
        let bucket = match &discovery.s3_endpoint {
            Some(endpoint) => format!("{}/{}", endpoint.trim_end_matches('/'), discovery.bucket),
            None => format!("https://{}.s3.{}.amazonaws.com", discovery.bucket, discovery.region),
        };
        let asked = self.inner.net.http.request(http::Method::OPTIONS, format!("{bucket}/lectures/page/page/page.ogg"));
        let asked = asked.header("origin", self.server()).header("access-control-request-method", "PUT");
        let answer = asked.header("access-control-request-headers", "content-type").send().await.map_err(unreachable)?;
        let allowed = answer.headers().get("access-control-allow-origin").and_then(|origin| origin.to_str().ok());
        Ok(answer.status().is_success() && allowed.is_some_and(|origin| origin == "*" || origin == self.server()))
    }

    /// The name of a lecture as a person gives it: `sample` stands for the server's sample.
    pub fn resolve_lecture(&self, name: &str) -> Result<String> {
        match (name, &self.inner.discovery.sample) {
            ("sample", Some(sample)) => Ok(sample.lecture_id.clone()),
            ("sample", None) => Err(ClientError::new(code::NOT_FOUND, "this server has no sample lecture")),
            _ => Ok(name.to_owned()),
        }
    }

    /// The same for any lecture: `sample`, a whole name, a title, or the beginning of a name, as long as only one fits.
    pub async fn find_lecture(&self, name: &str) -> Result<String> {
        if name == "sample" {
            return self.resolve_lecture(name);
        }
        let all = self.lectures().await?;
        naming::pick("lecture", name, all.iter().map(Named::lecture)).map(str::to_owned)
    }

    /// The document a person means: a whole name, a title, or the beginning of a name, as long as only one fits.
    pub async fn find_document(&self, name: &str) -> Result<String> {
        let all = self.documents().await?;
        naming::pick("document", name, all.iter().map(Named::document)).map(str::to_owned)
    }

    /// The lecture or the document a person means, in the same ways, as long as only one of both kinds fits.
    pub async fn find_source(&self, name: &str) -> Result<SourceDto> {
        let lecture = |id: String| SourceDto { lecture_id: Some(id), document_id: None };
        if name == "sample" {
            return self.resolve_lecture(name).map(lecture);
        }
        let lectures = self.lectures().await?;
        let documents = if self.knows_documents() { self.documents().await? } else { Vec::new() };
        let named = lectures.iter().map(Named::lecture).chain(documents.iter().map(Named::document));
        let id = naming::pick("lecture or document", name, named)?.to_owned();
        let is_document = documents.iter().any(|document| document.document_id == id);
        Ok(if is_document { SourceDto { lecture_id: None, document_id: Some(id) } } else { lecture(id) })
    }

    /// The session a person means: its whole name, its title, or the beginning of its name, as long as only one fits.
    pub async fn find_session(&self, name: &str) -> Result<SessionDto> {
        let mut all = self.sessions(None).await?;
        let named = all.iter().map(|s| Named::new(&s.session_id, s.title.as_deref()));
        let id = naming::pick("session", name, named)?.to_owned();
        let at = all.iter().position(|session| session.session_id == id).unwrap_or_default();
        Ok(all.swap_remove(at))
    }

    pub(crate) fn rest(&self) -> &Rest {
        &self.inner.rest
    }

    pub(crate) fn socket(&self) -> &Socket {
        self.inner.socket.get_or_init(|| {
            let link = Link {
                guest: self.inner.guest.clone(),
                rest: self.inner.rest.clone(),
                server: self.inner.address.as_str().to_owned(),
                url: self.inner.discovery.websocket_url.clone(),
                region: self.inner.discovery.region.clone(),
                tls: Arc::clone(&self.inner.net.tls),
                time: self.inner.net.time.clone(),
            };
            Socket::start(link, self.inner.pace.clone())
        })
    }

    pub(crate) fn s3(&self) -> &aws_sdk_s3::Client {
        self.inner.s3.get_or_init(|| crate::storage::client(&self.inner.discovery, &self.inner.guest, &self.inner.net.time))
    }

    pub(crate) fn bucket(&self) -> &str {
        &self.inner.discovery.bucket
    }

    pub(crate) fn net(&self) -> &Net {
        &self.inner.net
    }

    /// What the server is remembered under.
    pub(crate) fn scope(&self) -> &str {
        &self.inner.scope
    }

    pub(crate) fn home(&self) -> &Home {
        &self.inner.home
    }

    /// How long an upload rests that a full disk stopped, or a server that was away.
    pub(crate) fn room(&self) -> Duration {
        self.inner.pace.room
    }
}

/// A host on this machine picks another port at every start, so it is remembered by its identity pool. Any other server
/// is remembered by its address, because it could claim to have the pool of another.
fn scope(address: &Address, discovery: &Discovery) -> String {
    if address.is_loopback() { format!("local {}", discovery.identity_pool_id) } else { address.as_str().to_owned() }
}
