//! How every agent behaves, in this process or behind a wire. The agent under test knows one ready lecture, [`LECTURE`], and its
//! tutor obeys the question: `for ever` never ends, `break off` fails in the middle, anything else is answered from the lecture.

use std::time::Duration;

use futures::StreamExt;
use futures::stream::BoxStream;
use synapscribe_domain::{Code, LectureId, Question, SessionId, WorkId};

use crate::library::Scope;
use crate::narrator::Style;
use crate::world::{Ids, UuidIds};
use crate::{Agent, AgentEvent, AgentRequest};

/// The lecture that can be asked.
pub const LECTURE: &str = "conformance";
/// Whatever has to happen soon happens within this, on a busy machine too.
const SOON: Duration = Duration::from_secs(10);

/// Runs every check; `working` tells how many answers are being written behind the agent.
pub async fn suite(agent: &dyn Agent, working: &(dyn Fn() -> usize + Sync)) {
    an_answer_comes_in_order_and_ends_once(agent).await;
    nobody_speaks_unless_asked_to(agent).await;
    an_answer_that_breaks_off_says_so_last(agent).await;
    what_cannot_be_asked_is_a_failure(agent).await;
    a_question_is_stopped_by_its_name(agent, working).await;
    what_is_stopped_before_it_begins_never_begins(agent, working).await;
    whoever_goes_away_stops_the_work(agent, working).await;
    a_question_is_answered_once_at_a_time(agent, working).await;
    a_session_may_end_twice(agent).await;
}

async fn an_answer_comes_in_order_and_ends_once(agent: &dyn Agent) {
    let events = all(agent.invoke(request("What is the gradient?", true)).await.expect("it is taken")).await;
    let place = |is: fn(&AgentEvent) -> bool| events.iter().position(is).unwrap_or_else(|| panic!("missing in {events:?}"));
    let (found, wrote) = (place(|e| *e == AgentEvent::Retrieved), place(|e| matches!(e, AgentEvent::Wrote(_))));
    let (cited, written) = (place(|e| matches!(e, AgentEvent::Cited(_))), place(|e| *e == AgentEvent::Written));
    assert!(found < wrote && wrote < cited && cited < written, "{events:?}");
    let (piece, spoke) = (place(|e| matches!(e, AgentEvent::Piece(_))), place(|e| matches!(e, AgentEvent::Spoke(_))));
    assert!(wrote < piece && piece < spoke, "speech is of a piece of what was written: {events:?}");
    let last = events.iter().filter(|e| matches!(e, AgentEvent::Done(_) | AgentEvent::Failed(_))).count();
    assert!(last == 1 && matches!(events.last(), Some(AgentEvent::Done(end)) if end.found), "one last event: {events:?}");
    let speech = events.iter().filter_map(|e| if let AgentEvent::Spoke(speech) = e { Some(speech) } else { None });
    assert!(speech.map(|s| s.length().0).sum::<u64>() > 0, "it is heard");
}

async fn nobody_speaks_unless_asked_to(agent: &dyn Agent) {
    let events = all(agent.invoke(request("What is the gradient?", false)).await.expect("it is taken")).await;
    assert!(
        events.iter().all(|e| !matches!(e, AgentEvent::Piece(_) | AgentEvent::Spoke(_) | AgentEvent::Muted(_))),
        "{events:?}"
    );
    assert!(matches!(events.last(), Some(AgentEvent::Done(_))), "{events:?}");
}

async fn an_answer_that_breaks_off_says_so_last(agent: &dyn Agent) {
    let events = all(agent.invoke(request("Please break off.", false)).await.expect("it is taken")).await;
    assert!(events.iter().any(|e| matches!(e, AgentEvent::Wrote(_))), "what came before is passed on: {events:?}");
    assert!(matches!(events.last(), Some(AgentEvent::Failed(f)) if f.code == Code::EngineFailed), "{events:?}");
}

async fn what_cannot_be_asked_is_a_failure(agent: &dyn Agent) {
    let elsewhere =
        AgentRequest { scope: Scope::of(LectureId::parse("nowhere").expect("a plain name")), ..request("why?", false) };
    assert_eq!(refusal(agent, elsewhere).await, Code::NotFound);
}

