//! The process that AWS starts for requests about accounts.

mod caller;
mod context;

use std::sync::Arc;

use axum::middleware::from_fn_with_state;
use synapscribe_deployment::{Accounts, Warm};

fn main() -> anyhow::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve())
}

async fn serve() -> anyhow::Result<()> {
    let deployment = synapscribe_deployment::open().await?;
    let desk = Arc::new(deployment.accounts(&Accounts::from_env()?).await?);
    deployment.warm(&[Warm::Library]).await;
    // Whoever starts looks after what is over; every process does, and doing it twice changes nothing.
    if let Err(refused) = desk.reception.sweep().await {
        tracing::warn!(code = refused.failure().code.as_str(), "what is over of accounts could not be removed");
    }
    let routes = lambda_accounts::router(context::of(&deployment, desk.reception.clone()));
    let routes = routes.layer(from_fn_with_state(desk, caller::announced));
    lambda_http::run(routes).await.map_err(anyhow::Error::from_boxed)
}
