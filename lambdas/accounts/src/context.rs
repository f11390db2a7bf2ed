//! What the routes call, put together from a deployment once for each process.

use lambda_accounts::{Context, LARGEST};
use synapscribe_deployment::Deployment;
use synapscribe_usecases::accounts::{Leaving, Reception};

/// The routes' context.
pub fn of(deployment: &Deployment, reception: Reception) -> Context {
    let (reading, shelf) = (deployment.reading(), deployment.shelf());
    Context { leaving: Leaving { reception: reception.clone(), reading, shelf }, reception, largest: LARGEST }
}
