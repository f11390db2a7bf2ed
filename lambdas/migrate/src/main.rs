//! The process that AWS starts when a deployment brings its database up to date.

use lambda_migrate::Context;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::de::IgnoredAny;
use synapscribe_deployment::traced;

fn main() -> anyhow::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve())
}

async fn serve() -> anyhow::Result<()> {
    let context = &Context { schema: synapscribe_deployment::open_schema().await? };
    let handle = async |event: LambdaEvent<IgnoredAny>| {
        let work = lambda_migrate::handle(context);
        let done = traced(&event.context.request_id, event.context.xray_trace_id.as_deref(), work).await;
        done.map_err(Error::from)
    };
    lambda_runtime::run(service_fn(handle)).await.map_err(anyhow::Error::from_boxed)
}
