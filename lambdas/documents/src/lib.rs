//! The steps from a file to a document that answers, called one by one by a workflow: decodes, calls one operation, says what
//! follows. Holds no logic.

mod order;

pub use order::{Caught, Order, Reply, Step, Stretch};

use synapscribe_domain::{DocumentId, Failure, ObjectKey};
use synapscribe_ports::ObjectCreated;
use synapscribe_usecases::Making;
use synapscribe_usecases::document::{Batch, Next};
use tokio_util::sync::CancellationToken;

/// What the handler calls; built once.
#[derive(Clone)]
pub struct Context {
    /// Makes documents.
    pub making: Making,
}

/// Does one step; `stop` is cancelled shortly before there is no more time. What may pass is an error, for another try; what does
/// not is written into the document's state, and nothing follows.
pub async fn handle(context: &Context, order: Order, stop: &CancellationToken) -> Result<Reply, Failure> {
    let making = &context.making;
    match order {
        Order::Arrive { key, bytes, sequencer } => {
            let Ok(key) = ObjectKey::parse(key) else { return Ok(end(None)) };
            let taken = making.taken_in(&ObjectCreated { key, bytes, sequencer }).await?;
            Ok(taken.map_or_else(|| end(None), |document| reply(document, Next::Again)))
        }
        Order::Extract { document } => making.extract_until(&document, stop).await.map(|next| reply(document, next)),
        Order::Chunk { document } => making.chunk_alone(&document).await.map(|next| reply(document, next)),
        Order::Embed { document, from, to } => {
            making.embed_batch(&document, Batch { from, to }).await.map(|()| end(Some(document)))
        }
        Order::Words { document, error } => {
            making.without_vectors(&document, &error.failure()).await.map(|()| end(Some(document)))
        }
        Order::Store { document } => making.store_alone(&document).await.map(|()| end(Some(document))),
        Order::Fail { key, error } => {
            let Ok(key) = ObjectKey::parse(key) else { return Ok(end(None)) };
            let failure = error.failure();
            tracing::error!(correlation = key.place().name(), code = failure.code.as_str(), "a document failed for good");
            making.give_up_on(&key, failure).await.map(|()| end(None))
        }
    }
}

fn end(document: Option<DocumentId>) -> Reply {
    Reply { document, next: Step::End, batches: Vec::new() }
}

fn reply(document: DocumentId, next: Next) -> Reply {
    let (next, batches) = match next {
        Next::Again => (Step::Extract, Vec::new()),
        Next::Chunk => (Step::Chunk, Vec::new()),
        Next::Embed(batches) => (Step::Embed, batches),
        Next::Nothing => (Step::End, Vec::new()),
    };
    let batches = batches.into_iter().map(|batch| Stretch { from: batch.from, to: batch.to }).collect();
    Reply { document: Some(document), next, batches }
}
