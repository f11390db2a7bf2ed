//! An agent elsewhere that is asked again when it could not be reached or had no place: a GPU host that is started anew need not be
//! noticed by whoever asks meanwhile. Once it has begun to answer nothing is asked twice.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::stream::BoxStream;
use synapscribe_domain::{Code, Failure, SessionId, WorkId};
use synapscribe_ports::{Agent, AgentEvent, AgentRequest};

/// How long it is left alone before each further try. Somebody is waiting, so it is not for long.
const PAUSES: [Duration; 3] = [Duration::from_millis(300), Duration::from_secs(1), Duration::from_secs(2)];

/// Asks again.
#[derive(Clone)]
pub struct Insistent {
    agent: Arc<dyn Agent>,
    pauses: [Duration; 3],
}

impl Insistent {
    /// Asks this agent.
    pub fn over(agent: Arc<dyn Agent>) -> Self {
        Self { agent, pauses: PAUSES }
    }
}

#[async_trait]
impl Agent for Insistent {
    async fn invoke(&self, request: AgentRequest) -> Result<BoxStream<'static, AgentEvent>, Failure> {
        for pause in self.pauses {
            match self.agent.invoke(request.clone()).await {
                Err(failure) if matches!(failure.code, Code::Busy | Code::EngineFailed) => {
                    tracing::info!(code = failure.code.as_str(), "the agent is asked again");
                    tokio::time::sleep(pause).await;
                }
                begun => return begun,
            }
        }
        self.agent.invoke(request).await
    }

    async fn cancel(&self, work: &WorkId) -> Result<bool, Failure> {
        self.agent.cancel(work).await
    }

    async fn end_session(&self, session: &SessionId) -> Result<(), Failure> {
        self.agent.end_session(session).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures::{StreamExt, stream};
    use synapscribe_domain::{LectureId, Question};
    use synapscribe_ports::fakes::ScriptedAgent;
    use synapscribe_ports::{Summary, conformance};

    use super::*;

    /// Refuses with these codes, the last first, then answers.
    struct Away(Mutex<Vec<Code>>);

    #[async_trait]
    impl Agent for Away {
        async fn invoke(&self, _: AgentRequest) -> Result<BoxStream<'static, AgentEvent>, Failure> {
            match self.0.lock().unwrap().pop() {
                Some(code) => Err(Failure::new(code, "no")),
                None => Ok(stream::iter([AgentEvent::Done(Summary::default())]).boxed()),
            }
        }
        async fn cancel(&self, _: &WorkId) -> Result<bool, Failure> {
            Ok(false)
        }
        async fn end_session(&self, _: &SessionId) -> Result<(), Failure> {
            Ok(())
        }
    }

    async fn ask(refusals: &[Code]) -> Result<usize, Code> {
        let request = AgentRequest {
            work: WorkId::parse("w").unwrap(),
            session: SessionId::parse("s").unwrap(),
            scope: synapscribe_ports::Scope::of(LectureId::parse("l").unwrap()),
            question: Question::Text("why?".into()),
            playhead: None,
            page: None,
            history: Vec::new(),
            speech: None,
            trace: None,
        };
        let agent = Insistent { agent: Arc::new(Away(Mutex::new(refusals.to_vec()))), pauses: [Duration::ZERO; 3] };
        match agent.invoke(request).await {
            Ok(events) => Ok(events.count().await),
            Err(failure) => Err(failure.code),
        }
    }

    #[tokio::test]
    async fn it_behaves_as_every_agent() {
        let scripted = Arc::new(ScriptedAgent::default());
        let agent = Insistent { agent: Arc::clone(&scripted) as _, pauses: [Duration::ZERO; 3] };
        conformance::agent::suite(&agent, &|| scripted.working()).await;
    }

    #[tokio::test]
    async fn an_agent_that_is_away_or_busy_for_a_moment_answers_all_the_same() {
        assert_eq!(ask(&[Code::Busy, Code::EngineFailed, Code::EngineFailed]).await, Ok(1));
        assert_eq!(ask(&[Code::EngineFailed; 4]).await, Err(Code::EngineFailed));
        assert!(PAUSES.iter().sum::<Duration>() < Duration::from_secs(5), "whoever waits is told within seconds");
    }

    #[tokio::test]
    async fn what_would_not_help_is_not_tried() {
        for code in [Code::NotFound, Code::Cancelled, Code::EngineMissing] {
            assert_eq!(ask(&[Code::Busy, code]).await, Err(code), "it is not asked again");
        }
    }
}
