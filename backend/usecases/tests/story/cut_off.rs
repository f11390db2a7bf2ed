//! A power cut at every moment in which a document is made. What a killed process leaves is the database and the beginning of its
//! log, up to what was written last: so one process is watched, and each beginning of its log is found by another one, which goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use synapscribe_domain::document::{Document, DocumentLimits, DocumentState, OutlineEntry, Step};
use synapscribe_domain::{DocumentId, Failure, ObjectKey, Pages, Passage, Source};
use synapscribe_local::{Folder, FolderObjects, Hub, Keyring, Limits};
use synapscribe_ports::fakes::{TORN, TextReader, WordVectors};
use synapscribe_ports::{
    Clock, Documents, EmbedKind, Embedder, Job, Jobs, Lane, Library, ObjectCreated, PageRead, Scope, SystemClock, Unheard,
};
use synapscribe_sql::Store;
use synapscribe_usecases::Making;
use synapscribe_usecases::jobs::{Handler, Places, Worker};
use synapscribe_usecases::patience::Patience;
use tokio_util::sync::CancellationToken;

use crate::world::{Nobody, person};

/// A book of many pages, one of which cannot be read, with passages for two batches of vectors.
fn book() -> String {
    let line = |n, m| format!("In harbour {m} of coast {n} the water rises twice a day and falls {} hours later.", n % 12);
    let page = |n: usize| match n {
        7 => TORN.to_owned(),
        _ => format!("# Coast {n}\n\n{}", (0..9).map(|m| line(n, m)).collect::<Vec<_>>().join(" ")),
    };
    (1..=40).map(page).collect::<Vec<_>>().join("\u{c}")
}

/// A process that makes documents.
struct Process {
    store: Store,
    making: Making,
}

/// Does steps and remembers which.
struct Hands {
    making: Making,
    done: Mutex<Vec<Step>>,
}

#[async_trait]
impl Handler for Hands {
    async fn handle(&self, job: &Job, last: bool) -> Result<Option<Duration>, Failure> {
        let Job::MakeDocument { document, step } = job else { panic!("{job:?}") };
        self.done.lock().unwrap().push(*step);
        self.making.step(document, *step, last).await.map(|()| None)
    }

    async fn gave_up(&self, job: &Job, failure: &Failure) {
        panic!("{job:?} failed: {failure}");
    }
}

/// All there is of a document.
#[derive(Debug, PartialEq)]
struct Made {
    document: Document,
    pages: Vec<PageRead>,
    outline: Vec<OutlineEntry>,
    passages: Vec<Passage>,
    found: Vec<(u32, Option<f32>, bool)>,
    aside: usize,
    jobs: (u64, u64, u64),
}

impl Process {
    /// One over this database; files are in the other folder.
    async fn start(database: &Path, files: &Path) -> Self {
        let store = Store::open(database).await.unwrap();
        let keyring = Arc::new(Keyring::open(&files.join("key")).unwrap());
        let objects = Folder::open(&files.join("objects"), Limits::default()).unwrap();
        let making = Making {
            library: Arc::new(store.clone()),
            objects: Arc::new(FolderObjects::new(objects, keyring)),
            reader: Arc::new(TextReader),
            recogniser: None,
            embedder: Some(Arc::new(WordVectors::default())),
            jobs: Arc::new(store.clone()),
            connections: Arc::new(Hub::new()),
            audience: Arc::new(Nobody),
            herald: Arc::new(Unheard),
            clock: Arc::new(SystemClock),
            limits: DocumentLimits::USUAL,
            scratch: files.to_owned(),
            patience: Patience::default(),
        };
        Self { store, making }
    }

    /// Works until there is nothing left to do, and says what it did.
    async fn work(&self) -> Vec<Step> {
        let hands = Arc::new(Hands { making: self.making.clone(), done: Mutex::default() });
        let worker = Worker {
            jobs: Arc::new(self.store.clone()),
            handler: Arc::clone(&hands) as Arc<dyn Handler>,
            clock: Arc::new(SystemClock),
            places: Places::for_cores(1),
        };
        while worker.one(Lane::Documents, &CancellationToken::new()).await.unwrap() {}
        hands.done.lock().unwrap().clone()
    }

