//! What the handler calls, put together from a deployment once for each process.

use std::sync::Arc;

use lambda_websocket::Context;
use synapscribe_deployment::Asking;
use synapscribe_domain::AudioLimits;
use synapscribe_domain::document::DocumentLimits;
use synapscribe_usecases::accounts::Vouching;
use synapscribe_usecases::end_session::Ending;
use synapscribe_usecases::request_upload::Granting;

/// The handler's context.
pub fn of(asking: &Asking, vouching: Option<Vouching>) -> Context {
    let deployment = &asking.deployment;
    Context {
        granting: Granting {
            library: Arc::clone(&deployment.library),
            objects: Arc::clone(&deployment.objects),
            ids: Arc::clone(&deployment.ids),
            clock: Arc::clone(&deployment.clock),
            lecture_limits: deployment.lecture_limits,
            question_limits: AudioLimits::QUESTION,
            document_limits: Some(DocumentLimits::USUAL),
        },
        conversing: asking.conversing(),
        ending: Ending {
            sessions: Arc::clone(&deployment.sessions),
            agent: Arc::clone(&asking.agent),
            clock: Arc::clone(&deployment.clock),
        },
        connections: Arc::clone(&deployment.connections),
        audience: Arc::clone(&deployment.audience),
        vouching,
        clock: Arc::clone(&deployment.clock),
    }
}
