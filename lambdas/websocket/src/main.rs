//! The process that AWS starts for the gateway's events.

mod context;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use synapscribe_deployment::{Warm, traced};

fn main() -> anyhow::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve())
}

async fn serve() -> anyhow::Result<()> {
    let deployment = synapscribe_deployment::open().await?;
    deployment.warm(&[Warm::Gateway, Warm::Library, Warm::Queues]).await;
    let context = &context::of(&deployment);
    let handle = async |event: LambdaEvent<_>| {
        let work = lambda_websocket::handle(context, event.payload);
        Ok::<_, Error>(traced(&event.context.request_id, event.context.xray_trace_id.as_deref(), work).await)
    };
    lambda_runtime::run(service_fn(handle)).await.map_err(anyhow::Error::from_boxed)
}
