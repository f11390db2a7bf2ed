//! Questions within sessions, over the stores a host keeps them in, with an agent and a gateway that follow the test.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::BoxStream;
use synapscribe_domain::{
    Code, ConnectionId, Failure, Lecture, LectureId, LectureState, ObjectKey, PersonId, QueryId, Question, SessionId, Timestamp,
    Turn, TurnState, Usage, Visibility, WorkId,
};
use synapscribe_local::{Folder, FolderObjects, Hub, Keyring, Limits};
use synapscribe_ports::{
    Agent, AgentEvent, AgentRequest, AnswerOrder, Audience, Clock, Connections, Jobs, Lane, Library, Notice, SendError, Sessions,
    Summary, SystemClock,
};
use synapscribe_sql::Store;
use synapscribe_usecases::converse::RECONNECT;
use synapscribe_usecases::{Conversing, Lines};
use tempfile::TempDir;
use tokio::sync::{Semaphore, mpsc};

const TIDES: &str = "tides";
const NOW: Timestamp = Timestamp(1_000_000);

/// Answers with what the test says next.
struct Scripted(Mutex<Option<mpsc::Receiver<AgentEvent>>>);

#[async_trait]
impl Agent for Scripted {
    async fn invoke(&self, _: AgentRequest) -> Result<BoxStream<'static, AgentEvent>, Failure> {
        let said = self.0.lock().unwrap().take().expect("each story asks its agent once");
        Ok(futures::stream::unfold(said, async |mut said| Some((said.recv().await?, said))).boxed())
    }

    async fn cancel(&self, _: &WorkId) -> Result<bool, Failure> {
        Ok(false)
    }

    async fn end_session(&self, _: &SessionId) -> Result<(), Failure> {
        Ok(())
    }
}

/// Hears everything that is told, and takes no more text at once than a gateway does.
struct Heard {
    told: Mutex<VecDeque<(ConnectionId, Notice)>>,
    gone: Mutex<HashSet<ConnectionId>>,
    news: Semaphore,
}

#[async_trait]
impl Audience for Heard {
    async fn tell(&self, to: &ConnectionId, notice: &Notice) -> Result<(), SendError> {
        if self.gone.lock().unwrap().contains(to) {
            return Err(SendError::Gone);
        }
        let size = match notice {
            Notice::AnswerText(_, text) => serde_json::to_string(text).unwrap().len(),
            Notice::Audio { speech, .. } => speech.samples.len() * 8 / 3,
            _ => 0,
        };
        if size > 120 * 1024 {
            return Err(SendError::TooLarge);
        }
        self.told.lock().unwrap().push_back((to.clone(), notice.clone()));
        self.news.add_permits(1);
        Ok(())
    }
}

impl Heard {
    /// The next thing that was told to anybody.
    async fn next(&self) -> (ConnectionId, Notice) {
        let news = tokio::time::timeout(Duration::from_secs(10), self.news.acquire());
        news.await.expect("nothing was told").unwrap().forget();
        self.told.lock().unwrap().pop_front().unwrap()
    }
}

struct World {
    store: Store,
    hub: Hub,
    heard: Arc<Heard>,
    agent: mpsc::Sender<AgentEvent>,
    conversing: Conversing,
    _folder: TempDir,
}

fn person(name: &str) -> PersonId {
    PersonId::parse(name).unwrap()
}

fn at(name: &str) -> ConnectionId {
    ConnectionId::parse(name).unwrap()
}

fn query() -> QueryId {
    QueryId::parse("q1").unwrap()
}

/// The same question, asked by Ada over this connection.
fn order(connection: &str) -> AnswerOrder {
    AnswerOrder {
        person: person("ada"),
        connection: at(connection),
        query: query(),
        session: SessionId::parse("s1").unwrap(),
        about: LectureId::parse(TIDES).unwrap().into(),
        question: Question::Text("why?".into()),
        playhead: None,
        page: None,
        speech: None,
        trace: None,
        here_only: false,
    }
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_in_memory().await.unwrap();
        let id = LectureId::parse(TIDES).unwrap();
        let lecture = Lecture {
            key: ObjectKey::lecture(&person("ada"), &id, "tides.wav"),
            id,
            owner: person("ada"),
            visibility: Visibility::Private,
            title: "Tides".into(),
            state: LectureState::Ready,
            media: None,
            tokens: Some(10),
            created: NOW,
        };
        store.add_lecture(&lecture).await.unwrap();
        let (agent, said) = mpsc::channel(64);
        let (hub, heard) =
            (Hub::new(), Arc::new(Heard { told: Mutex::default(), gone: Mutex::default(), news: Semaphore::new(0) }));
        let objects = Folder::open(folder.path(), Limits::default()).unwrap();
        let conversing = Conversing {
            library: Arc::new(store.clone()),
            sessions: Arc::new(store.clone()),
            objects: Arc::new(FolderObjects::new(objects, Arc::new(Keyring::new([1; 32])))),
            jobs: Arc::new(store.clone()),
            agent: Arc::new(Scripted(Mutex::new(Some(said)))),
            connections: Arc::new(hub.clone()),
            audience: Arc::clone(&heard) as Arc<dyn Audience>,
            lines: Lines::default(),
            clock: Arc::new(SystemClock),
            reconnect: RECONNECT,
        };
        Self { store, hub, heard, agent, conversing, _folder: folder }
    }

    async fn asks(&self, connection: &str) {
        self.hub.opened(&at(connection), &person("ada").into(), SystemClock.now()).await.unwrap();
        self.conversing.accept(order(connection)).await.unwrap();
        let accepted = Notice::QueryAccepted { query: query(), session: order(connection).session };
        assert_eq!(self.heard.next().await, (at(connection), accepted));
    }

    /// Begins to answer, as the worker does with the job.
    fn answers(&self) -> tokio::task::JoinHandle<Result<(), Failure>> {
        let conversing = self.conversing.clone();
        tokio::spawn(async move { conversing.answer(&order("first")).await })
    }

    async fn says(&self, events: Vec<AgentEvent>) {
        for event in events {
            self.agent.send(event).await.unwrap();
        }
    }

    async fn turn(&self) -> Turn {
        self.store.turns(&order("first").session).await.unwrap().remove(0)
    }
}

