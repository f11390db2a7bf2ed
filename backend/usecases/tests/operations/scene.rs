//! A conversation to begin with: somebody who is connected and has a lecture, and what an agent says.

use synapscribe_domain::{Citation, ConnectionId, LectureState, Millis, Passage, QueryId, Question, Span};
use synapscribe_ports::{AgentEvent, AnswerOrder, Jobs, Lane, Notice, Speech, Style, Summary};
use synapscribe_usecases::Conversing;

use crate::world::{World, lecture_id, person, session_id};

/// A world in which ada is connected and has a lecture.
pub struct Scene {
    pub world: World,
    pub line: ConnectionId,
}

impl Scene {
    pub async fn new() -> Self {
        let world = World::new();
        world.lecture("tides", "ada", LectureState::Ready, &["The moon pulls."]).await;
        let line = world.connect("c1", "ada").await;
        Self { world, line }
    }

    pub fn conversing(&self) -> Conversing {
        self.world.conversing()
    }

    pub fn order(&self, query: &str) -> AnswerOrder {
        AnswerOrder {
            person: person("ada"),
            connection: self.line.clone(),
            query: id(query),
            session: session_id("s"),
            about: lecture_id("tides").into(),
            question: Question::Text("What causes the tides?".into()),
            playhead: None,
            page: None,
            speech: Some(Style::default()),
            trace: None,
            here_only: false,
        }
    }

    pub async fn accept(&self, order: &AnswerOrder) {
        self.conversing().accept(order.clone()).await.unwrap();
    }

    /// Asks and answers by these events.
    pub async fn ask(&self, query: &str, events: Vec<AgentEvent>) {
        let order = self.order(query);
        self.accept(&order).await;
        self.world.agent.play(events);
        self.conversing().answer(&order).await.unwrap();
    }

    /// Takes the question that waits, as a worker does.
    pub async fn lease(&self) -> i64 {
        let now = self.world.now();
        let leased = self.world.jobs.lease(Lane::Answers, now, now.plus(60_000)).await.unwrap();
        leased.expect("a question that was accepted is in the queue").id
    }

    pub fn told(&self) -> Vec<Notice> {
        self.world.listeners.told(&self.line)
    }
}

pub fn id(query: &str) -> QueryId {
    QueryId::parse(query).unwrap()
}

pub fn wrote(text: &str) -> AgentEvent {
    AgentEvent::Wrote(text.into())
}

pub fn spoke(samples: usize) -> AgentEvent {
    AgentEvent::Spoke(Speech { rate: 16_000, samples: vec![0.1; samples] })
}

pub fn done() -> AgentEvent {
    AgentEvent::Done(Summary { generated: true, found: true, ..Summary::default() })
}

pub fn citation() -> Citation {
    let said = Passage::said(&lecture_id("tides"), 0, Span::new(Millis(0), Millis(900)), "The moon pulls.");
    Citation::of(1, &said, "The moon pulls.", 1.0)
}

pub fn whole() -> Vec<AgentEvent> {
    vec![
        AgentEvent::Retrieved,
        wrote("The moon "),
        wrote("pulls."),
        AgentEvent::Cited(citation()),
        spoke(1_600),
        AgentEvent::Written,
        spoke(800),
        done(),
    ]
}
