//! What the routes call, put together from a deployment once for each process.

use std::sync::Arc;

use lambda_accounts::Context;
use synapscribe_deployment::Deployment;
use synapscribe_usecases::accounts::{Leaving, Reception};
use synapscribe_usecases::library::Reading;

/// The routes' context.
pub fn of(deployment: &Deployment, reception: Reception) -> Context {
    let reading = Reading {
        library: Arc::clone(&deployment.library),
        objects: Arc::clone(&deployment.objects),
        sessions: Arc::clone(&deployment.sessions),
        connections: Arc::clone(&deployment.connections),
        audience: Arc::clone(&deployment.audience),
        audio: Arc::clone(&deployment.audio),
        scratch: deployment.scratch.clone(),
        clock: Arc::clone(&deployment.clock),
        drawing: Arc::default(),
    };
    Context { leaving: Leaving { reception: reception.clone(), reading }, reception }
}
