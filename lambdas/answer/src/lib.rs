//! Answers an accepted question: hands the order to one operation. Holds no logic.

use std::time::Duration;

use async_trait::async_trait;
use synapscribe_domain::Failure;
use synapscribe_ports::{AnswerOrder, Job};
use synapscribe_telemetry as telemetry;
use synapscribe_usecases::Conversing;
use synapscribe_usecases::jobs::Handler;
use tracing::Instrument;

/// What the handler calls; built once.
#[derive(Clone)]
pub struct Context {
    /// Answers within sessions.
    pub conversing: Conversing,
}

/// Handles one order; handling it again after a crash is safe.
pub async fn handle(context: &Context, mut order: AnswerOrder) -> Result<(), Failure> {
    let span = tracing::error_span!("answer", correlation = order.query.as_str());
    let span = telemetry::on(span, order.trace.as_ref());
    async {
        order.trace = telemetry::here().or(order.trace.take());
        context.conversing.answer(&order).await
    }
    .instrument(span)
    .await
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
            tracing::error!(
                correlation = order.query.as_str(),
                code = failure.code.as_str(),
                "a question's failure could not be noted"
            );
        }
    }
}
