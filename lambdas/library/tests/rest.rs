//! REST as a client sees it, over the real store and folder.

#[path = "rest/classes.rs"]
mod classes;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt;
use lambda_library::{Caller, Context, router};
use serde_json::{Value, json};
use synapscribe_domain::document::{Block, BlockKind, Document, DocumentKind, DocumentState, FailedPage, OutlineEntry, ReadPage};
use synapscribe_domain::lecture::HOUSE;
use synapscribe_domain::{
    AudioFormat, Citation, Code, DocumentId, Failure, Lecture, LectureId, LectureState, MediaFacts, Millis, ObjectKey, Passage,
    Pcm, PersonId, Phrase, QueryId, Session, SessionId, Span, Timestamp, Turn, TurnState, Visibility, Waveform,
};
use synapscribe_local::{Folder, FolderObjects, Keyring, Limits};
use synapscribe_ports::fakes::{
    CountedSecrets, Listeners, MemoryAccounts, MemoryConnections, MemoryLimits, PlainPasswords, SetClock, TextReader,
};
use synapscribe_ports::{
    AnswerRequest, AnswerStream, AudioFiles, Bias, Clock, DecodeReport, Documents, EngineCard, Exchange, Library, Models,
    Narrator, Objects, Reached, Sessions, Speech, SpeechMap, StoreResult, Style, SystemClock, Transcriber, Transcript, Tutor,
    UuidIds, VoiceCard,
};
use synapscribe_sql::Store;
use synapscribe_usecases::document::shelf::Shelf;
use synapscribe_usecases::library::Reading;
use synapscribe_usecases::{Editing, Equipment, Sharing};
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

struct Desk {
    accounts: Arc<MemoryAccounts>,
    connections: Arc<MemoryConnections>,
    listeners: Arc<Listeners>,
    store: Store,
    objects: Arc<FolderObjects>,
    router: Router,
    _folder: tempfile::TempDir,
}

