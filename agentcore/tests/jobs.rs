//! The worker: lanes that do not wait for each other, and what becomes of a job that fails.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use synapscribe_agentcore::jobs::Handler;
use synapscribe_agentcore::{Places, Worker};
use synapscribe_domain::{Code, ConnectionId, Failure, LectureId, ObjectKey, PersonId, QueryId, Question, SessionId};
use synapscribe_ports::{AnswerOrder, Clock, Job, Jobs, Lane, ObjectCreated, SystemClock};
use synapscribe_sql::Store;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Ingests that are named `long` never end; everything else is done at once, unless it is told to fail.
#[derive(Default)]
struct Hands {
    begun: Mutex<Vec<String>>,
    news: Notify,
    gave_up: AtomicUsize,
}

impl Hands {
    async fn until(&self, wanted: &[&str]) {
        let all = async {
            loop {
                let news = self.news.notified();
                if wanted.iter().all(|name| self.begun.lock().unwrap().iter().any(|begun| begun == name)) {
                    return;
                }
                news.await;
            }
        };
        let begun = || self.begun.lock().unwrap().clone();
        tokio::time::timeout(Duration::from_secs(20), all).await.unwrap_or_else(|_| panic!("only {:?} were begun", begun()));
    }
}

#[async_trait]
impl Handler for Hands {
    async fn handle(&self, job: &Job, _: bool) -> Result<Option<Duration>, Failure> {
        let name = match job {
            Job::IngestLecture { lecture } => lecture.to_string(),
            Job::MakeDocument { document, .. } => document.to_string(),
            Job::ObjectCreated(created) => created.key.file_name().to_owned(),
            Job::Answer(order) => order.query.to_string(),
        };
        self.begun.lock().unwrap().push(name.clone());
        self.news.notify_waiters();
        if name.starts_with("long") {
            std::future::pending::<()>().await;
        }
        if name.starts_with("later") && self.begun.lock().unwrap().len() < 10 {
            return Ok(Some(Duration::ZERO));
        }
        if name.starts_with("broken") {
            return Err(Failure::new(Code::AudioCorrupt, "it is broken"));
        }
        Ok(None)
    }

    async fn gave_up(&self, _: &Job, _: &Failure) {
        self.gave_up.fetch_add(1, Ordering::SeqCst);
        self.news.notify_waiters();
    }
}

fn ingest(name: &str) -> Job {
    Job::IngestLecture { lecture: LectureId::parse(name).unwrap() }
}

fn arrival(name: &str) -> Job {
    let key = ObjectKey::parse(format!("lectures/p/l/{name}")).unwrap();
    Job::ObjectCreated(ObjectCreated { key, bytes: 1, sequencer: "1".into() })
}

