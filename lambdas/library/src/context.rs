//! What the routes call, put together from a deployment once for each process.

use std::sync::Arc;

use lambda_library::{Context, Lines};
use synapscribe_deployment::{Asking, Front};
use synapscribe_domain::AudioLimits;
use synapscribe_domain::document::DocumentLimits;
use synapscribe_domain::retrieval::Weights;
use synapscribe_reader::SandboxedReader;
use synapscribe_usecases::document::shelf::Shelf;
use synapscribe_usecases::patience::Patience;
use synapscribe_usecases::request_upload::Granting;
use synapscribe_usecases::{Catalogue, Editing, Revising, Searching, Sharing};

use crate::pictures::Narrowing;
use crate::streams::Streams;

/// The routes' context. Pages are drawn by this very program, in a child process.
pub fn of(asking: &Asking, sharing: Option<Sharing>, front: &Front) -> anyhow::Result<Context> {
    let deployment = &asking.deployment;
    let streams = front.streams.then(|| Arc::new(Streams::default()));
    let mut conversing = asking.conversing();
    if let Some(streams) = &streams {
        conversing.audience = Arc::clone(streams) as _;
    }
    let reader = Narrowing(SandboxedReader::this_program()?);
    Ok(Context {
        catalogue: Catalogue {
            library: Arc::clone(&deployment.library),
            accounts: sharing.as_ref().map(|sharing| Arc::clone(&sharing.accounts)),
        },
        reading: deployment.reading(),
        shelf: Shelf { reader: Some(Arc::new(reader)), ..deployment.shelf() },
        granting: Granting {
            library: Arc::clone(&deployment.library),
            objects: Arc::clone(&deployment.objects),
            ids: Arc::clone(&deployment.ids),
            clock: Arc::clone(&deployment.clock),
            lecture_limits: deployment.lecture_limits,
            question_limits: AudioLimits::QUESTION,
            document_limits: Some(DocumentLimits::USUAL),
        },
        conversing,
        // Any other gateway hands an answer on only when it is whole.
        lines: streams.map(|streams| streams as Arc<dyn Lines>),
        streaming_url: front.streaming_url.clone(),
        searching: Searching {
            library: Arc::clone(&deployment.library),
            // Vectors are AgentCore's; a request is not worth asking it for one.
            embedder: None,
            patience: Patience::default(),
            weights: Weights::default(),
        },
        editing: Editing {
            library: Arc::clone(&deployment.library),
            sessions: Arc::clone(&deployment.sessions),
            connections: Arc::clone(&deployment.connections),
            audience: Arc::clone(&deployment.audience),
            clock: Arc::clone(&deployment.clock),
            corrected: Arc::default(),
        },
        revising: Revising {
            library: Arc::clone(&deployment.library),
            sessions: Arc::clone(&deployment.sessions),
            ids: Arc::clone(&deployment.ids),
            clock: Arc::clone(&deployment.clock),
        },
        sharing,
        equipment: asking.equipment(),
        ids: Arc::clone(&deployment.ids),
    })
}