impl Desk {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keyring = Arc::new(Keyring::open(&folder.path().join("key")).unwrap());
        let objects = Folder::open(&folder.path().join("objects"), Limits::default()).unwrap();
        let objects = Arc::new(FolderObjects::new(objects, keyring));
        let store = Store::open_in_memory().await.unwrap();
        let (library, sessions, clock) = (Arc::new(store.clone()), Arc::new(store.clone()), Arc::new(SystemClock));
        let parts = Arc::new(Parts);
        let connections = Arc::new(MemoryConnections::default());
        let listeners = Arc::new(Listeners::default());
        let (audience, watched) = (Arc::clone(&listeners), Arc::clone(&connections));
        let secrets = Arc::new(CountedSecrets::default());
        let accounts = Arc::new(MemoryAccounts::new(Arc::new(PlainPasswords::default()), Arc::clone(&secrets) as _));
        let sharing = Sharing {
            library: library.clone(),
            accounts: accounts.clone(),
            limits: Arc::new(MemoryLimits::default()),
            secrets,
            connections: connections.clone(),
            audience: audience.clone(),
            ids: Arc::new(UuidIds),
            // Codes are tried at one moment, however long that takes.
            clock: Arc::new(SetClock::at(Timestamp(1_790_000_000_000))),
        };
        let router = router(Context {
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
            editing: Editing { library, sessions, connections, audience, clock, corrected: Arc::default() },
            sharing: Some(sharing),
            equipment: Equipment {
                transcriber: parts.clone(),
                tutor: parts.clone(),
                narrator: parts.clone(),
                embedder: None,
                objects: objects.clone(),
                models: Some(parts),
            },
        });
        Self { accounts, connections: watched, listeners, store, objects, router, _folder: folder }
    }

    async fn call(&self, who: &str, method: &str, path: &str, body: Option<Value>) -> (StatusCode, String) {
        let mut request = Request::builder().method(method).uri(format!("/api/{path}"));
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let mut request = request.body(body).unwrap();
        request.extensions_mut().insert(Caller(person(who)));
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        (status, String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap())
    }

    async fn get(&self, who: &str, path: &str) -> Value {
        let (status, body) = self.call(who, "GET", path, None).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// The status and the code of a refusal.
    async fn refused(&self, who: &str, method: &str, path: &str, body: Option<Value>) -> (u16, String) {
        let (status, body) = self.call(who, method, path, body).await;
        let said: Value = serde_json::from_str(&body).unwrap_or_else(|_| panic!("{status}: {body}"));
        (status.as_u16(), said["error"]["code"].as_str().unwrap_or("none").to_owned())
    }

    async fn lecture(&self, name: &str, owner: &str, visibility: Visibility) -> LectureId {
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

fn person(name: &str) -> PersonId {
    PersonId::parse(name).unwrap()
}

fn turn(session: &Session, query: &str, asked: i64, question: &str) -> Turn {
    let lecture = session.about.lecture().unwrap();
    let said = Passage::said(lecture, 0, Span::new(Millis(61_000), Millis(65_000)), "slopes multiply");
    Turn {
        query: QueryId::parse(query).unwrap(),
        session: session.id.clone(),
        about: session.about.clone(),
        asked: Timestamp(asked),
        playhead: None,
        question: question.into(),
        answer: "Slopes multiply.".into(),
        citations: vec![Citation::of(1, &said, "slopes multiply", 1.0)],
        spoken: Millis(0),
        generated: true,
        found: true,
        state: TurnState::Done,
        failure: None,
        timings: Default::default(),
        usage: Default::default(),
    }
}

#[tokio::test]
async fn who_added_a_lecture_is_told_to_whoever_looks() {
    let desk = Desk::new().await;
    desk.lecture("mine", "ada", Visibility::Public).await;
    desk.lecture("sample", HOUSE, Visibility::Public).await;
    let by = async |who: &str, id: &str| desk.get(who, &format!("lectures/{id}")).await["addedBy"].clone();
    assert_eq!((by("ada", "mine").await, by("bob", "mine").await), (json!("you"), json!("other")));
    assert_eq!(by("ada", "sample").await, "sample");
}

#[tokio::test]
async fn a_lecture_is_renamed_by_its_owner_alone() {
    let desk = Desk::new().await;
    desk.lecture("l1", "ada", Visibility::Public).await;
    let (status, body) = desk.call("ada", "PATCH", "lectures/l1", Some(json!({ "title": " The chain\n rule " }))).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert_eq!(desk.get("bob", "lectures/l1").await["title"], "The chain rule");
    let refused = async |who: &str, body: Value| desk.refused(who, "PATCH", "lectures/l1", Some(body)).await;
    assert_eq!(refused("bob", json!({ "title": "x" })).await, (404, "not_found".into()));
    for bad in [json!({ "title": " " }), json!({ "title": "x".repeat(121) }), json!({}), json!([]), json!({ "title": 5 })] {
        assert_eq!(refused("ada", bad.clone()).await, (400, "bad_message".into()), "{bad}");
    }
    assert_eq!(desk.get("ada", "lectures/l1").await["title"], "The chain rule");
}

#[tokio::test]
async fn a_phrase_is_corrected_when_it_is_as_the_person_saw_it() {
    let desk = Desk::new().await;
    desk.lecture("l1", "ada", Visibility::Public).await;
    let correction = |expected: &str| Some(json!({ "from": 1.25, "expected": expected, "text": "the chain rule" }));
    let path = "lectures/l1/phrases";
    assert_eq!(desk.refused("bob", "PATCH", path, correction("the train rule")).await, (404, "not_found".into()));
    let (status, body) = desk.call("ada", "PATCH", path, correction("the train rule")).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let phrase = desk.get("bob", "lectures/l1/transcript").await["phrases"][0].clone();
    assert_eq!((&phrase["text"], &phrase["corrected"], &phrase["from"]), (&json!("the chain rule"), &json!(true), &json!(1.25)));
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), phrase);
    assert_eq!(desk.refused("ada", "PATCH", path, correction("the train rule")).await, (409, "conflict".into()));
    assert_eq!(desk.refused("ada", "PATCH", path, Some(json!({ "from": 1.25 }))).await, (400, "bad_message".into()));
}

#[tokio::test]
async fn a_waveform_has_as_many_points_as_are_asked_for_and_is_drawn_once() {
    let desk = Desk::new().await;
    let id = desk.lecture("l1", "ada", Visibility::Private).await;
    let drawn = desk.get("ada", "lectures/l1/waveform?points=4").await;
    assert_eq!((&drawn["peaks"], &drawn["duration"]), (&json!([49, 99, 149, 199]), &json!(20.0)));
    assert_eq!(desk.get("ada", "lectures/l1/waveform").await["peaks"].as_array().unwrap().len(), 200, "no more than there are");
    assert_eq!(desk.store.waveform(&id).await.unwrap().unwrap().peaks.len(), 200, "what was drawn is kept");
    assert_eq!(desk.refused("bob", "GET", "lectures/l1/waveform", None).await, (404, "not_found".into()));
    desk.store.change_lecture(&id, &|l| l.state = LectureState::Validating).await.unwrap();
    desk.store.save_waveform(&id, &Waveform { peaks: vec![3] }).await.unwrap();
    assert_eq!(desk.get("ada", "lectures/l1/waveform?points=9").await["peaks"], json!([3]), "it is there before the words are");
}

