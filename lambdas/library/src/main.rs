//! The process that AWS starts for REST requests.

mod caller;
mod context;
mod front;
mod pictures;
mod streams;

use axum::middleware::{from_fn_with_state, map_response};
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
    // Whoever answers over its own lines looks into no recording, and speaks to nobody else.
    let services: &[Warm] =
        if front.streams { &[Warm::Bucket, Warm::Library] } else { &[Warm::Gateway, Warm::Recordings, Warm::Library] };
    let warm = deployment.warm(services);
    let (asking, members, ()) = tokio::join!(deployment.asking(&agent), members, warm);
    let (asking, members) = (asking?, members?);
    let (sharing, vouching) = members.map(|Members { sharing, vouching }| (sharing, vouching)).unzip();
    let streaming = front.streams;
    let routes =
        lambda_library::router(context::of(&asking, sharing, &front)?).layer(from_fn_with_state(vouching, caller::named));
    let routes = routes.merge(lambda_library::description()).merge(front::router(asking, front));
    let routes = routes.fallback_service(lambda_library::nowhere());
    let routes = routes.layer(map_response(streams::to_the_end));
    let run = match streaming {
        true => lambda_http::run_with_streaming_response(routes).await,
        false => lambda_http::run(routes).await,
    };
    run.map_err(anyhow::Error::from_boxed)
}
