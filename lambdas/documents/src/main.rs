//! The process that AWS starts for each step of the workflow of documents.

mod context;

use lambda_documents::Order;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use synapscribe_deployment::{EngineChoice, Warm, before, traced, warm_embedder};

fn main() -> anyhow::Result<()> {
    synapscribe_reader::run_worker_if_asked();
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve())
}

async fn serve() -> anyhow::Result<()> {
    let deployment = synapscribe_deployment::open().await?;
    let context = &context::of(&deployment, &EngineChoice::from_env()?)?;
    let warm = deployment.warm(&[Warm::Gateway, Warm::Documents, Warm::Library, Warm::Bus]);
    tokio::join!(warm, warm_embedder(context.making.embedder.as_ref()));
    let handle = async |event: LambdaEvent<Order>| {
        let stop = before(event.context.deadline);
        let work = async {
            lambda_documents::handle(context, event.payload, &stop).await.map_err(|failure| {
                let code = failure.code.as_str();
                tracing::warn!(code, "a step of a document will be tried again");
                // The workflow shows both to an operator, and hands them back when it has to give up.
                Diagnostic { error_type: code.to_owned(), error_message: failure.message }
            })
        };
        traced(&event.context.request_id, event.context.xray_trace_id.as_deref(), work).await
    };
    lambda_runtime::run(service_fn(handle)).await.map_err(anyhow::Error::from_boxed)
}
