//! Answers an accepted question: hands the order to one operation. Holds no logic.

use synapscribe_domain::Failure;
use synapscribe_ports::AnswerOrder;
use synapscribe_usecases::Conversing;

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