fn done() -> Vec<AgentEvent> {
    let summary = Summary { generated: false, found: true, usage: Usage::default() };
    vec![AgentEvent::Written, AgentEvent::Done(summary)]
}

#[tokio::test]
async fn asking_again_over_a_new_connection_takes_the_running_answer_there() {
    let world = World::new().await;
    world.asks("first").await;
    let answering = world.answers();
    world.says(vec![AgentEvent::Retrieved, AgentEvent::Wrote("Because ".into())]).await;
    assert_eq!(world.heard.next().await, (at("first"), Notice::AnswerText(query(), "Because ".into())));

    // The old connection looks alive: nobody has noticed yet that the student is somewhere else.
    world.asks("second").await;
    world.says(vec![AgentEvent::Wrote("of the moon.".into())]).await;
    for expected in [
        Notice::AnswerRestarted(query()),
        Notice::QueryText(query(), "why?".into()),
        Notice::AnswerText(query(), "Because ".into()),
        Notice::AnswerText(query(), "of the moon.".into()),
    ] {
        assert_eq!(world.heard.next().await, (at("second"), expected));
    }
    world.says(done()).await;
    answering.await.unwrap().unwrap();
    let (to, end) = world.heard.next().await;
    assert!(to == at("second") && matches!(end, Notice::AnswerDone(_)), "{to}: {end:?}");
    assert_eq!(world.turn().await.answer, "Because of the moon.", "what was said again is stored once");
}

#[tokio::test]
async fn an_answer_follows_a_person_whose_connection_is_gone() {
    let world = World::new().await;
    world.asks("first").await;
    let answering = world.answers();
    world.says(vec![AgentEvent::Retrieved, AgentEvent::Wrote("Because ".into())]).await;
    world.heard.next().await;
    world.heard.gone.lock().unwrap().insert(at("first"));
    world.hub.opened(&at("second"), &person("ada").into(), SystemClock.now()).await.unwrap();
    world.says(vec![AgentEvent::Wrote("of the moon.".into())]).await;
    let mut told = Vec::new();
    for _ in 0..4 {
        told.push(world.heard.next().await);
    }
    assert_eq!(told[0], (at("second"), Notice::AnswerRestarted(query())));
    assert_eq!(told[3], (at("second"), Notice::AnswerText(query(), "of the moon.".into())));
    world.says(done()).await;
    answering.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_long_text_is_sent_in_portions_and_nothing_of_it_is_lost() {
    let world = World::new().await;
    world.asks("first").await;
    let answering = world.answers();
    // Each of these characters takes six bytes in JSON, so this is far beyond one message.
    let long = "\u{1}é".repeat(40_000);
    world.says(vec![AgentEvent::Retrieved, AgentEvent::Wrote(long.clone())]).await;
    world.says(done()).await;
    answering.await.unwrap().unwrap();
    let mut text = String::new();
    loop {
        match world.heard.next().await.1 {
            Notice::AnswerText(_, portion) => text.push_str(&portion),
            Notice::AnswerDone(turn) => break assert_eq!(turn.state, TurnState::Done),
            other => panic!("{other:?}"),
        }
    }
    assert!(text == long && world.turn().await.answer == long, "{} of {} bytes came", text.len(), long.len());

    // Told again it takes as many portions.
    world.asks("second").await;
    let mut again = String::new();
    loop {
        match world.heard.next().await.1 {
            Notice::AnswerText(_, portion) => again.push_str(&portion),
            Notice::AnswerDone(_) => break,
            _ => {}
        }
    }
    assert_eq!(again.len(), long.len());
}

#[tokio::test]
async fn what_is_too_large_to_send_does_not_count_as_sent() {
    let world = World::new().await;
    world.asks("first").await;
    let answering = world.answers();
    let heard = AgentEvent::Spoke(synapscribe_ports::Speech { rate: 16_000, samples: vec![0.0; 200_000] });
    world.says(vec![AgentEvent::Retrieved, heard]).await;
    answering.await.unwrap().unwrap();
    let turn = world.turn().await;
    assert_eq!((turn.state, turn.spoken.0), (TurnState::Failed, 0));
    assert_eq!(turn.failure.unwrap().code, Code::TooLarge);
}

#[tokio::test]
async fn a_question_that_was_given_up_is_answered_when_it_is_asked_again() {
    let world = World::new().await;
    world.asks("first").await;
    let answering = world.answers();
    world.says(vec![AgentEvent::Retrieved, AgentEvent::Wrote("Bec".into())]).await;
    world.heard.next().await;
    // The process is lost in the middle, as often as a job is tried.
    answering.abort();
    let _ = answering.await;
    let now = SystemClock.now();
    let job = world.store.lease(Lane::Answers, now, now.plus(1_000)).await.unwrap().unwrap();
    world.store.bury(job.id, "it failed for good").await.unwrap();
    world.conversing.give_up(&order("first"), Failure::internal()).await.unwrap();

    assert_eq!(world.turn().await.state, TurnState::Failed);
    assert_eq!(world.heard.next().await, (at("first"), Notice::Failed(Some(query()), Failure::internal())));
    world.asks("second").await;
    assert_eq!(world.store.depth().await.unwrap(), (1, 0, 1), "it is queued anew, beside the one that is kept");
}
