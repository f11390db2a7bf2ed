//! The process that AWS starts for REST requests.

mod caller;
mod context;
mod front;

use axum::middleware::from_fn;
use synapscribe_deployment::{Front, Warm};

fn main() -> anyhow::Result<()> {
    synapscribe_media::run_worker_if_asked();
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve())
}

async fn serve() -> anyhow::Result<()> {
    let deployment = synapscribe_deployment::open().await?;
    deployment.warm(&[Warm::Recordings, Warm::Library, Warm::Engines]).await;
    let routes = lambda_library::router(context::of(&deployment)).layer(from_fn(caller::named));
    let routes = routes.merge(lambda_library::description()).merge(front::router(deployment, Front::from_env()?));
    lambda_http::run(routes).await.map_err(anyhow::Error::from_boxed)
}
