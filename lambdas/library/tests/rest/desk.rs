//! REST over the real store and folder, with somebody at the other end.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use http_body_util::BodyExt;
use lambda_library::{Caller, Context, Lines, router};
use serde_json::Value;
use synapscribe_domain::document::DocumentLimits;
use synapscribe_domain::retrieval::Weights;
use synapscribe_domain::{
    AudioFormat, AudioLimits, Code, ConnectionId, Failure, Lecture, LectureId, LectureState, MediaFacts, Millis, ObjectKey, Pcm,
    PersonId, Phrase, Span, Timestamp, Visibility, Waveform,
};
use synapscribe_local::{Folder, FolderObjects, Hub, Keyring, Limits};
use synapscribe_ports::fakes::{
    CountedSecrets, Listeners, MemoryAccounts, MemoryConnections, MemoryLimits, ScriptedAgent, SetClock, TextReader, WordVectors,
};
use synapscribe_ports::{
    AnswerRequest, AnswerStream, AudioFiles, Bias, Clock, DecodeReport, EngineCard, Exchange, Ids, Job, Jobs, Lane, Library,
    Models, Narrator, Objects, Reached, Speech, SpeechMap, StoreResult, Style, SystemClock, Transcriber, Transcript, Tutor,
    UuidIds, VoiceCard,
};
use synapscribe_sql::Store;
use synapscribe_usecases::document::shelf::Shelf;
use synapscribe_usecases::library::Reading;
use synapscribe_usecases::patience::Patience;
use synapscribe_usecases::request_upload::Granting;
use synapscribe_usecases::{Catalogue, Conversing, Editing, Equipment, Revising, Searching, Sharing};
use synapscribe_wire::Announcer;
use tokio::sync::{Semaphore, mpsc};
use tower::ServiceExt;

/// Engines that are only asked for their names, and a recording with a known outline.
struct Parts;

#[async_trait]
impl Transcriber for Parts {
    fn card(&self) -> EngineCard {
        EngineCard::local("ear", "small")
    }
    async fn transcribe(&self, _: Pcm, _: &Bias, _: &tokio_util::sync::CancellationToken) -> Result<Transcript, Failure> {
        Ok(Transcript::default())
    }
    fn as_dyn(&self) -> &dyn Transcriber {
        self
    }
}

#[async_trait]
impl Tutor for Parts {
    fn card(&self) -> EngineCard {
        EngineCard {
            name: "model server".into(),
            model: "large".into(),
            sends_to: Some("gpu.example.edu:8000".into()),
            missing: None,
        }
    }
    async fn reach(&self) -> Option<Reached> {
        let failure = Some(Failure::new(Code::EngineFailed, "it cannot be reached"));
        Some(Reached { server: "gpu.example.edu:8000".into(), failure })
    }
    fn window(&self) -> Option<u32> {
        None
    }
    async fn standalone(&self, question: &str, _: &[Exchange]) -> Result<String, Failure> {
        Ok(question.into())
    }
    async fn answer(&self, _: AnswerRequest) -> Result<AnswerStream, Failure> {
        Err(Failure::internal())
    }
}

#[async_trait]
impl Narrator for Parts {
    fn card(&self) -> EngineCard {
        EngineCard::local("voice", "slt")
    }
    fn voices(&self) -> Vec<VoiceCard> {
        ["slt", "rms"].map(|name| VoiceCard { name: name.into(), description: format!("the voice {name}") }).to_vec()
    }
    async fn speak(&self, _: &str, _: &Style) -> Result<futures::stream::BoxStream<'static, Result<Speech, Failure>>, Failure> {
        Err(Failure::internal())
    }
}

#[async_trait]
impl AudioFiles for Parts {
    async fn inspect(&self, _: &Path) -> Result<MediaFacts, Failure> {
        Err(Failure::internal())
    }
    async fn speech(&self, _: &Path) -> Result<SpeechMap, Failure> {
        Ok(SpeechMap { waveform: Waveform { peaks: (0..200).collect() }, ..SpeechMap::default() })
    }
    async fn decode(&self, _: &Path, _: mpsc::Sender<Vec<f32>>) -> Result<DecodeReport, Failure> {
        Err(Failure::internal())
    }
}

