//! An agent whose every event is written down beforehand, or follows from the question's words.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::stream::BoxStream;
use futures::{StreamExt, stream};
use synapscribe_domain::{Citation, Code, Failure, LectureId, Millis, Passage, Question, SessionId, Span, WorkId};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::open;
use crate::{Agent, AgentEvent, AgentRequest, Scope, Speech, Summary};

/// The lecture it knows when it was given no script.
const LECTURE: &str = "conformance";

/// One step of a script.
#[derive(Debug, Clone)]
pub enum Act {
    /// This happens.
    Event(AgentEvent),
    /// It goes on when it is told to.
    Await(Arc<Notify>),
    /// The stream ends here without a last word.
    Vanish,
}

/// Plays scripts in the order they were given; without one it obeys the question as the scripted tutor does. A script that ends
/// without a last event goes on until it is stopped.
#[derive(Debug, Default)]
pub struct ScriptedAgent {
    scripts: Mutex<VecDeque<Vec<Act>>>,
    requests: Mutex<Vec<AgentRequest>>,
    running: Arc<Mutex<HashMap<WorkId, CancellationToken>>>,
    stopped: Mutex<HashSet<WorkId>>,
    working: Arc<AtomicUsize>,
}

impl ScriptedAgent {
    /// The next question is answered by these events.
    pub fn play(&self, events: impl IntoIterator<Item = AgentEvent>) {
        self.act(events.into_iter().map(Act::Event));
    }

    /// The next question is answered by these acts.
    pub fn act(&self, acts: impl IntoIterator<Item = Act>) {
        open(&self.scripts).push_back(acts.into_iter().collect());
    }

    /// What it was asked so far.
    pub fn requests(&self) -> Vec<AgentRequest> {
        open(&self.requests).clone()
    }

    /// Answers being given now.
    pub fn working(&self) -> usize {
        self.working.load(SeqCst)
    }
}

/// An answer under way; it ends with its stream.
struct Work {
    name: WorkId,
    running: Arc<Mutex<HashMap<WorkId, CancellationToken>>>,
    working: Arc<AtomicUsize>,
}

impl Drop for Work {
    fn drop(&mut self) {
        open(&self.running).remove(&self.name);
        self.working.fetch_sub(1, SeqCst);
    }
}

#[async_trait]
impl Agent for ScriptedAgent {
    async fn invoke(&self, request: AgentRequest) -> Result<BoxStream<'static, AgentEvent>, Failure> {
        open(&self.requests).push(request.clone());
        if open(&self.stopped).remove(&request.work) {
            return Err(Failure::new(Code::Cancelled, "it was stopped"));
        }
        let cancel = CancellationToken::new();
        match open(&self.running).entry(request.work.clone()) {
            std::collections::hash_map::Entry::Occupied(_) => return Err(Failure::new(Code::Busy, "it is being answered")),
            std::collections::hash_map::Entry::Vacant(place) => place.insert(cancel.clone()),
        };
        self.working.fetch_add(1, SeqCst);
        let work = Work { name: request.work.clone(), running: Arc::clone(&self.running), working: Arc::clone(&self.working) };
        let script = open(&self.scripts).pop_front();
        let acts = match script {
            Some(acts) => stream::iter(acts).chain(stream::pending()).boxed(),
            None => improvised(&request),
        };
        Ok(stream::unfold(Some((acts, cancel, work)), |state| async move {
            let (mut acts, cancel, work) = state?;
            let next = async {
                loop {
                    match acts.next().await {
                        Some(Act::Await(told)) => told.notified().await,
                        act => return act,
                    }
                }
            };
            let act = tokio::select! {
                biased;
                () = cancel.cancelled() => Some(Act::Event(AgentEvent::Failed(Failure::new(Code::Cancelled, "it was stopped")))),
                act = next => act,
            };
            match act {
                Some(Act::Event(last @ (AgentEvent::Done(_) | AgentEvent::Failed(_)))) => Some((last, None)),
                Some(Act::Event(event)) => Some((event, Some((acts, cancel, work)))),
                Some(Act::Vanish | Act::Await(_)) | None => None,
            }
        })
        .boxed())
    }

    async fn cancel(&self, work: &WorkId) -> Result<bool, Failure> {
        if let Some(cancel) = open(&self.running).get(work) {
            cancel.cancel();
            return Ok(true);
        }
        open(&self.stopped).insert(work.clone());
        Ok(false)
    }

    async fn end_session(&self, _: &SessionId) -> Result<(), Failure> {
        Ok(())
    }
}

fn improvised(request: &AgentRequest) -> BoxStream<'static, Act> {
    let Question::Text(question) = &request.question else {
        return stream::iter([Act::Event(AgentEvent::Failed(Failure::not_found("recording")))]).boxed();
    };
    let lecture = LectureId::parse(LECTURE).expect("a plain name");
    if request.scope != Scope::of(&lecture) {
        return stream::iter([Act::Event(AgentEvent::Failed(Failure::not_found("lecture")))]).boxed();
    }
    let wrote = |text: &str| AgentEvent::Wrote(text.to_owned());
    let mut events = vec![AgentEvent::Retrieved];
    if question.contains("for ever") {
        let more = || async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            Some((Act::Event(AgentEvent::Wrote("On and on it goes. ".into())), ()))
        };
        return stream::iter(events.into_iter().map(Act::Event)).chain(stream::unfold((), move |()| more())).boxed();
    }
    if question.contains("break off") {
        events.extend([wrote("It begins, "), AgentEvent::Failed(Failure::new(Code::EngineFailed, "the model broke off"))]);
    } else {
        events.extend([wrote("The gradient points uphill."), AgentEvent::Cited(citation(&lecture))]);
        if request.speech.is_some() {
            events.push(AgentEvent::Piece("The gradient points uphill.".into()));
            events.push(AgentEvent::Spoke(Speech { rate: 16_000, samples: vec![0.1; 1_600] }));
        }
        events.extend([AgentEvent::Written, AgentEvent::Done(Summary { generated: true, found: true, ..Summary::default() })]);
    }
    stream::iter(events.into_iter().map(Act::Event)).boxed()
}

fn citation(lecture: &LectureId) -> Citation {
    let words = "The gradient points uphill.";
    Citation::of(1, &Passage::said(lecture, 0, Span::new(Millis(0), Millis(1_000)), words), words, 1.0)
}
