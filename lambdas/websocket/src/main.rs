//! The process that AWS starts for the gateway's events.

mod context;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use synapscribe_deployment::{Agent, Warm, traced};

fn main() -> anyhow::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve())
}

async fn serve() -> anyhow::Result<()> {
    let deployment = synapscribe_deployment::open().await?;
    let agent = Agent::from_env()?;
    // Storage is not called from here: uploads are granted by a signature.
    let warm = deployment.warm(&[Warm::Gateway, Warm::Library, Warm::Queues]);
    let (asking, ()) = tokio::join!(deployment.asking(&agent), warm);
    let context = &context::of(&asking?);
    let handle = async |event: LambdaEvent<_>| {
        let work = lambda_websocket::handle(context, event.payload);
        Ok::<_, Error>(traced(&event.context.request_id, event.context.xray_trace_id.as_deref(), work).await)
    };
    lambda_runtime::run(service_fn(handle)).await.map_err(anyhow::Error::from_boxed)
}