#[tokio::test]
async fn a_session_has_a_name_a_number_of_turns_and_a_text_to_keep() {
    let desk = Desk::new().await;
    let lecture = desk.lecture("l1", "ada", Visibility::Private).await;
    let session = Session::begin(SessionId::parse("s1").unwrap(), person("ada"), lecture, SystemClock.now());
    desk.store.add_session(&session).await.unwrap();
    let listed = async || desk.get("ada", "sessions").await["sessions"][0].clone();
    assert_eq!((listed().await["title"].clone(), listed().await["turnCount"].clone()), (Value::Null, json!(0)));
    for turn in [turn(&session, "q1", 1, "What is the chain rule?"), turn(&session, "q2", 2, "And why?")] {
        desk.store.save_turn(&turn).await.unwrap();
    }
    let line = listed().await;
    assert_eq!((&line["title"], &line["turnCount"]), (&json!("What is the chain rule?"), &json!(2)));
    assert!(line["turns"].is_null(), "a list has no turns");

    let rename = async |who: &str| desk.call(who, "PATCH", "sessions/s1", Some(json!({ "title": "Calculus" }))).await.0.as_u16();
    assert_eq!((rename("bob").await, rename("ada").await), (404, 200));
    assert_eq!(listed().await["title"], "Calculus");
    assert_eq!(desk.get("ada", "sessions/s1").await["title"], "Calculus");
    let (status, text) = desk.call("ada", "GET", "sessions/s1/export.md", None).await;
    assert_eq!(status, StatusCode::OK);
    assert!(text.starts_with("# Calculus\n") && text.contains("## And why?"), "{text}");
    assert!(text.contains("1:01–1:05: “slopes multiply”"), "{text}");
    assert_eq!(desk.refused("bob", "GET", "sessions/s1/export.md", None).await, (404, "not_found".into()));
}

