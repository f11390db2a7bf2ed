//! The process that AWS starts when objects were stored.

mod context;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use synapscribe_deployment::{Warm, traced};

fn main() -> anyhow::Result<()> {
    synapscribe_media::run_worker_if_asked();
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve())
}

async fn serve() -> anyhow::Result<()> {
    let deployment = synapscribe_deployment::open().await?;
    deployment.warm(&[Warm::Gateway, Warm::Recordings, Warm::Library, Warm::Queues, Warm::Bus]).await;
    let context = &context::of(&deployment);
    let handle = async |event: LambdaEvent<_>| {
        let work = lambda_validate_lecture::handle_queue(context, event.payload);
        Ok::<_, Error>(traced(&event.context.request_id, event.context.xray_trace_id.as_deref(), work).await)
    };
    lambda_runtime::run(service_fn(handle)).await.map_err(anyhow::Error::from_boxed)
}
