//! A library with a recording in it, and engines that do as they are told.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use futures::future::BoxFuture;
use synapscribe_domain::{
    AudioFormat, AudioLimits, Code, ConnectionId, Failure, Lecture, LectureId, LectureState, MediaFacts, Millis, ObjectKey, Pcm,
    PersonId, Phrase, Span, Timestamp, Visibility, Waveform,
};
use synapscribe_local::{Folder, FolderObjects, Hub, Keyring, Limits};
use synapscribe_ports::{
    Audience, AudioFiles, Bias, DecodeReport, EmbedKind, Embedder, EngineCard, Library, Notice, Objects, SendError, SpeechMap,
    SystemClock, Transcriber, Transcript, Unheard,
};
use synapscribe_sql::Store;
use synapscribe_usecases::patience::Patience;
use synapscribe_usecases::{Editing, Indexing, Ingesting, Turns, Validating};
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

/// Samples a millisecond.
const PER_MS: usize = 16;

pub struct World {
    pub store: Store,
    pub objects: Arc<FolderObjects>,
    pub audio: Arc<Tape>,
    pub ear: Arc<Ear>,
    pub embedder: Arc<Space>,
    pub corrected: Arc<Notify>,
    pub turns: Arc<Turns>,
    pub folder: tempfile::TempDir,
}

impl World {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keyring = Arc::new(Keyring::open(&folder.path().join("key")).unwrap());
        let objects = Folder::open(&folder.path().join("objects"), Limits::default()).unwrap();
        Self {
            // One connection for everybody, so that whoever keeps it for too long is noticed.
            store: Store::open_in_memory().await.unwrap(),
            objects: Arc::new(FolderObjects::new(objects, keyring)),
            audio: Arc::default(),
            ear: Arc::default(),
            embedder: Arc::new(Space::new("first")),
            corrected: Arc::default(),
            turns: Turns::new(2),
            folder,
        }
    }

    pub fn indexing(&self) -> Indexing {
        Indexing {
            library: Arc::new(self.store.clone()),
            embedder: Some(Arc::clone(&self.embedder) as Arc<dyn Embedder>),
            transcriber: Arc::clone(&self.ear) as Arc<dyn Transcriber>,
            patience: Patience::default(),
            corrected: Arc::clone(&self.corrected),
        }
    }

    pub fn ingesting(&self) -> Ingesting {
        Ingesting {
            library: Arc::new(self.store.clone()),
            objects: Arc::clone(&self.objects) as Arc<dyn Objects>,
            audio: Arc::clone(&self.audio) as Arc<dyn AudioFiles>,
            transcriber: Arc::clone(&self.ear) as Arc<dyn Transcriber>,
            indexing: self.indexing(),
            connections: Arc::new(Hub::new()),
            audience: Arc::new(Nobody),
            herald: Arc::new(Unheard),
            scratch: self.scratch(),
            patience: Patience::default(),
            scanning: Turns::new(2),
            turns: Arc::clone(&self.turns),
        }
    }

    pub fn validating(&self) -> Validating {
        Validating {
            library: Arc::new(self.store.clone()),
            objects: Arc::clone(&self.objects) as Arc<dyn Objects>,
            audio: Arc::clone(&self.audio) as Arc<dyn AudioFiles>,
            ledger: Arc::new(self.store.clone()),
            jobs: Arc::new(self.store.clone()),
            connections: Arc::new(Hub::new()),
            audience: Arc::new(Nobody),
            herald: Arc::new(Unheard),
            clock: Arc::new(SystemClock),
            limits: AudioLimits::LECTURE,
            scratch: self.scratch(),
        }
    }

    pub fn editing(&self) -> Editing {
        Editing {
            library: Arc::new(self.store.clone()),
            sessions: Arc::new(self.store.clone()),
            connections: Arc::new(Hub::new()),
            audience: Arc::new(Nobody),
            clock: Arc::new(SystemClock),
            corrected: Arc::clone(&self.corrected),
        }
    }

    fn scratch(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// A validated lecture whose recording is there.
    pub async fn lecture(&self, name: &str) -> LectureId {
        let (owner, id) = (person("ada"), LectureId::parse(name).unwrap());
        let key = ObjectKey::lecture(&owner, &id, "week.wav");
        self.objects.put(&key, Bytes::from_static(b"a recording"), "audio/wav").await.unwrap();
        let lecture = Lecture {
            id: id.clone(),
            owner,
            visibility: Visibility::Private,
            title: "Week".into(),
            key,
            state: LectureState::Transcribing { done: 0, total: 0 },
            media: Some(self.audio.facts()),
            tokens: None,
            created: Timestamp(1),
        };
        self.store.add_lecture(&lecture).await.unwrap();
        id
    }
}

pub fn person(name: &str) -> PersonId {
    PersonId::parse(name).unwrap()
}

pub fn span(from: u64, to: u64) -> Span {
    Span::new(Millis(from), Millis(to))
}