fn question(name: &str) -> Job {
    Job::Answer(AnswerOrder {
        person: PersonId::parse("p").unwrap(),
        connection: ConnectionId::parse("c").unwrap(),
        query: QueryId::parse(name).unwrap(),
        session: SessionId::parse("s").unwrap(),
        about: LectureId::parse("l").unwrap().into(),
        question: Question::Text("why?".into()),
        playhead: None,
        page: None,
        speech: None,
        trace: None,
        here_only: false,
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_waits_behind_a_long_recording() {
    let store = Store::open_in_memory().await.unwrap();
    let hands = Arc::new(Hands::default());
    let stop = CancellationToken::new();
    let places = Places { arrivals: 1, answers: 1, ingests: 2, documents: 1 };
    let worker = Worker {
        jobs: Arc::new(store.clone()),
        handler: Arc::clone(&hands) as Arc<dyn Handler>,
        clock: Arc::new(SystemClock),
        places,
    };
    let now = SystemClock.now();
    for (name, job) in [
        ("long", ingest("long")),
        ("a.wav", arrival("a.wav")),
        ("q1", question("q1")),
        ("short", ingest("short")),
        ("broken.wav", arrival("broken.wav")),
    ] {
        store.enqueue(name, &job, now).await.unwrap();
    }
    let working = tokio::spawn(worker.run(stop.clone()));
    hands.until(&["long", "a.wav", "q1", "short", "broken.wav"]).await;
    store.enqueue("b.wav", &arrival("b.wav"), now).await.unwrap();
    hands.until(&["b.wav"]).await;
    // Both places are taken now, and what comes then has to wait.
    store.enqueue("long2", &ingest("long2"), now).await.unwrap();
    hands.until(&["long2"]).await;
    store.enqueue("third", &ingest("third"), now).await.unwrap();
    store.enqueue("c.wav", &arrival("c.wav"), now).await.unwrap();
    hands.until(&["c.wav"]).await;
    assert!(!hands.begun.lock().unwrap().contains(&"third".to_owned()), "there are only two places for recordings");

    stop.cancel();
    tokio::time::timeout(Duration::from_secs(20), working).await.expect("the worker stops when it is told").unwrap();
    assert_eq!(hands.gave_up.load(Ordering::SeqCst), 1, "what cannot be mended is given up at once");
    let (waiting, leased, buried) = store.depth().await.unwrap();
    assert_eq!((waiting, leased, buried), (3, 0, 1), "the two that were under way and the third wait for the next start");
}

fn worker(store: &Store, hands: &Arc<Hands>) -> Worker {
    Worker {
        jobs: Arc::new(store.clone()),
        handler: Arc::clone(hands) as Arc<dyn Handler>,
        clock: Arc::new(SystemClock),
        places: Places { arrivals: 1, answers: 1, ingests: 1, documents: 1 },
    }
}

/// A question that so many processes took and were killed in the middle of, all long ago.
async fn ended_in_the_middle(store: &Store, name: &str, times: i64) {
    // It rests the longer the oftener it happened, but never for an hour.
    let hour = 3_600_000;
    let begun = SystemClock.now().plus(-(times + 1) * hour);
    store.enqueue(name, &question(name), begun).await.unwrap();
    for n in 0..times {
        let at = begun.plus(n * hour);
        store.lease(Lane::Answers, at, at.plus(1_000)).await.unwrap().unwrap();
        assert_eq!(store.recover(at).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_job_that_ends_the_process_again_and_again_is_given_up_and_not_begun_once_more() {
    let (store, hands, stop) = (Store::open_in_memory().await.unwrap(), Arc::new(Hands::default()), CancellationToken::new());
    let now = SystemClock.now();
    ended_in_the_middle(&store, "deadly", 10).await;
    store.enqueue("harmless", &question("harmless"), now).await.unwrap();
    let working = tokio::spawn(worker(&store, &hands).run(stop.clone()));
    hands.until(&["harmless"]).await;
    stop.cancel();
    working.await.unwrap();
    assert_eq!(*hands.begun.lock().unwrap(), ["harmless"]);
    assert_eq!((hands.gave_up.load(Ordering::SeqCst), store.depth().await.unwrap().2), (1, 1));
}

#[tokio::test]
async fn a_process_that_ends_now_and_then_costs_a_job_none_of_its_attempts() {
    let (store, hands, stop) = (Store::open_in_memory().await.unwrap(), Arc::new(Hands::default()), CancellationToken::new());
    ended_in_the_middle(&store, "patient", 9).await;
    let working = tokio::spawn(worker(&store, &hands).run(stop.clone()));
    hands.until(&["patient"]).await;
    stop.cancel();
    working.await.unwrap();
    assert_eq!((hands.gave_up.load(Ordering::SeqCst), store.depth().await.unwrap().2), (0, 0));
}

#[tokio::test]
async fn being_put_off_or_stopped_is_no_attempt() {
    let (store, hands) = (Store::open_in_memory().await.unwrap(), Arc::new(Hands::default()));
    store.enqueue("later", &arrival("later.wav"), SystemClock.now()).await.unwrap();
    let stop = CancellationToken::new();
    let working = tokio::spawn(worker(&store, &hands).run(stop.clone()));
    let done = async {
        while store.depth().await.unwrap() != (0, 0, 0) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), done).await.expect("it is done in the end");
    stop.cancel();
    working.await.unwrap();
    assert_eq!((hands.begun.lock().unwrap().len(), hands.gave_up.load(Ordering::SeqCst)), (10, 0));

    store.enqueue("long", &ingest("long"), SystemClock.now()).await.unwrap();
    for _ in 0..8 {
        hands.begun.lock().unwrap().clear();
        let stop = CancellationToken::new();
        let working = tokio::spawn(worker(&store, &hands).run(stop.clone()));
        hands.until(&["long"]).await;
        stop.cancel();
        working.await.unwrap();
    }
    assert_eq!((hands.gave_up.load(Ordering::SeqCst), store.depth().await.unwrap()), (0, (1, 0, 0)));
}
