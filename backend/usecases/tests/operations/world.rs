//! A world in memory for operations to work in.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use synapscribe_domain::audio::{SPEECH_RATE, wav};
use synapscribe_domain::document::DocumentLimits;
use synapscribe_domain::retrieval::Weights;
use synapscribe_domain::{
    AudioLimits, ConnectionId, Lecture, LectureId, LectureState, Millis, ObjectKey, Passage, PersonId, Session, SessionId, Span,
    Timestamp, Visibility,
};
use synapscribe_ports::fakes::{
    Ear, Eye, Listeners, MemoryConnections, MemoryJobs, MemoryLedger, MemoryLibrary, MemoryObjects, MemorySessions, NumberedIds,
    ScriptedAgent, ScriptedTutor, SetClock, TextReader, Town, Voice, WavAudio, WordVectors,
};
use synapscribe_ports::{Clock, Connections, Library, Objects, Sessions};
use synapscribe_usecases::document::shelf::Shelf;
use synapscribe_usecases::end_session::Ending;
use synapscribe_usecases::housekeeping::Housekeeping;
use synapscribe_usecases::library::Reading;
use synapscribe_usecases::patience::Patience;
use synapscribe_usecases::request_upload::Granting;
use synapscribe_usecases::{Asking, Conversing, Editing, Indexing, Ingesting, Lines, Making, Revising, Turns, Validating};
use tokio::sync::Semaphore;

/// The longest an engine may take here.
pub const PATIENCE: Duration = Duration::from_millis(300);

pub struct World {
    pub library: Arc<MemoryLibrary>,
    pub sessions: Arc<MemorySessions>,
    pub objects: Arc<MemoryObjects>,
    pub jobs: Arc<MemoryJobs>,
    pub ledger: Arc<MemoryLedger>,
    pub connections: Arc<MemoryConnections>,
    pub listeners: Arc<Listeners>,
    pub town: Arc<Town>,
    lines: Lines,
    ids: Arc<NumberedIds>,
    pub clock: Arc<SetClock>,
    pub tutor: Arc<ScriptedTutor>,
    pub voice: Arc<Voice>,
    pub ear: Arc<Ear>,
    pub eye: Arc<Eye>,
    pub vectors: Arc<WordVectors>,
    pub agent: Arc<ScriptedAgent>,
    scratch: tempfile::TempDir,
}

impl World {
    /// A world whose tutor reads this many tokens, or single passages only.
    pub fn with_window(window: Option<u32>) -> Self {
        let clock = Arc::new(SetClock::at(Timestamp(1_000_000)));
        Self {
            library: Arc::default(),
            sessions: Arc::default(),
            objects: Arc::new(MemoryObjects::new(clock.clone())),
            jobs: Arc::default(),
            ledger: Arc::default(),
            connections: Arc::default(),
            listeners: Arc::default(),
            town: Arc::default(),
            lines: Lines::default(),
            ids: Arc::default(),
            clock,
            tutor: Arc::new(window.map_or_else(ScriptedTutor::default, ScriptedTutor::with_window)),
            voice: Arc::default(),
            ear: Arc::default(),
            eye: Arc::default(),
            vectors: Arc::default(),
            agent: Arc::default(),
            scratch: tempfile::tempdir().unwrap(),
        }
    }