    async fn made(&self, id: &DocumentId) -> Made {
        let space = WordVectors::default();
        let words = ["harbour", "coast", "rises"].map(str::to_owned);
        let vector = space.embed(&[words.join(" ")], EmbedKind::Query).await.unwrap().remove(0);
        let near = Some((space.space(), vector));
        let near = near.as_ref().map(|(model, vector)| (model.as_str(), vector.as_slice()));
        let hits = self.store.search(&Scope::of(id.clone()), &words, near, 10).await.unwrap();
        let mut found: Vec<_> = hits.iter().map(|hit| (hit.passage.index, hit.similarity, hit.text_score.is_some())).collect();
        found.sort_by_key(|(index, ..)| *index);
        Made {
            document: self.store.document(id).await.unwrap().unwrap(),
            pages: self.store.pages(id, Pages::new(1, 99)).await.unwrap(),
            outline: self.store.outline(id).await.unwrap(),
            passages: self.store.passages(&Source::from(id)).await.unwrap(),
            found,
            aside: self.store.aside(id, &space.space()).await.unwrap().len(),
            jobs: self.store.depth().await.unwrap(),
        }
    }
}

/// Where the log of a database ends after each commit. Its format is SQLite's (sqlite.org/fileformat.html, "The Write-Ahead Log").
fn commits(log: &[u8]) -> Vec<usize> {
    const HEADER: usize = 32;
    const FRAME_HEADER: usize = 24;
    let number = |at: usize| u32::from_be_bytes(log[at..at + 4].try_into().unwrap());
    let frame = FRAME_HEADER + number(8) as usize;
    let frames = (HEADER..log.len() + 1 - frame).step_by(frame);
    // The last frame of a commit tells how large the database is from then on.
    frames.filter(|at| number(at + 4) > 0).map(|at| at + frame).collect()
}

#[tokio::test]
async fn a_document_that_is_cut_off_at_any_moment_of_any_step_is_made_as_one_that_never_was() {
    let (files, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (database, log) = (home.path().join("a.db"), home.path().join("a.db-wal"));
    let (ada, id) = (person("ada"), DocumentId::parse("coasts").unwrap());
    let key = ObjectKey::document(&ada, &id, "Coasts.txt");
    let process = Process::start(&database, files.path()).await;
    process.making.objects.put(&key, Bytes::from(book()), "text/plain").await.unwrap();
    let arrived = ObjectCreated { key, bytes: book().len() as u64, sequencer: "1".into() };
    process.making.arrived(&arrived).await.unwrap();
    // Closing moves all of the log into the database, so that the log of the next process is of its steps alone.
    process.store.close().await;
    let before = std::fs::read(&database).unwrap();

    let process = Process::start(&database, files.path()).await;
    assert_eq!(process.work().await, Step::ALL);
    let whole = process.made(&id).await;
    assert!(whole.document.state == DocumentState::Ready && whole.document.failed_pages == 1, "{:?}", whole.document);
    assert!(whole.passages.len() > 32 && whole.found.iter().any(|(_, near, _)| near.is_some()), "{:?}", whole.found);
    assert_eq!((whole.aside, whole.jobs), (0, (0, 0, 0)));
    let written = std::fs::read(&log).unwrap();
    assert!(std::fs::read(&database).unwrap() == before, "all of the work is in the log");
    process.store.close().await;

    let mut left = BTreeMap::new();
    let commits = commits(&written);
    for (nth, end) in commits.iter().enumerate() {
        let home = tempfile::tempdir().unwrap();
        let database = home.path().join("a.db");
        std::fs::write(&database, &before).unwrap();
        // What follows a commit is there in part: the process ended while it wrote.
        let torn = (end + 2_000).min(written.len());
        std::fs::write(home.path().join("a.db-wal"), &written[..torn]).unwrap();
        let process = Process::start(&database, files.path()).await;
        let state = process.store.document(&id).await.unwrap().unwrap().state;
        let under_way = process.store.depth().await.unwrap().1;
        process.store.recover(SystemClock.now()).await.unwrap();
        let done = process.work().await;
        if under_way > 0 {
            *left.entry((done[0], state.name())).or_insert(0) += 1;
        }
        let made = process.made(&id).await;
        assert!(made == whole, "cut off behind commit {nth} of {}, in {state:?}, before {done:?}: {made:#?}", commits.len());
        process.store.close().await;
    }
    let seen: BTreeSet<(Step, &str)> = left.keys().copied().collect();
    let expected = [
        (Step::Extract, "uploading"),
        (Step::Extract, "extracting"),
        (Step::Chunk, "extracting"),
        (Step::Chunk, "chunking"),
        (Step::Chunk, "embedding"),
        (Step::Embed, "embedding"),
        (Step::Store, "embedding"),
        (Step::Store, "indexing"),
        (Step::Store, "ready"),
    ];
    assert_eq!(seen, BTreeSet::from(expected), "it was cut off in the middle of every step: {left:?}");
}
