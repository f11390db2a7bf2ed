//! What the routes call, put together from a deployment once for each process.

use std::sync::Arc;

use lambda_accounts::Context;
use synapscribe_deployment::Deployment;
use synapscribe_usecases::accounts::{Leaving, Reception};
use synapscribe_usecases::document::shelf::Shelf;
use synapscribe_usecases::library::Reading;
use tokio::sync::Semaphore;

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
    let shelf = Shelf {
        documents: Arc::clone(&deployment.library) as _,
        objects: Arc::clone(&deployment.objects),
        sessions: Arc::clone(&deployment.sessions),
        reader: None,
        connections: Arc::clone(&deployment.connections),
        audience: Arc::clone(&deployment.audience),
        clock: Arc::clone(&deployment.clock),
        scratch: deployment.scratch.clone(),
        drawing: Arc::new(Semaphore::new(1)),
    };
    Context { leaving: Leaving { reception: reception.clone(), reading, shelf }, reception }
}
