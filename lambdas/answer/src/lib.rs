//! Answers an accepted question: hands the order to one operation. Holds no logic.

use std::time::Duration;

use async_trait::async_trait;
use synapscribe_domain::Failure;
use synapscribe_ports::{AnswerOrder, Job};
use synapscribe_usecases::Conversing;
use synapscribe_usecases::jobs::Handler;

/// What the handler calls; built once.
#[derive(Clone)]
pub struct Context {
    /// Answers within sessions.
    pub conversing: Conversing,
}

/// Handles one order; handling it again after a crash is safe.
pub async fn handle(context: &Context, order: AnswerOrder) -> Result<(), Failure> {
    context.conversing.answer(&order).await
}

/// The lane of answers holds orders and nothing else; a job that strayed there is set aside.
#[async_trait]
impl Handler for Context {
    async fn handle(&self, job: &Job, _: bool) -> Result<Option<Duration>, Failure> {
        match job {
            Job::Answer(order) => handle(self, order.clone()).await.map(|()| None),
            _ => Err(Failure::internal()),
        }
    }

    async fn gave_up(&self, job: &Job, failure: &Failure) {
        let Job::Answer(order) = job else { return };
        if let Err(failure) = self.conversing.give_up(order, failure.clone()).await {
            tracing::error!(code = failure.code.as_str(), "a question's failure could not be noted");
        }
    }
}
