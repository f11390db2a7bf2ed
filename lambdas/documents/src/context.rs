//! What the handler calls, put together from a deployment once for each process.

use std::sync::Arc;

use lambda_documents::Context;
use synapscribe_deployment::{Deployment, EngineChoice};
use synapscribe_domain::document::DocumentLimits;
use synapscribe_reader::SandboxedReader;
use synapscribe_usecases::Making;
use synapscribe_usecases::patience::Patience;

/// The handler's context. Files are read by this very program, in a child process.
pub fn of(deployment: &Deployment, choice: &EngineChoice) -> anyhow::Result<Context> {
    Ok(Context {
        making: Making {
            library: Arc::clone(&deployment.library),
            objects: Arc::clone(&deployment.objects),
            reader: Arc::new(SandboxedReader::this_program()?),
            // No function carries one: a scanned document is refused with a sentence.
            recogniser: None,
            embedder: deployment.embedder(choice)?,
            jobs: Arc::clone(&deployment.jobs),
            connections: Arc::clone(&deployment.connections),
            audience: Arc::clone(&deployment.audience),
            herald: Arc::clone(&deployment.herald),
            clock: Arc::clone(&deployment.clock),
            limits: DocumentLimits::USUAL,
            scratch: deployment.scratch.clone(),
            patience: Patience::default(),
        },
    })
}
