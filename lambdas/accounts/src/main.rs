//! The process that AWS starts for requests about accounts.

mod caller;
mod context;

use std::sync::Arc;

use axum::middleware::from_fn_with_state;
use lambda_http::service_fn;
use synapscribe_deployment::{Accounts, Warm};

fn main() -> anyhow::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve())
}

async fn serve() -> anyhow::Result<()> {
    let deployment = synapscribe_deployment::open().await?;
    let settings = Accounts::from_env()?;
    let (desk, ()) = tokio::join!(deployment.accounts(&settings), deployment.warm(&[Warm::Library, Warm::Gateway, Warm::Bucket]));
    let desk = Arc::new(desk?);
    let routes = lambda_accounts::router(context::of(&deployment, desk.reception.clone()));
    let routes = routes.layer(from_fn_with_state(desk, caller::announced));
    let answered = service_fn(move |request| caller::answered(routes.clone(), request));
    lambda_http::run(answered).await.map_err(anyhow::Error::from_boxed)
}