/// What is done before a block of sound is handed over.
pub type Before = Arc<dyn Fn(usize) -> BoxFuture<'static, ()> + Send + Sync>;

/// A recording of three stretches of speech, each a window of its own.
#[derive(Default)]
pub struct Tape {
    pub before: Mutex<Option<Before>>,
}

impl Tape {
    pub const SPEECH: [(u64, u64); 3] = [(0, 20_000), (30_000, 50_000), (60_000, 80_000)];

    pub fn facts(&self) -> MediaFacts {
        MediaFacts {
            format: AudioFormat::Wav,
            codec: "pcm".into(),
            duration: Millis(80_000),
            bytes: 11,
            sample_rate: 16_000,
            channels: 1,
            damaged_packets: 0,
            truncated: false,
        }
    }
}

#[async_trait]
impl AudioFiles for Tape {
    async fn inspect(&self, _: &Path) -> Result<MediaFacts, Failure> {
        Ok(self.facts())
    }

    async fn speech(&self, _: &Path) -> Result<SpeechMap, Failure> {
        Ok(SpeechMap {
            spans: Self::SPEECH.map(|(from, to)| span(from, to)).to_vec(),
            loudest_rms: 0.5,
            length: Millis(80_000),
            waveform: Waveform { peaks: vec![7; 800] },
            damaged_packets: 0,
        })
    }

    async fn decode(&self, _: &Path, sink: mpsc::Sender<Vec<f32>>) -> Result<DecodeReport, Failure> {
        let before = self.before.lock().unwrap().clone();
        for second in 0..80 {
            if let Some(before) = &before {
                before(second).await;
            }
            // Every sample tells its second, so that the ear knows which window it hears.
            if sink.send(vec![second as f32 / 100.0; 1000 * PER_MS]).await.is_err() {
                break;
            }
        }
        Ok(DecodeReport::default())
    }
}

/// What is heard in the window whose speech begins at a second.
pub type Heard = Result<String, Failure>;
pub type Script = Arc<dyn Fn(usize) -> BoxFuture<'static, Heard> + Send + Sync>;

/// An ear that hears what the script says; without one, `words N`.
#[derive(Default)]
pub struct Ear {
    pub script: Mutex<Option<Script>>,
    pub heard: Mutex<Vec<usize>>,
}

impl Ear {
    pub fn follow(&self, script: impl Fn(usize) -> BoxFuture<'static, Heard> + Send + Sync + 'static) {
        *self.script.lock().unwrap() = Some(Arc::new(script));
    }
}

#[async_trait]
impl Transcriber for Ear {
    fn card(&self) -> EngineCard {
        EngineCard::local("ear", "script")
    }

    fn parallelism(&self) -> usize {
        2
    }

    async fn transcribe(&self, audio: Pcm, _: &Bias, _: &CancellationToken) -> Result<Transcript, Failure> {
        // Windows come with a margin before them, which belongs to the second before.
        let second = (audio.0[audio.0.len() / 2] * 100.0).round() as usize / 30 * 30;
        self.heard.lock().unwrap().push(second);
        let script = self.script.lock().unwrap().clone();
        let text = match script {
            Some(script) => script(second).await?,
            None => format!("words {second}."),
        };
        let phrases = vec![Phrase { confidence: 0.4, ..Phrase::trusted(span(200, 5_000), text) }];
        Ok(Transcript { phrases, ..Transcript::default() })
    }

    fn as_dyn(&self) -> &dyn Transcriber {
        self
    }
}

/// Vectors in a space of some name: how often the letters a, b and c occur.
pub struct Space {
    pub model: String,
    pub texts: AtomicUsize,
    /// Texts with these words cannot be embedded.
    pub refuses: Mutex<HashMap<String, Code>>,
}

impl Space {
    pub fn new(model: &str) -> Self {
        Self { model: model.into(), texts: AtomicUsize::new(0), refuses: Mutex::default() }
    }
}

#[async_trait]
impl Embedder for Space {
    fn card(&self) -> EngineCard {
        EngineCard::local("space", &self.model)
    }

    fn space(&self) -> String {
        self.model.to_string()
    }

    fn dimension(&self) -> usize {
        3
    }

    async fn embed(&self, texts: &[String], _: EmbedKind) -> Result<Vec<Vec<f32>>, Failure> {
        for (word, code) in self.refuses.lock().unwrap().iter() {
            if texts.iter().any(|text| text.contains(word)) {
                return Err(Failure::new(*code, "the embedding engine is away"));
            }
        }
        self.texts.fetch_add(texts.len(), Ordering::SeqCst);
        let count = |text: &str, letter| 1.0 + text.matches(letter).count() as f32;
        Ok(texts.iter().map(|text| vec![count(text, 'a'), count(text, 'b'), count(text, 'c')]).collect())
    }
}

/// Nobody is connected.
pub struct Nobody;

#[async_trait]
impl Audience for Nobody {
    async fn tell(&self, _: &ConnectionId, _: &Notice) -> Result<(), SendError> {
        Err(SendError::Gone)
    }
}
