//! What is kept for seven days goes after seven days, and a session that rests ends: the operations over the very adapters of the
//! host, a database and a folder, with a clock that is moved by hand.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use synapscribe_domain::session::{INACTIVITY_MS, RETENTION_MS, Retention};
use synapscribe_domain::{
    Code, ConnectionId, Lecture, LectureId, LectureState, ObjectKey, PersonId, QueryId, Question, SessionId, Visibility,
};
use synapscribe_local::{Folder, FolderObjects, Keyring, Limits};
use synapscribe_ports::fakes::{Listeners, MemoryConnections, ScriptedAgent, SetClock, WavAudio};
use synapscribe_ports::{
    AgentEvent, AnswerOrder, Clock, Job, Jobs, Lane, Library, Objects, Sessions, Speech, Style, Summary, SystemClock,
};
use synapscribe_sql::Store;
use synapscribe_usecases::housekeeping::{Housekeeping, Swept};
use synapscribe_usecases::library::Reading;
use synapscribe_usecases::{Conversing, Lines};

/// A person's things on one host.
struct Home {
    store: Store,
    objects: Arc<FolderObjects>,
    clock: Arc<SetClock>,
    agent: Arc<ScriptedAgent>,
    conversing: Conversing,
    keeping: Housekeeping,
    reading: Reading,
    person: PersonId,
    lecture: Lecture,
    _folder: tempfile::TempDir,
}

impl Home {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("synapscribe.db")).await.unwrap();
        let objects = Folder::open(&folder.path().join("objects"), Limits::default()).unwrap();
        let objects = Arc::new(FolderObjects::new(objects, Arc::new(Keyring::new([1; 32]))));
        // The folder notes when an object was stored by the system's clock, so that is where this one begins.
        let clock = Arc::new(SetClock::at(SystemClock.now()));
        let agent = Arc::new(ScriptedAgent::default());
        let (person, id) = (PersonId::parse("ada").unwrap(), LectureId::parse("tides").unwrap());
        let lecture = Lecture {
            key: ObjectKey::lecture(&person, &id, "tides.wav"),
            id,
            owner: person.clone(),
            visibility: Visibility::Private,
            title: "Tides".into(),
            state: LectureState::Ready,
            media: None,
            tokens: None,
            created: clock.now(),
        };
        store.add_lecture(&lecture).await.unwrap();
        objects.put(&lecture.key, Bytes::from_static(b"a recording"), "audio/wav").await.unwrap();
        let (sessions, kept): (Arc<dyn Sessions>, Arc<dyn Objects>) = (Arc::new(store.clone()), objects.clone());
        let listeners = Listeners::default();
        listeners.arrive(&connection());
        Self {
            conversing: Conversing {
                library: Arc::new(store.clone()),
                sessions: sessions.clone(),
                objects: kept.clone(),
                jobs: Arc::new(store.clone()),
                agent: agent.clone(),
                connections: Arc::new(MemoryConnections::default()),
                audience: Arc::new(listeners),
                lines: Lines::default(),
                clock: clock.clone(),
                reconnect: Duration::ZERO,
            },
            keeping: Housekeeping {
                sessions: sessions.clone(),
                library: Arc::new(store.clone()),
                jobs: Arc::new(store.clone()),
                objects: kept.clone(),
                ledger: Arc::new(store.clone()),
                clock: clock.clone(),
            },
            reading: Reading {
                library: Arc::new(store.clone()),
                objects: kept,
                sessions,
                connections: Arc::new(MemoryConnections::default()),
                audience: Arc::new(Listeners::default()),
                audio: Arc::new(WavAudio),
                scratch: folder.path().to_owned(),
                clock: clock.clone(),
                drawing: Arc::default(),
            },
            store,
            objects,
            clock,
            agent,
            person,
            lecture,
            _folder: folder,
        }
    }

    fn order(&self, query: &str, session: &str) -> AnswerOrder {
        AnswerOrder {
            person: self.person.clone(),
            connection: connection(),
            query: QueryId::parse(query).unwrap(),
            session: SessionId::parse(session).unwrap(),
            about: self.lecture.id.clone().into(),
            question: Question::Text("What causes the tides?".into()),
            playhead: None,
            page: None,
            speech: Some(Style::default()),
            trace: None,
            here_only: false,
        }
    }

    /// Asks as a client does, and answers as the worker does.
    async fn ask(&self, query: &str, session: &str) -> Result<(), Code> {
        let order = self.order(query, session);
        self.conversing.accept(order).await.map_err(|failure| failure.code)?;
        let now = self.clock.now();
        let leased =
            self.store.lease(Lane::Answers, now, now.plus(1_000)).await.unwrap().expect("what was accepted is in the queue");
        let Job::Answer(order) = &leased.job else { panic!("another job: {:?}", leased.job) };
        self.agent.play([
            AgentEvent::Retrieved,
            AgentEvent::Wrote("The moon does.".into()),
            AgentEvent::Spoke(Speech { rate: 16_000, samples: vec![0.1; 800] }),
            AgentEvent::Written,
            AgentEvent::Done(Summary::default()),
        ]);
        self.conversing.answer(order).await.unwrap();
        self.store.complete(leased.id).await.unwrap();
        Ok(())
    }

    async fn stored(&self) -> Vec<String> {
        self.objects.list("").await.unwrap().into_iter().map(|object| object.key.to_string()).collect()
    }
}

