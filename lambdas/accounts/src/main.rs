//! The process that AWS starts for requests about accounts.

mod caller;
mod context;

use std::sync::Arc;
use std::time::Duration;

use axum::middleware::from_fn_with_state;
use synapscribe_deployment::{Accounts, Warm};

/// No longer than the connections may take. It is not gone on with between requests: a process that is frozen within a transaction
/// would keep others from what it has locked.
const SWEEPING: Duration = Duration::from_secs(3);

fn main() -> anyhow::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve())
}

async fn serve() -> anyhow::Result<()> {
    let deployment = synapscribe_deployment::open().await?;
    let settings = Accounts::from_env()?;
    let desk = async {
        let (desk, ()) = tokio::join!(deployment.accounts(&settings), deployment.warm(&[Warm::Library]));
        let desk = desk?;
        // Whoever starts looks after what is over, over the connection that was made and beside what it waits for anyhow; every process
        // does, and doing it twice changes nothing.
        desk.reception.sweep_within(SWEEPING).await;
        anyhow::Ok(Arc::new(desk))
    };
    let (desk, ()) = tokio::join!(desk, deployment.warm(&[Warm::Gateway, Warm::Bucket]));
    let desk = desk?;
    let routes = lambda_accounts::router(context::of(&deployment, desk.reception.clone()));
    let routes = routes.layer(from_fn_with_state(desk, caller::announced));
    lambda_http::run(routes).await.map_err(anyhow::Error::from_boxed)
}
