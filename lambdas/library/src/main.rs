//! The process that AWS starts for REST requests.

mod caller;
mod context;

use axum::middleware::from_fn;
use synapscribe_deployment::Warm;

fn main() -> anyhow::Result<()> {
    synapscribe_media::run_worker_if_asked();
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve())
}

async fn serve() -> anyhow::Result<()> {
    let deployment = synapscribe_deployment::open().await?;
    deployment.warm(&[Warm::Objects, Warm::Library]).await;
    let routes = lambda_library::router(context::of(&deployment)).layer(from_fn(caller::named));
    lambda_http::run(routes).await.map_err(anyhow::Error::from_boxed)
}