fn connection() -> ConnectionId {
    ConnectionId::parse("c1").unwrap()
}

#[tokio::test]
async fn sessions_spoken_questions_and_answers_go_after_seven_days_and_lectures_stay() {
    let home = Home::new().await;
    let question = ObjectKey::query(&home.person, &QueryId::parse("q1").unwrap(), "wav");
    home.objects.put(&question, Bytes::from_static(b"a question"), "audio/wav").await.unwrap();
    home.ask("q1", "s1").await.unwrap();
    let all = ["lectures/ada/tides/tides.wav", "queries/ada/q1.wav", "responses/ada/q1.wav"];
    assert_eq!(home.stored().await, all);

    // An hour before the time is over nothing goes.
    home.clock.pass(RETENTION_MS - 3_600_000);
    assert_eq!(home.keeping.sweep(Retention::WEEK).await.unwrap(), Swept::default());
    assert_eq!(home.stored().await, all);
    let session = SessionId::parse("s1").unwrap();
    assert_eq!(home.reading.session(&home.person, &session).await.unwrap().1.len(), 1, "it can be read to its last day");

    // When it is over, a reader misses it before the sweep, and the sweep removes it.
    home.clock.pass(2 * 3_600_000);
    assert_eq!(home.reading.session(&home.person, &session).await.unwrap_err().code, Code::NotFound);
    assert_eq!(home.keeping.sweep(Retention::WEEK).await.unwrap(), Swept { sessions: 1, objects: 2, ..Swept::default() });
    assert_eq!(home.stored().await, all[..1], "the lecture stays");
    assert_eq!(home.store.turns(&session).await.unwrap(), [], "the words are gone with the session");
    assert!(home.reading.lecture(&home.person, &home.lecture.id).await.is_ok());
    assert_eq!(home.keeping.sweep(Retention::WEEK).await.unwrap(), Swept::default(), "what is gone is gone once");

    // Its name begins a new session, which remembers nothing of the old one.
    home.ask("q1", "s1").await.unwrap();
    assert_eq!(home.agent.requests().last().unwrap().history, []);
}

#[tokio::test]
async fn whoever_chose_a_day_keeps_what_was_asked_for_a_day() {
    let home = Home::new().await;
    let question = ObjectKey::query(&home.person, &QueryId::parse("q1").unwrap(), "wav");
    home.objects.put(&question, Bytes::from_static(b"a question"), "audio/wav").await.unwrap();
    home.ask("q1", "s1").await.unwrap();
    let day = Retention::of_days(1).unwrap();
    home.clock.pass(day.ms() - 3_600_000);
    assert_eq!(home.keeping.sweep(day).await.unwrap(), Swept::default());
    home.clock.pass(2 * 3_600_000);
    assert_eq!(home.keeping.sweep(Retention::WEEK).await.unwrap(), Swept::default(), "others keep theirs for a week");
    assert_eq!(home.keeping.sweep(day).await.unwrap(), Swept { sessions: 1, objects: 2, ..Swept::default() });
    assert_eq!(home.stored().await, ["lectures/ada/tides/tides.wav"], "the lecture stays");
}

#[tokio::test]
async fn a_session_lives_seven_days_from_its_last_question() {
    let home = Home::new().await;
    home.ask("q1", "s1").await.unwrap();
    home.clock.pass(INACTIVITY_MS - 1);
    home.ask("q2", "s1").await.unwrap();
    home.clock.pass(RETENTION_MS - 1);
    assert_eq!(home.keeping.sweep(Retention::WEEK).await.unwrap().sessions, 0);
    home.clock.pass(1);
    assert_eq!(home.keeping.sweep(Retention::WEEK).await.unwrap().sessions, 1);
}

#[tokio::test]
async fn a_session_that_rests_takes_no_more_questions_but_can_be_read() {
    let home = Home::new().await;
    home.ask("q1", "s1").await.unwrap();
    home.clock.pass(INACTIVITY_MS - 1);
    home.ask("q2", "s1").await.unwrap();
    assert_eq!(home.agent.requests().last().unwrap().history.len(), 1, "until then it remembers");
    home.clock.pass(INACTIVITY_MS);
    assert_eq!(home.ask("q3", "s1").await, Err(Code::SessionEnded));
    assert_eq!(home.agent.requests().len(), 2, "nobody was asked");
    let (session, turns) = home.reading.session(&home.person, &SessionId::parse("s1").unwrap()).await.unwrap();
    assert_eq!(turns.len(), 2, "it can still be read");
    assert_eq!(session.state, synapscribe_domain::SessionState::Ended, "and is shown as what it is");
    let listed = home.reading.sessions(&home.person, None).await.unwrap();
    assert_eq!(listed.iter().map(|summary| summary.session.state).collect::<Vec<_>>(), [synapscribe_domain::SessionState::Ended]);
    home.ask("q3", "s2").await.unwrap();
    assert_eq!(home.agent.requests().last().unwrap().history, [], "a new session begins from nothing");
}