    pub fn new() -> Self {
        Self::with_window(Some(8_192))
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn asking(&self) -> Arc<Asking> {
        Arc::new(Asking {
            library: self.library.clone(),
            objects: self.objects.clone(),
            audio: Arc::new(WavAudio),
            transcriber: self.ear.clone(),
            tutor: self.tutor.clone(),
            narrator: self.voice.clone(),
            embedder: Some(self.vectors.clone()),
            scratch: self.scratch.path().to_owned(),
            patience: patience(),
            weights: Weights { text: 0.4, ..Weights::default() },
            limits: AudioLimits::QUESTION,
        })
    }

    pub fn conversing(&self) -> Conversing {
        Conversing {
            library: self.library.clone(),
            sessions: self.sessions.clone(),
            objects: self.objects.clone(),
            jobs: self.jobs.clone(),
            agent: self.agent.clone(),
            connections: self.connections.clone(),
            audience: self.listeners.clone(),
            lines: self.lines.clone(),
            clock: self.clock.clone(),
            reconnect: PATIENCE,
        }
    }

    pub fn validating(&self) -> Validating {
        Validating {
            library: self.library.clone(),
            objects: self.objects.clone(),
            audio: Arc::new(WavAudio),
            ledger: self.ledger.clone(),
            jobs: self.jobs.clone(),
            connections: self.connections.clone(),
            audience: self.listeners.clone(),
            herald: self.town.clone(),
            clock: self.clock.clone(),
            limits: AudioLimits::LECTURE,
            scratch: self.scratch.path().to_owned(),
        }
    }

    pub fn ingesting(&self) -> Ingesting {
        Ingesting {
            library: self.library.clone(),
            objects: self.objects.clone(),
            audio: Arc::new(WavAudio),
            transcriber: self.ear.clone(),
            indexing: self.indexing(),
            connections: self.connections.clone(),
            audience: self.listeners.clone(),
            herald: self.town.clone(),
            scratch: self.scratch.path().to_owned(),
            patience: patience(),
            scanning: Turns::new(1),
            turns: Turns::new(1),
        }
    }

    pub fn indexing(&self) -> Indexing {
        Indexing {
            library: self.library.clone(),
            embedder: Some(self.vectors.clone()),
            transcriber: self.ear.clone(),
            patience: patience(),
            corrected: Arc::default(),
        }
    }

    pub fn granting(&self) -> Granting {
        Granting {
            library: self.library.clone(),
            objects: self.objects.clone(),
            ids: self.ids.clone(),
            clock: self.clock.clone(),
            lecture_limits: AudioLimits::LECTURE,
            question_limits: AudioLimits::QUESTION,
            document_limits: Some(DocumentLimits::USUAL),
        }
    }

    pub fn reading(&self) -> Reading {
        Reading {
            library: self.library.clone(),
            objects: self.objects.clone(),
            sessions: self.sessions.clone(),
            connections: self.connections.clone(),
            audience: self.listeners.clone(),
            audio: Arc::new(WavAudio),
            scratch: self.scratch.path().to_owned(),
            clock: self.clock.clone(),
            drawing: Arc::default(),
        }
    }

    pub fn making(&self) -> Making {
        Making {
            library: self.library.clone(),
            objects: self.objects.clone(),
            reader: Arc::new(TextReader),
            recogniser: Some(self.eye.clone()),
            embedder: Some(self.vectors.clone()),
            jobs: self.jobs.clone(),
            connections: self.connections.clone(),
            audience: self.listeners.clone(),
            herald: self.town.clone(),
            clock: self.clock.clone(),
            limits: DocumentLimits::USUAL,
            scratch: self.scratch.path().to_owned(),
            patience: patience(),
        }
    }

    pub fn shelf(&self) -> Shelf {
        Shelf {
            documents: self.library.clone(),
            objects: self.objects.clone(),
            sessions: self.sessions.clone(),
            reader: Some(Arc::new(TextReader)),
            connections: self.connections.clone(),
            audience: self.listeners.clone(),
            clock: self.clock.clone(),
            scratch: self.scratch.path().to_owned(),
            drawing: Arc::new(Semaphore::new(1)),
        }
    }

    pub fn editing(&self) -> Editing {
        Editing {
            library: self.library.clone(),
            sessions: self.sessions.clone(),
            connections: self.connections.clone(),
            audience: self.listeners.clone(),
            clock: self.clock.clone(),
            corrected: Arc::default(),
        }
    }

    pub fn revising(&self) -> Revising {
        Revising {
            library: self.library.clone(),
            sessions: self.sessions.clone(),
            ids: self.ids.clone(),
            clock: self.clock.clone(),
        }
    }

    pub fn ending(&self) -> Ending {
        Ending { sessions: self.sessions.clone(), agent: self.agent.clone(), clock: self.clock.clone() }
    }

    pub fn keeping(&self) -> Housekeeping {
        Housekeeping {
            sessions: self.sessions.clone(),
            library: self.library.clone(),
            jobs: self.jobs.clone(),
            objects: self.objects.clone(),
            ledger: self.ledger.clone(),
            clock: self.clock.clone(),
        }
    }

    /// A lecture in a state, with a passage for each text, a minute apart.
    pub async fn lecture(&self, name: &str, owner: &str, state: LectureState, texts: &[&str]) -> Lecture {
        let lecture = lecture(name, owner, state);
        self.library.add_lecture(&lecture).await.unwrap();
        let passage = |(n, text): (usize, &&str)| {
            Passage::said(&lecture.id, n as u32, Span::new(Millis(n as u64 * 60_000), Millis(n as u64 * 60_000 + 50_000)), *text)
        };
        let passages: Vec<Passage> = texts.iter().enumerate().map(passage).collect();
        self.library.index(&(&lecture.id).into(), &passages, "", &[]).await.unwrap();
        lecture
    }

    /// A session of this person's that begins now.
    pub async fn session(&self, name: &str, owner: &str, about: &LectureId) -> Session {
        let session = Session::begin(session_id(name), person(owner), about.clone(), self.now());
        self.sessions.add_session(&session).await.unwrap();
        session
    }

    /// Somebody connects.
    pub async fn connect(&self, connection: &str, owner: &str) -> ConnectionId {
        let connection = ConnectionId::parse(connection).unwrap();
        self.connections.opened(&connection, &person(owner).into(), self.now()).await.unwrap();
        self.clock.pass(1);
        self.listeners.arrive(&connection);
        connection
    }

    pub async fn put(&self, key: &ObjectKey, content: impl Into<Bytes>) {
        self.objects.put(key, content.into(), "application/octet-stream").await.unwrap();
    }

    pub async fn turns(&self, session: &str) -> Vec<synapscribe_domain::Turn> {
        self.sessions.turns(&session_id(session)).await.unwrap()
    }
}

fn patience() -> Patience {
    Patience { recognition: PATIENCE, answer: PATIENCE, speech: PATIENCE, meaning: PATIENCE, page: PATIENCE }
}

pub fn person(name: &str) -> PersonId {
    PersonId::parse(name).unwrap()
}

pub fn lecture_id(name: &str) -> LectureId {
    LectureId::parse(name).unwrap()
}

pub fn session_id(name: &str) -> SessionId {
    SessionId::parse(name).unwrap()
}

pub fn lecture(name: &str, owner: &str, state: LectureState) -> Lecture {
    let (id, owner) = (lecture_id(name), person(owner));
    Lecture {
        key: ObjectKey::lecture(&owner, &id, "talk.wav"),
        id,
        owner,
        visibility: Visibility::Private,
        title: name.to_owned(),
        state,
        media: None,
        tokens: Some(100),
        created: Timestamp(1),
    }
}

/// A recording of tones and pauses, in seconds.
pub fn recording(parts: &[(f32, bool)]) -> Vec<u8> {
    let samples = |seconds: f32| (seconds * SPEECH_RATE as f32) as usize;
    let tone = |n: usize| 0.2 * (n as f32 * 0.2).sin();
    let sound = parts.iter().flat_map(|(seconds, loud)| (0..samples(*seconds)).map(move |n| if *loud { tone(n) } else { 0.0 }));
    wav(SPEECH_RATE, &sound.collect::<Vec<f32>>())
}
