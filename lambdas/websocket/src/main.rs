//! The process that AWS starts for the gateway's events.

mod context;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use synapscribe_deployment::{Agent, Tokens, Warm, traced};

fn main() -> anyhow::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve())
}

async fn serve() -> anyhow::Result<()> {
    let deployment = synapscribe_deployment::open().await?;
    let (agent, tokens) = (Agent::from_env()?, Tokens::from_env()?);
    let vouching = async {
        match &tokens {
            Some(tokens) => deployment.vouching(tokens).await.map(Some),
            None => Ok(None),
        }
    };
    // Storage is not called from here: uploads are granted by a signature.
    let warm = deployment.warm(&[Warm::Gateway, Warm::Library, Warm::Queues]);
    let (asking, vouching, ()) = tokio::join!(deployment.asking(&agent), vouching, warm);
    let context = &context::of(&asking?, vouching?);
    let handle = async |event: LambdaEvent<_>| {
        let work = lambda_websocket::handle(context, event.payload);
        Ok::<_, Error>(traced(&event.context.request_id, event.context.xray_trace_id.as_deref(), work).await)
    };
    lambda_runtime::run(service_fn(handle)).await.map_err(anyhow::Error::from_boxed)
}