async fn a_question_is_stopped_by_its_name(agent: &dyn Agent, working: &(dyn Fn() -> usize + Sync)) {
    let (asked, bystander) = (request("Go on for ever.", true), request("Go on for ever.", false));
    let mut other = agent.invoke(bystander.clone()).await.expect("it is taken");
    wrote(&mut other).await;
    let mut events = agent.invoke(asked.clone()).await.expect("it is taken");
    wrote(&mut events).await;
    assert_eq!(agent.cancel(&asked.work).await, Ok(true), "it was running");
    let rest = all(events).await;
    assert!(matches!(rest.last(), Some(AgentEvent::Failed(f)) if f.code == Code::Cancelled), "{rest:?}");
    wrote(&mut other).await;
    assert_eq!(agent.cancel(&bystander.work).await, Ok(true), "other questions go on");
    all(other).await;
    idle(working).await;
    let again = all(agent.invoke(AgentRequest { question: Question::Text("What?".into()), ..asked }).await.expect("again")).await;
    assert!(matches!(again.last(), Some(AgentEvent::Done(_))), "what was stopped may be asked again: {again:?}");
}

async fn what_is_stopped_before_it_begins_never_begins(agent: &dyn Agent, working: &(dyn Fn() -> usize + Sync)) {
    let asked = request("Go on for ever.", false);
    assert_eq!(agent.cancel(&asked.work).await, Ok(false), "nothing runs under that name");
    assert_eq!(refusal(agent, asked).await, Code::Cancelled, "the word to stop may overtake the question");
    idle(working).await;
}

async fn whoever_goes_away_stops_the_work(agent: &dyn Agent, working: &(dyn Fn() -> usize + Sync)) {
    let asked = request("Go on for ever.", true);
    let mut events = agent.invoke(asked.clone()).await.expect("it is taken");
    wrote(&mut events).await;
    drop(events);
    idle(working).await;
    assert_eq!(agent.cancel(&asked.work).await, Ok(false), "it does not run any more");
}

async fn a_question_is_answered_once_at_a_time(agent: &dyn Agent, working: &(dyn Fn() -> usize + Sync)) {
    let asked = request("Go on for ever.", false);
    let mut events = agent.invoke(asked.clone()).await.expect("it is taken");
    wrote(&mut events).await;
    assert_eq!(refusal(agent, asked).await, Code::Busy);
    wrote(&mut events).await;
    drop(events);
    idle(working).await;
}

async fn a_session_may_end_twice(agent: &dyn Agent) {
    let session = SessionId::parse(UuidIds.fresh()).expect("a plain name");
    for _ in 0..2 {
        assert_eq!(agent.end_session(&session).await, Ok(()));
    }
}

fn request(question: &str, spoken: bool) -> AgentRequest {
    AgentRequest {
        work: WorkId::parse(UuidIds.fresh()).expect("a plain name"),
        session: SessionId::parse("conformance").expect("a plain name"),
        scope: Scope::of(LectureId::parse(LECTURE).expect("a plain name")),
        question: Question::Text(question.into()),
        playhead: None,
        page: None,
        history: Vec::new(),
        speech: spoken.then(Style::default),
        trace: None,
    }
}

/// Every event to the end.
async fn all(events: BoxStream<'static, AgentEvent>) -> Vec<AgentEvent> {
    tokio::time::timeout(SOON, events.collect()).await.expect("the answer comes to an end")
}

/// Waits for the next text.
async fn wrote(events: &mut BoxStream<'static, AgentEvent>) {
    let wait = async {
        while let Some(event) = events.next().await {
            if matches!(event, AgentEvent::Wrote(_)) {
                return;
            }
            assert!(!matches!(event, AgentEvent::Failed(_)), "{event:?}");
        }
        panic!("the answer ended");
    };
    tokio::time::timeout(SOON, wait).await.expect("it writes");
}

/// Why a question is not answered, whether it is told at once or as the last event.
async fn refusal(agent: &dyn Agent, request: AgentRequest) -> Code {
    match agent.invoke(request).await {
        Err(failure) => failure.code,
        Ok(events) => match all(events).await.pop() {
            Some(AgentEvent::Failed(failure)) => failure.code,
            other => panic!("it was answered: {other:?}"),
        },
    }
}

/// Waits until nothing is being written any more.
async fn idle(working: &(dyn Fn() -> usize + Sync)) {
    let rest = async {
        while working() > 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(SOON, rest).await.expect("the work behind the agent stops");
}