#[async_trait]
impl Models for Parts {
    async fn bytes(&self) -> StoreResult<u64> {
        Ok(77)
    }
}

pub struct Desk {
    pub accounts: Arc<MemoryAccounts>,
    pub connections: Arc<MemoryConnections>,
    pub listeners: Arc<Listeners>,
    pub store: Store,
    pub objects: Arc<FolderObjects>,
    pub agent: Arc<ScriptedAgent>,
    pub vectors: Arc<WordVectors>,
    pub hub: Hub,
    conversing: Conversing,
    pub router: Router,
    _folder: tempfile::TempDir,
}

/// Lines as a host has them.
struct HubLines(Hub);

impl Lines for HubLines {
    fn open(&self) -> (ConnectionId, BoxStream<'static, String>) {
        let connection = ConnectionId::parse(UuidIds.fresh()).unwrap();
        let outbox = self.0.attach(&connection);
        (connection, stream::unfold(outbox, |mut outbox| async move { Some((outbox.next().await?, outbox)) }).boxed())
    }
}

impl Desk {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut Context)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keyring = Arc::new(Keyring::open(&folder.path().join("key")).unwrap());
        let objects = Folder::open(&folder.path().join("objects"), Limits::default()).unwrap();
        let objects = Arc::new(FolderObjects::new(objects, keyring));
        objects.serve_at("http://127.0.0.1:1/");
        let store = Store::open_in_memory().await.unwrap();
        let (library, sessions, clock) = (Arc::new(store.clone()), Arc::new(store.clone()), Arc::new(SystemClock));
        let (parts, hub, ids) = (Arc::new(Parts), Hub::new(), Arc::new(UuidIds));
        let connections = Arc::new(MemoryConnections::default());
        let listeners = Arc::new(Listeners::default());
        let (audience, watched) = (Arc::clone(&listeners), Arc::clone(&connections));
        let secrets = Arc::new(CountedSecrets::default());
        let accounts = Arc::new(MemoryAccounts::new(Arc::clone(&secrets) as _));
        let sharing = Sharing {
            library: library.clone(),
            accounts: accounts.clone(),
            limits: Arc::new(MemoryLimits::default()),
            secrets,
            connections: connections.clone(),
            audience: audience.clone(),
            ids: ids.clone(),
            // Codes are tried at one moment, however long that takes.
            clock: Arc::new(SetClock::at(Timestamp(1_790_000_000_000))),
        };
        let (agent, vectors) = (Arc::new(ScriptedAgent::default()), Arc::new(WordVectors::default()));
        let conversing = Conversing {
            library: library.clone(),
            sessions: sessions.clone(),
            objects: objects.clone(),
            jobs: Arc::new(store.clone()),
            agent: agent.clone(),
            connections: Arc::new(hub.clone()),
            audience: Arc::new(Announcer::new(Arc::new(hub.clone()))),
            lines: Default::default(),
            clock: clock.clone(),
            reconnect: std::time::Duration::from_secs(60),
        };
        let mut context = Context {
            catalogue: Catalogue { library: library.clone(), accounts: Some(accounts.clone()) },
            reading: Reading {
                library: library.clone(),
                objects: objects.clone(),
                sessions: sessions.clone(),
                connections: connections.clone(),
                audience: audience.clone(),
                audio: parts.clone(),
                scratch: folder.path().to_owned(),
                clock: clock.clone(),
                drawing: Arc::default(),
            },
            shelf: Shelf {
                documents: library.clone(),
                objects: objects.clone(),
                sessions: sessions.clone(),
                reader: Some(Arc::new(TextReader)),
                connections: connections.clone(),
                audience: audience.clone(),
                clock: clock.clone(),
                scratch: folder.path().to_owned(),
                drawing: Arc::new(Semaphore::new(1)),
            },
            granting: Granting {
                library: library.clone(),
                objects: objects.clone(),
                ids: ids.clone(),
                clock: clock.clone(),
                lecture_limits: AudioLimits::LECTURE,
                question_limits: AudioLimits::QUESTION,
                document_limits: Some(DocumentLimits::USUAL),
            },
            searching: Searching {
                library: library.clone(),
                embedder: Some(vectors.clone()),
                patience: Patience::default(),
                weights: Weights::default(),
            },
            revising: Revising { library: library.clone(), sessions: sessions.clone(), ids: ids.clone(), clock: clock.clone() },
            sharing: Some(sharing),
            conversing: conversing.clone(),
            lines: Some(Arc::new(HubLines(hub.clone()))),
            streaming_url: None,
            editing: Editing { library, sessions, connections, audience, clock, corrected: Arc::default() },
            equipment: Equipment {
                transcriber: parts.clone(),
                tutor: parts.clone(),
                narrator: parts.clone(),
                embedder: None,
                recogniser: None,
                objects: objects.clone(),
                models: Some(parts),
            },
            ids,
        };
        change(&mut context);
        let router = router(context);
        Self {
            accounts,
            connections: watched,
            listeners,
            store,
            objects,
            agent,
            vectors,
            hub,
            conversing,
            router,
            _folder: folder,
        }
    }

    /// A request of somebody's, answered as far as its head.
    pub async fn send(&self, who: &str, method: &str, path: &str, body: Option<Value>) -> Response {
        let mut request = Request::builder().method(method).uri(format!("/api/{path}"));
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let mut request = request.body(body).unwrap();
        request.extensions_mut().insert(Caller(person(who)));
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Answers the question that waits, as a worker does.
    pub async fn answer(&self) {
        let now = SystemClock.now();
        let leased = self.store.lease(Lane::Answers, now, now.plus(60_000)).await.unwrap().expect("a question waits");
        let Job::Answer(order) = &leased.job else { panic!("{:?}", leased.job) };
        self.conversing.answer(order).await.unwrap();
        self.store.complete(leased.id).await.unwrap();
    }

    pub async fn call(&self, who: &str, method: &str, path: &str, body: Option<Value>) -> (StatusCode, String) {
        let answer = self.send(who, method, path, body).await;
        let status = answer.status();
        (status, String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap())
    }

    pub async fn get(&self, who: &str, path: &str) -> Value {
        let (status, body) = self.call(who, "GET", path, None).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// The status and the code of a refusal.
    pub async fn refused(&self, who: &str, method: &str, path: &str, body: Option<Value>) -> (u16, String) {
        let (status, body) = self.call(who, method, path, body).await;
        let said: Value = serde_json::from_str(&body).unwrap_or_else(|_| panic!("{status}: {body}"));
        (status.as_u16(), said["error"]["code"].as_str().unwrap_or("none").to_owned())
    }

    pub async fn lecture(&self, name: &str, owner: &str, visibility: Visibility) -> LectureId {
        let (owner, id) = (person(owner), LectureId::parse(name).unwrap());
        let key = ObjectKey::lecture(&owner, &id, "week.wav");
        self.objects.put(&key, axum::body::Bytes::from_static(b"twelve bytes"), "audio/wav").await.unwrap();
        let media = MediaFacts {
            format: AudioFormat::Wav,
            codec: "pcm".into(),
            duration: Millis(20_000),
            bytes: 12,
            sample_rate: 16_000,
            channels: 1,
            damaged_packets: 0,
            truncated: false,
        };
        let lecture = Lecture {
            id: id.clone(),
            owner,
            visibility,
            title: "Week".into(),
            key,
            state: LectureState::Ready,
            media: Some(media),
            tokens: None,
            created: Timestamp(1),
        };
        self.store.add_lecture(&lecture).await.unwrap();
        let window = Span::new(Millis(0), Millis(20_000));
        self.store.plan_windows(&id, &[window]).await.unwrap();
        let said = Phrase { confidence: 0.3, ..Phrase::trusted(Span::new(Millis(1_250), Millis(3_000)), "the train rule") };
        self.store.finish_window(&id, 0, &[said], None).await.unwrap();
        id
    }
}

pub fn person(name: &str) -> PersonId {
    PersonId::parse(name).unwrap()
}
