//! The process that AWS starts for REST requests.

mod caller;
mod context;
mod front;
mod pictures;

use axum::middleware::from_fn_with_state;
use synapscribe_deployment::{Agent, Front, Members, Warm};

fn main() -> anyhow::Result<()> {
    synapscribe_media::run_worker_if_asked();
    synapscribe_reader::run_worker_if_asked();
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve())
}

async fn serve() -> anyhow::Result<()> {
    let (deployment, front) = (synapscribe_deployment::open().await?, Front::from_env()?);
    let agent = Agent::from_env()?;
    let members = async {
        match &front.tokens {
            Some(tokens) => deployment.members(tokens).await.map(Some),
            None => Ok(None),
        }
    };
    let warm = deployment.warm(&[Warm::Gateway, Warm::Recordings, Warm::Library]);
    let (asking, members, ()) = tokio::join!(deployment.asking(&agent), members, warm);
    let (asking, members) = (asking?, members?);
    let (sharing, vouching) = members.map(|Members { sharing, vouching }| (sharing, vouching)).unzip();
    let routes = lambda_library::router(context::of(&asking, sharing)?).layer(from_fn_with_state(vouching, caller::named));
    let routes = routes.merge(lambda_library::description()).merge(front::router(asking, front));
    let routes = routes.fallback_service(lambda_library::nowhere());
    lambda_http::run(routes).await.map_err(anyhow::Error::from_boxed)
}
