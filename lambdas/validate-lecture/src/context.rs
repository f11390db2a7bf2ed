//! What the handler calls, put together from a deployment once for each process.

use std::sync::Arc;

use lambda_validate_lecture::Context;
use synapscribe_deployment::Deployment;
use synapscribe_usecases::Validating;

/// The handler's context.
pub fn of(deployment: &Deployment) -> Context {
    Context {
        validating: Validating {
            library: Arc::clone(&deployment.library),
            objects: Arc::clone(&deployment.objects),
            audio: Arc::clone(&deployment.audio),
            ledger: Arc::clone(&deployment.ledger),
            jobs: Arc::clone(&deployment.jobs),
            connections: Arc::clone(&deployment.connections),
            audience: Arc::clone(&deployment.audience),
            herald: Arc::clone(&deployment.herald),
            clock: Arc::clone(&deployment.clock),
            limits: deployment.lecture_limits,
            scratch: deployment.scratch.clone(),
        },
    }
}