#[tokio::test]
async fn what_is_kept_and_what_does_the_work_is_told() {
    let desk = Desk::new().await;
    desk.lecture("l1", "ada", Visibility::Private).await;
    desk.lecture("l2", "bob", Visibility::Private).await;
    for query in ["q1", "q2"] {
        let key = ObjectKey::query(&person("ada"), &QueryId::parse(query).unwrap(), "wav");
        desk.objects.put(&key, axum::body::Bytes::from_static(b"four"), "audio/wav").await.unwrap();
    }
    let stored = json!({ "lectures": 12, "queries": 8, "responses": 0, "models": 77 });
    assert_eq!(desk.get("ada", "storage").await, stored);
    let engines = desk.get("ada", "engines").await;
    let roles: Vec<&str> = engines["engines"].as_array().unwrap().iter().map(|e| e["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["recognition", "answers", "speech"]);
    assert_eq!(engines["engines"][1]["sendsTo"], "gpu.example.edu:8000");
    assert_eq!(engines["engines"][0].get("sendsTo"), None, "what stays here names no place");
    let tried = desk.get("ada", "engines/servers").await;
    assert_eq!(
        tried["servers"],
        json!([{ "role": "answers", "server": "gpu.example.edu:8000", "error": {
        "code": "engine_failed", "message": "it cannot be reached", "retryable": true } }])
    );
    assert_eq!(desk.get("ada", "voices").await["others"], false);
    assert_eq!(desk.get("ada", "voices").await["voices"][0], json!({ "name": "slt", "description": "the voice slt" }));
}

#[tokio::test]
async fn a_request_has_a_name_that_a_refusal_repeats_and_that_nobody_can_use_to_write_into_the_log() {
    let desk = Desk::new().await;
    let asked = async |path: &str, name: Option<&str>| {
        let mut request = Request::builder().uri(format!("/api/{path}")).body(Body::empty()).unwrap();
        request.extensions_mut().insert(Caller(person("ada")));
        if let Some(name) = name {
            request.headers_mut().insert("x-correlation-id", name.parse().unwrap());
        }
        let answer = desk.router.clone().oneshot(request).await.unwrap();
        let named = answer.headers()["x-correlation-id"].to_str().unwrap().to_owned();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (named, serde_json::from_slice::<Value>(&body).unwrap())
    };
    let (named, refused) = asked("lectures/nowhere", Some("r-7")).await;
    assert_eq!(
        (named.as_str(), &refused["error"]["code"], &refused["error"]["correlation"]),
        ("r-7", &json!("not_found"), &json!("r-7"))
    );
    let (fresh, refused) = asked("lectures/nowhere", Some("r 7\", \"level\": \"ERROR")).await;
    assert!(
        fresh.starts_with("r-") && !fresh.contains(' ') && refused["error"]["correlation"] == fresh.as_str(),
        "{fresh}: {refused}"
    );
    let (other, listed) = asked("lectures", None).await;
    assert!(other.starts_with("r-") && other != fresh && listed["lectures"].is_array(), "{other}: {listed}");
}

#[tokio::test]
async fn a_document_is_listed_read_page_by_page_renamed_and_deleted_by_its_owner_alone() {
    let desk = Desk::new().await;
    let (ada, id) = (person("ada"), DocumentId::parse("seas").unwrap());
    let key = ObjectKey::document(&ada, &id, "Seas.md");
    desk.objects.put(&key, "# Tides".into(), "text/markdown").await.unwrap();
    assert!(desk.objects.serve_at("http://127.0.0.1:1/"));
    let book = Document {
        state: DocumentState::Ready,
        kind: Some(DocumentKind::Markdown),
        pages: Some(2),
        failed_pages: 1,
        passages: Some(1),
        ..Document::granted(id.clone(), ada, key, "Seas".into(), Timestamp(5))
    };
    desk.store.add_document(&book).await.unwrap();
    desk.store.save_outline(&id, &[OutlineEntry { level: 1, title: "Tides".into(), page: 1 }]).await.unwrap();
    let blocks = vec![Block { kind: BlockKind::Heading(1), text: "Tides".into(), area: None }];
    let torn = FailedPage { number: 2, failure: Failure::new(Code::PageUnreadable, "it is torn") };
    let first = ReadPage { number: 1, blocks, ..ReadPage::default() };
    desk.store.save_pages(&id, &[Ok(first), Err(torn)]).await.unwrap();

    let listed = desk.get("ada", "documents").await["documents"][0].clone();
    assert_eq!(listed, desk.get("ada", "documents/seas").await);
    assert_eq!(
        (&listed["kind"], &listed["state"], &listed["canBeAsked"], &listed["pages"], &listed["failedPages"], &listed["own"]),
        (&json!("markdown"), &json!("ready"), &json!(true), &json!(2), &json!(1), &json!(true))
    );
    let outline = desk.get("ada", "documents/seas/outline").await;
    assert_eq!(outline, json!({ "documentId": "seas", "entries": [{ "level": 1, "title": "Tides", "page": 1 }] }));
    let pages = desk.get("ada", "documents/seas/pages").await["pages"].clone();
    assert_eq!(pages[0]["blocks"], json!([{ "kind": "heading", "level": 1, "text": "Tides" }]));
    assert_eq!((&pages[1]["number"], &pages[1]["error"]["code"]), (&json!(2), &json!("page_unreadable")));
    assert_eq!(desk.get("ada", "documents/seas/pages?from=2&to=9").await["pages"].as_array().unwrap().len(), 1);
    assert!(desk.get("ada", "documents/seas/file").await["url"].as_str().unwrap().contains("documents/ada/seas/Seas.md"));
    let no_picture = desk.refused("ada", "GET", "documents/seas/pages/1/picture.png", None).await;
    assert_eq!(no_picture, (404, "not_found".into()), "pages of Markdown have no picture");

    for (method, path) in [
        ("GET", "documents/seas"),
        ("GET", "documents/seas/outline"),
        ("GET", "documents/seas/pages"),
        ("GET", "documents/seas/pages/1/picture.png"),
        ("GET", "documents/seas/file"),
        ("DELETE", "documents/seas"),
    ] {
        assert_eq!(desk.refused("bob", method, path, None).await, (404, "not_found".into()), "{method} {path}");
    }
    let (status, renamed) = desk.call("ada", "PATCH", "documents/seas", Some(json!({ "title": "The seas" }))).await;
    assert!(status == StatusCode::OK && renamed.contains("The seas"), "{renamed}");
    assert_eq!(desk.call("ada", "DELETE", "documents/seas", None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(desk.get("ada", "documents").await["documents"], json!([]));
}
